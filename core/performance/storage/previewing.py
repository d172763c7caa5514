"""Rows of a table as short texts, and why there are none."""

from collections.abc import Mapping
from typing import Any

from core.errors import AppError, DatabaseError, NotFoundError
from core.performance.storage.schemas import TablePreview
from core.sizes import size_words
from core.translation import _

_LONGEST_NAME = 100
# Characters that would break the line show as their pictures.
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}


def preview_of(answer: Mapping[str, Any], table: str, first: int) -> TablePreview:
    """Return rows as the child's operation "preview" gave them.

    Raises:
        NotFoundError: There is no such table.
        DatabaseError: It has rows that cannot be shown.
    """
    if why := answer.get("why"):
        raise _failure(str(why), str(answer.get("message", "")), _short(table))
    return TablePreview(
        columns=tuple(answer["columns"]),
        rows=tuple(tuple(_cell(cell) for cell in row) for row in answer["rows"]),
        first=first,
        more=answer["more"],
        left_out=answer["left_out"],
    )


def _cell(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell.translate(_PICTURES)
    kind, beginning, size = cell
    words = size_words(size)
    if kind == "text":
        return _("{text}… ({size})").format(text=beginning.translate(_PICTURES), size=words)
    if not beginning:
        return _("BLOB, {size}").format(size=words)
    whole = len(beginning) == 2 * size
    return (_("BLOB, {size}: {digits}") if whole else _("BLOB, {size}: {digits}…")).format(
        size=words, digits=beginning
    )


def _failure(why: str, message: str, table: str) -> AppError:
    if why == "missing":
        return NotFoundError(
            _("There is no table “{table}”.").format(table=table),
            hint=_("It may have been removed meanwhile. Load the list anew."),
        )
    if why == "too_long":
        return DatabaseError(
            _("The rows of “{table}” were not found in time.").format(table=table),
            detail=_("It takes too long to work them out."),
            hint=_("Show rows nearer to the beginning, or look at the tables behind it."),
        )
    return DatabaseError(
        _("The rows of “{table}” cannot be shown.").format(table=table),
        detail=message,
        hint=_(
            "It may refer to what is not there, hold values that are too large, or need an"
            " extension that Buildbench does not have."
        ),
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
