"""The settings window: every setting with words that explain it, saved together."""

import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.translation import _
from desktop.async_dialogs import ask_to_discard
from desktop.settings.fields import Choices, Group, Line, Number, Row, groups
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import button, label
from desktop.widgets.number_box import NumberBox

if TYPE_CHECKING:
    from core.settings import Settings

Editor = QComboBox | QSpinBox | QCheckBox | QLineEdit
Save = Callable[[dict[str, object]], Coroutine[Any, Any, None]]


@runtime_checkable
class Saved(Protocol):
    """A section whose changes are saved together with the settings.

    ``edited`` is a signal; ``save`` raises the ``AppError`` with which it was refused.
    """

    edited: Any

    def changed(self) -> Mapping[str, object]:
        """Return what is not as it was."""
        ...

    async def save(self) -> None:
        """Hand it over."""
        ...


_SIZE = (660, 680)
_TITLE_WIDTH = 240


class SettingsWindow(QDialog):
    """Shows the settings in force and hands the changed ones to ``save``.

    Closing asks before changes are lost; while they are being saved it waits for the answer.

    Args:
        sections: What is shown below the settings. One that is ``Saved`` takes part in saving
            and in asking before changes are lost; others do what they do at once.
    """

    def __init__(
        self,
        theme: Theme,
        settings: "Settings",
        save: Save,
        tasks: TaskRunner,
        parent: QWidget | None,
        *,
        sections: Sequence[QWidget] = (),
    ) -> None:
        super().__init__(parent)
        self._save, self._tasks = save, tasks
        self._sections = sections
        self._saved = [section for section in sections if isinstance(section, Saved)]
        self._values = {
            name: value.value if isinstance(value, Enum) else value
            for name, value in settings.model_dump().items()
        }
        self._saving = self._asking = self._close_wanted = False
        self.editors: dict[str, Editor] = {}
        self.setWindowTitle(_("Settings"))
        self.resize(*_SIZE)
        self.error = ErrorPanel(theme)
        self.save_button = button(_("Save"), self._start_saving, "primary")
        self.save_button.setDefault(True)
        self.close_button = button(_("Close"), self.reject)
        self._arrange()
        for section in self._saved:
            section.edited.connect(self._follow)
        self._follow()

    def changed(self) -> dict[str, object]:
        """Return the settings that are not as they were."""
        now = {name: _value_of(editor) for name, editor in self.editors.items()}
        return {name: value for name, value in now.items() if value != self._values[name]}

    async def save(self) -> None:
        """Hand over what was changed; an error is shown in place."""
        changed = self.changed()
        self.error.clear()
        self._saving = True
        self._follow()
        try:
            if changed:
                await self._save(changed)
                self._values.update(changed)
            for section in self._saved:
                if section.changed():
                    await section.save()
        except AppError as error:
            self._close_wanted = False
            self.error.show_error(error)
        finally:
            self._saving = False
        self._follow()
        if self._close_wanted:
            self.reject()

    def reject(self) -> None:
        """Close, after asking when changes would be lost."""
        if self._saving:
            self._close_wanted = True
        elif not self._is_changed():
            super().reject()
        elif not self._asking:
            self._asking = True
            self._tasks.run(self._ask_to_discard())

    async def _ask_to_discard(self) -> None:
        try:
            discard = await ask_to_discard(self, _("The settings were not saved."))
        finally:
            self._asking = False
        if discard:
            super().reject()

    def _start_saving(self) -> None:
        if not self._saving:
            self._saving = True
            self._tasks.run(self.save())

    def _arrange(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(20)
        for group in groups():
            column.addWidget(self._group(group))
        for section in self._sections:
            column.addWidget(section)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(self._foot())

    def _foot(self) -> QFrame:
        foot = QFrame()
        foot.setProperty("kind", "footer")
        column = QVBoxLayout(foot)
        column.setContentsMargins(24, 12, 24, 12)
        column.addWidget(self.error)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.close_button)
        row.addWidget(self.save_button)
        column.addLayout(row)
        return foot

    def _group(self, group: Group) -> QWidget:
        card = QFrame()
        card.setProperty("kind", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(20, 16, 20, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, _TITLE_WIDTH)
        grid.setColumnStretch(1, 1)
        for place, row in enumerate(group.rows):
            self._add_row(grid, row, 3 * place)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(group.title, "title"))
        column.addWidget(card)
        return whole

    def _add_row(self, grid: QGridLayout, row: Row, line: int) -> None:
        editor = _make_editor(row, self._values[row.field])
        self.editors[row.field] = editor
        title = label(row.title, wrap=True)
        title.setBuddy(editor)
        editor.setAccessibleName(row.title)
        editor.setAccessibleDescription(row.explanation)
        explanation = row.explanation
        variable = f"BUILDBENCH_{row.field.upper()}"
        if variable in os.environ:
            editor.setEnabled(False)
            explanation = _("Set by the environment variable {name}.").format(name=variable)
        if line:
            grid.setRowMinimumHeight(line - 1, 12)
        grid.addWidget(title, line, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(editor, line, 1)
        grid.addWidget(label(explanation, "muted", wrap=True), line + 1, 1)
        _when_changed(editor, self._follow)

    def _is_changed(self) -> bool:
        return bool(self.changed()) or any(section.changed() for section in self._saved)

    def _follow(self) -> None:
        self.save_button.setEnabled(not self._saving and self._is_changed())


def _make_editor(row: Row, value: object) -> Editor:
    if isinstance(row.editor, Choices):
        return _make_choices(row.editor, str(value))
    if isinstance(row.editor, Number):
        number = NumberBox(row.editor.least, row.editor.most, row.editor.unit)
        number.setValue(int(str(value)))
        return number
    if isinstance(row.editor, Line):
        line = QLineEdit(str(value))
        line.setMaxLength(1000)
        line.setPlaceholderText(row.editor.placeholder)
        return line
    switch = QCheckBox(row.editor.words)
    switch.setChecked(bool(value))
    return switch


def _make_choices(choices: Choices, value: str) -> QComboBox:
    combo = QComboBox()
    for key, words in choices.options:
        combo.addItem(words, key)
    place = combo.findData(value)
    if place < 0:
        combo.addItem(value, value)
        place = combo.count() - 1
    combo.setCurrentIndex(place)
    return combo


def _value_of(editor: Editor) -> object:
    if isinstance(editor, QComboBox):
        return editor.currentData()
    if isinstance(editor, QLineEdit):
        return editor.text().strip()
    return editor.value() if isinstance(editor, QSpinBox) else editor.isChecked()


def _when_changed(editor: Editor, call: Callable[[], None]) -> None:
    if isinstance(editor, QComboBox):
        editor.currentIndexChanged.connect(lambda _place: call())
    elif isinstance(editor, QSpinBox):
        editor.valueChanged.connect(lambda _value: call())
    elif isinstance(editor, QLineEdit):
        editor.textChanged.connect(lambda _text: call())
    else:
        editor.toggled.connect(lambda _on: call())
