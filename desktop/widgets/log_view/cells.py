"""Where the pieces of a line stand on the grid of cells.

Pieces are short and placed by their column, so that only those in sight are drawn however
long the line is, and a wide character does not push what follows off the grid.
"""

import functools
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from desktop.widgets.log_view.ansi import Style, columns, spans

MOST_COLUMNS: Final = 8_192
_PIECE = re.compile(r"[\x20-\x7e]{1,128}|[^\x20-\x7e]{1,32}")


class Piece(NamedTuple):
    """Text of one style from a column on, ``width`` cells wide."""

    column: int
    width: int
    text: str
    style: Style


class Cells(NamedTuple):
    """A line laid out; ``colored`` tells whether it brought a colour of its own."""

    pieces: tuple[Piece, ...]
    width: int
    colored: bool
    cut: bool


@functools.lru_cache(maxsize=1024)
def cells(line: str) -> Cells:
    """Lay out a raw line, up to ``MOST_COLUMNS``."""
    pieces = []
    width = 0
    for piece in _pieces(line):
        pieces.append(piece)
        width = piece.column + piece.width
        if width > MOST_COLUMNS:
            break
    colored = any((p.style.foreground, p.style.background) != (None, None) for p in pieces)
    return Cells(tuple(pieces), width, colored, cut=width > MOST_COLUMNS)


def _pieces(line: str) -> Iterator[Piece]:
    column = 0
    for text, style in spans(line):
        for match in _PIECE.finditer(text):
            width = columns(match[0])
            yield Piece(column, width, match[0], style)
            column += width
