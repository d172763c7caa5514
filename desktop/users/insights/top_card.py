"""Who builds most: a short table with names, each of which leads to the person."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from core.translation import _
from core.users.insights.schemas import TopPerson
from desktop.figures import number
from desktop.theme import Metric
from desktop.users.insights import words
from desktop.widgets.marks import label
from desktop.widgets.plain_table import plain_table
from desktop.widgets.tips import plain_tip

_ROWS = 10
_HEADER = 30
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_RANK, _NAME, _BUILDS, _TIME = range(4)


class TopCard(QFrame):
    """The first of a ranking.

    Args:
        caption: What the ranking goes by.
        by_time: Whether the time stands before the builds, as what ranks.

    Signals:
        opened: The list with a person is wanted; carries the ``ListQuery``.
    """

    opened = Signal(object)

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(caption)
        self.people: tuple[TopPerson, ...] = ()
        self.table = self._make_table(caption)
        self.empty = label(_("Nobody has asked for a build yet."), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 12, 1, 8)
        layout.setSpacing(4)
        heading = label(caption, "heading")
        heading.setContentsMargins(15, 0, 0, 4)
        layout.addWidget(heading)
        layout.addWidget(self.table)
        layout.addWidget(self.empty, 1)
        layout.addStretch(0)
        self.show_people(())

    def show_people(self, people: Sequence[TopPerson]) -> None:
        """Show a ranking."""
        self.people = tuple(people)
        self.table.setVisible(bool(people))
        self.empty.setVisible(not people)
        self.table.setRowCount(len(people))
        self.table.setFixedHeight(_HEADER + Metric.ROW * len(people) + 2)
        for line, person in enumerate(people):
            self._fill(line, person)

    def _fill(self, line: int, person: TopPerson) -> None:
        texts = {
            _RANK: number(person.rank),
            _NAME: person.display_name or person.username,
            _BUILDS: number(person.builds),
            _TIME: words.build_time(person),
        }
        for column, text in texts.items():
            item = QTableWidgetItem(text)
            if column != _NAME:
                item.setTextAlignment(_RIGHT)
            else:
                item.setToolTip(plain_tip(f"{person.display_name}\n{person.username}"))
            self.table.setItem(line, column, item)

    def _make_table(self, caption: str) -> QTableWidget:
        headings = [_("Rank"), _("Name"), _("Builds"), _("Build time")]
        table = plain_table(caption, headings)
        table.setProperty("kind", "flush")
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = table.horizontalHeader()
        header.setFixedHeight(_HEADER)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in ((_RANK, 64), (_BUILDS, 90), (_TIME, 110)):
            header.resizeSection(column, width)
            item = table.horizontalHeaderItem(column)
            if item is not None:
                item.setTextAlignment(_RIGHT)
        table.activated.connect(lambda index: self._open(index.row()))
        table.clicked.connect(lambda index: self._open(index.row()))
        return table

    def _open(self, line: int) -> None:
        if 0 <= line < len(self.people):
            self.opened.emit(self.people[line].behind)
