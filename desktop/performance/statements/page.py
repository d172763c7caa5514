"""The page itself: what was measured, and SQL that is explained."""

from PySide6.QtWidgets import QMessageBox, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from core.errors import AppError
from core.performance.statements.schemas import Plan, SlowStatement, StatementRow
from core.translation import _
from core.workspaces.schemas import WorkspaceKind
from desktop.async_dialogs import ask
from desktop.feed import Feed, QuietPlace
from desktop.performance.page import GoTo, Page
from desktop.performance.statements.calls import StatementCalls
from desktop.performance.statements.details import StatementDetails
from desktop.performance.statements.explain_pane import ExplainPane
from desktop.performance.statements.index_making import IndexMaker
from desktop.performance.statements.measured import MeasuredPane
from desktop.tabs import TabContext
from desktop.widgets.holder import page_holder

_EVERY_S = 2.0
MEASURED, EXPLAIN = range(2)

_Found = tuple[str, Plan | None, tuple[SlowStatement, ...]]


class StatementsPage(Page):
    """What statements cost.

    Args:
        every_s: Seconds from an answer to the next question.
    """

    def __init__(self, context: TabContext, _go_to: GoTo, *, every_s: float = _EVERY_S) -> None:
        self._context = context
        self.calls = StatementCalls(context)
        maker = IndexMaker(context, self.calls, self._ask_details)
        self.measured = MeasuredPane(context, maker)
        self.measured.allow_reset(self.calls.reset_refusal)
        self.explain = ExplainPane(context, self.calls)
        self.holder = page_holder(context.theme, self.measured, _("Statements"))
        self._fingerprint = ""
        self.feed = Feed(
            context.tasks, self.holder, self.calls.statements, self.measured.show_statements,
            every_s=every_s,
        )  # fmt: skip
        self.details = Feed(
            context.tasks, _DetailsPlace(self.measured.details), self._fetch_details,
            self._show_details, every_s=2 * every_s,
        )  # fmt: skip
        super().__init__(self._lay_out(), self.feed, self.details)
        self._connect()
        plain = context.workspace.info.kind is WorkspaceKind.PLAIN
        self.bar.setCurrentIndex(EXPLAIN if plain else MEASURED)

    # The protocol of a page

    def show(self) -> None:
        """Ask, and go on asking, where figures are looked at."""
        self.in_sight = True
        self._follow()

    def save_state(self) -> None:
        """Keep columns, order and splitter."""
        self.measured.save_state()

    def focus_main(self) -> None:
        """Give the keyboard to the list, or to the editor."""
        measured = self.bar.currentIndex() == MEASURED
        (self.measured.table if measured else self.explain.field).setFocus()

    # What the person asks for

    async def reset(self) -> None:
        """Forget all figures, once the person has said so."""
        chosen, _tick = await ask(
            self.widget,
            title=_("Forget the figures of all statements?"),
            text=_("Counting begins anew. What was measured over time stays."),
            actions=(
                (_("Reset"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        if chosen != 0:
            return
        self.measured.error.clear()
        try:
            await self.calls.reset()
        except AppError as error:
            self.measured.error.show_error(error)
            return
        self.feed.again()

    # How it is joined

    def _choose(self, row: StatementRow | None) -> None:
        self.measured.details.show_row(row)
        fingerprint = row.fingerprint if row is not None else ""
        if fingerprint != self._fingerprint:
            self._fingerprint = fingerprint
            self._follow()
            self.details.again()

    def _ask_details(self) -> None:
        self.details.again()

    async def _fetch_details(self) -> _Found:
        fingerprint = self._fingerprint
        plan, slow = await self.calls.details(fingerprint)
        return fingerprint, plan, slow

    def _show_details(self, found: _Found) -> None:
        fingerprint, plan, slow = found
        if fingerprint == self._fingerprint:
            self.measured.details.show_found(plan, slow)

    def _follow(self) -> None:
        looked_at = self.in_sight and self.bar.currentIndex() == MEASURED
        if looked_at:
            self.feed.wake()
        else:
            self.feed.rest()
        if looked_at and self._fingerprint:
            self.details.wake()
        else:
            self.details.rest()

    def _turn(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        self._follow()

    def _connect(self) -> None:
        self.measured.chosen.connect(self._choose)
        self.measured.reset_wanted.connect(lambda: self._context.tasks.run(self.reset()))
        self.measured.table.notice.connect(self._context.notifications.notify)
        self.bar.currentChanged.connect(self._turn)

    def _lay_out(self) -> QWidget:
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setAccessibleName(_("What was run, or SQL to be explained"))
        self.bar.addTab(_("Measured"))
        self.bar.addTab(_("Explain SQL"))
        self.pages = QStackedWidget()
        self.pages.addWidget(self.holder)
        self.pages.addWidget(self.explain)
        widget = QWidget()
        widget.setProperty("kind", "page")
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.pages, 1)
        return widget


class _DetailsPlace(QuietPlace):
    """Tells a failure in the place of the plan."""

    def __init__(self, details: StatementDetails) -> None:
        super().__init__(details)
        self._details = details

    def fail(self, error: AppError) -> None:
        """Say why there is no plan."""
        self._details.fail(error)
