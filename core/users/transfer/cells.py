"""Cells that no spreadsheet takes for a formula.

Spreadsheets run what begins with ``= + - @``, a tab or an end of a line, also behind quotes
and spaces, and in the wide forms of East Asia (OWASP, CSV injection). Such a cell gets an
apostrophe in front, which spreadsheets take for "this is text". A plain number, such as a
balance of ``-5.00``, is no formula and stays a number.
"""

import re

_FORMULA = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[ '\"]*[\t\r\n]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def guarded(cell: str) -> str:
    """Return the cell in a form that is shown and never run."""
    return f"'{cell}" if _is_dangerous(cell) else cell


def unguarded(cell: str) -> str:
    """Return the cell that ``guarded`` was given.

    Of foreign files the same apostrophe is taken off; any other stays.
    """
    return cell[1:] if cell.startswith("'") and _is_dangerous(cell[1:]) else cell


def _is_dangerous(cell: str) -> bool:
    return _FORMULA.match(cell) is not None and _NUMBER.fullmatch(cell) is None
