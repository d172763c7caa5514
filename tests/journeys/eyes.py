"""The application, watched from within by somebody who only looks.

``python -m tests.journeys.eyes 5 6 …`` runs ``python -m desktop …`` in this process, after
starting a thread that reads questions from descriptor 5, a JSON object a line, and writes the
answers to descriptor 6. A question is answered on the thread of the window, so an answer also
says that the window answers. Nothing is pressed or changed from here: that is done from
outside, through the screen.
"""

import contextlib
import json
import os
import sys
import threading
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)


class Eyes(QObject):
    """Answers questions about what the window shows."""

    asked = Signal(str)

    def __init__(self, answers: int) -> None:
        super().__init__()
        self._answers = os.fdopen(answers, "w", encoding="utf-8")
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def _answer(self, line: str) -> None:
        question = json.loads(line)
        found = getattr(self, f"see_{question.pop('see')}")(**question)
        with contextlib.suppress(BrokenPipeError):
            self._answers.write(json.dumps(found) + "\n")
            self._answers.flush()

    def see_widgets(self) -> list[dict[str, Any]]:
        """Return what is in sight: kind, words, place on the screen, and whether it works."""
        return [
            _describe(widget)
            for widget in QApplication.allWidgets()
            if widget.isVisible() and not widget.visibleRegion().isEmpty()
        ]

    def see_log(self) -> dict[str, Any]:
        """Return how many lines the log in sight has, whether it is followed, what it shows."""
        from desktop.widgets.log_view import LogView

        for view in QApplication.allWidgets():
            if isinstance(view, LogView) and view.isVisible():
                return {"lines": view.lines, "following": view.following,
                        "texts": _texts(view), "place": _place(view.viewport())}  # fmt: skip
        return {"lines": 0, "following": False, "texts": [], "place": [0, 0, 0, 0]}

    def see_items(self) -> list[str]:
        """Return what the rows of lists and tables in sight say, but for the log."""
        return [
            str(index.data(role) or "")
            for view in QApplication.allWidgets()
            if isinstance(view, QAbstractItemView) and view.isVisible()
            and view.accessibleName() != "Build log"
            for index in _cells(view)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        ]  # fmt: skip

    def see_clipboard(self) -> str:
        """Return the text of the clipboard."""
        return QApplication.clipboard().text()


def _describe(widget: QWidget) -> dict[str, Any]:
    text = widget.windowTitle() if widget.isWindow() else ""
    if isinstance(widget, QAbstractButton | QLabel | QLineEdit):
        text = widget.text()
    elif isinstance(widget, QPlainTextEdit):
        text = widget.toPlainText()
    elif isinstance(widget, QTabBar):
        text = "|".join(widget.tabText(place) for place in range(widget.count()))
    return {
        "kind": type(widget).__name__,
        "text": text,
        "name": widget.accessibleName(),
        "place": _place(widget),
        "enabled": widget.isEnabled(),
        "focus": widget.hasFocus(),
    }


def _cells(view: QAbstractItemView) -> list[QModelIndex]:
    model: QAbstractItemModel | None = view.model()
    if model is None:
        return []
    rows, columns = range(min(model.rowCount(), 20)), range(model.columnCount())
    return [model.index(row, column) for row in rows for column in columns]


def _place(widget: QWidget) -> list[int]:
    corner = widget.mapToGlobal(QPoint(0, 0))
    return [corner.x(), corner.y(), widget.width(), widget.height()]


def _texts(view: Any) -> list[str]:
    model = view.model()
    first = max(view.rowAt(0), 0)
    last = view.rowAt(view.viewport().height() - 1)
    rows = range(first, (last if last >= 0 else model.rowCount() - 1) + 1)
    return [str(model.data(model.index(row, 0)) or "")[:400] for row in rows]


def _read(questions: int, eyes: Eyes) -> None:
    with os.fdopen(questions, encoding="utf-8") as lines:
        for line in lines:
            eyes.asked.emit(line)


def main() -> int:
    """Run the application and watch it."""
    questions, answers = int(sys.argv[1]), int(sys.argv[2])
    sys.argv[1:3] = []
    for descriptor in (questions, answers):
        os.set_inheritable(descriptor, False)
    eyes = Eyes(answers)
    threading.Thread(target=_read, args=(questions, eyes), daemon=True).start()
    from desktop.__main__ import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
