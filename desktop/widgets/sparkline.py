"""The last builds of a project as bars: the height is the duration, the colour the state."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from core.builds.schemas import BuildState
from core.translation import _, ngettext
from desktop.theme import Role, Theme

if TYPE_CHECKING:
    from core.projects.schemas import RecentBuild

MOST_BARS: Final = 16
_BAR = 3
_STEP = 5
_LEAST_HEIGHT = 3.0
_ROLES: Final = {
    BuildState.SUCCESS.value: Role.SUCCESS,
    BuildState.FAILED.value: Role.FAILURE,
    BuildState.CANCELLED.value: Role.MUTED,
    BuildState.PENDING.value: Role.FIELD_LINE,
    BuildState.RUNNING.value: Role.ACCENT,
    BuildState.CANCELLING.value: Role.ACCENT,
}


def heights(builds: "Sequence[RecentBuild]", most: float) -> list[float]:
    """Return the height of each bar, up to ``most``; a build that has no duration is low."""
    longest = max((build.duration_ms or 0 for build in builds), default=0)
    if longest == 0:
        return [_LEAST_HEIGHT] * len(builds)
    room = max(most - _LEAST_HEIGHT, 0)
    return [_LEAST_HEIGHT + room * (build.duration_ms or 0) / longest for build in builds]


def spoken(builds: "Sequence[RecentBuild]") -> str:
    """Return in words what the bars show."""
    if not builds:
        return _("No builds yet")
    good = sum(build.state == BuildState.SUCCESS for build in builds)
    bad = sum(build.state == BuildState.FAILED for build in builds)
    return ngettext(
        "The last build: {good} successful, {bad} failed",
        "The last {count} builds: {good} successful, {bad} failed",
        len(builds),
    ).format(count=len(builds), good=good, bad=bad)


def paint_sparkline(
    painter: QPainter, place: QRect, builds: "Sequence[RecentBuild]", theme: Theme
) -> None:
    """Paint bars at the right and bottom edge of a rectangle, the newest at the right."""
    fitting = max(min(MOST_BARS, (place.width() + _STEP - _BAR) // _STEP), 0)
    shown = builds[len(builds) - min(fitting, len(builds)) :]
    left = place.right() + 1 - len(shown) * _STEP + _STEP - _BAR
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for number, height in enumerate(heights(shown, place.height())):
        color = theme.color(_ROLES.get(shown[number].state, Role.MUTED))
        color.setAlphaF(0.75)
        painter.setBrush(color)
        bar = QRectF(left + number * _STEP, place.bottom() + 1 - height, _BAR, height)
        painter.drawRoundedRect(bar, 1, 1)
    painter.restore()
