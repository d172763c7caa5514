"""How the page is laid out: sums, the picture and the table, growth, and rows."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout

from core.performance.storage.schemas import Growth, StorageKind, StorageReport
from core.translation import _, ngettext
from desktop.figures import ago, number, percent, size
from desktop.performance.jobs import JobPlace
from desktop.performance.scroll import GAP, ScrollPage
from desktop.performance.storage import words
from desktop.performance.storage.calls import Stored
from desktop.performance.storage.objects_card import ObjectsCard
from desktop.performance.storage.preview import PreviewCard
from desktop.performance.storage.treemap import Treemap
from desktop.performance.words import NONE, byte_words, room_words, seconds
from desktop.tabs import TabContext
from desktop.theme import Metric, Role
from desktop.widgets.charts import LiveChart, LiveLine
from desktop.widgets.charts.live import MOST_POINTS
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.figure_card import FigureCard
from desktop.widgets.marks import button, label
from desktop.widgets.state_badge import Badge, StateBadge, Tone
from desktop.widgets.tips import explain

_BESIDE_FROM = 1400
_ROWS = 10
_CHART = 232
_EMPTY = 260


class StorageView(ScrollPage):
    """The page.

    Args:
        preview_refusal: Why rows may not be seen; empty where they may.

    Signals:
        analyse_wanted: All is to be measured anew.
        vacuum_wanted: The page on which the file is packed is to be seen.
    """

    analyse_wanted = Signal()
    vacuum_wanted = Signal()

    def __init__(self, context: TabContext, preview_refusal: str) -> None:
        super().__init__(_("Storage"))
        theme = context.theme
        self.cards = {
            "file": FigureCard(_("Database")),
            "tables": FigureCard(_("Tables")),
            "indexes": FigureCard(_("Indexes")),
            "unused": FigureCard(_("Unused within pages")),
            "vacuum": FigureCard(_("VACUUM would give back")),
        }
        self.measured = label("", "muted")
        self.button = button(_("Analyse"), self.analyse_wanted.emit)
        self.vacuum_button = button(_("Pack the database…"), self.vacuum_wanted.emit, "link")
        explain(self.button, _("Measure anew; each page of the file is read once"))
        explain(self.vacuum_button, _("Go to maintenance, where the file is packed"))
        self.place = JobPlace(context)
        self.place.moved.connect(lambda: self.button.setDisabled(self.place.busy))
        self.problem = label("", "warning", wrap=True)
        self.empty = _empty(context)
        self.empty.triggered.connect(self.analyse_wanted)
        self.map = Treemap(theme)
        self.objects = ObjectsCard(theme, _ROWS)
        self.objects.search.found.connect(lambda: self.reveal(self.objects))
        self.table = self.objects.table
        self.growth = LiveChart(
            theme, _("Growth"), [LiveLine(_("Size"), Role.ACCENT, filled=True)],
            words=byte_words, empty=_("Drawn after some hours: noted while this is open."),
        )  # fmt: skip
        self.growth.setFixedHeight(_CHART)
        self.growth_words = label("", "muted", wrap=True)
        self.preview = PreviewCard(theme, preview_refusal)
        self._lay_out(context)
        self._analysed_at: datetime | None = None
        self._outdated = False
        self._show_measured(None)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the table beside the picture where there is room."""
        super().resizeEvent(event)
        wide = self.viewport().width() >= _BESIDE_FROM
        kinds = QBoxLayout.Direction
        self._both.setDirection(kinds.LeftToRight if wide else kinds.TopToBottom)

    def show_stored(self, stored: Stored) -> None:
        """Show what is known."""
        self.show_growth(stored.growth)
        self.preview.show_tables(stored.tables)
        self.show_report(stored.report)

    def show_growth(self, growth: Growth) -> None:
        """Show how the file grew and goes on."""
        step = max(1, -(-len(growth.times) // MOST_POINTS))
        known = words.spanned_s(growth) >= words.DRAWN_AFTER_S
        told = slice(None, None, step) if known else slice(0)
        self.growth.show_points(growth.times[told], [growth.file_bytes[told]])
        self.growth_words.setText(words.growth_words(growth))

    def show_report(self, report: StorageReport | None) -> None:
        """Show what takes the room; or that nothing was measured yet."""
        self._show_measured(report)
        if report is None:
            return
        self._show_sums(report)
        self.map.show_areas(words.areas(report))
        self.objects.show_objects(report.objects)
        problems = list(report.problems)
        if not report.exact and not problems:
            problems = [_("The file is damaged; these are the figures of what can be read.")]
        self.problem.setText("\n".join(problems))
        self.problem.setVisible(bool(problems))

    def tell_age(self) -> None:
        """Say how long ago it was measured."""
        at = self._analysed_at
        text = _("Measured {when}")
        if self._outdated:
            text = _("Measured {when}; the file was changed since: analyse again")
        self.measured.setText(text.format(when=ago(at)) if at else "")

    def _show_measured(self, report: StorageReport | None) -> None:
        for part in self._full:
            part.setVisible(report is not None)
        self.empty.setVisible(report is None)
        self.button.setVisible(report is not None)
        self._analysed_at = report.analysed_at if report else None
        self._outdated = report is not None and report.outdated
        self.tell_age()
        if report is None:
            self.problem.hide()

    def _show_sums(self, report: StorageReport) -> None:
        cards, whole = self.cards, max(report.page_count * report.page_size, 1)
        cards["file"].show_figure(
            size(report.file_bytes),
            _("{count} pages · log {size}").format(
                count=number(report.page_count), size=size(report.wal_bytes)
            ),
        )
        for key, kind in (("tables", StorageKind.TABLE), ("indexes", StorageKind.INDEX)):
            count, parts = words.sum_of(report.objects, kind)
            told = ngettext("{share} · {count} of them", "{share} · {count} of them", parts)
            cards[key].show_figure(
                size(count), told.format(share=percent(count / whole), count=number(parts))
            )
        unused = sum(one.unused_bytes for one in report.objects)
        free = report.freelist_pages * report.page_size
        cards["unused"].show_figure(
            size(unused), _("and {size} of free pages").format(size=size(free))
        )
        vacuum = report.vacuum
        if report.outdated:
            cards["vacuum"].show_figure(NONE, _("analyse again to know"))
        elif vacuum is None:
            cards["vacuum"].show_figure(NONE, _("cannot be told of this file"))
        else:
            took = _("takes about {time}").format(time=seconds(vacuum.seconds or 0.0))
            cards["vacuum"].show_figure(
                size(vacuum.gain_bytes), room_words(vacuum) if vacuum.seconds is None else took
            )

    def _lay_out(self, context: TabContext) -> None:
        head = QHBoxLayout()
        head.setSpacing(Metric.GRID)
        head.addWidget(label(_("Storage"), "title"))
        head.addWidget(self.measured)
        head.addStretch(1)
        head.addWidget(self.vacuum_button)
        head.addWidget(self.button)
        tiles = QFrame()
        row = QHBoxLayout(tiles)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for card in self.cards.values():
            row.addWidget(card, 1)
        both = QFrame()
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom, both)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(GAP)
        self._both.addWidget(_map_card(context, self.map), 3)
        self._both.addWidget(self.objects, 4)
        growth = QVBoxLayout()
        growth.setSpacing(4)
        growth.addWidget(self.growth)
        growth.addWidget(self.growth_words)
        self._full = (tiles, both, self.vacuum_button)
        self.add(head)
        for part in (self.place, self.problem, self.empty, tiles, both):
            self.add(part)
        self.add(growth)
        self.add(self.preview)


def _empty(context: TabContext) -> EmptyState:
    made = EmptyState(
        context.theme,
        icon="chart-pie-slice",
        title=_("Nothing was measured yet"),
        text=_(
            "Each page of the file is read once, beside your work, to tell which tables and"
            " indexes take the room."
        ),
        action=_("Analyse"),
    )
    made.setMinimumHeight(_EMPTY)
    return made


def _map_card(context: TabContext, treemap: Treemap) -> QFrame:
    card = QFrame()
    card.setProperty("kind", "card")
    card.setAccessibleName(_("What takes the room"))
    head = QHBoxLayout()
    head.setSpacing(6)
    head.addWidget(label(_("What takes the room"), "heading"))
    head.addStretch(1)
    for words_, icon, tone in (
        (_("Tables"), "table", Tone.ACCENT), (_("Indexes"), "tree-structure", Tone.SUCCESS),
        (_("Of SQLite itself"), "gear", Tone.WARNING), (_("Free"), "circle", Tone.QUIET),
    ):  # fmt: skip
        head.addWidget(StateBadge(context.theme, Badge(words_, icon, tone)))
    column = QVBoxLayout(card)
    column.setContentsMargins(14, 12, 14, 14)
    column.setSpacing(10)
    column.addLayout(head)
    column.addWidget(treemap, 1)
    return card
