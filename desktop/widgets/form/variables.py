"""Variables as a table of name and value; secret ones are written but never read."""

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.theme import Metric
from desktop.widgets.form.fields import Field
from desktop.widgets.form.variables_model import NAME, VALUE, VariablesModel

_ROWS_IN_SIGHT = (2, 6)


class VariablesField(Field):
    """A table to which a row is added by typing into its last, empty one.

    The value maps names to values. In secret mode None stands for a stored value that was
    not replaced.
    """

    def __init__(self, *, secret: bool = False) -> None:
        self.table = QTableView()
        super().__init__(self.table)
        self._model = VariablesModel(secret=secret, parent=self)
        self._set_up_table(secret=secret)
        self.remove_button = QPushButton(_("Remove"))
        self.remove_button.setProperty("kind", "quiet")
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self.remove_current)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_current)
        layout = QVBoxLayout(self)
        self._fill(layout, self.table)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.remove_button)
        layout.setSpacing(Metric.GRID // 2)
        layout.addLayout(below)
        self._model.dataChanged.connect(self._edited)
        self._model.rowsInserted.connect(self._edited)
        self._model.rowsRemoved.connect(self._edited)
        self._model.modelReset.connect(self._fit)
        self.table.selectionModel().currentChanged.connect(self._offer)
        self._fit()

    def value(self) -> dict[str, str | None]:
        """Return name to value; rows without a name are left out (``problem`` tells them)."""
        return {v.name: v.value for v in self._model.variables if v.name}

    def set_value(self, value: Mapping[str, str | None]) -> None:
        """Show variables; None is a stored secret."""
        self._model.fill(dict(value))

    def problem(self) -> str:
        """Return which name is missing or given twice."""
        names = Counter(v.name for v in self._model.variables)
        if names[""]:
            return _("A value has no name.")
        twice = [name for name, count in names.items() if count > 1]
        return _("{name} is there twice.").format(name=twice[0]) if twice else ""

    def remove_current(self) -> None:
        """Take out the row that has the focus."""
        self._model.remove(self.table.currentIndex().row())

    def _set_up_table(self, *, secret: bool) -> None:
        table = self.table
        table.setModel(self._model)
        table.setItemDelegate(_TypedDelegate(table, secret=secret))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(Metric.ROW)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(NAME, 200)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )

    def _edited(self) -> None:
        self._fit()
        self._offer()
        self.changed.emit()

    def _offer(self) -> None:
        row = self.table.currentIndex().row()
        self.remove_button.setEnabled(0 <= row < len(self._model.variables))

    def _fit(self) -> None:
        least, most = _ROWS_IN_SIGHT
        rows = self._model.rowCount()
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header + min(max(rows, least), most) * Metric.ROW + 1)
        self.table.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            if rows <= most
            else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        )
        self._offer()


class _TypedDelegate(QStyledItemDelegate):
    """Hides what is typed into a secret, and invites to type into the empty row."""

    def __init__(self, parent: QWidget, *, secret: bool) -> None:
        super().__init__(parent)
        self._secret = secret

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Write the invitation where a new name goes."""
        super().initStyleOption(option, index)
        if index.row() == index.model().rowCount() - 1 and index.column() == NAME:
            option.text = _("Add a secret…") if self._secret else _("Add a variable…")
            option.palette.setBrush(
                option.palette.ColorRole.Text, option.palette.placeholderText()
            )
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDisplay

    def createEditor(  # noqa: N802
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,  # noqa: ARG002
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        """Return a line whose text is hidden where it is a secret."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(
            str(index.model().headerData(index.column(), Qt.Orientation.Horizontal))
        )
        if self._secret and index.column() == VALUE:
            editor.setEchoMode(QLineEdit.EchoMode.Password)
        return editor

    def updateEditorGeometry(  # noqa: N802
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> None:
        """Let the editor fill its cell."""
        editor.setGeometry(option.rect)
