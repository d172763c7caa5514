"""The section of the settings window about the rules that the workspace has for builds."""

from collections.abc import Callable
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from core.builds.rules.schemas import BuildRules
from core.errors import AppError
from core.translation import _, ngettext
from desktop.notifications import Notifications
from desktop.settings.rules_calls import RulesCalls
from desktop.theme import Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import label
from desktop.widgets.number_box import NumberBox

_TITLE_WIDTH = 240
_NO_LIMIT = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """One number of the rules.

    ``unit`` gives the words behind a value, ``free`` those for no limit; empty where there
    must be one.
    """

    field: str
    most: int
    name: str
    unit: Callable[[int], str]
    free: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Numbers that belong together, and why to change them."""

    title: str
    explanation: str
    limits: tuple[Limit, ...]


def rules() -> tuple[Rule, ...]:
    """Return what can be chosen, in the order of the section."""
    return (
        Rule(
            _("Builds at the same time"),
            _("More of them wait in the queue; each project has a limit of its own as well."),
            (Limit("parallel", 64, _("Builds at the same time"), lambda _n: ""),),
        ),
        Rule(
            _("Logs are kept"),
            _(
                "Whatever is reached first counts; 0 is no limit. Sizes are of the text:"
                " stored it takes about a tenth."
            ),
            _limits("logs"),
        ),
        Rule(
            _("Artifacts are kept"),
            _(
                "Pinned builds keep everything, each project its newest log and the artifacts"
                " of its last success. The builds themselves always stay."
            ),
            _limits("artifacts"),
        ),
    )


def _limits(kind: str) -> tuple[Limit, ...]:
    of = {"logs": _("Logs"), "artifacts": _("Artifacts")}[kind]
    return (
        Limit(f"{kind}_days", 3_650, f"{of}: {_('days')}", _days, _("Of any age")),
        Limit(
            f"{kind}_builds", 100_000, f"{of}: {_('builds of each project')}", _builds,
            _("Of any number of builds"),
        ),
        Limit(f"{kind}_mib", 100 * 1024 * 1024, f"{of}: MiB", _mebibytes, _("Of any size")),
    )  # fmt: skip


class RulesSection(QWidget):
    """Shows the rules; they are saved with the settings, by the button of the window."""

    edited = Signal()

    def __init__(self, theme: Theme, calls: RulesCalls, notifications: Notifications) -> None:
        super().__init__()
        self._calls, self._notifications = calls, notifications
        self._known: BuildRules | None = None
        self.boxes: dict[str, NumberBox] = {}
        self.refusal = label(calls.refusal, "muted", wrap=True)
        if not calls.refusal:
            self.refusal.hide()
        self.error = ErrorPanel(theme)
        self._arrange()
        self._follow()

    async def load(self) -> None:
        """Fetch the rules in force, and show them."""
        try:
            rules = await self._calls.read()
        except AppError as error:
            if shiboken6.isValid(self):
                self.error.show_error(error)
            return
        if shiboken6.isValid(self):
            self._show(rules)

    def changed(self) -> dict[str, int | None]:
        """Return the rules that are not as they were."""
        if self._known is None:
            return {}
        now = {
            name: None if box.value() == _NO_LIMIT else box.value()
            for name, box in self.boxes.items()
        }
        return {n: value for n, value in now.items() if value != getattr(self._known, n)}

    async def save(self) -> None:
        """Put in force what was changed; what others changed meanwhile stays.

        Raises:
            AppError: The rules were not taken.
        """
        changed = self.changed()
        rules = await self._calls.change(lambda known: known.model_copy(update=changed))
        self._notifications.notify(_("The rules for builds are saved."), kind="success")
        if shiboken6.isValid(self):
            self._show(rules)

    def _show(self, rules: BuildRules) -> None:
        self._known = rules
        for name, box in self.boxes.items():
            box.setValue(getattr(rules, name) or _NO_LIMIT)
        self._follow()

    def _follow(self) -> None:
        for box in self.boxes.values():
            box.setEnabled(self._known is not None and not self._calls.refusal)
        self.edited.emit()

    def _arrange(self) -> None:
        card = QFrame()
        card.setProperty("kind", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(20, 16, 20, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, _TITLE_WIDTH)
        grid.setColumnStretch(1, 1)
        for place, rule in enumerate(rules()):
            self._add_rule(grid, rule, 3 * place)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        title = _("Builds of {workspace}").format(workspace=self._calls.workspace)
        column.addWidget(label(title, "title"))
        column.addWidget(card)
        column.addWidget(self.refusal)
        column.addWidget(self.error)

    def _add_rule(self, grid: QGridLayout, rule: Rule, line: int) -> None:
        if line:
            grid.setRowMinimumHeight(line - 1, 12)
        cell = QVBoxLayout()
        cell.setSpacing(6)
        for limit in rule.limits:
            cell.addWidget(self._box(limit))
        title = label(rule.title, wrap=True)
        title.setBuddy(self.boxes[rule.limits[0].field])
        # Beside the first of several boxes, as high as it is.
        title.setMinimumHeight(self.boxes[rule.limits[0].field].sizeHint().height())
        grid.addWidget(title, line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(cell, line, 1)
        grid.addWidget(label(rule.explanation, "muted", wrap=True), line + 1, 1)

    def _box(self, limit: Limit) -> NumberBox:
        box = NumberBox(_NO_LIMIT if limit.free else 1, limit.most)
        box.setSpecialValueText(limit.free)
        box.setAccessibleName(limit.name)
        self.boxes[limit.field] = box
        box.valueChanged.connect(lambda value: box.setSuffix(limit.unit(value)))
        box.valueChanged.connect(lambda _value: self.edited.emit())
        return box


def _days(count: int) -> str:
    return " " + ngettext("day", "days", count)


def _builds(count: int) -> str:
    return " " + ngettext("build of each project", "builds of each project", count)


def _mebibytes(_count: int) -> str:
    return " " + _("MiB in all")
