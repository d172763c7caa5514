"""What the page says of recommendations."""

from core.performance.advice.schemas import AdviceKind, Recommendation, Weight
from core.performance.maintenance.schemas import MaintenanceRow, RunState, Task
from core.translation import _, ngettext
from desktop.figures import number
from desktop.widgets.state_badge import Badge, Tone

_TONES = {Weight.HIGH: Tone.WARNING, Weight.MEDIUM: Tone.ACCENT, Weight.LOW: Tone.QUIET}
_ICONS = {
    AdviceKind.JOURNAL_MODE: "stack",
    AdviceKind.CACHE_SIZE: "cpu",
    AdviceKind.ANALYZE: "chart-bar",
    AdviceKind.MISSING_INDEX: "tree-structure",
    AdviceKind.UNUSED_INDEX: "tree-structure",
    AdviceKind.REDUNDANT_INDEX: "tree-structure",
    AdviceKind.FREELIST: "package",
    AdviceKind.PAGE_SIZE: "package",
    AdviceKind.FOREIGN_KEY_INDEX: "link",
    AdviceKind.NO_PRIMARY_KEY: "key",
    AdviceKind.WAL_GROWING: "stack",
    AdviceKind.FOREIGN_KEY_VIOLATIONS: "link",
    AdviceKind.AUTO_VACUUM: "package",
}


def kind_words(kind: AdviceKind) -> str:
    """Return what a recommendation is about, in a word or two."""
    return {
        AdviceKind.JOURNAL_MODE: _("Journal"),
        AdviceKind.CACHE_SIZE: _("Cache"),
        AdviceKind.ANALYZE: _("Statistics"),
        AdviceKind.MISSING_INDEX: _("Index"),
        AdviceKind.UNUSED_INDEX: _("Unused index"),
        AdviceKind.REDUNDANT_INDEX: _("Redundant index"),
        AdviceKind.FREELIST: _("Space"),
        AdviceKind.PAGE_SIZE: _("Page size"),
        AdviceKind.FOREIGN_KEY_INDEX: _("Foreign key"),
        AdviceKind.NO_PRIMARY_KEY: _("Primary key"),
        AdviceKind.WAL_GROWING: _("Write-ahead log"),
        AdviceKind.FOREIGN_KEY_VIOLATIONS: _("Foreign keys"),
        AdviceKind.AUTO_VACUUM: _("Space"),
    }[kind]


def badge_of(one: Recommendation) -> Badge:
    """Return what a recommendation is about, coloured by how much it matters."""
    return Badge(kind_words(one.kind), _ICONS[one.kind], _TONES[one.weight])


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
        words = _("Taken back") if row.task is Task.UNDO else _("Applied")
        return Badge(words, "check-bold", Tone.SUCCESS)
    return {
        RunState.RUNNING: Badge(_("Running"), "play-fill", Tone.ACCENT),
        RunState.FAILED: Badge(_("Failed"), "x-bold", Tone.FAILURE),
        RunState.CANCELLED: Badge(_("Cancelled"), "prohibit", Tone.QUIET),
    }[row.state]
