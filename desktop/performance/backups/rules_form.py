"""The window in which the schedule of backups is changed."""

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from core.performance.backups.schemas import BackupRules
from core.translation import _
from desktop.performance.backups.calls import BackupCalls
from desktop.performance.backups.words import presets
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import ChoiceField, FormWindow, LineField, NumberField, SwitchField
from desktop.widgets.form.window import scrolled

_SIZE = (480, 440)
_OWN = ""


class RulesForm(FormWindow):
    """Asks when backups are made by themselves, and how long they are kept.

    Args:
        rules: Those in force.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        calls: BackupCalls,
        rules: BackupRules,
    ) -> None:
        super().__init__(
            parent,
            tasks,
            title=_("Schedule of backups"),
            action=_("Save"),
            unsaved=_("The schedule was not saved."),
            size=_SIZE,
        )
        self._calls = calls
        self._add_fields(theme)
        self._show(rules)
        self.form.changed.connect(self._edited)
        self.arrange(scrolled(self.form))

    def read_input(self) -> tuple[BackupRules | None, Mapping[str, str]]:
        """Return the rules as typed."""
        values = self.form.values()
        return BackupRules(
            enabled=values["enabled"],
            expression=values["expression"].strip(),
            keep_last=values["keep_last"],
            keep_days=values["keep_days"] or 0,
            verify=values["verify"],
        ), {}

    async def store(self, data: BackupRules) -> BackupRules:
        """Put the rules in force."""
        return await self._calls.change_rules(data)

    def _add_fields(self, theme: Theme) -> None:
        add = self.form.add
        add("enabled", _("By themselves"), SwitchField(theme, _("On: backups are made")))
        choices = [*presets().items(), (_OWN, _("Another time"))]
        add("preset", _("When"), ChoiceField(choices))
        add("expression", _("Cron expression"), LineField(longest=200), hint=_(
            "Minute, hour, day, month and day of the week, in local time."))  # fmt: skip
        add("keep_last", _("Keep at least the last"), NumberField(least=1, most=1_000))
        add("keep_days", _("Remove after days"), NumberField(
            least=1, most=3_650, usual=30, none_text=_("Never")), beside=True)  # fmt: skip
        add("verify", _("Verify"), SwitchField(theme, _("Verify each: restore it for a trial")))
        self.form.finish()

    def _show(self, rules: BackupRules) -> None:
        self.form.set_values(
            {
                "enabled": rules.enabled,
                "expression": rules.expression,
                "keep_last": rules.keep_last,
                "keep_days": rules.keep_days or None,
                "verify": rules.verify,
            }
        )
        self._choose_preset()

    def _choose_preset(self) -> None:
        typed = self.form.field("expression").value().strip()
        self.form.field("preset").set_value(typed if typed in presets() else _OWN)

    def _edited(self, name: str) -> None:
        if name == "expression":
            self._choose_preset()
        elif name == "preset" and (chosen := self.form.field("preset").value()):
            self.form.field("expression").set_value(chosen)
        elif name == "preset":
            self.form.field("expression").setFocus()
