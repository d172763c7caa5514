"""What the page says of tables, indexes, growth and free room."""

from collections.abc import Sequence
from typing import Final

from core.performance.storage.schemas import (
    Growth,
    StorageKind,
    StorageObject,
    StorageReport,
    TableInfo,
    TableKind,
)
from core.translation import _, ngettext
from desktop.figures import brief, number, percent, size
from desktop.performance.storage.treemap import Area
from desktop.performance.words import NONE
from desktop.theme import Role
from desktop.widgets.state_badge import Badge, Tone

_MOST_AREAS = 100
DRAWN_AFTER_S: Final = 3 * 3600.0
"""Older sizes are kept by the hour: of less time, their hour would be all that is seen."""
TOLD_AFTER_S: Final = 3 * 86_400.0
"""Figures of less time tell nothing of growth, as the core has it."""
ROLES: Final = {
    StorageKind.TABLE: Role.ACCENT,
    StorageKind.INDEX: Role.SUCCESS,
    StorageKind.INTERNAL: Role.WARNING,
}
OTHER_ROLE, FREE_ROLE = Role.MUTED, Role.FIELD_LINE


def kind_words(kind: StorageKind) -> str:
    """Return what a part of the file is."""
    return {
        StorageKind.TABLE: _("Table"),
        StorageKind.INDEX: _("Index"),
        StorageKind.INTERNAL: _("Of SQLite itself"),
    }[kind]


def kind_badge(one: StorageObject) -> Badge:
    """Return what a part of the file is, as icon and words."""
    return {
        StorageKind.TABLE: Badge(kind_words(one.kind), "table", Tone.ACCENT),
        StorageKind.INDEX: Badge(kind_words(one.kind), "tree-structure", Tone.SUCCESS),
        StorageKind.INTERNAL: Badge(kind_words(one.kind), "gear", Tone.QUIET),
    }[one.kind]


def name_of(one: StorageObject) -> str:
    """Return the name of a part, or how many parts are summed up."""
    if one.name:
        return one.name
    return ngettext(
        "{count} other, not listed", "{count} others, not listed", one.count
    ).format(count=number(one.count))


def row_words(one: StorageObject) -> str:
    """Return how many rows or entries a part has."""
    return NONE if one.rows is None else number(one.rows)


def fragmentation_words(one: StorageObject) -> str:
    """Return the share of pages out of order."""
    return NONE if one.fragmentation is None else percent(one.fragmentation)


def areas(report: StorageReport) -> list[Area]:
    """Return the areas of the picture: the largest parts, the others as one, free room."""
    known = sorted((one for one in report.objects if one.bytes > 0), key=lambda one: -one.bytes)
    named = [one for one in known if one.name][:_MOST_AREAS]
    shown = {id(one) for one in named}
    found = [_area(one) for one in named]
    rest = [one for one in known if id(one) not in shown]
    if rest:
        # Without a number: the table below names more of them, and counts what it does not.
        found.append(_other(_("All others"), sum(one.bytes for one in rest), OTHER_ROLE))
    if report.freelist_pages:
        free = report.freelist_pages * report.page_size
        found.append(_other(_("Free pages"), free, FREE_ROLE))
    return found


def spanned_s(growth: Growth) -> float:
    """Return the time from the first to the last size that is known, in seconds."""
    return growth.times[-1] - growth.times[0] if growth.times else 0.0


def growth_words(growth: Growth) -> str:
    """Return how a file grows and when the disk is full, in a sentence or two."""
    if growth.bytes_per_day is None:
        words = _("How it grows is told after some days of figures.")
        known = spanned_s(growth) >= TOLD_AFTER_S
        if known and growth.file_bytes[-1] <= growth.file_bytes[0]:
            words = _("It does not grow.")
    else:
        words = _("Grows by about {size} a day.").format(size=size(round(growth.bytes_per_day)))
    if growth.full_at is not None:
        words += " " + _("At this rate the disk is full on {date}.").format(
            date=brief(growth.full_at)
        )
    elif growth.disk_free_bytes is not None:
        words += " " + _("{size} are free on its disk.").format(
            size=size(growth.disk_free_bytes)
        )
    return words


def sum_of(objects: Sequence[StorageObject], kind: StorageKind) -> tuple[int, int]:
    """Return the bytes of all parts of a kind, and how many these are."""
    some = [one for one in objects if one.kind is kind]
    return sum(one.bytes for one in some), sum(one.count for one in some)


def table_words(table: TableInfo) -> str:
    """Return the name of a table or view, and what it is where it is no usual table."""
    kinds = {
        TableKind.VIEW: _("{name} (view)"),
        TableKind.VIRTUAL: _("{name} (virtual table)"),
        TableKind.SHADOW: _("{name} (of a virtual table)"),
    }
    return kinds.get(table.kind, "{name}").format(name=table.name)


def _area(one: StorageObject) -> Area:
    lines = [
        _("{name}: {kind}").format(name=one.name, kind=kind_words(one.kind)),
        _("{size} in {pages} pages").format(size=size(one.bytes), pages=number(one.pages)),
        _("Rows: {rows}").format(rows=row_words(one)),
        _("Unused within its pages: {size}").format(size=size(one.unused_bytes)),
    ]
    if one.kind is StorageKind.INDEX:
        lines.insert(1, _("Index of {table}").format(table=one.table))
    return Area(
        one.name, one.table or one.name, one.bytes, size(one.bytes), "\n".join(lines),
        ROLES[one.kind],
    )  # fmt: skip


def _other(name: str, count: float, role: Role) -> Area:
    words = size(round(count))
    tip = _("{name}: {size}").format(name=name, size=words)
    return Area(name, name, count, words, tip, role, last=True)
