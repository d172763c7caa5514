"""One project of a file: whether it is taken, and what becomes of one of its name."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout

from core.projects.transfer.schemas import Existing, PlannedProject
from core.translation import _, ngettext
from desktop.builds import words
from desktop.builds.projects.words import at_home
from desktop.figures import number
from desktop.widgets.form import ChoiceField
from desktop.widgets.marks import label


class EntryCard(QFrame):
    """A tick, what the entry is, what is wrong with it.

    Signals:
        changed: It is taken or not, or in another manner.
    """

    changed = Signal()

    def __init__(self, entry: PlannedProject) -> None:
        super().__init__()
        self.entry = entry
        self.setProperty("kind", "card")
        self.tick = QCheckBox()
        self.tick.setAccessibleName(_("Import “{name}”").format(name=entry.name))
        self.tick.setChecked(entry.data is not None and not entry.exists)
        self.tick.setEnabled(entry.data is not None)
        self.tick.toggled.connect(self._follow)
        self.manner = ChoiceField(_manners())
        self.manner.editor.setAccessibleName(_("What becomes of the one that is here"))
        self.manner.changed.connect(self.changed)
        if not entry.exists or entry.data is None:
            self.manner.hide()
        self.manner.setEnabled(self.tick.isChecked())
        top = Qt.AlignmentFlag.AlignTop
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(12)
        row.addWidget(self.tick, 0, top)
        row.addLayout(self._told(), 1)
        row.addWidget(self.manner, 0, top)

    @property
    def choice(self) -> Existing | None:
        """What becomes of it where its name is taken; None where it is left out."""
        if not self.tick.isChecked():
            return None
        return Existing(self.manner.value()) if self.entry.exists else Existing.RENAME

    def _told(self) -> QVBoxLayout:
        entry = self.entry
        column = QVBoxLayout()
        column.setSpacing(2)
        name = entry.name or _("Entry {number}").format(number=entry.place)
        column.addWidget(label(name, "heading", wrap=True))
        for text, kind in (
            (described(entry), "muted"),
            ("\n".join(_problems(entry)), "error"),
            ("\n".join(_cautions(entry)), "warning"),
        ):
            if text:
                column.addWidget(label(text, kind, wrap=True))
        return column

    def _follow(self) -> None:
        self.manner.setEnabled(self.tick.isChecked())
        self.changed.emit()


def described(entry: PlannedProject) -> str:
    """Return type, place and triggers of an entry."""
    if entry.data is None:
        return ""
    data = entry.data
    parts = [words.type_words(data.type), at_home(data.path) or data.repository_url]
    if entry.triggers:
        count = len(entry.triggers)
        text = ngettext("{count} trigger", "{count} triggers", count)
        parts.append(text.format(count=number(count)))
    return " · ".join(part for part in parts if part)


def _problems(entry: PlannedProject) -> list[str]:
    return [
        _("{field}: {reason}").format(field=one.field, reason=one.reason)
        if one.field
        else one.reason
        for one in entry.problems
    ]


def _cautions(entry: PlannedProject) -> list[str]:
    found = []
    if entry.data is not None and entry.exists:
        found.append(_("There is a project of this name already."))
    if entry.data is not None and entry.folder_problem:
        found.append(_("Folder: {problem}").format(problem=entry.folder_problem))
    if entry.secret_names:
        names = ", ".join(entry.secret_names)
        found.append(_("To be entered again: the secrets {names}.").format(names=names))
    if entry.unknown:
        names = ", ".join(entry.unknown)
        found.append(_("Not understood and left out: {names}.").format(names=names))
    return found


def _manners() -> list[tuple[Existing, str]]:
    return [
        (Existing.RENAME, _("Add it under another name")),
        (Existing.REPLACE, _("Replace the one that is here")),
    ]
