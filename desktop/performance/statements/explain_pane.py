"""Explains SQL that is pasted or loaded: a card for each statement."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.performance.statements.schemas import Explained
from core.translation import _, ngettext
from desktop.async_dialogs import choose_file
from desktop.figures import number
from desktop.performance.statements.calls import StatementCalls
from desktop.performance.statements.index_making import IndexMaker
from desktop.performance.statements.plan_view import MOST_STEPS, PlanView
from desktop.performance.statements.script_field import ScriptField, read_script
from desktop.performance.statements.sql_view import SqlView
from desktop.performance.words import verdict_badge
from desktop.tabs import TabContext
from desktop.theme import Metric, Theme
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import button, label
from desktop.widgets.state_badge import Badge, StateBadge, Tone

MOST_CARDS = 40
MOST_STEPS_IN_ALL = 150
_SIZES = (240, 460)


class ExplainPane(QSplitter):
    """An editor above, what came of it below."""

    def __init__(self, context: TabContext, calls: StatementCalls) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._context, self._calls = context, calls
        self._maker = IndexMaker(context, calls, self.explain_soon)
        theme = context.theme
        self.cards: list[QWidget] = []
        self.field = ScriptField(theme)
        self.error = ErrorPanel(theme)
        self.held = label("", "warning")
        self.held.hide()
        self.open_button = button(
            _("Open file…"), lambda: context.tasks.latest((self, "open"), self.open_file())
        )
        self.explain_button = button(_("Explain"), self.explain_soon, "primary")
        self.explain_button.setToolTip(_("Explain these statements (Ctrl+Return)"))
        self.pages = QStackedWidget()
        self._lay_out(theme)
        self._connect()
        self._allow()

    def explain_soon(self) -> None:
        """Ask for the plans; what was asked before is given up."""
        if self.field.script.strip():
            self._explain_alone()

    async def explain(self) -> None:
        """Ask for the plans and show them."""
        self.error.clear()
        self.explain_button.setText(_("Explaining…"))
        try:
            found = await self._calls.explain(self.field.script)
        except AppError as error:
            self.error.show_error(error)
        else:
            await self.show_found(found)
        finally:
            if shiboken6.isValid(self):
                self.explain_button.setText(_("Explain"))

    async def open_file(self) -> None:
        """Let a file be chosen, and take what is in it."""
        chosen = await choose_file(
            self, title=_("Open SQL"), filter_text=_("SQL (*.sql);;All files (*)")
        )
        if chosen is not None:
            await self.load(Path(chosen))

    async def load(self, path: Path) -> None:
        """Take what is in a file, and explain it."""
        self.error.clear()
        try:
            text = await read_script(path)
        except AppError as error:
            self.error.show_error(error)
            return
        self.field.take(text, path.name)
        self._explain_alone()

    async def show_found(self, found: Sequence[Explained]) -> None:
        """Show what came, a card for each statement; the window goes on after each of them."""
        self._put_away()
        self.pages.setCurrentIndex(1 if found else 0)
        if not found:
            self.nothing.say(
                icon="code", title=_("There is no statement in it"),
                text=_("Only comments and blanks were found."),
            )  # fmt: skip
        room, left_out = MOST_STEPS_IN_ALL, False
        for one in found[:MOST_CARDS]:
            self._add(self._card(one, min(room, MOST_STEPS)))
            steps = len(one.plan.steps) if one.plan else 0
            left_out = left_out or steps > room
            room = max(room - steps, 0)
            await asyncio.sleep(0)
        self._tell_more(len(found) - len(self.cards), left_out)

    def _explain_alone(self) -> None:
        self._context.tasks.latest((self, "explain"), self.explain())

    def _put_away(self) -> None:
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        self.more.hide()

    def _add(self, card: QWidget) -> None:
        self._column.insertWidget(len(self.cards), card)
        self.cards.append(card)

    def _tell_more(self, more: int, left_out: bool) -> None:
        told = ngettext(
            "{count} statement more is not shown: explain fewer at once.",
            "{count} statements more are not shown: explain fewer at once.",
            max(more, 1),
        )
        steps = _("Only the first {count} steps are shown: explain fewer at once.")
        self.more.setText(
            told.format(count=number(more))
            if more > 0
            else steps.format(count=number(MOST_STEPS_IN_ALL))
        )
        self.more.setVisible(more > 0 or left_out)

    def _card(self, one: Explained, most: int) -> QFrame:
        theme = self._context.theme
        card = QFrame()
        card.setProperty("kind", "card")
        sql = SqlView(theme)
        sql.show_sql(one.sql)
        badge = verdict_badge(one.plan.verdict) if one.plan else None
        if one.error:
            badge = Badge(_("Cannot be explained"), "x-bold", Tone.FAILURE)
        column = QVBoxLayout(card)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(Metric.GRID)
        if badge is not None:
            column.addWidget(StateBadge(theme, badge))
        column.addWidget(sql)
        if one.error:
            column.addWidget(label(one.error, "error", wrap=True))
        plan = PlanView(self._maker, most)
        if one.plan is not None:
            plan.show_plan(one.plan)
        elif not one.error:
            plan.say(_("SQLite makes no plan for this statement."))
        column.addWidget(plan)
        return card

    def _connect(self) -> None:
        self.field.textChanged.connect(self._allow)
        self.field.held.connect(self._tell_held)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.explain_soon)

    def _tell_held(self, words: str) -> None:
        self.held.setText(words)
        self.held.setVisible(bool(words))
        self._allow()

    def _allow(self) -> None:
        blank = self.field.document().isEmpty() and self.held.isHidden()
        self.explain_button.setDisabled(blank)

    def _lay_out(self, theme: Theme) -> None:
        self.setAccessibleName(_("SQL above, its plans below"))
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.addWidget(self._make_upper())
        self.nothing = EmptyState(
            theme,
            icon="tree-structure",
            title=_("See how SQLite would run it"),
            text=_("For each statement: what is read, by which index, and what is sorted."),
        )
        self.pages.addWidget(self.nothing)
        self.pages.addWidget(self._make_lower())
        self.addWidget(self.pages)
        self.setSizes(_SIZES)
        self.setStretchFactor(1, 1)

    def _make_upper(self) -> QFrame:
        upper = QFrame()
        upper.setProperty("kind", "pane")
        row = QHBoxLayout()
        row.setSpacing(Metric.GRID)
        row.addWidget(self.held, 1)
        row.addStretch(1)
        row.addWidget(self.open_button)
        row.addWidget(self.explain_button)
        column = QVBoxLayout(upper)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(Metric.GRID)
        column.addWidget(self.field, 1)
        column.addLayout(row)
        column.addWidget(self.error)
        return upper

    def _make_lower(self) -> QScrollArea:
        page = QWidget()
        page.setProperty("kind", "page")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(16, 12, 16, 16)
        self._column.setSpacing(12)
        self.more = label("", "muted")
        self._column.addWidget(self.more)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setProperty("kind", "page")
        area.setAccessibleName(_("Plans"))
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        return area
