"""The builds that run now, in the status bar: the oldest, how long, and how many more."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout

from core.translation import _, ngettext
from desktop import figures
from desktop.theme import Role, Theme
from desktop.widgets.marks import Mark, label
from desktop.widgets.tips import explain

if TYPE_CHECKING:
    from core.builds.schemas import BuildRow

_TICK_MS = 1000
_ICON = 12


class RunningLine(QFrame):
    """Shows running builds, and their times as they go on; hidden while there are none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._builds: tuple[BuildRow, ...] = ()
        self.words = label("", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(Mark(theme, "play", Role.ACCENT, _ICON))
        row.addWidget(self.words)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.hide()

    def show_builds(self, builds: "tuple[BuildRow, ...]") -> None:
        """Show these builds, the oldest first."""
        self._builds = builds
        self.setVisible(bool(builds))
        if builds:
            self._timer.start()
            self._tick()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        self.words.setText(_line(self._builds))
        explain(self, "\n".join(_one(build) for build in self._builds))


def _line(builds: "tuple[BuildRow, ...]") -> str:
    more = len(builds) - 1
    first = _one(builds[0])
    if not more:
        return first
    return ngettext("{build} and {count} more", "{build} and {count} more", more).format(
        build=first, count=more
    )


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
