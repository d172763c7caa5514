"""What is wrong with tables and their rows, which only people can put right."""

from collections.abc import Iterator

from core.performance.advice.facts import Facts, TableFacts
from core.performance.advice.finding import Finding, Words, figure, of_words
from core.performance.advice.schemas import AdviceKind, Weight
from core.translation import _

# A handful of rows is found at a glance, whatever they are called.
KEYLESS_ROWS = 100
_MOST_SHOWN = 3


def without_key(facts: Facts) -> Iterator[Finding]:
    """Find tables whose rows nothing identifies."""
    for table in facts.tables:
        large = facts.count(table.name).rows >= KEYLESS_ROWS
        if large and not table.shadow and not table.has_key and not _is_unique(facts, table):
            yield _without_key(facts, table)


def violations(facts: Facts) -> Iterator[Finding]:
    """Find that the last check of foreign keys met rows that refer to nothing."""
    check = facts.violations
    if check is None or not check.findings:
        return
    shown = [figure(str(number + 1), text[:300]) for number, text in enumerate(check.findings)]
    checked = check.at.strftime("%Y-%m-%d %H:%M UTC")
    words = Words(
        title=_("Put right rows that refer to what is not there"),
        reason=_(
            "The check of foreign keys: {told} Make the rows that are missing, or delete or"
            " change those that refer to them, and check again; Buildbench cannot know which"
            " of these is right."
        ).format(told=check.told),
        figures=(figure(_("Checked"), checked), *shown[:_MOST_SHOWN]),
        why_not=_("Which rows are right is known to people alone."),
        weight=Weight.HIGH,
    )
    yield of_words(AdviceKind.FOREIGN_KEY_VIOLATIONS, words)


def _is_unique(facts: Facts, table: TableFacts) -> bool:
    return any(one.unique and not one.partial for one in facts.indexes_of(table.name))


def _without_key(facts: Facts, table: TableFacts) -> Finding:
    count = facts.count(table.name)
    rows = _("more than {count}") if count.more else "{count}"
    words = Words(
        title=_("Give “{table}” a primary key").format(table=table.name),
        reason=_(
            "Nothing tells its rows apart: the same row may come twice, and none can be"
            " referred to. The numbers that SQLite gives them change when the file is packed."
        ),
        figures=(figure(_("Rows"), rows.format(count=f"{count.rows:,}")),),
        why_not=_("The table must be made anew for it, by the program that it belongs to."),
        weight=Weight.LOW,
    )
    return of_words(AdviceKind.NO_PRIMARY_KEY, words, (table.name,))
