"""Small windows under a button: the editor of a condition, and one that asks for a name."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from core.database.query.schemas import FieldDescription, Operator
from core.translation import _
from desktop.theme import set_kind
from desktop.widgets.filter_bar.conditions import (
    NULLS,
    Condition,
    LastDays,
    operator_words,
    operators,
)
from desktop.widgets.filter_bar.editors import InvalidValueError, ValueEditor, editor_for
from desktop.widgets.marks import button, label

_WIDTH = 320


class Popover(QFrame):
    """A small window that closes when one clicks beside it or presses Esc; Enter accepts.

    Signals:
        accepted: Its main button was pressed.
    """

    accepted = Signal()

    def __init__(self, parent: QWidget, title: str, accept: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(title)
        self.setFixedWidth(_WIDTH)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self.message = label("", "error", wrap=True)
        self.message.hide()
        self.accept_button = button(accept, self.accept, "primary")
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(_("Cancel"), self.close, "quiet"))
        row.addWidget(self.accept_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(label(title, "heading"))
        layout.addLayout(self.body)
        layout.addWidget(self.message)
        layout.addLayout(row)

    def accept(self) -> None:
        """Take what stands there."""
        raise NotImplementedError

    def show_below(self, anchor: QWidget) -> None:
        """Open right below a widget, inside of the screen."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
        room = anchor.screen().availableGeometry()
        corner.setX(max(min(corner.x(), room.right() - self.width()), room.left()))
        corner.setY(max(min(corner.y(), room.bottom() - self.height()), room.top()))
        self.move(corner)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Accept with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
        else:
            super().keyPressEvent(event)

    def _say(self, message: str) -> None:
        self.message.setText(message)
        self.message.setVisible(bool(message))
        self.adjustSize()


class ConditionPopover(Popover):
    """Edits one condition.

    Args:
        condition: What is edited; None for a new one.
        done: Called with the condition when it is accepted.
    """

    def __init__(
        self,
        parent: QWidget,
        field: FieldDescription,
        condition: Condition | None,
        done: Callable[[Condition], object],
    ) -> None:
        super().__init__(parent, field.words, _("Apply"))
        self._field, self._done = field, done
        self.editor: ValueEditor | None = None
        self.operators = QComboBox()
        self.operators.setAccessibleName(_("Comparison"))
        self.operators.setItemDelegate(QStyledItemDelegate(self.operators))
        for operator in operators(field):
            self.operators.addItem(operator_words(field, operator), operator)
        self.body.addWidget(self.operators)
        self.operators.currentIndexChanged.connect(self._change_editor)
        self._change_editor()
        if condition is not None:
            self._show(condition)
        self.setFocusProxy(self.editor or self.operators)

    def accept(self) -> None:
        """Hand out the condition, or say what is wrong with its value."""
        operator = self._operator()
        try:
            value = None if self.editor is None else self.editor.value()
        except InvalidValueError as error:
            assert self.editor is not None
            asked = operator_words(self._field, operator)
            message = _("“{field} {operator}”: {problem}.").format(
                field=self._field.words, operator=asked, problem=error
            )
            self._say(message)
            self.editor.mark(message)
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._done(Condition(self._field.name, operator, value))
        self.accepted.emit()
        self.close()

    def _operator(self) -> Operator:
        return Operator(self.operators.currentData())

    def _show(self, condition: Condition) -> None:
        relative = isinstance(condition.value, LastDays)
        operator = Operator.GT if relative else condition.operator
        self.operators.setCurrentIndex(max(self.operators.findData(operator), 0))
        if self.editor is not None and condition.operator not in NULLS:
            self.editor.set_value(condition.value)

    def _change_editor(self) -> None:
        if self.editor is not None:
            self.body.removeWidget(self.editor)
            self.editor.deleteLater()
        self.editor = editor_for(self._field, self._operator())
        if self.editor is not None:
            self.body.addWidget(self.editor)
            if self.isVisible():
                self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self._say("")


class NamePopover(Popover):
    """Asks for a name.

    Args:
        check: Returns what is wrong with a name, or nothing.
        done: Called with the name when it is accepted.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        name: str,
        check: Callable[[str], str],
        done: Callable[[str], object],
    ) -> None:
        super().__init__(parent, title, _("Save"))
        self._check, self._done = check, done
        self.line = QLineEdit(name)
        self.line.setMaxLength(80)
        self.line.setAccessibleName(_("Name"))
        self.line.setPlaceholderText(_("Name"))
        self.line.selectAll()
        self.body.addWidget(self.line)
        self.setFocusProxy(self.line)

    def accept(self) -> None:
        """Hand out the name, or say what is wrong with it."""
        name = self.line.text().strip()
        problem = self._check(name)
        self._say(problem)
        set_kind(self.line, "invalid" if problem else "")
        self.line.setAccessibleDescription(problem)
        if not problem:
            self._done(name)
            self.accepted.emit()
            self.close()
