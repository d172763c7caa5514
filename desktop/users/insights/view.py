"""How the page is laid out: figures at the top, cards below, one or two beside each other."""

import functools

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.users.insights import words
from desktop.users.insights.person_field import Find, PersonField
from desktop.users.insights.segment_rows import SegmentsCard
from desktop.users.insights.tile import FigureTile
from desktop.users.insights.top_card import TopCard
from desktop.widgets.charts import BarChart
from desktop.widgets.holder import Holder, card_holder
from desktop.widgets.marks import button, label

DAYS = (7, 30, 90)
_GAP = 12
_MARGIN = 16
_TWO_COLUMNS_FROM = 900
_CHART_HEIGHT = 280


class InsightsView(QScrollArea):
    """The page; it scrolls.

    Signals:
        seen: The page came into sight, or was left.
        days_chosen: Those active in this many last days are to be counted.
    """

    seen = Signal(bool)
    days_chosen = Signal(int)

    def __init__(self, theme: Theme, tasks: TaskRunner, find: Find) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "page")
        self.setAccessibleName(_("Insights"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.person = PersonField(tasks, find)
        self.everybody = button(_("Show everybody"), self.person.choose_everybody, "link")
        self.everybody.hide()
        self.person.chosen.connect(lambda person: self.everybody.setVisible(person is not None))
        self._make_tiles()
        self._make_cards()
        self._columns = 0
        self._lay_out()

    # What Qt asks for

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Tell that the page is in sight."""
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Tell that the page was left."""
        super().hideEvent(event)
        self.seen.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put cards beside each other where there is room."""
        super().resizeEvent(event)
        self._arrange(2 if self.viewport().width() >= _TWO_COLUMNS_FROM else 1)

    # How it is made

    def _make_tiles(self) -> None:
        theme = self._theme
        self.people = FigureTile(theme, _("People"))
        self.active = FigureTile(theme, _("May sign in"))
        self.new = FigureTile(theme, _("New in the last 30 days"))
        self.lately = FigureTile(theme, words.active_caption(30))
        self.never = FigureTile(theme, _("Never built"))
        self.tiles = (self.people, self.active, self.new, self.lately, self.never)
        self.spans: dict[int, QPushButton] = {}
        self._span_group = QButtonGroup(self)
        for days in DAYS:
            made = button(words.days(days), functools.partial(self.days_chosen.emit, days))
            made.setCheckable(True)
            made.setAccessibleName(words.active_caption(days))
            self._span_group.addButton(made)
            self.spans[days] = made

    def _make_cards(self) -> None:
        theme = self._theme
        month_heads = (_("Month"), _("What was done"))
        self.months = BarChart(
            theme, _("Activity by month"), heads=month_heads, axes=_("actions"), across=False,
            empty=_("Nothing was done yet."),
        )  # fmt: skip
        self.growth = BarChart(
            theme, _("Growth"), heads=(_("Month"), _("Growth")), across=False,
            axes=_("actions against the month before"), words=words.growth,
            empty=_("There is no month to compare with yet."),
        )  # fmt: skip
        self.roles = BarChart(
            theme, _("Roles"), heads=(_("Role"), _("People")), axes=_("people"),
        )  # fmt: skip
        self.tags = BarChart(
            theme, _("Commonest tags"), heads=(_("Tag"), _("People")), axes=_("people"),
            empty=_("Nobody has a tag yet."),
        )  # fmt: skip
        self.segments = SegmentsCard(theme)
        self.top_builds = TopCard(_("Most builds"))
        self.top_time = TopCard(_("Longest build time"))
        self.holders: dict[str, Holder] = {}
        cards: dict[str, tuple[QWidget, int]] = {
            "months": (self.months, _CHART_HEIGHT),
            "growth": (self.growth, _CHART_HEIGHT),
            "segments": (self.segments, 0),
            "roles": (self.roles, 0),
            "top_builds": (self.top_builds, 0),
            "top_time": (self.top_time, 0),
            "tags": (self.tags, 0),
        }
        for key, (card, least) in cards.items():
            holder = card_holder(theme, card, card.accessibleName(), least)
            self.holders[key] = holder

    def _lay_out(self) -> None:
        page = QWidget()
        page.setProperty("kind", "page")
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        tiles = QHBoxLayout()
        tiles.setSpacing(_GAP)
        for tile in self.tiles:
            tiles.addWidget(tile, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(_MARGIN, 12, _MARGIN, _MARGIN)
        column.setSpacing(_GAP)
        column.addLayout(self._span_row())
        column.addLayout(tiles)
        column.addSpacing(4)
        column.addLayout(self._activity_row())
        column.addLayout(self._grid)
        column.addStretch(1)
        self.setWidget(page)
        self._arrange(2)

    def _span_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(label(_("People"), "title"))
        row.addStretch(1)
        row.addWidget(label(_("Count as active in the last"), "muted"))
        row.addSpacing(4)
        for made in self.spans.values():
            row.addWidget(made)
        return row

    def _activity_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label(_("What they do"), "title"))
        row.addStretch(1)
        row.addWidget(self.everybody)
        row.addWidget(self.person)
        return row

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for holder in self.holders.values():
            self._grid.removeWidget(holder)
        for place, (key, holder) in enumerate(self.holders.items()):
            wide = columns if key == "tags" else 1
            self._grid.addWidget(holder, place // columns, place % columns, 1, wide)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
