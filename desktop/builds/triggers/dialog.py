"""The window that lists what starts builds of a project by itself."""

from collections.abc import Awaitable, Callable, Sequence

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QMessageBox,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.events import Changed, Event
from core.projects.schemas import ProjectRow
from core.translation import _
from core.triggers.schemas import TriggerRow
from desktop.async_dialogs import ask
from desktop.builds.triggers import words
from desktop.builds.triggers.calls import TriggerCalls
from desktop.builds.triggers.card import TriggerCard
from desktop.builds.triggers.form import TriggerForm
from desktop.builds.triggers.form_input import data_of
from desktop.refresher import Refresher
from desktop.tabs import TabContext
from desktop.theme import Metric
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.footer import Footer
from desktop.widgets.marks import button, label
from desktop.widgets.single_window import SingleWindow
from desktop.widgets.tips import plain_tip

_SIZE = (680, 520)

Change = Callable[[], Awaitable[object]]


class TriggersDialog(QDialog):
    """The triggers of a project, each on a card.

    Args:
        projects: All projects, of which others may be followed.
        refusal: Why triggers may not be changed; empty where they may.

    Signals:
        shown: The triggers were fetched, or could not be.
    """

    shown = Signal()

    def __init__(
        self,
        parent: QWidget | None,
        context: TabContext,
        project: ProjectRow,
        projects: Sequence[ProjectRow],
        *,
        refusal: str,
    ) -> None:
        super().__init__(parent)
        self._context, self._project, self._refusal = context, project, refusal
        self._others = [one for one in projects if one.id != project.id]
        self.calls = TriggerCalls(context, project.id)
        self.form = SingleWindow[TriggerForm]()
        self.cards: list[TriggerCard] = []
        self.setWindowTitle(_("What starts builds of “{name}”").format(name=project.name))
        self.resize(*_SIZE)
        self.error = ErrorPanel(context.theme, _("Try again"))
        self.error.triggered.connect(self.refresh)
        self.add_button = button(_("Add trigger…"), self.add, "primary")
        self.close_button = button(_("Close"), self.accept)
        self._refresh = Refresher(context.tasks, self.fetch)
        self._lay_out()
        self.add_button.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Fetch the triggers soon."""
        self._refresh.ask()

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        if isinstance(event, Changed) and event.topics & {"triggers", "projects"}:
            self.refresh()

    async def fetch(self) -> None:
        """Fetch the triggers and show them."""
        try:
            triggers = await self.calls.list_all()
        except AppError as error:
            if shiboken6.isValid(self):
                self.error.show_error(error)
                self.shown.emit()
            return
        if shiboken6.isValid(self):
            self._show(triggers)

    def add(self) -> None:
        """Open the form for a new trigger."""
        if not self._refusal:
            self._open(None)

    def done(self, result: int) -> None:
        """Close, and the form with it."""
        self.form.close()
        super().done(result)

    def _open(self, trigger: TriggerRow | None) -> None:
        self.form.open(
            lambda: TriggerForm(
                self,
                self._context.theme,
                self._context.tasks,
                self.calls,
                project=self._project,
                others=self._others,
                trigger=trigger,
            )
        )
        if self.form.shown is not None:
            self.form.shown.saved.connect(lambda _row: self.refresh())

    async def _switch(self, trigger: TriggerRow, on: bool) -> None:
        await self._do(lambda: self.calls.save(trigger, data_of(trigger, enabled=on)))

    async def _remove(self, trigger: TriggerRow) -> None:
        chosen, _tick = await ask(
            self,
            title=_("Remove this trigger?"),
            text=_("{when}. Builds that it started stay.").format(when=words.when(trigger)),
            actions=(
                (_("Remove trigger"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Keep it"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        if chosen == 0:
            await self._do(lambda: self.calls.delete(trigger.id))

    async def _do(self, change: Change) -> None:
        try:
            await change()
        except AppError as error:
            if not shiboken6.isValid(self):
                raise
            self.error.show_error(error)
        if shiboken6.isValid(self):
            self.refresh()

    # What is shown

    def _show(self, triggers: Sequence[TriggerRow]) -> None:
        if [card.trigger for card in self.cards] != list(triggers) or not triggers:
            self._replace(triggers)
        # Who went elsewhere meanwhile stays there.
        adding = self.focusWidget() in (None, self.add_button, self.empty.button)
        self.pages.setCurrentIndex(1 if triggers else 2)
        self.add_button.setVisible(bool(triggers) or bool(self._refusal))
        if adding and not self._refusal:
            (self.add_button if triggers else self.empty.button).setFocus()
        self.shown.emit()

    def _replace(self, triggers: Sequence[TriggerRow]) -> None:
        focused = next((one.trigger.id for one in self.cards if one.switch.hasFocus()), None)
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [self._card(trigger) for trigger in triggers]
        for place, card in enumerate(self.cards):
            self._column.insertWidget(place, card)
            if card.trigger.id == focused:
                card.switch.setFocus()

    def _card(self, trigger: TriggerRow) -> TriggerCard:
        card = TriggerCard(self._context.theme, trigger, self._refusal)
        tasks = self._context.tasks
        card.switched.connect(lambda on: tasks.run(self._switch(trigger, on)))
        card.edit_wanted.connect(lambda: self._open(trigger))
        card.remove_wanted.connect(lambda: tasks.run(self._remove(trigger)))
        return card

    def _lay_out(self) -> None:
        cards = QWidget()
        self._column = QVBoxLayout(cards)
        self._column.setContentsMargins(20, 4, 20, 16)
        self._column.setSpacing(Metric.GRID)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(_("Triggers"))
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(cards)
        self.empty = EmptyState(
            self._context.theme,
            icon="calendar-blank",
            title=_("Builds are started by hand alone"),
            text=_empty_text(),
            action="" if self._refusal else _("Add trigger…"),
        )
        self.empty.triggered.connect(self.add)
        self.pages = QStackedWidget()
        for page in (QWidget(), area, self.empty):
            self.pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._make_head())
        outer.addWidget(self.pages, 1)
        outer.addWidget(self._make_foot())

    def _make_head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 12)
        head.setSpacing(Metric.GRID)
        title = _("What starts builds of “{name}” by itself").format(name=self._project.name)
        head.addWidget(label(title, "title", wrap=True))
        if not self._project.active:
            text = _("This project is not active: its triggers start nothing until it is.")
            head.addWidget(label(text, "warning", wrap=True))
        head.addWidget(self.error)
        return head

    def _make_foot(self) -> Footer:
        foot = Footer(self.close_button, self.add_button)
        self.add_button.setDisabled(bool(self._refusal))
        if self._refusal:
            self.add_button.setToolTip(plain_tip(self._refusal))
            foot.add_left(label(self._refusal, "muted"))
        return foot


def _empty_text() -> str:
    return _(
        "A trigger starts builds at set times, when new commits come, or after another project"
        " succeeded."
    )
