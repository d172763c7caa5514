"""How much of what a build made is kept; all limits, in one place."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept of one build; a limit that is reached is told in its log.

    Attributes:
        files: How many files.
        bytes: How many bytes they have together.
        file_bytes: How many bytes one of them may have.
        looked_at: How many entries of folders are looked at.
        depth: How many folders deep.
        path: How many characters the path of a file may have.
        reserve_bytes: How much room stays on the disk, for the database above all.
    """

    files: int = 10_000
    bytes: int = 16 * GIB
    file_bytes: int = 8 * GIB
    looked_at: int = 2_000_000
    depth: int = 64
    path: int = 4_096
    reserve_bytes: int = 32 * MIB


USUAL: Final = Limits()
BLOCK_BYTES: Final = MIB
