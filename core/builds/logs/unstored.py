"""The end of a log that runs, as far as the database does not hold it yet."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.builds.logs.chunks import Chunk, ChunkLines, Tail
from core.builds.logs.store import as_system, chunk_lines
from core.builds.schemas import BuildLog


@dataclass(frozen=True, slots=True)
class Unstored:
    """Chunks on their way to the database, and the output that is in no chunk yet.

    Chunks may have been stored meanwhile, and the tail may begin with what is in them: lines
    and bytes are chosen by their numbers, so nothing is given twice.

    Args:
        own_lines: The numbers of the lines here that Buildbench itself wrote.
    """

    chunks: tuple[Chunk, ...]
    tail: Tail
    own_lines: frozenset[int]

    def lines(self, build_id: int, *, first: int, count: int) -> list[BuildLog]:
        """Return up to ``count`` lines from number ``first`` on; none if they begin later."""
        found: list[BuildLog] = []
        for start, lines in self._parts(first):
            wanted = first + len(found)
            if start <= wanted and len(found) < count:
                found += chunk_lines(
                    build_id, start, lines, first=wanted, count=count - len(found)
                )
        return [as_system(line) if line.sequence_number in self.own_lines else line
                for line in found]  # fmt: skip

    def raw(self, *, chunk: int, offset: int) -> Iterator[bytes]:
        """Give the bytes that follow what is stored.

        Args:
            chunk: The sequence number of the next chunk to store.
            offset: How many bytes of the log were stored.
        """
        for one in self.chunks:
            if one.sequence == chunk:
                chunk, offset = chunk + 1, offset + len(one.raw)
                yield one.raw
        yield self.tail.after(offset)

    def _parts(self, first: int) -> Iterator[tuple[int, ChunkLines]]:
        for chunk in self.chunks:
            if chunk.first_line + chunk.line_count > first:
                yield (
                    chunk.first_line,
                    ChunkLines(chunk.raw, chunk.times, continued=chunk.continued),
                )
        if self.tail.raw:
            yield (
                self.tail.first_line,
                ChunkLines(self.tail.raw, self.tail.times, continued=False),
            )
