"""One entry of the audit trail: who, when, through what, and each change from old to new."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from core.audit.schemas import AuditRow
from core.translation import _
from desktop.figures import exact
from desktop.theme import Metric, Theme
from desktop.users import audit_words
from desktop.users.roles import role_name
from desktop.users.security.columns import deed_badge
from desktop.widgets.marks import label, separator
from desktop.widgets.state_badge import StateBadge

_LEAST_WIDTH = 300


class EntryDetails(QFrame):
    """What an entry says."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.row: AuditRow | None = None
        self.setProperty("kind", "pane")
        self.setMinimumWidth(_LEAST_WIDTH)
        self.setAccessibleName(_("The entry chosen"))
        self.nothing = label(
            _("Choose an entry to see what was changed, from old to new."), "muted", wrap=True
        )
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setContentsMargins(32, 0, 32, 0)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.nothing)
        layout.addWidget(self.area)
        self.show_row(None)

    def show_row(self, row: AuditRow | None) -> None:
        """Show another entry, or none."""
        if row is not None and row == self.row:
            return
        self.row = row
        self.nothing.setVisible(row is None)
        self.area.setVisible(row is not None)
        if row is not None:
            self.area.setWidget(self._page(row))

    def _page(self, row: AuditRow) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "pane")
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(10)
        column.addWidget(StateBadge(self._theme, deed_badge(row)))
        column.addLayout(_facts(row))
        column.addWidget(separator())
        column.addWidget(label(_("What is different"), "heading"))
        lines = audit_words.change_lines(row)
        if not lines:
            column.addWidget(label(_("Nothing else is recorded."), "muted"))
        for line in lines:
            column.addWidget(_change(line))
        column.addStretch(1)
        return page


def _facts(row: AuditRow) -> QGridLayout:
    facts = (
        (_("Who"), _("{name} ({role})").format(name=row.actor, role=role_name(row.role))),
        (_("When"), exact(row.at)),
        (_("To what"), audit_words.subject_words(row)),
        (_("Through"), audit_words.origin_words(row.origin)),
        (_("Number"), str(row.id)),
    )
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for line, (name, value) in enumerate(facts):
        grid.addWidget(label(name, "muted"), line, 0, top)
        words = label(value, wrap=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(words, line, 1)
    return grid


def _change(line: audit_words.ChangeLine) -> QWidget:
    change = QWidget()
    column = QVBoxLayout(change)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Metric.GRID // 4)
    column.addWidget(label(line.field, "muted"))
    text = line.new if line.old is None else f"{line.old}  →  {line.new}"
    words = label(text, wrap=True)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    column.addWidget(words)
    change.setAccessibleName(f"{line.field}: {text}")
    return change
