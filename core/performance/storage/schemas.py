"""What the service of the storage takes and returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.performance.maintenance.schemas import VacuumForecast


class StorageKind(StrEnum):
    """What a B-tree of the file belongs to.

    ``INTERNAL`` is what SQLite keeps for itself: the schema, statistics and sequences.
    """

    TABLE = "table"
    INDEX = "index"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class StorageObject:
    """What one table or index takes, without its indexes.

    Attributes:
        name: As in the schema; empty in the line that sums up what is not listed.
        table: The table that it belongs to: of an index the indexed one, of a table that a
            virtual table keeps its data in that virtual table, else its own name. Names of
            more than 1,000 characters are cut.
        bytes: All its pages, overflow pages as well.
        rows: Rows of a table, or entries of an index; None where the pages that count them
            could not be read.
        payload_bytes: What its rows take in the format of SQLite, without the rest.
        unused_bytes: What is free within its pages.
        overflow_pages: Pages that hold what does not fit into the page of its row.
        fragmentation: The share, 0 to 1, of its pages that lie away from the one that is read
            before them, by more than eight pages; None for a single page.
        without_rowid: The table is stored in the order of its primary key.
        count: How many tables and indexes this is; more than 1 in the line that sums up.
    """

    name: str
    table: str
    kind: StorageKind
    bytes: int
    pages: int
    rows: int | None
    payload_bytes: int
    unused_bytes: int
    overflow_pages: int
    fragmentation: float | None
    without_rowid: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True)
class StorageReport:
    """What takes the room in a file, as it was at ``analysed_at``.

    Attributes:
        file_bytes: The size of the file itself.
        wal_bytes: The size of the write-ahead log beside it.
        objects: The largest first; the last may sum up what is not listed.
        exact: All pages were read and belong to something; else the file is damaged, and
            the figures are of what could be read.
        vacuum: What VACUUM would gain, what is free within the pages as well; None where
            that cannot be told.
        problems: What could not be read, in words.
        outdated: The file was packed, restored or changed by maintenance since.
    """

    file_bytes: int
    wal_bytes: int
    page_size: int
    page_count: int
    freelist_pages: int
    objects: tuple[StorageObject, ...]
    analysed_at: datetime
    exact: bool
    vacuum: VacuumForecast | None
    problems: tuple[str, ...] = ()
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """How the file grew, and how it goes on.

    Attributes:
        times: When it was measured, in seconds since 1970 (UTC), rising.
        file_bytes: How large it was then.
        bytes_per_day: How much larger it becomes each day; None where that is not known, or
            where it does not grow.
        disk_free_bytes: What is free on its disk; None where the system does not tell.
        full_at: When the disk is full if it goes on like this; None where that is not known,
            or too far away to say.
    """

    times: tuple[float, ...]
    file_bytes: tuple[int, ...]
    bytes_per_day: float | None
    disk_free_bytes: int | None
    full_at: datetime | None


class TableKind(StrEnum):
    """What rows come from."""

    TABLE = "table"
    VIEW = "view"
    VIRTUAL = "virtual"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table or view whose rows can be looked at.

    Attributes:
        kind: ``SHADOW`` is a table that a virtual table keeps its data in.
        columns: How many it has; None where the schema does not tell without asking it.
    """

    name: str
    kind: TableKind
    columns: int | None


@dataclass(frozen=True, slots=True)
class TablePreview:
    """Some rows of a table or view.

    Attributes:
        columns: The names; the same one may come twice in a view.
        rows: A cell is None for NULL, else short text: long text is cut and tells its length,
            a BLOB is its size and its first bytes in hexadecimal digits.
        first: The number of the first row, from 0.
        more: Whether there are rows after these.
        left_out: How many columns there are after those.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    first: int
    more: bool
    left_out: int = 0
