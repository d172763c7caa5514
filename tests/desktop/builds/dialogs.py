"""Finding dialogs that a coroutine of the program has opened."""

import asyncio
from typing import TypeVar

from PySide6.QtWidgets import QMessageBox, QWidget

W = TypeVar("W", bound=QWidget)
_PATIENCE_S = 30


async def opened(parent: QWidget, kind: type[W]) -> W:
    """Wait until a dialog of this kind is shown over a widget, and return it."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            shown = [one for one in parent.findChildren(kind) if one.isVisible()]
            if shown:
                return shown[0]
            await asyncio.sleep(0)


async def answer(parent: QWidget, words: str) -> str:
    """Press the button of these words on the question over a widget; return the question.

    Whoever asked has the answer by then.
    """
    box = await opened(parent, QMessageBox)
    text = f"{box.text()}\n{box.informativeText()}"
    next(button for button in box.buttons() if button.text() == words).click()
    await asyncio.sleep(0)
    return text
