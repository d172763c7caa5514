"""Text laid out in columns of a fixed width."""

from collections.abc import Sequence


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most ``width`` characters, at spaces where there are any.

    Raises:
        ValueError: The width is below 1.
    """
    if width < 1:
        raise ValueError("the width must be at least 1")
    lines: list[str] = []
    line = ""
    for word in text.split():
        while len(word) > width:
            lines += [line, word[:width]] if line else [word[:width]]
            line, word = "", word[width:]
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def table(rows: Sequence[Sequence[str]]) -> str:
    """Align the cells of each column, with two spaces between columns.

    Raises:
        ValueError: The rows differ in length.
    """
    if len({len(row) for row in rows}) > 1:
        raise ValueError("all rows must have the same number of cells")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
