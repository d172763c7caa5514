"""What the page says of recommendations."""

from core.performance.advice.schemas import Advice, Recommendation
from core.performance.maintenance.schemas import MaintenanceRow, RunState, Task
from core.translation import _, ngettext
from desktop.figures import ago, number
from desktop.widgets.state_badge import Badge, Tone


def looked(advice: Advice) -> str:
    """Return when it was looked, and whether what was found then may not hold any more."""
    if advice.outdated:
        text = _("Looked {when}; the file was changed or checked since: look again")
    else:
        text = _("Looked {when}")
    return text.format(when=ago(advice.at))


def found_count(count: int) -> str:
    """Return how many recommendations there are, for who hears the number."""
    words = ngettext("{count} recommendation", "{count} recommendations", count)
    return words.format(count=number(count))


def apply_text(one: Recommendation) -> str:
    """Return what applying does, and whether it can be taken back."""
    back = _("It can be taken back afterwards, on this page.")
    if not one.undoable:
        back = _("It cannot be taken back.")
    return "\n\n".join([_("This will be done:"), "\n".join(one.will_do), back])


def applied_badge(row: MaintenanceRow) -> Badge:
    """Return how applying or taking back ended."""
    if row.state is RunState.SUCCEEDED:
        if row.taken_back:
            return Badge(_("Taken back"), "arrow-counter-clockwise", Tone.QUIET)
        words = _("Undo") if row.task is Task.UNDO else _("Applied")
        return Badge(words, "check-bold", Tone.SUCCESS)
    return {
        RunState.RUNNING: Badge(_("Running"), "play-fill", Tone.ACCENT),
        RunState.FAILED: Badge(_("Failed"), "x-bold", Tone.FAILURE),
        RunState.CANCELLED: Badge(_("Cancelled"), "prohibit", Tone.QUIET),
    }[row.state]
