"""The dialog that asks whom to export, as what, with which fields, and where to."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from core.translation import _
from core.users.transfer.schemas import FileFormat
from desktop.async_dialogs import choose_file
from desktop.tasks import TaskRunner
from desktop.theme import Metric
from desktop.users.people import words
from desktop.users.people.dialogs import SmallDialog
from desktop.users.people.transfer.calls import Fields
from desktop.widgets.form import ChoiceField, Field, Form
from desktop.widgets.marks import button, label

LISTED, CHOSEN = "listed", "chosen"
_COLUMNS = 3
_LEFT_OUT = ("uid", "updated_at", "deleted_at", "preferences")


class ExportDialog(SmallDialog):
    """Asks what an export needs.

    Args:
        listed: How many people the list shows; None where that is not known.
        chosen: How many of them are chosen.
        fields: What can be exported.
    """

    def __init__(
        self,
        parent: QWidget | None,
        tasks: TaskRunner,
        *,
        listed: int,
        chosen: int,
        fields: Fields,
    ) -> None:
        super().__init__(
            parent,
            _("Export people"),
            _("Passwords and notes are in no export."),
            _("Export"),
        )
        self._tasks = tasks
        self.form = Form()
        choices = [(LISTED, _("All listed: {people}").format(people=words.people(listed)))]
        if chosen:
            choices.insert(
                0 if chosen > 1 else 1,
                (CHOSEN, _("Those chosen: {people}").format(people=words.people(chosen))),
            )
        self.form.add("who", _("Who"), ChoiceField(choices))
        self.form.add("format", _("Format"), ChoiceField([
            (FileFormat.CSV, _("CSV, for spreadsheets")),
            (FileFormat.JSON, _("JSON, for programs")),
        ]), beside=True)  # fmt: skip
        self.target = TargetField(tasks, self._format)
        self.form.add("target", _("File"), self.target)
        self.form.changed.connect(self._changed)
        self.ticks: dict[str, QCheckBox] = {}
        self.body.addWidget(self.form)
        self.body.addWidget(label(_("Fields"), "heading"))
        self.body.addWidget(self._make_ticks(fields))
        self.body.addStretch(1)
        self.setMinimumWidth(560)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are ticked, in their order."""
        return tuple(name for name, tick in self.ticks.items() if tick.isChecked())

    def accept(self) -> None:
        """Close, unless something is missing."""
        problems = {}
        if not self.target.value():
            problems["target"] = _("Choose a file to write.")
        elif not Path(self.target.value()).parent.is_dir():
            problems["target"] = _("There is no such folder.")
        if not self.fields:
            problems[""] = _("Choose at least one field.")
        self.form.set_errors(problems)
        if not problems:
            super().accept()

    def _format(self) -> FileFormat:
        return FileFormat(self.form.field("format").value())

    def _changed(self, name: str) -> None:
        if name == "format" and self.target.value():
            self.target.set_value(
                str(Path(self.target.value()).with_suffix(f".{self._format().value}"))
            )

    def _make_ticks(self, fields: Fields) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * Metric.GRID)
        grid.setVerticalSpacing(2)
        for place, (name, text) in enumerate(fields):
            tick = QCheckBox(text.replace("&", "&&"))
            tick.setChecked(name not in _LEFT_OUT)
            self.ticks[name] = tick
            grid.addWidget(tick, place // _COLUMNS, place % _COLUMNS)
        return part


class TargetField(Field):
    """A line for the file to write, and a button to choose it."""

    def __init__(self, tasks: TaskRunner, format_: Callable[[], FileFormat]) -> None:
        self._line = QLineEdit()
        super().__init__(self._line)
        self._tasks, self._format = tasks, format_
        self._line.textEdited.connect(self.changed)
        self.browse_button = button(_("Choose…"), lambda: self._tasks.run(self._browse()))
        self._fill(QHBoxLayout(self), self._line, self.browse_button)

    def value(self) -> str:
        """Return the path as it was typed."""
        return self._line.text().strip()

    def set_value(self, value: str) -> None:
        """Set the path."""
        self._line.setText(value)

    async def _browse(self) -> None:
        suffix = self._format().value
        found = await choose_file(
            self,
            title=_("Export people"),
            filter_text=_("People (*.csv *.json);;All files (*)"),
            save=True,
            start=self.value() or f"people.{suffix}",
            suffix=suffix,
        )
        if found is not None:
            self._line.setText(found)
            self.changed.emit()
