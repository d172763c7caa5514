"""Dialogs that a coroutine can await; ``exec`` would run a second loop and strand tasks."""

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QLabel, QMessageBox, QWidget

_FILES_SIZE = (880, 560)


async def finished(dialog: QDialog) -> bool:
    """Open a dialog over its parent and return whether it was accepted."""
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(result: int) -> None:
        if not future.done():
            future.set_result(result)

    dialog.finished.connect(settle)
    dialog.open()
    try:
        return await future == QDialog.DialogCode.Accepted.value
    finally:
        dialog.close()


async def ask(
    parent: QWidget | None,
    *,
    title: str,
    text: str,
    actions: Sequence[tuple[str, QMessageBox.ButtonRole]],
    remember: str = "",
) -> tuple[int | None, bool]:
    """Ask a question and return the index of the chosen action and the tick.

    Args:
        parent: The window that the question belongs to.
        title: The question itself.
        text: What follows from each answer.
        actions: Words and role of each button, in order; the last one is the default.
        remember: The words of a tick box, none when empty.

    Returns:
        The index into ``actions``, None when the question was closed, and whether the box
        was ticked.
    """
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(title)
    heading = box.findChild(QLabel, "qt_msgbox_label")
    if heading is not None:
        heading.setProperty("kind", "title")
    box.setInformativeText(text)
    buttons = [box.addButton(words, role) for words, role in actions]
    box.setDefaultButton(buttons[-1])
    if remember:
        box.setCheckBox(QCheckBox(remember, box))
    await finished(box)
    clicked = box.clickedButton()
    tick = box.checkBox()
    chosen = buttons.index(clicked) if clicked in buttons else None
    box.deleteLater()
    return chosen, bool(tick and tick.isChecked())


async def choose_file(
    parent: QWidget | None,
    *,
    title: str,
    filter_text: str,
    save: bool = False,
    folder: bool = False,
    start: str = "",
    suffix: str = "",
    confirm_overwrite: bool = True,
) -> str | None:
    """Let the person choose a file or folder.

    Args:
        parent: The window that the dialog belongs to.
        title: What the file is chosen for.
        filter_text: Kinds of files in Qt's notation, ``"Databases (*.db);;All files (*)"``.
        save: Whether the file is to be written, and so need not exist.
        folder: Whether a folder is chosen.
        start: The folder, or the file, to begin with.
        suffix: Is put after a name without one when saving.
        confirm_overwrite: Whether the dialog asks before it gives a file that exists.

    Returns:
        The path, None when the dialog was given up.
    """
    dialog = QFileDialog(parent, title, start, filter_text)
    dialog.resize(*_FILES_SIZE)
    if folder:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
    elif save:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(suffix)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not confirm_overwrite)
        if start:
            dialog.selectFile(start)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    accepted = await finished(dialog)
    files = dialog.selectedFiles()
    dialog.deleteLater()
    return files[0] if accepted and files else None
