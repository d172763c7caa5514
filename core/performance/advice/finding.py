"""A recommendation together with what carries it out; what rules return."""

import hashlib
from dataclasses import dataclass

from core.performance.advice.facts import Facts, IndexFacts
from core.performance.advice.schemas import AdviceKind, Figure, Recommendation, Weight
from core.performance.changes import DropIndex, Undo
from core.performance.maintenance.schemas import Task
from core.translation import _


@dataclass(frozen=True, slots=True)
class Finding:
    """A recommendation, and what does it: ``changes``, or a deed of maintenance.

    ``undo`` are the changes that take it back.
    """

    told: Recommendation
    changes: tuple[Undo, ...] = ()
    task: Task | None = None
    undo: tuple[Undo, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What people read of a recommendation."""

    title: str
    reason: str
    figures: tuple[Figure, ...]
    why_not: str = ""
    weight: Weight = Weight.MEDIUM


def of_changes(
    kind: AdviceKind,
    words: Words,
    changes: tuple[Undo, ...],
    undo: tuple[Undo, ...],
    tables: tuple[str, ...] = (),
) -> Finding:
    """Return a finding that is carried out by changes."""
    will_do = tuple(sql for each in changes for sql in each.sql)
    return Finding(_told(kind, words, will_do, bool(undo), tables), changes, None, undo)


def of_task(
    kind: AdviceKind, words: Words, task: Task, will_do: str, tables: tuple[str, ...] = ()
) -> Finding:
    """Return a finding that is carried out by a deed of maintenance; it is not taken back."""
    return Finding(_told(kind, words, (will_do,), False, tables), task=task)


def of_words(kind: AdviceKind, words: Words, tables: tuple[str, ...] = ()) -> Finding:
    """Return a finding that a person has to deal with; ``why_not`` says so."""
    return Finding(_told(kind, words, (), False, tables))


def drop_of(facts: Facts, index: IndexFacts) -> DropIndex:
    """Return what drops a plain index, and can make it again exactly."""
    table = facts.schema.table(index.table)
    # SQLite tells the collation of a term, not whether that is the one of its column.
    plain = table is not None and "collate" not in table.sql.lower()
    terms = [
        (
            term.column or "",
            term.down,
            "" if plain and term.collation == "binary" else term.collation,
        )
        for term in index.terms
    ]
    return DropIndex(table=index.table, name=index.name, terms=terms)


def figure(name: str, value: str | int) -> Figure:
    """Return a figure, a number with its thousands apart."""
    return Figure(name, f"{value:,}" if isinstance(value, int) else value)


def refusal(facts: Facts) -> str:
    """Return why a file is not changed; empty where it can be."""
    if facts.read_only:
        return _("The file can only be read. {reason}").format(reason=facts.read_only)
    if facts.unread:
        return _("Parts of the file cannot be read; see to that first.")
    return ""


def _told(
    kind: AdviceKind, words: Words, will_do: tuple[str, ...], undoable: bool,
    tables: tuple[str, ...],
) -> Recommendation:  # fmt: skip
    # ANALYZE of a table more is the same advice.
    subject = "\0".join((kind.value, *(will_do or tables)))
    digest = hashlib.blake2b(subject.encode("utf-8", "surrogatepass"), digest_size=8)
    return Recommendation(
        key=f"{kind.value}-{digest.hexdigest()}",
        kind=kind,
        weight=words.weight,
        title=words.title,
        reason=words.reason,
        figures=words.figures,
        will_do=will_do,
        applicable=bool(will_do) and not words.why_not,
        why_not=words.why_not,
        undoable=undoable,
        tables=tables,
    )
