"""Makes an index that a plan suggests, once the person has agreed to it."""

from collections.abc import Callable

import shiboken6
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import AppError
from core.performance.statements.schemas import Plan, Suggestion
from core.translation import _
from desktop.async_dialogs import ask
from desktop.figures import number, size
from desktop.notifications import Kind
from desktop.performance.jobs import JobPlace
from desktop.performance.statements.calls import StatementCalls
from desktop.tabs import TabContext


class IndexMaker:
    """What the plans of one list of statements share.

    Args:
        made: Called after one was made: plans are others now.
    """

    def __init__(
        self, context: TabContext, calls: StatementCalls, made: Callable[[], object]
    ) -> None:
        self.context, self.refusal = context, calls.index_refusal
        self._calls, self._made = calls, made
        self._asking = False

    def start(self, plan: Plan, place: JobPlace) -> None:
        """Ask the person, and make the index of a plan; its place shows how far that is."""
        self.context.tasks.run(self.make(plan, place))

    async def make(self, plan: Plan, place: JobPlace) -> None:
        """Make it, and wait for that."""
        index = plan.suggestion
        if index is None or place.busy or self._asking:
            return
        self._asking = True  # a second click comes before the question does
        try:
            agreed = await self._agreed(plan, index, place)
        finally:
            self._asking = False
        if not agreed or not shiboken6.isValid(place) or place.busy:
            return
        done = await place.run(lambda ticket: self._calls.make_index(index, ticket))
        if done is not None:
            notify = self.context.notifications.notify
            notify(done.subject, done.message, kind=Kind.SUCCESS)
            self._made()

    async def _agreed(self, plan: Plan, index: Suggestion, place: JobPlace) -> bool:
        try:
            taken = await self._calls.table_bytes(index.table)
        except AppError as error:
            if shiboken6.isValid(place):
                place.fail(error)
            return False
        if not shiboken6.isValid(place):
            return False
        return await _asked(place.window(), index, _rows(plan, index), taken)


async def _asked(
    parent: QWidget, index: Suggestion, rows: int | None, taken: int | None
) -> bool:
    chosen, _tick = await ask(
        parent,
        title=_("Make an index on {table} ({columns})?").format(
            table=index.table, columns=index.columns
        ),
        text="\n\n".join(_parts(index, rows, taken)),
        actions=(
            (_("Make index"), QMessageBox.ButtonRole.AcceptRole),
            (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
        ),
    )
    return chosen == 0


def _parts(index: Suggestion, rows: int | None, taken: int | None) -> tuple[str, ...]:
    figures = []
    if rows is not None:
        figures.append(_("up to about {count} rows").format(count=number(rows)))
    if taken is not None:
        figures.append(_("{size} when it was measured").format(size=size(taken)))
    reading = _("All of “{table}” is read for it.").format(table=index.table)
    if figures:
        reading = _("All of “{table}” is read for it: {figures}.").format(
            table=index.table, figures=", ".join(figures)
        )
    follows = _(
        "Until it is made nobody else can write to the file. The file becomes larger by it,"
        " and writing to the table a little slower."
    )
    back = _("It can be taken back afterwards, on the page Recommendations.")
    return _("This will be done:"), index.sql, f"{reading} {follows}", back


def _rows(plan: Plan, index: Suggestion) -> int | None:
    """Return how many rows the table has, as far as the plan tells."""
    rows = (step.rows for step in plan.steps if step.table.lower() == index.table.lower())
    return next((count for count in rows if count is not None), None)
