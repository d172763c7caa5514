"""Reads what a supervisor has spooled: frames in segments, see ``supervisor.Spool``.

All of it blocks and is called in a worker thread, except ``has_more``.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from core.builds.logs.chunks import SpoolPosition

HEADER = struct.Struct("<QIB3x")
SOURCE_OUTPUT, SOURCE_SYSTEM = 0, 1
_BLOCK = 1024 * 1024


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

    def has_more(self) -> bool:
        """Tell cheaply whether there may be something new to read."""
        try:
            size = self._path(self._segment).stat().st_size
        except FileNotFoundError:
            return False
        return size > self._offset or self._path(self._segment + 1).exists()

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
        file = self._open()
        head = b"" if file is None else os.pread(file, HEADER.size, self._offset)
        if file is None or len(head) < HEADER.size:
            return None
        time_ms, length, source = HEADER.unpack(head)
        data = os.pread(file, length, self._offset + HEADER.size)
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

    def _open(self) -> int | None:
        if self._file is None:
            try:
                self._file = os.open(self._path(self._segment), os.O_RDONLY)
            except FileNotFoundError:
                return None
        return self._file

    def _next_segment(self) -> None:
        self.close()
        self._segment, self._offset, self._skip = self._segment + 1, 0, 0

    def _read_block(self, limit: int) -> list[Frame]:
        file = self._open()
        if file is None:
            return []
        block = os.pread(file, limit + HEADER.size, self._offset)
        if len(block) >= HEADER.size:
            length = HEADER.unpack_from(block)[1]
            if length + HEADER.size > len(block):
                block = os.pread(file, length + HEADER.size, self._offset)
        frames, at = [], 0
        while at + HEADER.size <= len(block):
            time_ms, length, source = HEADER.unpack_from(block, at)
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
