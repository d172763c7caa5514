"""The form in which a trigger is made or changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from core.errors import AppError, ValidationError
from core.projects.schemas import ProjectRow
from core.translation import _
from core.triggers.schemas import TriggerCreate, TriggerRow, TriggerType
from desktop.builds.triggers import words
from desktop.builds.triggers.calls import TriggerCalls
from desktop.builds.triggers.form_input import USUAL_INTERVAL_S, data_of, presets, read
from desktop.tasks import TaskRunner
from desktop.theme import Theme, set_kind
from desktop.widgets.form import (
    ChoiceField,
    DurationField,
    FormWindow,
    LineField,
    SwitchField,
    scrolled,
)
from desktop.widgets.marks import label

_SIZE = (520, 560)
_MOST_SECONDS = 7 * 24 * 3600
_PAUSE_MS = 150
_FIELDS_OF = {
    TriggerType.SCHEDULE: ("preset", "expression"),
    TriggerType.COMMITS: ("interval_s",),
    TriggerType.AFTER_PROJECT: ("source_project_id",),
}


class TriggerForm(FormWindow):
    """Asks what a trigger waits for, and what it then builds.

    Args:
        project: Of which builds are started.
        others: The projects that it may follow.
        trigger: The trigger to change, None for a new one.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        calls: TriggerCalls,
        *,
        project: ProjectRow,
        others: Sequence[ProjectRow],
        trigger: TriggerRow | None = None,
    ) -> None:
        super().__init__(
            parent,
            tasks,
            title=_("Edit trigger") if trigger else _("New trigger"),
            action=_("Save") if trigger else _("Add trigger"),
            unsaved=_("The trigger was not saved."),
            size=_SIZE,
        )
        self._calls, self._project, self._trigger = calls, project, trigger
        self._others = others
        self.note = label("", "muted", wrap=True)
        self._add_fields(theme)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._preview)
        self.form.changed.connect(self._edited)
        self.arrange(scrolled(self.form))
        if trigger is not None:
            self._show(trigger)
        self._follow()
        self.form.field("kind").setFocus()

    def read_input(self) -> tuple[TriggerCreate | None, Mapping[str, str]]:
        """Return the trigger as typed, None with the problems by field."""
        return read(self.form.values())

    async def store(self, data: TriggerCreate) -> TriggerRow:
        """Store the trigger."""
        return await self._calls.save(self._trigger, data)

    def _add_fields(self, theme: Theme) -> None:
        add = self.form.add
        add("kind", _("Start a build"), ChoiceField(
            [(kind, words.kind_words(kind)) for kind in TriggerType]))  # fmt: skip
        add("preset", _("When"), ChoiceField(list(presets().items())))
        expression = LineField(placeholder="0 6 * * 1-5", longest=200)
        expression.set_value(next(iter(presets())))
        add("expression", _("Cron expression"), expression, hint=_(
            "Minute, hour, day, month and day of the week, in local time."))  # fmt: skip
        add("interval_s", _("Look for commits every"), DurationField(
            most=_MOST_SECONDS, usual=USUAL_INTERVAL_S))  # fmt: skip
        add("source_project_id", _("After each success of"), ChoiceField(
            [(0, _("Choose a project")), *((one.id, one.name) for one in self._others)]
        ))  # fmt: skip
        self.form.add_widget(self.note)
        own = self._project.branch or _("The project's own")
        add("branch", _("Branch, tag or commit"), LineField(placeholder=own, longest=255))
        types = [(kind.name, kind.name) for kind in self._project.build_types]
        types.insert(0, ("", _("As the project says")))
        add("build_type", _("Build type"), ChoiceField(types))
        switch = SwitchField(theme, _("On: it starts builds"))
        switch.set_value(True)
        add("enabled", _("On"), switch)
        self.form.finish()

    def _show(self, trigger: TriggerRow) -> None:
        types = {kind.name for kind in self._project.build_types}
        values = data_of(trigger).model_dump()
        if trigger.build_type not in types:
            values["build_type"] = ""
        if trigger.source_project_id not in {one.id for one in self._others}:
            values["source_project_id"] = 0
        self.form.set_values(values)
        self._choose_preset()

    @property
    def _kind(self) -> TriggerType:
        return TriggerType(self.form.field("kind").value())

    def _edited(self, name: str) -> None:
        if name == "preset" and (chosen := self.form.field("preset").value()):
            self.form.field("expression").set_value(chosen)
        elif name == "preset":
            self.form.field("expression").setFocus()
        elif name == "expression":
            self._choose_preset()
        self._follow()

    def _choose_preset(self) -> None:
        expression = " ".join(str(self.form.field("expression").value()).split())
        known = expression if expression in presets() else ""
        self.form.field("preset").set_value(known)

    def _follow(self) -> None:
        """Show the fields of the chosen kind, and what would follow."""
        shown = {"branch": bool(self._project.repository_url)}
        shown["build_type"] = bool(self._project.build_types)
        for kind, names in _FIELDS_OF.items():
            shown |= dict.fromkeys(names, kind is self._kind)
        for name, visible in shown.items():
            row = self.form.field(name).parentWidget()
            if row is not None:
                row.setVisible(visible)
        if self._kind is TriggerType.SCHEDULE:
            self._pause.start()
        else:
            self._say(self._caution(), "warning")

    def _caution(self) -> str:
        if self._kind is TriggerType.COMMITS and not self._project.repository_url:
            return _(
                "This project has no repository: its folder is built as it stands. Edit the"
                " project and choose a commit under “Source” first."
            )
        if self._kind is TriggerType.AFTER_PROJECT and not self._others:
            return _("There is no other project that could be followed.")
        return ""

    def _preview(self) -> None:
        self.tasks.latest((self, "preview"), self.preview())

    async def preview(self) -> None:
        """Show the next times of the schedule as it is typed, or what is wrong with it."""
        expression = str(self.form.field("expression").value())
        try:
            times = await self._calls.preview(expression)
        except AppError as error:
            if shiboken6.isValid(self):
                fields = error.fields if isinstance(error, ValidationError) else {}
                self._say(fields.get("expression") or error.as_text(), "error")
            return
        if shiboken6.isValid(self) and self._kind is TriggerType.SCHEDULE:
            self._say(_next_times(expression, times), "muted")

    def _say(self, text: str, kind: str) -> None:
        set_kind(self.note, kind)
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.answered.emit()


def _next_times(expression: str, times: Sequence[datetime]) -> str:
    if not times:
        return _("This never comes.")
    lines = [words.moment(time) for time in times]
    told = _("{when}. The next times:").format(when=words.schedule_words(expression))
    return "\n".join([told, *(_("• {time}").format(time=line) for line in lines)])
