"""Searching logs, against a search that is too simple to be wrong."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from core.builds.logs import chunks as log_chunks
from core.builds.logs import store as log_store
from core.builds.logs import walk
from core.builds.logs.chunks import Chunk, ChunkCutter, Piece, SpoolPosition
from core.builds.logs.search.matcher import LineMatcher
from core.builds.logs.service import LogService
from core.builds.logs.unstored import Unstored
from core.builds.logs.walk import Part, Stretch
from core.builds.schemas import BuildRow, LogMatches
from core.builds.tables import Build, BuildLogChunk
from core.database.tables import table_of
from core.errors import NotFoundError, ValidationError
from tests.core.running import Bench
from tests.waiting import until

SMALL = 64
_CHUNK, _BUILD = table_of(BuildLogChunk), table_of(Build)

_LINES = st.lists(
    st.lists(
        st.sampled_from(
            [
                *(
                    "err",
                    "e",
                    "or",
                    "ERROR",
                    "x",
                    " ",
                    "é",
                    "É",
                    "ß",
                    "y" * 50,
                    "1m",
                    "warn",
                    "\r",
                ),
                *("\x1b[31m", "\x1b[0m", "\x1b]8;;http://or\x07", "\x1b[", "a.b", "\t"),
            ]
        ).map(str.encode)
        | st.sampled_from([b"\xff", b"\xc3", b"\x00"]),
        max_size=6,
    ).map(b"".join),
    max_size=14,
)
_PLAIN = st.sampled_from(
    ["error", "ERR", "or", "é", "1m", "[", "x", "", "a.b", "rx", "yyyyy", "\n", "rror", "�"]
)
_REGULAR = st.sampled_from(
    [
        *("e.*r", "^err", "or$", "^$", "x*", "[^e]", "err|é", "(?:x|y)+$", ".", "[ \t]+x"),
        *("(?P<a>e)(r)", "^[^y]*$", "(x+x+)+y", "", "é.", "(?i)ERR", "�$"),
    ]
)


@dataclass
class Taken:
    """What a follower has taken in, as the service looks at it."""

    rest: Unstored
    lines: int = 0

    @property
    def intake(self) -> "Taken":
        return self

    def unstored(self) -> Unstored:
        return self.rest


@dataclass
class Shelf:
    """A log of which a part is stored, and the service that searches it."""

    bench: Bench
    build: BuildRow

    async def store(self, chunks: list[Chunk]) -> None:
        """Put these in the place of the stored log."""
        last = chunks[-1] if chunks else None
        values: dict[str, Any] = {
            "log_chunks": len(chunks),
            "log_lines": last.first_line + last.line_count if last else 0,
            "log_bytes": sum(len(chunk.raw) for chunk in chunks),
            "log_open": last is not None and not last.ends_line,
        }
        async with self.bench.workspace.database.unit_of_work() as unit:
            await unit.session.execute(delete(_CHUNK))
            await log_store.append(unit.session, self.build.id, chunks, [])
            await unit.session.execute(update(_BUILD).values(values))
            await unit.commit()

    async def search(self, rest: Unstored | None, text: str, **how: bool) -> LogMatches:
        """Search what is stored, and the rest."""
        workspace = self.bench.workspace
        followers = {self.build.id: Taken(rest)} if rest else {}
        service = LogService(
            database=workspace.database, followers=followers, gate=workspace.gate
        )
        return await service.search(self.bench.actor, build_id=self.build.id, text=text, **how)


@pytest.fixture
async def shelf(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Return a log to be, with chunks so small that borders are met in a few bytes."""
    build = await bench.run("true")
    # At the end of a build its chunks are regrouped, and searched for problems.
    await until(lambda: build.id not in bench.workspace.followers, "the end of all work")
    monkeypatch.setattr(log_chunks, "CHUNK_BYTES", SMALL)
    return Shelf(bench, build)


def naive(log: bytes, text: str, *, regular: bool, case: bool) -> list[int]:
    """Search line by line."""
    flags = 0 if case else re.IGNORECASE
    expression = re.compile(text if regular else re.escape(text), flags)
    if not text:
        return []
    lines = log.split(b"\n")
    ended, last = lines[:-1], lines[-1]
    shown = [line.removesuffix(b"\r") for line in map(bare, ended)]
    if last:
        shown.append(bare(last))
    return [
        number
        for number, line in enumerate(shown)
        if expression.search(line.decode("utf-8", "replace"))
    ]


