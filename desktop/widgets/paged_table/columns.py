"""What a table shows of a row: the columns, each with the words of its cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from PySide6.QtCore import Qt

from desktop.theme import FontRole
from desktop.widgets.state_badge import Badge

Row = TypeVar("Row")

ROW_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The item role under which a model returns the row itself, None until it arrived."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column of a table.

    Attributes:
        name: Names it in the kept state and in JSON; never translated.
        words: Its heading.
        text: What a cell says.
        tip: The exact value for the tool tip; without it the tip tells a text cut short.
        badge: An icon and word painted in place of the text.
        tags: Words painted as chips in place of the text.
        value: What is copied as CSV and JSON; without it the text.
        right: Whether the cells stand at the right edge, as figures do.
        strong: Whether the cells are semibold.
        muted: Whether the cells are in the muted colour.
        mono: Whether the cells are in the monospaced font, as SQL is.
        width: Its width at first, in pixels.
        sort: The field that a click on its heading orders by; empty for none.
        shown: Whether it is shown at first.
        fixed: Whether it cannot be put away.
    """

    name: str
    words: str
    text: Callable[[Row], str]
    tip: Callable[[Row], str] | None = None
    badge: Callable[[Row], Badge | None] | None = None
    tags: Callable[[Row], Sequence[str]] | None = None
    value: Callable[[Row], object] | None = None
    right: bool = False
    strong: bool = False
    muted: bool = False
    mono: bool = False
    width: int = 140
    sort: str = ""
    shown: bool = True
    fixed: bool = False

    @property
    def font(self) -> FontRole:
        """The font of the cells."""
        if self.mono:
            return FontRole.MONO
        return FontRole.STRONG if self.strong else FontRole.TEXT
