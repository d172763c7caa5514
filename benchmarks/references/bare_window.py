"""The least that a PySide6 window can cost: prints the moment of its first paint.

The moment is in nanoseconds of ``time.monotonic_ns``, which all processes share.
"""

import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Window(QMainWindow):
    """Ends the program with its first paint."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the moment and leave."""
        super().paintEvent(event)
        print(time.monotonic_ns(), flush=True)
        QTimer.singleShot(0, QApplication.quit)


if __name__ == "__main__":
    application = QApplication([])
    window = Window()
    window.resize(1280, 800)
    window.show()
    application.exec()
