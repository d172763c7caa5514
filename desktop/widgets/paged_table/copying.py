"""Rows as text, CSV and JSON for the clipboard."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from desktop.widgets.paged_table.columns import Column, Row

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class CopyFormat(StrEnum):
    """How rows are written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def as_format(columns: Sequence[Column[Row]], rows: Sequence[Row], wanted: CopyFormat) -> str:
    """Return rows in a format, with the columns given, in their order."""
    writers = {CopyFormat.TEXT: as_text, CopyFormat.CSV: as_csv, CopyFormat.JSON: as_json}
    return writers[wanted](columns, rows)


def as_text(columns: Sequence[Column[Row]], rows: Sequence[Row]) -> str:
    """Return what the cells say, parted by tabs, a row each line."""
    return "\n".join("\t".join(_flat(c.text(row)) for c in columns) for row in rows)


def as_csv(columns: Sequence[Column[Row]], rows: Sequence[Row]) -> str:
    """Return the values with a heading as RFC 4180 has it.

    A spreadsheet would take a cell that begins like a formula for one and run it: such cells
    begin with an apostrophe (OWASP, "CSV Injection").
    """
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([safe_cell(column.words) for column in columns])
    for row in rows:
        writer.writerow([safe_cell(_word(_value(column, row))) for column in columns])
    return written.getvalue()


def as_json(columns: Sequence[Column[Row]], rows: Sequence[Row]) -> str:
    """Return a list of objects; what JSON has no type for is written as text."""
    objects = [{column.name: _value(column, row) for column in columns} for row in rows]
    return json.dumps(objects, ensure_ascii=False, indent=2, default=_word)


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _value(column: Column[Row], row: Row) -> Any:
    if column.value is not None:
        return column.value(row)
    return list(column.tags(row)) if column.tags else column.text(row)


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(_word(part) for part in value)
    return str(value)


def _flat(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
