"""What cannot be read of a file, or was found to be wrong in it."""

from collections.abc import Iterator

from core.performance.advice.facts import Facts
from core.performance.advice.finding import Finding, Words, figure, of_words
from core.performance.advice.schemas import AdviceKind, Weight
from core.translation import _

_MOST_SHOWN = 5


def unread(facts: Facts) -> Iterator[Finding]:
    """Find that parts of the file cannot be read."""
    if not facts.unread:
        return
    words = Words(
        title=_("Restore a backup, or save what can still be read"),
        reason=_(
            "Parts of the file cannot be read, so that less can be told of it. Nothing should"
            " be written to it any more. The page Maintenance checks all of it, and restores a"
            " backup. {rest}"
        ).format(rest=_without_backup()),
        figures=tuple(figure(what, why[:300]) for what, why in facts.unread[:_MOST_SHOWN]),
        why_not=_("Which backup is the right one is known to people alone."),
        weight=Weight.HIGH,
    )
    yield of_words(AdviceKind.DAMAGE, words)


def checked(facts: Facts) -> Iterator[Finding]:
    """Find that the last check of the whole file met problems."""
    check = facts.check
    if facts.unread or check is None or not check.findings:
        return
    shown = [figure(str(number + 1), text[:300]) for number, text in enumerate(check.findings)]
    words = Words(
        title=_("See to what the last check found"),
        reason=_(
            "{told} What is of an index: build indexes anew on the page Maintenance. What is of"
            " a value: change that row. Anything else: restore a backup. Then check again."
            " {rest}"
        ).format(told=check.told, rest=_without_backup()),
        figures=(
            figure(_("Checked"), check.at.strftime("%Y-%m-%d %H:%M UTC")),
            *shown[:_MOST_SHOWN],
        ),
        why_not=_("Which of these is right is known to people alone."),
        weight=Weight.HIGH,
    )
    yield of_words(AdviceKind.DAMAGE, words)


def _without_backup() -> str:
    return _(
        "Without a backup, save what can still be read: the page Storage shows the rows of a"
        " table by the hundred, to be copied, and “.recover” of SQLite's own program sqlite3"
        " reads what is left in a copy of the file."
    )
