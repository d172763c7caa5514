"""A deed in a row: what it is for, when it was done last, and its button."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStyledItemDelegate, QVBoxLayout, QWidget

from core.performance.maintenance.schemas import CheckpointMode, MaintenanceRow, RunState, Task
from core.translation import _
from desktop.figures import ago
from desktop.performance.jobs import JobPlace
from desktop.performance.maintenance import words
from desktop.performance.maintenance.findings import Findings
from desktop.tabs import TabContext
from desktop.theme import Metric, Role, Theme
from desktop.widgets.form.fields import keep_wheel_for_focus
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.state_badge import StateBadge
from desktop.widgets.tips import explain

_TOP = Qt.AlignmentFlag.AlignTop
_ICON = 20


class TaskRow(QWidget):
    """One deed.

    Signals:
        wanted: It is to be done; carries the ``Task`` and the ``CheckpointMode`` or None.
    """

    wanted = Signal(object, object)

    def __init__(self, context: TabContext, task: Task) -> None:
        super().__init__()
        theme = context.theme
        self.task = task
        self._refusal = ""
        name = words.task_words(task)
        self.setAccessibleName(name)
        self.setAccessibleDescription(words.explanation(task))
        self.note = label("", wrap=True)
        self.badge = StateBadge(theme)
        self.last = label("", "muted", wrap=True)
        self.place = JobPlace(context)
        self.place.moved.connect(self._follow)
        self.findings = Findings(theme, _("Problems found"))
        self.modes = _modes() if task is Task.CHECKPOINT else None
        self.button = button(_("Run"), self._want)
        self.button.setAccessibleName(_("Run: {task}").format(task=name))
        self._lay_out(theme, name)
        self.note.hide()

    @property
    def mode(self) -> CheckpointMode | None:
        """How hard a checkpoint is to try; None for other deeds."""
        # Qt keeps the text alone of what is a text as well.
        return CheckpointMode(self.modes.currentData()) if self.modes is not None else None

    def show_last(self, row: MaintenanceRow | None, *, replaced: bool = False) -> None:
        """Show the newest run; ``replaced`` where a restore outdated what it found."""
        if row is not None and replaced:
            self.badge.set_badge(None)
            said = _("{when} · {restore}")
            restore = words.before_restore()
            self.last.setText(said.format(when=ago(row.started_at), restore=restore))
            self.findings.show_findings(())
            return
        self.badge.set_badge(words.state_badge(row) if row else None)
        self.last.setText(words.last_words(row))
        kind = row is not None and row.state is RunState.SUCCEEDED
        self.findings.show_findings(row.findings if row and kind else ())

    def show_note(self, text: str) -> None:
        """Show what would come of it, or why it is not for this file."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def show_refusal(self, refusal: str) -> None:
        """Let it be done, unless there is a reason against it."""
        self._refusal = refusal
        self._follow()

    def _want(self) -> None:
        self.wanted.emit(self.task, self.mode)

    def _follow(self) -> None:
        busy = self.place.busy
        off = busy or bool(self._refusal)
        self.button.setDisabled(off)
        self._told.setVisible(not busy)
        why = _("It is running.") if busy else self._refusal
        explain(self.button, why or _("Runs beside your work, and can be cancelled"))
        if self.modes is not None:
            self.modes.setDisabled(off)

    def _lay_out(self, theme: Theme, name: str) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(label(name, "heading"))
        head.addWidget(label(words.SQL[self.task], "muted"))
        head.addStretch(1)
        self._told = QWidget()
        last = QHBoxLayout(self._told)
        last.setContentsMargins(0, 0, 0, 0)
        last.setSpacing(Metric.GRID)
        last.addWidget(self.badge, 0, _TOP)
        last.addWidget(self.last, 1)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(label(words.explanation(self.task), "muted", wrap=True))
        column.addWidget(self.note)
        column.addWidget(self._told)
        column.addWidget(self.place)
        column.addWidget(self.findings)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(14)
        row.addWidget(Mark(theme, words.ICONS[self.task], Role.MUTED, _ICON), 0, _TOP)
        row.addLayout(column, 1)
        if self.modes is not None:
            row.addWidget(self.modes, 0, _TOP)
        row.addWidget(self.button, 0, _TOP)


def _modes() -> QComboBox:
    made = QComboBox()
    for mode in CheckpointMode:
        made.addItem(words.mode_words(mode), mode)
    made.setCurrentIndex(made.findData(CheckpointMode.TRUNCATE))
    made.setItemDelegate(QStyledItemDelegate(made))
    made.setAccessibleName(_("What the checkpoint waits for"))
    keep_wheel_for_focus(made)
    return made
