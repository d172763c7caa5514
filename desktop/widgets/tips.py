"""Tool tips that show data: what people named or wrote is never taken for markup.

Qt shows a tool tip as HTML when it looks like HTML, and reads the pictures that it names at
once: the name of a project could make the window wait for a file for ever.
"""

from typing import Final

from PySide6.QtWidgets import QWidget

_WRAPPED: Final = 100


def plain_tip(text: str) -> str:
    """Return a tool tip that shows a text literally, its lines kept and long ones wrapped.

    A short text without anything that Qt could take for markup stays as it is: screen readers
    read tool tips out as they stand.
    """
    short = all(len(line) <= _WRAPPED for line in text.split("\n"))
    if short and not {"<", "&"} & set(text):
        return text
    from html import escape  # not before the first paint: few tool tips need it

    return f"<qt>{escape(text).replace(chr(10), '<br/>')}</qt>"


def explain(widget: QWidget, text: str) -> None:
    """Give a widget a text as tool tip, and as what is read out about it."""
    widget.setToolTip(plain_tip(text))
    widget.setAccessibleDescription(text)
