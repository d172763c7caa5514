"""Pieces of a log: cut from a stream of output, compressed, and read back as lines.

A chunk holds up to 256 KiB of raw bytes and ends at a newline wherever one is in reach; a
longer line goes on in the next chunk. No line is ever an object on its way to the disk.
"""

import struct
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import zstandard

CHUNK_BYTES = 256 * 1024
CODEC = "zstd"

_LEVEL = 3
_TIME = struct.Struct("<IQ")
_of_thread = threading.local()


@dataclass(frozen=True, slots=True)
class SpoolPosition:
    """How far a spool was read: a segment, the frame in it, and bytes of that frame."""

    segment: int = 0
    offset: int = 0
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that were read together, at one time, from one place of the spool."""

    time_ms: int
    data: bytes
    position: SpoolPosition


@dataclass(frozen=True)
class Chunk:
    """A piece of a log, ready to be stored; see ``tables.BuildLogChunk`` for the fields.

    ``end`` is the place in the spool from which reading goes on after it.
    """

    sequence: int
    first_line: int
    line_count: int
    continued: bool
    first_ms: int
    last_ms: int
    raw: bytes
    times: bytes
    end: SpoolPosition

    @cached_property
    def data(self) -> bytes:
        """The compressed bytes; made when first asked for, outside the interpreter's lock."""
        return _compressor().compress(self.raw)

    @property
    def ends_line(self) -> bool:
        """Whether the next chunk begins a new line."""
        return self.raw.endswith(b"\n")


@dataclass(frozen=True, slots=True)
class Tail:
    """Output that is not in a chunk yet: shown while a build runs, kept in the spool."""

    first_line: int
    raw: bytes
    times: bytes

    @property
    def line_count(self) -> int:
        """How many lines begin in it."""
        return self.raw.count(b"\n") + (0 if self.raw.endswith(b"\n") or not self.raw else 1)


class ChunkCutter:
    """Cuts a stream into chunks; where it stands can be taken up again after a crash.

    Args:
        sequence: The number of the next chunk.
        line: The number of the next line to begin.
        open_line: Whether the last chunk ended within a line.
    """

    def __init__(self, *, sequence: int, line: int, open_line: bool) -> None:
        self.sequence = sequence
        self.line = line
        self.open_line = open_line
        self._pieces: list[Piece] = []
        self._size = 0

    @property
    def oldest_ms(self) -> int | None:
        """When the first of the bytes that wait was read, None when none waits."""
        return self._pieces[0].time_ms if self._pieces else None

    def feed(self, piece: Piece) -> Iterator[Chunk]:
        """Take in bytes and give each chunk that is full."""
        if piece.data:
            self._pieces.append(piece)
            self._size += len(piece.data)
        if self._size >= CHUNK_BYTES:
            yield from self._cut(whole=False)

    def flush(self, *, end: bool) -> Iterator[Chunk]:
        """Give what waits up to its last newline, or all of it at the end of the log."""
        if self._pieces:
            yield from self._cut(whole=True, end=end)

    def tail(self) -> Tail:
        """Return what waits."""
        raw = b"".join(piece.data for piece in self._pieces)
        return Tail(self.line - (1 if self.open_line and raw else 0), raw, self._times(raw))

    def _cut(self, *, whole: bool, end: bool = False) -> Iterator[Chunk]:
        raw = b"".join(piece.data for piece in self._pieces)
        pieces, taken = self._pieces, 0
        while len(raw) - taken >= CHUNK_BYTES or (whole and taken < len(raw)):
            limit = min(taken + CHUNK_BYTES, len(raw))
            cut = raw.rfind(b"\n", taken, limit) + 1
            if cut == 0 and (end or limit - taken == CHUNK_BYTES):
                cut = limit
            if end and limit == len(raw):
                cut = limit
            if cut == 0:
                break
            piece, pieces = _split(pieces, cut - taken)
            yield self._chunk(raw[taken:cut], piece, pieces)
            taken = cut
        self._pieces = pieces
        self._size = len(raw) - taken

    def _chunk(self, raw: bytes, pieces: list[Piece], rest: list[Piece]) -> Chunk:
        ends_line = raw.endswith(b"\n")
        starts = raw.count(b"\n") + (not ends_line) - self.open_line
        last = pieces[-1]
        chunk = Chunk(
            sequence=self.sequence,
            first_line=self.line,
            line_count=starts,
            continued=self.open_line,
            first_ms=pieces[0].time_ms,
            last_ms=last.time_ms,
            raw=raw,
            times=_pack_times(pieces, self.open_line),
            end=rest[0].position if rest else _after(last),
        )
        self.sequence += 1
        self.line += starts
        self.open_line = not ends_line
        return chunk

    def _times(self, raw: bytes) -> bytes:
        return _pack_times(self._pieces, False) if raw else b""


def _after(piece: Piece) -> SpoolPosition:
    at = piece.position
    return SpoolPosition(at.segment, at.offset, at.skip + len(piece.data))


def _split(pieces: list[Piece], size: int) -> tuple[list[Piece], list[Piece]]:
    """Divide pieces after ``size`` bytes."""
    head: list[Piece] = []
    for index, piece in enumerate(pieces):
        if len(piece.data) > size:
            if size:
                head.append(Piece(piece.time_ms, piece.data[:size], piece.position))
            at = piece.position
            rest = Piece(
                piece.time_ms,
                piece.data[size:],
                SpoolPosition(at.segment, at.offset, at.skip + size),
            )
            return head, [rest, *pieces[index + 1 :]]
        head.append(piece)
        size -= len(piece.data)
    return head, []


def _pack_times(pieces: Iterable[Piece], continued: bool) -> bytes:
    """Pack (line within the chunk, time) pairs; the first always stands for line 0."""
    packed: list[bytes] = []
    line, at_start, last_ms = -1 if continued else 0, not continued, -1
    for piece in pieces:
        first_begun = line if at_start else line + 1
        if piece.time_ms != last_ms:
            packed.append(_TIME.pack(max(first_begun, 0), piece.time_ms))
            last_ms = piece.time_ms
        line += piece.data.count(b"\n")
        at_start = piece.data.endswith(b"\n")
    return b"".join(packed)


def unpack_times(packed: bytes) -> list[tuple[int, int]]:
    """Return the (line within the chunk, time in ms) pairs of a chunk."""
    return list(_TIME.iter_unpack(packed))


class ChunkLines:
    """The lines that begin in a decompressed chunk."""

    def __init__(self, raw: bytes, times: bytes, *, continued: bool) -> None:
        lines = raw.split(b"\n")
        if lines and lines[-1] == b"":
            lines.pop()
        self.lines = lines[1:] if continued else lines
        pairs = unpack_times(times)
        self._starts = [line for line, _ms in pairs]
        self._times = [ms for _line, ms in pairs]
        self.last_is_open = not raw.endswith(b"\n")

    def time_ms(self, index: int) -> int:
        """Return when the line with this index in the chunk was read."""
        return self._times[max(bisect_right(self._starts, index) - 1, 0)] if self._times else 0


def _compressor() -> zstandard.ZstdCompressor:
    """Return the compressor of this thread: making one costs as much as a chunk."""
    if not hasattr(_of_thread, "compressor"):
        _of_thread.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    compressor: zstandard.ZstdCompressor = _of_thread.compressor
    return compressor


def decompress(data: bytes, raw_size: int) -> bytes:
    """Return the raw bytes of a chunk."""
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=raw_size)
