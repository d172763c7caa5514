"""Reads what a supervisor has spooled: frames in segments, see ``supervisor.Spool``.

All of it blocks and is called in a worker thread, except ``has_more``.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from core.builds.logs.chunks import SpoolPosition
from core.builds.running.border import DamagedBorderError, open_regular

HEADER = struct.Struct("<QIB3x")
SOURCE_OUTPUT, SOURCE_SYSTEM = 0, 1
LONGEST_FRAME_BYTES = 64 * 1024 * 1024
_BLOCK = 1024 * 1024
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999, the last that can be shown


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes of one read of the supervisor, or an event of its own as JSON.

    ``position`` is where the frame begins in the spool.
    """

    time_ms: int
    source: int
    data: bytes
    position: SpoolPosition


class SpoolReader:
    """Reads frames in order from a position that a crash cannot lose.

    Of a segment that is damaged, what comes before the damage is read, and nothing after it.

    Args:
        folder: The folder of the build.
        position: Where to begin; what lies before was stored already.
    """

    def __init__(self, folder: Path, position: SpoolPosition) -> None:
        self._folder = folder
        self._segment = position.segment
        self._offset = position.offset
        self._skip = position.skip
        self._file: int | None = None
        self._damaged = False

    def has_more(self) -> bool:
        """Tell cheaply whether there may be something new to read."""
        try:
            size = self._path(self._segment).lstat().st_size
        except OSError:
            return False
        more = size > self._offset and not self._damaged
        return more or self._path(self._segment + 1).exists()

    @property
    def position(self) -> SpoolPosition:
        """How far the spool was read."""
        return SpoolPosition(self._segment, self._offset, self._skip)

    def read(self, limit: int) -> list[Frame]:
        """Return the next whole frames, of some ``limit`` bytes together at the most."""
        frames: list[Frame] = []
        size = 0
        while size < limit:
            # Asked first: a segment grows no more once the next one exists.
            rolled = self._path(self._segment + 1).exists()
            before = self._offset
            found = self._read_block(min(_BLOCK, limit - size))
            # Not by what was found: a frame that was stored before gives nothing again.
            if self._offset == before:
                if not rolled:
                    break
                self._next_segment()
            frames += found
            size += sum(len(frame.data) for frame in found)
        return frames

    def read_torn(self) -> Frame | None:
        """Return what there is of a last frame that its dead writer did not finish."""
        head = self._pread(HEADER.size, self._offset)
        if len(head) < HEADER.size or not _is_sound(*HEADER.unpack(head)):
            return None
        time_ms, length, source = HEADER.unpack(head)
        data = self._pread(length, self._offset + HEADER.size)
        if source != SOURCE_OUTPUT or len(data) <= self._skip:
            return None
        position = SpoolPosition(self._segment, self._offset, self._skip)
        return Frame(time_ms, source, data[self._skip :], position)

    def remove_before(self, segment: int) -> None:
        """Delete the segments that are stored to their ends."""
        for path in self._folder.glob("spool.*"):
            if path.suffix[1:].isdigit() and int(path.suffix[1:]) < segment:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the open segment."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _path(self, segment: int) -> Path:
        return self._folder / f"spool.{segment:06d}"

    def _pread(self, size: int, offset: int) -> bytes:
        """Return bytes of the open segment; fewer at its end, none where there is no file."""
        if self._file is None and not self._damaged:
            try:
                self._file = open_regular(self._path(self._segment))
            except DamagedBorderError:
                self._damaged = True
        if self._file is None:
            return b""
        # Windows has no os.pread; one thread at a time reads here.
        os.lseek(self._file, offset, os.SEEK_SET)
        return os.read(self._file, size)

    def _next_segment(self) -> None:
        self.close()
        self._segment, self._offset, self._skip = self._segment + 1, 0, 0
        self._damaged = False

    def _read_block(self, limit: int) -> list[Frame]:
        block = self._pread(limit + HEADER.size, self._offset)
        if len(block) >= HEADER.size:
            first = HEADER.unpack_from(block)
            if first[1] + HEADER.size > len(block) and _is_sound(*first):
                block = self._pread(first[1] + HEADER.size, self._offset)
        frames, at = [], 0
        while at + HEADER.size <= len(block):
            time_ms, length, source = HEADER.unpack_from(block, at)
            if not _is_sound(time_ms, length, source):
                self._damaged = True
                break
            end = at + HEADER.size + length
            if end > len(block):
                break
            frame = self._frame(time_ms, source, block[at + HEADER.size : end], at)
            if frame.data:
                frames.append(frame)
            at = end
            self._skip = 0
        self._offset += at
        return frames

    def _frame(self, time_ms: int, source: int, data: bytes, at: int) -> Frame:
        position = SpoolPosition(self._segment, self._offset + at, self._skip)
        if self._skip:
            # An event is one line and was stored whole, or to a part that tells nothing.
            data = data[self._skip :] if source == SOURCE_OUTPUT else b""
        return Frame(time_ms, source, data, position)


def _is_sound(time_ms: int, length: int, source: int) -> bool:
    """Tell whether a supervisor may have written this head of a frame."""
    known = source in (SOURCE_OUTPUT, SOURCE_SYSTEM)
    return known and 0 < length <= LONGEST_FRAME_BYTES and time_ms <= _LATEST_MS
