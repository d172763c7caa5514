"""What the window keeps of a part of a tab: groups within the group of the tab."""

from PySide6.QtCore import QSettings


def group_of(settings: QSettings, name: str) -> QSettings:
    """Return a group within the group that settings are in."""
    inner = QSettings(settings.fileName(), settings.format())
    inner.beginGroup(f"{settings.group()}/{name}" if settings.group() else name)
    return inner
