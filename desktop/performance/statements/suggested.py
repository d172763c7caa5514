"""The index that a plan suggests: its SQL, Copy, and what makes it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.performance.statements.schemas import Plan
from core.translation import _
from desktop.performance.jobs import JobPlace
from desktop.performance.statements.index_making import IndexMaker
from desktop.theme import FontRole, Metric
from desktop.widgets.marks import button, copy_text, label
from desktop.widgets.tips import explain


class SuggestedIndex(QWidget):
    """What the plan that is shown suggests; making it goes on while another one is shown."""

    def __init__(self, maker: IndexMaker) -> None:
        super().__init__()
        self._maker = maker
        self._plan: Plan | None = None
        self.words = label("", wrap=True)
        self.words.setFont(maker.context.theme.font(FontRole.MONO))
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_button = button(_("Copy"), lambda: copy_text(self.words.text()), "quiet")
        self.button = button(_("Make this index…"), self._make)
        self.place = JobPlace(maker.context)
        self.place.moved.connect(self._follow)
        self._lay_out()

    def show_plan(self, plan: Plan | None) -> None:
        """Show what another plan suggests; nothing where that is nothing."""
        if not self.place.busy:
            self.place.error.clear()
            self.place.hide()
        index = plan.suggestion if plan is not None else None
        self._plan = plan if index is not None else None
        if index is not None:
            self.words.setText(index.sql)
            self.button.setAccessibleName(_("Make the index {name}").format(name=index.name))
        self._follow()

    def _make(self) -> None:
        if self._plan is not None:
            self._maker.start(self._plan, self.place)

    def _follow(self) -> None:
        busy = self.place.busy
        self.field.setVisible(self._plan is not None)
        self.setVisible(self._plan is not None or busy)
        why = self._maker.refusal or (_("It is running.") if busy else "")
        self.button.setDisabled(bool(why))
        explain(self.button, why or _("Shows what will be done, and asks first"))

    def _lay_out(self) -> None:
        self.field = QFrame()
        self.field.setProperty("kind", "field")
        row = QHBoxLayout()
        row.setSpacing(Metric.GRID)
        row.addStretch(1)
        row.addWidget(self.copy_button)
        row.addWidget(self.button)
        inner = QVBoxLayout(self.field)
        inner.setContentsMargins(10, 8, 8, 8)
        inner.setSpacing(Metric.GRID)
        inner.addWidget(self.words)
        inner.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Metric.GRID)
        column.addWidget(self.field)
        column.addWidget(self.place)
