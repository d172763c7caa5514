"""Pieces of a log: cut from a stream of output, compressed, and read back as lines.

A chunk holds up to 256 KiB of raw bytes and ends at a newline wherever one is in reach; a
longer line goes on in the next chunk. No line is ever an object on its way to the disk.
"""

import struct
import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import zstandard

from core.errors import DatabaseError
from core.translation import _

CHUNK_BYTES = 256 * 1024
CODEC = "zstd"

_LEVEL = 3
_TIME = struct.Struct("<IQ")
_NEWLINE = ord("\n")
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999
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
    """Output that is not in a chunk yet: shown while a build runs, kept in the spool.

    ``offset`` is how many bytes of the log are before it.
    """

    first_line: int
    raw: bytes
    times: bytes
    offset: int = 0

    @property
    def line_count(self) -> int:
        """How many lines begin in it."""
        return self.raw.count(b"\n") + (0 if self.raw.endswith(b"\n") or not self.raw else 1)

    def after(self, offset: int) -> bytes:
        """Return what follows so many bytes of the log; those before were stored meanwhile."""
        return self.raw[max(offset - self.offset, 0) :]


@dataclass(frozen=True, slots=True)
class _Read:
    """Where in the waiting bytes a piece begins, and what is known of it."""

    start: int
    time_ms: int
    position: SpoolPosition

    def position_at(self, offset: int) -> SpoolPosition:
        """Return the place in the spool of a byte of this piece."""
        at = self.position
        return SpoolPosition(at.segment, at.offset, at.skip + offset - self.start)


class ChunkCutter:
    """Cuts a stream into chunks; where it stands can be taken up again after a crash.

    Args:
        sequence: The number of the next chunk.
        line: The number of the next line to begin.
        open_line: Whether the last chunk ended within a line.
        offset: How many bytes of the log are in chunks by now.
    """

    def __init__(self, *, sequence: int, line: int, open_line: bool, offset: int = 0) -> None:
        self.sequence = sequence
        self.line = line
        self.open_line = open_line
        self._offset = offset
        self._raw = bytearray()
        self._reads: list[_Read] = []

    @property
    def oldest_ms(self) -> int | None:
        """When the first of the bytes that wait was read, None when none waits."""
        return self._reads[0].time_ms if self._reads else None

    def feed(self, piece: Piece) -> Iterator[Chunk]:
        """Take in bytes and give each chunk that is full."""
        if piece.data:
            self._reads.append(_Read(len(self._raw), piece.time_ms, piece.position))
            self._raw += piece.data
        while len(self._raw) >= CHUNK_BYTES:
            cut = self._raw.rfind(b"\n", 0, CHUNK_BYTES) + 1
            yield self._chunk(cut or CHUNK_BYTES)

    def flush(self, *, end: bool) -> Iterator[Chunk]:
        """Give what waits up to its last newline, or all of it at the end of the log."""
        cut = len(self._raw) if end else self._raw.rfind(b"\n") + 1
        if cut:
            yield self._chunk(cut)

    def tail(self) -> Tail:
        """Return what waits."""
        raw = bytes(self._raw)
        times, _lines = self._pack_times(len(raw), continued=False)
        first_line = self.line - (1 if self.open_line and raw else 0)
        return Tail(first_line, raw, times, self._offset)

    def _chunk(self, cut: int) -> Chunk:
        """Take the first bytes away as a chunk."""
        with memoryview(self._raw) as view:
            raw = bytes(view[:cut])
        ends_line = raw.endswith(b"\n")
        times, newlines = self._pack_times(cut, continued=self.open_line)
        starts = newlines + (not ends_line) - self.open_line
        within = [read for read in self._reads if read.start < cut]
        chunk = Chunk(
            sequence=self.sequence,
            first_line=self.line,
            line_count=starts,
            continued=self.open_line,
            first_ms=within[0].time_ms,
            last_ms=within[-1].time_ms,
            raw=raw,
            times=times,
            end=within[-1].position_at(cut),
        )
        self.sequence += 1
        self.line += starts
        self._offset += cut
        self.open_line = not ends_line
        self._drop(cut, within[-1])
        return chunk

    def _drop(self, cut: int, last: _Read) -> None:
        """Forget what went into a chunk; the rest of its last piece stays."""
        later = [read for read in self._reads if read.start >= cut]
        del self._raw[:cut]
        kept = [_Read(read.start - cut, read.time_ms, read.position) for read in later]
        if len(self._raw) > 0 and (not kept or kept[0].start > 0):
            kept.insert(0, _Read(0, last.time_ms, last.position_at(cut)))
        self._reads = kept

    def _pack_times(self, cut: int, *, continued: bool) -> tuple[bytes, int]:
        """Pack (line within the chunk, time) pairs, and count the newlines.

        The first pair always stands for line 0.
        """
        packed: list[bytes] = []
        line, at_start, last_ms = -1 if continued else 0, not continued, -1
        newlines = 0
        for index, read in enumerate(self._reads):
            if read.start >= cut:
                break
            begun = line + newlines + (0 if at_start else 1)
            if read.time_ms != last_ms:
                packed.append(_TIME.pack(max(begun, 0), read.time_ms))
                last_ms = read.time_ms
            following = index + 1 < len(self._reads)
            end = min(self._reads[index + 1].start if following else cut, cut)
            newlines += self._raw.count(b"\n", read.start, end)
            at_start = self._raw[end - 1] == _NEWLINE
        return b"".join(packed), newlines


def unpack_times(packed: bytes) -> list[tuple[int, int]]:
    """Return the (line within the chunk, time in ms) pairs of a chunk.

    Raises:
        DatabaseError: They are not what was stored.
    """
    if len(packed) % _TIME.size:
        raise damaged()
    pairs = list(_TIME.iter_unpack(packed))
    if any(ms > _LATEST_MS for _line, ms in pairs):
        raise damaged()
    return pairs


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
    """Return the raw bytes of a chunk.

    Raises:
        DatabaseError: The chunk is not what was stored, or claims to be larger than any is.
    """
    try:
        if not 0 <= raw_size <= CHUNK_BYTES or zstandard.frame_content_size(data) != raw_size:
            raise damaged()
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=raw_size)
    except zstandard.ZstdError as error:
        raise damaged() from error


def damaged() -> DatabaseError:
    """Return the error to raise for a chunk that makes no sense."""
    return DatabaseError(
        _("A part of this log is damaged and cannot be read."),
        hint=_("Check the database; a backup may have the log whole."),
    )
