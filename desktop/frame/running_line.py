"""The builds that run now, in the status bar: the oldest, how long, and how many more."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton

from core.translation import _, ngettext
from desktop import figures
from desktop.theme import Role, Theme
from desktop.widgets.tips import explain

if TYPE_CHECKING:
    from core.builds.schemas import BuildRow

_TICK_MS = 1000
_ICON = 12


class RunningLine(QToolButton):
    """Shows running builds, and their times as they go on; hidden while there are none.

    Signals:
        wanted: The ``BuildRow`` named in the line is to be shown.
    """

    wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._builds: tuple[BuildRow, ...] = ()
        self.setProperty("kind", "line")
        self.setIcon(theme.icon("play", Role.ACCENT))
        self.setIconSize(QSize(_ICON, _ICON))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._ask_for_first)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.hide()

    def show_builds(self, builds: "tuple[BuildRow, ...]") -> None:
        """Show these builds, the oldest first."""
        self._builds = builds
        self.setVisible(bool(builds))
        if builds:
            self.setAccessibleName(_("Show the build {build}").format(build=_name(builds[0])))
            self._timer.start()
            self._tick()
        else:
            self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Take Enter as a click, too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _ask_for_first(self) -> None:
        self.wanted.emit(self._builds[0])

    def _tick(self) -> None:
        self.setText(_line(self._builds).replace("&", "&&"))
        lines = [_one(build) for build in self._builds]
        several = len(lines) > 1
        lines.append(
            _("Click to show the first of them.") if several else _("Click to show it.")
        )
        explain(self, "\n".join(lines))


def _line(builds: "tuple[BuildRow, ...]") -> str:
    more = len(builds) - 1
    first = _one(builds[0])
    if not more:
        return first
    return ngettext("{build} and {count} more", "{build} and {count} more", more).format(
        build=first, count=more
    )


def _name(build: "BuildRow") -> str:
    return _("{project} #{number}").format(project=build.project, number=build.number)


def _one(build: "BuildRow") -> str:
    started = build.started_at.timestamp() if build.started_at else time.time()
    elapsed = figures.duration(time.time() - started)
    if build.estimate_ms is None:
        return _("{project} #{number} · {elapsed}").format(
            project=build.project, number=build.number, elapsed=elapsed
        )
    return _("{project} #{number} · {elapsed} of ~{estimate}").format(
        project=build.project,
        number=build.number,
        elapsed=elapsed,
        estimate=figures.duration(build.estimate_ms / 1000),
    )
