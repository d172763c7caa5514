"""How the page is laid out: figures above, then a card for each kind of waiting."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout

from core.performance.concurrency.schemas import (
    ConcurrencyOverview,
    LeaseFigures,
    LimiterFigures,
    LockFigures,
    OpenTransaction,
    PoolFigures,
    SemaphoreFigures,
    TransactionFigures,
)
from core.translation import _, ngettext
from desktop.figures import number
from desktop.performance.concurrency import columns
from desktop.performance.scroll import GAP, ScrollPage
from desktop.performance.table_card import TableCard
from desktop.performance.words import milliseconds, seconds
from desktop.theme import Theme
from desktop.widgets.figure_card import FigureCard

_BESIDE_FROM = 1400


class ConcurrencyView(ScrollPage):
    """The page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(_("Concurrency"))
        self._make_figures()
        self._make_first(theme)
        self._make_others(theme)
        tiles = QHBoxLayout()
        tiles.setSpacing(GAP)
        for card in self.figures.values():
            tiles.addWidget(card, 1)
        self.add(tiles)
        for table in (self.open, self.pools, self.limiters):
            self.add(table)
        self.add(self.locks)
        self._last = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._last.setSpacing(GAP)
        self._last.addWidget(self.semaphores, 1)
        self._last.addWidget(self.leases, 1)
        self.add(self._last)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the narrowest cards beside each other where there is room."""
        super().resizeEvent(event)
        wide = self.viewport().width() >= _BESIDE_FROM
        kinds = QBoxLayout.Direction
        self._last.setDirection(kinds.LeftToRight if wide else kinds.TopToBottom)

    def show_overview(self, found: ConcurrencyOverview) -> None:
        """Show what goes on."""
        self._show_figures(found)
        self.open.show_rows(found.open)
        self.pools.show_rows(found.pools)
        self.limiters.show_rows(found.limiters)
        self.locks.show_rows(found.locks)
        self.semaphores.show_rows(found.semaphores)
        self.leases.show_rows(found.leases)

    def _show_figures(self, found: ConcurrencyOverview) -> None:
        size = sum(pool.size for pool in found.pools)
        used = sum(pool.in_use for pool in found.pools)
        waits = sum(pool.waits for pool in found.pools)
        show = self.figures
        show["connections"].show_figure(
            _("{count} of {limit}").format(count=number(used), limit=number(size)),
            ngettext("{count} wait so far", "{count} waits so far", waits).format(
                count=number(waits)
            ),
        )
        show["open"].show_figure(number(len(found.open)), _open_words(found))
        show["time"].show_figure(*_time_figures(found.transactions))
        show["ended"].show_figure(
            number(found.transactions.committed), _ended_words(found.transactions)
        )

    def _make_figures(self) -> None:
        self.figures = {
            "connections": FigureCard(_("Connections in use")),
            "open": FigureCard(_("Open transactions")),
            "time": FigureCard(_("Write transaction, p95")),
            "ended": FigureCard(_("Committed")),
        }

    def _make_first(self, theme: Theme) -> None:
        self.open = TableCard[OpenTransaction](
            theme, _("Open transactions"), columns.open_columns(), key=lambda row: row.id,
            explanation=_(
                "One that stays open keeps the write-ahead log from shrinking; one that writes"
                " lets nobody else write."
            ),
            empty=_("No connection of Buildbench has a transaction open at this moment."),
        )  # fmt: skip
        self.pools = TableCard[PoolFigures](
            theme, _("Connection pools"), columns.pool_columns(), key=lambda row: row.name,
            explanation=_(
                "Connections are opened once and lent. Whoever finds all of them lent waits."
            ),
            empty=_("The database has no pool."),
        )  # fmt: skip
        self.limiters = TableCard[LimiterFigures](
            theme, _("Heavy jobs"), columns.limiter_columns(), key=lambda row: row.name,
            explanation=_(
                "What takes a processor or the disk for itself runs few at a time, the urgent"
                " first; more than fit into the queue are refused."
            ),
            empty=_("No work is limited."),
        )  # fmt: skip

    def _make_others(self, theme: Theme) -> None:
        self.locks = TableCard[LockFigures](
            theme, _("Locks"), columns.lock_columns(), key=lambda row: row.name,
            explanation=_("What only one may do at a time to the same thing."),
            empty=_("No lock was used since the program was started."),
        )  # fmt: skip
        self.semaphores = TableCard[SemaphoreFigures](
            theme, _("Limited places"), columns.semaphore_columns(), key=lambda row: row.name,
            explanation=_("What only so many may do at once."),
            empty=_("No place was taken since the program was started."),
        )  # fmt: skip
        self.leases = TableCard[LeaseFigures](
            theme, _("Leases"), columns.lease_columns(), key=lambda row: row.name,
            explanation=_(
                "Rights of one process at a time. Whoever was replaced is known by its older"
                " token, and its late writes are refused."
            ),
            empty=_("This database has no leases."),
        )  # fmt: skip


def _open_words(found: ConcurrencyOverview) -> str:
    """Return how old the oldest transaction is, or else who has locked the file."""
    if found.open:
        oldest = max(one.age_s for one in found.open)
        return _("the oldest for {time}").format(time=seconds(oldest))
    if found.held_by:
        names = ", ".join(found.held_by)
        return _("{programs} has locked the file").format(programs=names)
    return _("of Buildbench’s own connections")


def _time_figures(found: TransactionFigures) -> tuple[str, str]:
    note = _("mean {mean} · longest {longest}").format(
        mean=milliseconds(found.mean_ms), longest=milliseconds(found.longest_ms)
    )
    return milliseconds(found.p95_ms), note


def _ended_words(found: TransactionFigures) -> str:
    return _("{undone} undone · {retried} retried · {late} timed out").format(
        undone=number(found.rolled_back),
        retried=number(found.retried),
        late=number(found.timed_out),
    )