def bare(line: bytes) -> bytes:
    """Take escape sequences away, a byte at a time."""
    kept, rest = bytearray(), bytearray(line)
    while rest:
        if rest[0] != 0x1B:
            kept.append(rest.pop(0))
            continue
        rest.pop(0)
        kind = rest[:1]
        if kind == b"[":
            rest.pop(0)
            _skip(rest, b"0123456789:;<=>?")
            _skip(rest, bytes(range(0x20, 0x30)))
            if rest and 0x40 <= rest[0] <= 0x7E:
                rest.pop(0)
        elif kind and kind in b"]PX^_":
            end = rest.find(b"\x07")
            another = rest.find(b"\x1b")
            if another >= 0 and (end < 0 or another < end):
                del rest[: another + 2 if rest[another + 1 : another + 2] == b"\\" else another]
            else:
                del rest[: end + 1 if end >= 0 else len(rest)]
        else:
            _skip(rest, bytes(range(0x20, 0x30)))
            if rest and 0x30 <= rest[0] <= 0x7E:
                rest.pop(0)
    return bytes(kept)


def _skip(rest: bytearray, signs: bytes) -> None:
    while rest and rest[0] in signs:
        rest.pop(0)


def pieces(log: bytes, cuts: list[int]) -> Iterator[bytes]:
    """Cut a log where chance says."""
    places = sorted({0, len(log), *(cut % (len(log) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        yield log[start:end]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    lines=_LINES,
    cuts=st.lists(st.integers(0, 2_000), max_size=6),
    looked=st.integers(0, 7),
    stored=st.integers(0, 30),
    asked=st.lists(
        st.tuples(_PLAIN, st.just(False), st.booleans())
        | st.tuples(_REGULAR, st.just(True), st.booleans()),
        min_size=4,
        max_size=4,
    ),
)
async def test_search_is_that_of_each_line(
    shelf: Shelf,
    lines: list[bytes],
    cuts: list[int],
    looked: int,
    stored: int,
    asked: list[tuple[str, bool, bool]],
) -> None:
    """Whatever is stored, on its way, or read only, lines are found once.

    Seen to fail when chunks within a line were searched each for itself, when the output in
    no chunk began where it was looked at instead of where the stored log ends, when
    escape sequences were left in, and when an expression could see the next line.
    """
    cutter = ChunkCutter(sequence=0, line=0, open_line=False)
    chunks: list[Chunk] = []
    tail = cutter.tail()
    read = b""
    for index, piece in enumerate(pieces(b"\n".join(lines), cuts)):
        chunks += cutter.feed(Piece(1_000, piece, SpoolPosition()))
        if index == looked:
            tail = cutter.tail()
        elif index > looked:
            chunks += cutter.flush(end=False)
    read = b"".join(chunk.raw for chunk in chunks)[: tail.offset] + tail.raw
    read = max(read, b"".join(chunk.raw for chunk in chunks), key=len)
    await shelf.store(chunks[:stored])
    rest = Unstored(tuple(chunks[max(0, stored - 1) :]), tail, frozenset())
    for text, regular, case in asked:
        found = await shelf.search(rest, text, regular=regular, case=case)
        expected = naive(read, text, regular=regular, case=case)
        assert (list(found.lines), found.total) == (expected, len(expected)), text


async def test_texts_across_the_stretches_of_a_giant_line(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to fail without the end of the stretch before."""
    monkeypatch.setattr(walk, "LONGEST_STRETCH", 2)
    giant = b"".join(b"<%04d>" % number for number in range(400))
    cutter = ChunkCutter(sequence=0, line=0, open_line=False)
    log = b"first\n" + giant + b"\nlast"
    chunks = [*cutter.feed(Piece(1, log, SpoolPosition())), *cutter.flush(end=True)]
    await shelf.store(chunks)
    for number in range(400):
        found = await shelf.search(None, f"<{number:04d}>")
        assert found == LogMatches((1,), 1), number
    assert await shelf.search(None, "^<0|^last", regular=True) == LogMatches((1, 2), 2)
    assert await shelf.search(None, "first") == LogMatches((0,), 1)


async def test_a_line_that_lost_its_beginning_is_not_searched(shelf: Shelf) -> None:
    """Seen to fail by counting the rest of a dropped line as the line before the gap."""
    cutter = ChunkCutter(sequence=0, line=0, open_line=False)
    log = b"a\nb\n" + b"x" * 200 + b"\n" + b"needle" * 30 + b"\nneedle!\n"
    chunks = [*cutter.feed(Piece(1, log, SpoolPosition())), *cutter.flush(end=True)]
    continued = [chunk for chunk in chunks if chunk.continued and b"needle" in chunk.raw]
    await shelf.store([chunks[0], continued[-1]])
    assert await shelf.search(None, "needle") == LogMatches((4,), 1)


async def test_more_lines_than_are_listed(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.builds.logs.service.MOST_MATCHES", 7)
    cutter = ChunkCutter(sequence=0, line=0, open_line=False)
    log = b"yes\nno\n" * 400
    chunks = [*cutter.feed(Piece(1, log, SpoolPosition())), *cutter.flush(end=True)]
    await shelf.store(chunks)
    for text, regular in (("YES", False), ("^y", True)):
        found = await shelf.search(None, text, regular=regular)
        assert found == LogMatches(tuple(range(0, 14, 2)), 400)


def _matches(text: str, raw: bytes, **how: bool) -> list[int]:
    matcher = LineMatcher(text, **{"regular": False, "case": False, **how})
    return matcher.lines_in(Stretch((Part(10, 11, continued=False, data=raw),)))


@pytest.mark.parametrize("line", [b"an Error here", b"nothing", b"E\xcc\x81 error \xff"])
def test_many_matches_in_one_stretch(line: bytes) -> None:
    """Line by line, where nearly all match, finds what the expression does."""
    raw = b"\n".join([b"x error", b"", line] * 300)
    expected = [
        10 + number for number, one in enumerate(raw.split(b"\n")) if b"error" in one.lower()
    ]
    assert _matches("error", raw) == expected
    assert _matches("error", raw, regular=True) == expected
    assert _matches("ERROR", raw, case=True) == []


def test_hostile_expressions_are_linear() -> None:
    """Each of these takes a backtracking engine years."""
    raw = b"a" * 5_000 + b"!\n"
    for expression in ("(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)(.*)(.*)(.*)x$"):
        assert _matches(expression, raw, regular=True) == []


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("a(b", "Character 2: This parenthesis is never closed."),
        (r"\(a[(]b)c", "Character 8: This parenthesis was never opened."),
        ("é[ab", "Character 2: This bracket is never closed."),
        ("ab\\", "Character 3: A backslash at the end stands for nothing; write two for one."),
        ("x**", "Character 2: Two signs of repetition follow each other: “**”."),
        ("*x", "Character 1: Nothing to repeat is before “*”."),
        ("a{2000}", "Character 2: “{2000}” repeats too often, or from more to less."),
        (r"a\Z", r"Character 2: “\Z” has no meaning here."),
        ("x[z-a]", "Character 3: “z-a” is no range or class of characters."),
        ("(?P<a-b>x)", "Character 1: The name of this group cannot be used."),
        ("ab(?=c)", "Character 3: Looking ahead or behind is not offered: “(?=”."),
        (r"(a)\1", r"Character 4: “\1” has no meaning here."),
    ],
)
def test_what_is_no_expression_is_refused_in_words(expression: str, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LineMatcher(expression, regular=True, case=False)
    assert refused.value.title == "This is not a regular expression."
    assert refused.value.fields == {"text": told}


async def test_builds_that_are_gone_and_texts_that_are_too_long(bench: Bench) -> None:
    logs = bench.workspace.logs
    with pytest.raises(NotFoundError):
        await logs.search(bench.actor, build_id=77, text="x")
    with pytest.raises(ValidationError):
        await logs.search(bench.actor, build_id=77, text="x" * 5_000)


async def test_a_cancelled_search_ends_and_leaves_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to fail by going on through the whole log."""
    cutter = ChunkCutter(sequence=0, line=0, open_line=False)
    log = b"".join(b"%05d\n" % number for number in range(3_000))
    chunks = [*cutter.feed(Piece(1, log, SpoolPosition())), *cutter.flush(end=True)]
    await shelf.store(chunks)
    searched: list[int] = []
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    original = LineMatcher.lines_in

    def noted(matcher: LineMatcher, stretch: Stretch) -> list[int]:
        searched.append(stretch.parts[0].line)
        loop.call_soon_threadsafe(begun.set)
        return original(matcher, stretch)

    monkeypatch.setattr(LineMatcher, "lines_in", noted)
    search = asyncio.create_task(shelf.search(None, "4"))
    await begun.wait()
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    assert 0 < len(searched) < len(chunks) / 2
    assert (await shelf.search(None, "00004")).lines == (4,)


@pytest.mark.parametrize(
    "expression", [r"\pL{1000}", r"(?i)\w{1000}\pL{500}", r"(\pL{30}){30}"]
)
def test_expressions_that_are_too_large_are_refused(expression: str) -> None:
    """Seen to compile for up to a second, while nothing else could go on."""
    with pytest.raises(ValidationError) as refused:
        LineMatcher(expression, regular=True, case=False)
    assert "too large" in refused.value.fields["text"]
