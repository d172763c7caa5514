"""Dialogs that a coroutine can await; ``exec`` would run a second loop and strand tasks."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import shiboken6
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QLabel, QMessageBox, QWidget

from core.translation import _

_FILES_SIZE = (880, 560)
_QUESTION_WIDTH = 400
_FOLDER = "folder"
_chosen: dict[str, str] = {}


async def finished(dialog: QDialog) -> bool:
    """Open a dialog over its parent and return whether it was accepted.

    One that is destroyed, as with its parent, was not accepted; whoever asks it anything
    afterwards finds out with ``shiboken6.isValid``.
    """
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(result: int) -> None:
        if not future.done():
            future.set_result(result)

    rejected = QDialog.DialogCode.Rejected.value
    dialog.finished.connect(settle)
    dialog.destroyed.connect(lambda: settle(rejected))
    dialog.open()
    try:
        return await future == QDialog.DialogCode.Accepted.value
    finally:
        if shiboken6.isValid(dialog):
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
        The index into ``actions``, None when the question was closed or went with its
        parent, and whether the box was ticked.
    """
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(text)
    _show_as_typed(box)
    buttons = [box.addButton(words, role) for words, role in actions]
    box.setDefaultButton(buttons[-1])
    if remember:
        box.setCheckBox(QCheckBox(remember, box))
    try:
        await finished(box)
        if not shiboken6.isValid(box):
            return None, False
        clicked = box.clickedButton()
        tick = box.checkBox()
        chosen = buttons.index(clicked) if clicked in buttons else None
        return chosen, bool(tick and tick.isChecked())
    finally:
        _delete(box)


async def ask_to_discard(parent: QWidget, text: str) -> bool:
    """Ask before something typed is lost; ``text`` says what was not saved."""
    chosen, _tick = await ask(
        parent,
        title=_("Discard what you typed?"),
        text=text,
        actions=(
            (_("Discard"), QMessageBox.ButtonRole.DestructiveRole),
            (_("Go on editing"), QMessageBox.ButtonRole.RejectRole),
        ),
    )
    return chosen == 0


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
    on_filter: Callable[[str], None] | None = None,
) -> str | None:
    """Let the person choose a file or folder.

    Args:
        parent: The window that the dialog belongs to.
        title: What the file is chosen for.
        filter_text: Kinds of files in Qt's notation, ``"Databases (*.db);;All files (*)"``.
        save: Whether the file is to be written, and so need not exist.
        folder: Whether a folder is chosen.
        start: The folder, or the file, to begin with. A name alone stands in the folder that
            was chosen last, at first in that of documents.
        suffix: Is put after a name without one when saving.
        confirm_overwrite: Whether the dialog asks before it gives a file that exists.
        on_filter: Called with the kind of files that was chosen, as in ``filter_text``,
            before the path is returned.

    Returns:
        The path, None when the dialog was given up.
    """
    begin = _begin(start)
    dialog = QFileDialog(parent, title, begin, filter_text)
    dialog.resize(*_FILES_SIZE)
    if folder:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
    elif save:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(suffix)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not confirm_overwrite)
        if start:
            dialog.selectFile(begin)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    try:
        accepted = await finished(dialog)
        files = dialog.selectedFiles() if accepted else []
        if files and on_filter is not None:
            on_filter(dialog.selectedNameFilter())
        if files:
            _chosen[_FOLDER] = files[0] if folder else str(Path(files[0]).parent)
        return files[0] if files else None
    finally:
        _delete(dialog)


def _begin(start: str) -> str:
    """Return where a dialog begins: not in the folder in which the program was started."""
    if Path(start).is_absolute():
        return start
    documents = QStandardPaths.writableLocation(
        QStandardPaths.StandardLocation.DocumentsLocation
    )
    known = (_chosen.get(_FOLDER, ""), documents)
    folder = next((one for one in known if one and Path(one).is_dir()), str(Path.home()))
    return str(Path(folder) / start)


def _show_as_typed(box: QMessageBox) -> None:
    """Take no mark-up in what it says: names in it are anybody's."""
    box.setTextFormat(Qt.TextFormat.PlainText)
    for name in ("qt_msgbox_label", "qt_msgbox_informativelabel"):
        part = box.findChild(QLabel, name)
        if part is not None:
            part.setTextFormat(Qt.TextFormat.PlainText)
    heading = box.findChild(QLabel, "qt_msgbox_label")
    if heading is not None:
        heading.setProperty("kind", "title")
        heading.setMinimumWidth(_QUESTION_WIDTH)


def _delete(dialog: QDialog) -> None:
    if shiboken6.isValid(dialog):
        dialog.deleteLater()
