"""CSV from strangers: which sign divides the cells, whether names stand first, the rows.

Each possible sign is tried, and the one that gives the most rows of one same width is taken;
``csv.Sniffer`` counts characters instead, and gives up on a file of one column.
"""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from core.translation import _
from core.users.transfer.cells import unguarded
from core.users.transfer.errors import UnreadableFileError
from core.users.transfer.text_files import lines

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 500
_SAMPLE_ROWS = 200
_VALUE = re.compile(r"[@\d]")


def delimiter_of(file: io.TextIOWrapper) -> str:
    """Return the sign between the cells, a comma where there is but one column."""
    sample = list(itertools.islice(_lines_until_limit(file), _SAMPLE_ROWS))
    return max(DELIMITERS, key=lambda sign: _evenness(sample, sign))


def rows(file: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not blank, each with the number of its first line, from 1.

    The apostrophe that guards a cell against being taken for a formula is taken off.

    Raises:
        UnreadableFileError: A quote never ends, a cell or line is too long, or there are
            too many columns.
    """
    reader = csv.reader(lines(file), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFileError(
                _("The file cannot be read from line {line} on.").format(line=line),
                detail=str(error),
                hint=_("Often a quotation mark is opened there and never closed."),
            ) from error
        if len(row) > MOST_COLUMNS:
            raise UnreadableFileError(
                _("Line {line} has more than {count} columns.").format(
                    line=line, count=MOST_COLUMNS
                )
            )
        if any(cell.strip() for cell in row):
            yield line, [unguarded(cell) for cell in row]


def looks_like_names(row: Sequence[str], known: Iterable[str]) -> bool:
    """Tell whether a first row names the columns.

    Args:
        known: The columns, among those of this row, whose names are known.
    """
    if any(known):
        return True
    filled = [cell.strip() for cell in row]
    unlike = len(set(filled)) == len(filled)
    return unlike and all(filled) and not any(_VALUE.search(cell) for cell in filled)


def column_names(row: Sequence[str], *, header: bool) -> list[str]:
    """Return a name for each column, no two the same."""
    taken: set[str] = set()
    names = []
    for number, cell in enumerate(row, 1):
        first = cell.strip() if header else ""
        first = name = first or _("Column {number}").format(number=number)
        for again in itertools.count(2):
            if name not in taken:
                break
            name = f"{first} ({again})"
        taken.add(name)
        names.append(name)
    return names


def _lines_until_limit(file: io.TextIOWrapper) -> Iterator[str]:
    with suppress(UnreadableFileError):
        yield from lines(file)


def _evenness(sample: list[str], delimiter: str) -> tuple[float, int]:
    """Return the share of rows of the commonest width of at least two, and that width."""
    widths: Counter[int] = Counter()
    with suppress(csv.Error):
        widths.update(len(row) for row in csv.reader(sample, delimiter=delimiter) if row)
    rows_ = widths.total()
    if not rows_:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    return (count / rows_, width) if width > 1 else (0.0, 0)
