"""The window in which thresholds are changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from core.errors import AppError, ValidationError
from core.performance.alerts.schemas import AlertKind, AlertRule
from core.translation import _
from desktop.performance.alerts.calls import AlertCalls
from desktop.performance.alerts.words import (
    WITHOUT_THRESHOLDS,
    Unit,
    rule_title,
    rule_words,
    unit_of,
)
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.widgets.form import DurationField, Field, FormWindow, SectionedForm, SwitchField
from desktop.widgets.form.fields import keep_wheel_for_focus

_SIZE = (680, 480)
_LONGEST_S = 86_400
_MOST_PLACES = 6
_ICONS = {
    AlertKind.DISK_LOW: "hard-drives",
    AlertKind.SLOW_STATEMENTS: "timer",
    AlertKind.ERROR_RATE: "x-circle",
    AlertKind.WAL_LARGE: "stack",
    AlertKind.INTEGRITY_FAILED: "shield-warning",
    AlertKind.KEYS_BROKEN: "link",
    AlertKind.LONG_TRANSACTION: "hourglass-medium",
    AlertKind.CPU_HIGH: "cpu",
    AlertKind.MEMORY_HIGH: "chart-bar",
    AlertKind.CONNECTION_FAILURES: "link-break",
    AlertKind.BACKUP_FAILED: "archive",
}


class FigureField(Field):
    """A figure in a unit; its value is what the core takes, exactly so until it is edited."""

    def __init__(self, unit: Unit) -> None:
        self._box = QDoubleSpinBox()
        super().__init__(self._box)
        self._unit = unit
        self._given, self._shown = 0.0, 0.0
        self._box.setDecimals(unit.places)
        self._box.setRange(0, unit.most)
        self._box.setGroupSeparatorShown(True)
        self._box.setMinimumWidth(130)
        self._box.lineEdit().setTextMargins(Metric.GRID, 0, 0, 0)
        keep_wheel_for_focus(self._box)
        self._setting = False
        self._box.valueChanged.connect(self._tell)
        row = QHBoxLayout(self)
        self._fill(row, self._box, QLabel(unit.words))
        row.addStretch(1)

    def value(self) -> float:
        """Return the figure."""
        typed = self._box.value()
        return self._given if typed == self._shown else typed * self._unit.factor

    def set_value(self, value: float) -> None:
        """Show a figure."""
        self._setting = True
        shown = value / self._unit.factor
        places = self._unit.places
        while places < _MOST_PLACES and round(shown, places) != shown:
            places += 1
        self._box.setDecimals(places)
        self._box.setValue(shown)
        self._given, self._shown = value, self._box.value()
        self._setting = False

    def _tell(self) -> None:
        if not self._setting:
            self.changed.emit()


class RulesForm(FormWindow):
    """Asks from which figures on alerts are raised, and from which on they are over.

    Args:
        rules: Those in force.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        calls: AlertCalls,
        rules: Sequence[AlertRule],
    ) -> None:
        self.sectioned = SectionedForm(theme, _("What is watched"))
        super().__init__(
            parent,
            tasks,
            title=_("Thresholds of alerts"),
            action=_("Save"),
            unsaved=_("The thresholds were not saved."),
            size=_SIZE,
            form=self.sectioned,
        )
        self._calls, self._rules = calls, tuple(rules)
        for rule in rules:
            self._add(theme, rule)
        self.sectioned.finish()
        self.arrange(self.sectioned.area, pages=self.sectioned)
        self.sectioned.turned.connect(self._follow)

    def read_input(self) -> tuple[tuple[AlertRule, ...] | None, Mapping[str, str]]:
        """Return the rules as typed."""
        values = self.form.values()
        return tuple(_read(rule, values) for rule in self._rules), {}

    async def store(self, data: Sequence[AlertRule]) -> tuple[AlertRule, ...]:
        """Put the rules in force."""
        return await self._calls.change_rules(data)

    def explain(self, error: AppError) -> None:
        """Say what is wrong with a rule beside its first threshold."""
        if isinstance(error, ValidationError) and error.fields:
            self.show_errors({_place(name): text for name, text in error.fields.items()})
        else:
            super().explain(error)

    def _add(self, theme: Theme, rule: AlertRule) -> None:
        kind = rule.kind
        unit = unit_of(kind)
        add = self.sectioned.add
        self.sectioned.add_section(rule_title(kind), _ICONS[kind], rule_words(kind))
        add(f"{kind}/enabled", _("Alert"), SwitchField(theme, _("On: an alert is raised")))
        if kind not in WITHOUT_THRESHOLDS:
            less = rule.clear_at > rule.raise_at
            add(f"{kind}/raise_at", _("Raised below") if less else _("Raised from"),
                FigureField(unit))  # fmt: skip
            add(f"{kind}/clear_at", _("Over above") if less else _("Over below"),
                FigureField(unit),
                hint=_("Between the two nothing changes, so that it does not come and go."),
            )  # fmt: skip
            add(f"{kind}/for_s", _("Judged over"), DurationField(most=_LONGEST_S),
                hint=_("By what it was on the whole in that time, not by single seconds."),
            )  # fmt: skip
        self.form.set_values(_values(rule))

    def _follow(self) -> None:
        self.scroll_area = self.sectioned.area


def _values(rule: AlertRule) -> dict[str, Any]:
    return {
        f"{rule.kind}/enabled": rule.enabled,
        f"{rule.kind}/raise_at": rule.raise_at,
        f"{rule.kind}/clear_at": rule.clear_at,
        f"{rule.kind}/for_s": round(rule.for_s),
    }


def _read(rule: AlertRule, values: Mapping[str, Any]) -> AlertRule:
    kind = rule.kind
    for_s = values.get(f"{kind}/for_s", rule.for_s)
    return AlertRule(
        kind,
        enabled=values[f"{kind}/enabled"],
        raise_at=values.get(f"{kind}/raise_at", rule.raise_at),
        clear_at=values.get(f"{kind}/clear_at", rule.clear_at),
        for_s=rule.for_s if for_s == round(rule.for_s) else float(for_s),
    )


def _place(kind: str) -> str:
    fixed = kind in {one.value for one in WITHOUT_THRESHOLDS}
    return f"{kind}/enabled" if fixed else f"{kind}/raise_at"
