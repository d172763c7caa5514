"""The ways in which a project can be built, each on a card."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.projects.schemas import BuildType
from core.translation import _
from desktop.builds.projects.sentences import sentence
from desktop.theme import Metric, Theme
from desktop.widgets.form import Field, Form, LineField, TextField, VariablesField
from desktop.widgets.marks import button


class BuildTypesField(Field):
    """The build types of a project; its value is a mapping of the fields of each."""

    def __init__(self, theme: Theme) -> None:
        self.add_button = button(_("Add a build type"), self._append, "link")
        super().__init__(self.add_button)
        self._theme = theme
        self.cards: list[TypeCard] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(Metric.GRID)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addLayout(self._column)
        outer.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def value(self) -> tuple[dict[str, Any], ...]:
        """Return name, command and variables of each type."""
        return tuple(card.form.values() for card in self.cards)

    def set_value(self, value: Sequence[BuildType]) -> None:
        """Show build types."""
        for card in tuple(self.cards):
            self._take_out(card)
        for one in value:
            self._put_in(one)

    def problem(self) -> str:
        """Tell each card what is wrong with it, and return which one it is."""
        told = [card.problem() for card in self.cards]
        for place, problem in enumerate(told, 1):
            if problem:
                return _("Build type {number}: {problem}").format(number=place, problem=problem)
        return ""

    def set_message(self, message: str) -> None:
        """Let whoever reads the field out know."""
        self.add_button.setAccessibleDescription(message)
        if not message:
            for card in self.cards:
                card.form.set_errors({})

    def _append(self) -> None:
        card = self._put_in(None)
        card.form.field("name").setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _put_in(self, one: BuildType | None) -> "TypeCard":
        card = TypeCard(self._theme)
        if one is not None:
            card.form.set_values(one.model_dump())
        card.form.changed.connect(lambda _name: self.changed.emit())
        card.removed.connect(lambda: self._remove(card))
        self.cards.append(card)
        self._column.addWidget(card)
        return card

    def _remove(self, card: "TypeCard") -> None:
        self._take_out(card)
        self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _take_out(self, card: "TypeCard") -> None:
        self.cards.remove(card)
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()


class TypeCard(QFrame):
    """One build type.

    Signals:
        removed: It is to go.
    """

    removed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.form = Form()
        self.form.add("name", _("Name"), LineField(placeholder=_("for example release")))
        self.form.add("command", _("Its own command"), TextField(rows=2, theme=theme,
            placeholder=_("Empty for the command of the project")))  # fmt: skip
        self.form.add("environment", _("Its own variables"), VariablesField())
        self.remove_button = button(_("Remove this build type"), self.removed.emit, "quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 8)
        layout.setSpacing(4)
        layout.addWidget(self.form)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.remove_button)
        layout.addLayout(foot)

    def problem(self) -> str:
        """Show beside each field what is wrong with it, and return the first of it."""
        problems = self.form.problems()
        values = self.form.values()
        if not str(values["name"]).strip():
            problems["name"] = _("Give the build type a name.")
        else:
            try:
                BuildType.model_validate(values)
            except ValidationError as error:
                for details in error.errors():
                    problems.setdefault(str(details["loc"][0]), sentence(details))
        self.form.set_errors(problems)
        return next(iter(problems.values()), "")
