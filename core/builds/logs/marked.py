"""What the marks of a log tell: where it is loud, and its groups."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import aclosing

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.logs.groups import Heading, groups_of, heading_of
from core.builds.logs.marks import MOST_MARKS, MarkKind, find_marks
from core.builds.logs.unstored import Unstored
from core.builds.logs.walk import Stretch, each_stretch, unstored_parts
from core.builds.schemas import LogGroup
from core.builds.tables import Build, BuildLogMark
from core.database.tables import table_of

_MARK = table_of(BuildLogMark)


async def lines_marked(
    session: AsyncSession, build: Build, unstored: Unstored | None, kinds: Iterable[MarkKind]
) -> tuple[int, ...]:
    """Return the numbers of the lines with a mark of these kinds, in order."""
    wanted = set(kinds)
    query = select(_MARK.c.line).where(
        _MARK.c.build_id == build.id, _MARK.c.kind.in_([kind.value for kind in wanted])
    )
    found = set((await session.scalars(query)).all())
    for part in unstored_parts(unstored, build) if unstored else ():
        begins = part.line + (1 if part.continued else 0)
        marks = find_marks(
            part.raw(), first_line=begins, continued=part.continued, room=dict(MOST_MARKS)
        )
        found.update(line for line, kind in marks if kind in wanted)
    return tuple(sorted(found))


async def groups(
    session: AsyncSession, build: Build, unstored: Unstored | None
) -> tuple[LogGroup, ...]:
    """Return the groups of a log, in order; the session must see one state."""
    kinds = (MarkKind.GROUP, MarkKind.GROUP_END)
    lines = await lines_marked(session, build, unstored, kinds)
    if not lines:
        return ()

    def read(stretch: Stretch) -> list[tuple[int, Heading]]:
        return _headings(stretch, lines)

    headings: list[tuple[int, Heading]] = []
    stretches = each_stretch(session, build, unstored, read)
    async with aclosing(stretches):
        async for some in stretches:
            headings += some
    return tuple(groups_of(headings))


def _headings(stretch: Stretch, wanted: Sequence[int]) -> list[tuple[int, Heading]]:
    """Read the wanted lines that begin in a stretch."""
    first = stretch.parts[0].line + (1 if stretch.parts[0].continued else 0)
    begin = bisect_left(wanted, first)
    end = bisect_left(wanted, stretch.parts[-1].following)
    if begin == end:
        return []
    first, raw = stretch.read()
    lines = [b"", *raw.split(b"\n"), b"", b""]
    places = [line - first + 1 for line in wanted[begin:end]]
    return [
        (first + at - 1, heading_of(lines[at], lines[at - 1], (lines[at + 1], lines[at + 2])))
        for at in places
    ]
