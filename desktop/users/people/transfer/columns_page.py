"""The first page of the wizard: the file, its first rows, and what each column holds."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.translation import _
from core.users.transfer.schemas import FileFormat, FileOptions, ImportReport, Preview
from desktop.theme import Metric, Role, Theme
from desktop.users.people.transfer.calls import Fields
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import button, label
from desktop.widgets.plain_table import plain_table
from desktop.widgets.tips import plain_tip

_COLUMN_WIDTH = 168
_MAPPING_ROW = 38
_DELIMITERS = (",", ";", "\t", "|")


class ColumnsPage(QWidget):
    """Shows a preview of a file, with a box over each column for what it holds.

    Signals:
        file_wanted: The person wants to choose a file.
        path_typed: The person typed the path of a file; carries it.
        options_changed: The file is to be read otherwise; carries the ``FileOptions``.
        mapping_changed: A column holds something else now.
    """

    file_wanted = Signal()
    path_typed = Signal(str)
    options_changed = Signal(object)
    mapping_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fields: Fields = ()
        self.preview: Preview | None = None
        self.boxes: list[QComboBox] = []
        self.path = QLineEdit()
        self.path.textEdited.connect(self._forget)
        self.path.editingFinished.connect(self._tell_path)
        self.path.setPlaceholderText(_("A CSV or JSON file with a person in each row"))
        self.path.setAccessibleName(_("File"))
        self.choose_button = button(_("Choose file…"), self.file_wanted.emit)
        self.error = ErrorPanel(theme)
        self.found = label("", "muted", wrap=True)
        self.notices = label("", "warning", wrap=True)
        self.delimiter = _combo(_("Sign between the cells"))
        for sign, words in zip(_DELIMITERS, _delimiter_words(), strict=True):
            self.delimiter.addItem(words, sign)
        self.header = QCheckBox(_("The first row names the columns"))
        self.delimiter.activated.connect(self._tell_options)
        self.header.clicked.connect(self._tell_options)
        self.problem = label("", "error", wrap=True)
        self.table = self._make_table()
        self._lay_out()
        self._show_parts()

    def show_error(self, error: AppError) -> None:
        """Tell why a file cannot be read; there is no preview then."""
        self.preview = None
        self.error.show_error(error)
        self._show_parts()

    def show_preview(self, path: str, preview: Preview, fields: Fields) -> None:
        """Show what a file holds, with the mapping that is proposed."""
        self.preview, self._fields = preview, fields
        self.error.clear()
        self.path.setText(path)
        self.found.setText(self._found_words(preview))
        self.notices.setText("\n".join(preview.notices))
        csv = preview.format is FileFormat.CSV
        self.delimiter.setCurrentIndex(self.delimiter.findData(preview.file.delimiter))
        self.header.setChecked(bool(preview.file.header))
        for part in (self.delimiter, self.header):
            part.setVisible(csv)
        self._fill(preview)
        self._show_parts()
        self._check()

    def _forget(self) -> None:
        """Show nothing of the file before while another path is typed."""
        self.preview = None
        self.error.clear()
        self._show_parts()
        self.mapping_changed.emit()

    def _tell_path(self) -> None:
        path = self.path.text().strip()
        if path and self.preview is None:
            self.path_typed.emit(path)

    def mapping(self) -> dict[str, str]:
        """Return the columns that are imported, with their fields."""
        if self.preview is None:
            return {}
        pairs = zip(self.preview.columns, self.boxes, strict=True)
        return {name: str(box.currentData()) for name, box in pairs if box.currentData()}

    def set_field(self, column: str, field: str) -> None:
        """Let a column hold a field; an empty one leaves it out."""
        assert self.preview is not None
        box = self.boxes[self.preview.columns.index(column)]
        box.setCurrentIndex(box.findData(field))
        self._mapped()

    def mark(self, report: ImportReport) -> None:
        """Mark the cells in sight that an import refuses, with the reason as tool tip."""
        if self.preview is None:
            return
        bad = {(one.field, one.value): one.reason for one in report.refusals if one.value}
        mapping = self.mapping()
        for column, name in enumerate(self.preview.columns):
            for row in range(1, self.table.rowCount()):
                item = self.table.item(row, column)
                if item is not None:
                    reason = bad.get((mapping.get(name, ""), item.text()), "")
                    self._mark(item, reason)

    def _mark(self, item: QTableWidgetItem, reason: str) -> None:
        if reason:
            item.setForeground(self._theme.color(Role.FAILURE))
            item.setIcon(self._theme.icon("warning", Role.FAILURE))
        else:
            item.setIcon(QIcon())
        item.setToolTip(plain_tip(reason or item.text()))

    def _fill(self, preview: Preview) -> None:
        table = self.table
        table.clear()
        table.setRowCount(len(preview.rows) + 1)
        table.setColumnCount(len(preview.columns))
        table.setHorizontalHeaderLabels([name.replace("\n", " ") for name in preview.columns])
        table.setRowHeight(0, _MAPPING_ROW)
        self.boxes = []
        for column, name in enumerate(preview.columns):
            box = self._box(name, preview.mapping.get(name, ""))
            self.boxes.append(box)
            table.setCellWidget(0, column, _padded(box))
            table.setColumnWidth(column, _COLUMN_WIDTH)
            for row, cells in enumerate(preview.rows, 1):
                item = QTableWidgetItem(cells[column])
                item.setToolTip(plain_tip(cells[column]))
                table.setItem(row, column, item)

    def _box(self, name: str, field: str) -> QComboBox:
        box = _combo(_("What the column “{name}” holds").format(name=name))
        box.addItem(_("Leave out"), "")
        for key, words in self._fields:
            box.addItem(words, key)
        box.setCurrentIndex(max(box.findData(field), 0))
        box.activated.connect(self._mapped)
        return box

    def _mapped(self) -> None:
        self._check()
        self.mapping_changed.emit()

    def problem_of_mapping(self) -> str:
        """Return what is wrong with the mapping, in words."""
        fields = list(self.mapping().values())
        words = dict(self._fields)
        twice = [one for one in fields if fields.count(one) > 1]
        if twice:
            text = _("Two columns hold “{field}”. Leave one of them out.")
            return text.format(field=words.get(twice[0], twice[0]))
        if "username" not in fields:
            return _("Choose the column that holds the user names.")
        return ""

    def _check(self) -> None:
        problem = self.problem_of_mapping()
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self._mute_left_out()

    def _mute_left_out(self) -> None:
        for column, box in enumerate(self.boxes):
            role = Role.TEXT if box.currentData() else Role.DISABLED
            for row in range(1, self.table.rowCount()):
                item = self.table.item(row, column)
                if item is not None:
                    item.setForeground(self._theme.color(role))

    def _tell_options(self) -> None:
        if self.preview is None:
            return
        read = FileOptions(
            encoding=self.preview.file.encoding,
            delimiter=self.delimiter.currentData(),
            header=self.header.isChecked(),
        )
        self.options_changed.emit(replace(read))

    def _show_parts(self) -> None:
        there = self.preview is not None
        for part in (self.found, self.table):
            part.setVisible(there)
        self.notices.setVisible(there and bool(self.notices.text()))
        if not there:
            for hidden in (self.delimiter, self.header, self.problem):
                hidden.hide()

    def _found_words(self, preview: Preview) -> str:
        name = preview.format.value.upper()
        if preview.encoding_is_guessed:
            text = _("{format}, probably written as {encoding}. These are its first rows:")
        else:
            text = _("{format}, written as {encoding}. These are its first rows:")
        return text.format(format=name, encoding=preview.encoding)

    def _make_table(self) -> QTableWidget:
        table = plain_table(_("The first rows of the file"))
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        return table

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(Metric.GRID)
        top.addWidget(self.path, 1)
        top.addWidget(self.choose_button)
        how = QHBoxLayout()
        how.setSpacing(2 * Metric.GRID)
        how.addWidget(self.found, 1)
        how.addWidget(self.header)
        how.addWidget(self.delimiter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.error)
        layout.addLayout(how)
        layout.addWidget(self.notices)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.problem)
        layout.addStretch(0)


def _combo(name: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setItemDelegate(QStyledItemDelegate(made))
    made.setMaxVisibleItems(24)
    return made


def _padded(widget: QWidget) -> QWidget:
    around = QWidget()
    row = QHBoxLayout(around)
    row.setContentsMargins(4, 3, 6, 3)
    row.addWidget(widget)
    around.setFocusProxy(widget)
    return around


def _delimiter_words() -> tuple[str, ...]:
    return (_("Comma"), _("Semicolon"), _("Tab"), _("Bar"))
