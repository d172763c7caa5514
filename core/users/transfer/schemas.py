"""What imports and exports of people take and return."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FileFormat(StrEnum):
    """How people are written in a file: CSV, or JSON as one array or an object on a line."""

    CSV = "csv"
    JSON = "json"


class ImportMode(StrEnum):
    """What becomes of the good rows of a file that has bad ones.

    all_or_nothing: nothing is stored, else all in one transaction; row_by_row: they are
    stored, some hundreds at a time.
    """

    ALL_OR_NOTHING = "all_or_nothing"
    ROW_BY_ROW = "row_by_row"


class Existing(StrEnum):
    """What is done with a row whose user name somebody has already, in any case.

    An update changes the fields that the row has a value for; an empty cell changes nothing.
    """

    SKIP = "skip"
    UPDATE = "update"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How a file is read; what is None is found out.

    Attributes:
        encoding: As Python names it.
        delimiter: What stands between the cells of CSV; one character.
        header: Whether the first row of CSV names the columns.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How people are imported; ``file`` is best taken from the preview."""

    file: FileOptions = FileOptions()
    mode: ImportMode = ImportMode.ALL_OR_NOTHING
    existing: Existing = Existing.REFUSE


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found in a file, before anything of it is imported.

    Attributes:
        encoding: What people call the encoding; of old files it is a guess.
        encoding_is_guessed: Whether another encoding may be right.
        file: How it was read: the options to import it with.
        columns: The names of the columns, no two the same.
        rows: The first 20 rows, a text for each column.
        mapping: What is proposed: column to field; columns that fit none are left out.
        notices: What to know before importing, a sentence each.
    """

    format: FileFormat
    encoding: str
    encoding_is_guessed: bool
    file: FileOptions
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: Mapping[str, str] = field(hash=False)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """Why a row of a file is not imported.

    Attributes:
        line: The line on which the row begins, counted from 1; of an array in JSON, which
            may be one line as a whole, the number of the object.
        field: The field that is wrong; empty where it is the row as a whole.
        value: The value that was refused, shortened; of notes nothing.
        reason: A sentence or two.
    """

    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did or, after a dry run, would do.

    Attributes:
        rows: How many rows were read; all are counted in exactly one of the next four.
        created: New people; none of them has a password.
        updated: People whose values changed, or were the same already.
        skipped: Rows left out because somebody has the user name.
        refused: Rows that cannot be imported; of a row several fields can be wrong.
        refusals: Why; the first of them only, where they are very many.
        stored: Whether anything was written; False after a dry run, and where one bad row
            kept all others out.
    """

    rows: int
    created: int
    updated: int
    skipped: int
    refused: int
    refusals: tuple[RefusedLine, ...]
    stored: bool


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote."""

    people: int
    bytes: int
