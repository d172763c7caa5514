"""Banners under the tab row: what the person must know about the open workspace."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import AppError
from core.translation import _
from core.workspaces.schemas import WorkspaceInfo, WorkspaceKind
from desktop.theme import Role, Theme
from desktop.widgets.marks import Mark, button, icon_button, label


@dataclass(frozen=True, slots=True)
class Banner:
    """A line of words with a button or a cross; ``role`` is its colour."""

    text: str
    icon: str
    role: Role
    action: str = ""
    on_action: Callable[[], object] | None = None


_LONG = re.compile(r"\S{30}")

_GROUNDS = {
    Role.WARNING: Role.WARNING_GROUND,
    Role.FAILURE: Role.FAILURE_GROUND,
    Role.ACCENT: Role.ACCENT_GROUND,
}


class BannerLine(QFrame):
    """One banner on the screen."""

    def __init__(self, theme: Theme, banner: Banner) -> None:
        super().__init__()
        self.banner = banner
        self._theme = theme
        self.setObjectName("banner")
        # A long name must not keep the window from being narrow.
        self.words = label(_LONG.sub("\\g<0>\u200b", banner.text), wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(Mark(theme, banner.icon, banner.role))
        row.addWidget(self.words, 1)
        if banner.on_action is not None:
            self.button = button(banner.action, banner.on_action)
            row.addWidget(self.button)
        else:
            row.addWidget(icon_button(theme, "x", _("Put away"), self.hide))
        theme.changed.connect(self._color)
        self._color()
        self.setAccessibleName(banner.text)

    def _color(self) -> None:
        ground = self._theme.color(_GROUNDS[self.banner.role]).name()
        line = self._theme.color(Role.LINE).name()
        self.setStyleSheet(
            f"QFrame#banner {{ background: {ground}; border-bottom: 1px solid {line}; }}"
        )


class Banners(QWidget):
    """The banners of the open workspace, one below the other."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.lines: list[BannerLine] = []
        self.hide()

    def show_banners(self, banners: list[Banner]) -> None:
        """Put these in the place of what was there."""
        for old in self.lines:
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.lines = [BannerLine(self._theme, banner) for banner in banners]
        for line in self.lines:
            self._layout.addWidget(line)
        self.setVisible(bool(banners))


def banner_of_gone(error: AppError | None) -> list[Banner]:
    """Return what tells that the file is gone, nothing where it is not."""
    if error is None:
        return []
    return [Banner(f"{error.title} {error.detail} {error.hint}", "warning", Role.FAILURE)]


def banners_for(info: WorkspaceInfo, on_trust: Callable[[], object]) -> list[Banner]:
    """Return what is worth telling about a workspace, the most urgent first."""
    found = []
    managed = info.kind is WorkspaceKind.MANAGED
    if info.read_only and managed:
        text = _(
            "{name} is open for reading only: everyone sees it as a viewer does. {reason}"
        ).format(name=info.name, reason=info.read_only)
        found.append(Banner(text, "lock", Role.ACCENT))
    if info.unwritable and not managed:
        text = _("This file can only be read. {reason}").format(reason=info.unwritable)
        found.append(Banner(text, "lock", Role.ACCENT))
    if managed and not info.trusted and not info.read_only:
        text = _("{name} came from elsewhere; nothing in it runs until you trust it.").format(
            name=info.name
        )
        trust = _("Trust…")
        found.append(Banner(text, "shield-warning", Role.WARNING, trust, on_trust))
    found += [Banner(note, "info", Role.ACCENT) for note in info.notes]
    return found
