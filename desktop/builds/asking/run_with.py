"""Asks with what a build is to run, where that is not what the project says."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import ValidationError
from PySide6.QtWidgets import QWidget

from core.builds.schemas import BuildRequest, BuildRow
from core.projects.schemas import Priority, ProjectRow
from core.translation import _
from desktop.builds.words import priority_words
from desktop.tasks import TaskRunner
from desktop.widgets.form.fields import ChoiceField, LineField
from desktop.widgets.form.variables import VariablesField
from desktop.widgets.form.window import FormWindow, scrolled

_SIZE = (520, 520)


class RunWithForm(FormWindow):
    """Branch, type, variables and priority of one build.

    Args:
        queue: Queues the build.
    """

    def __init__(
        self,
        parent: QWidget | None,
        tasks: TaskRunner,
        *,
        project: ProjectRow,
        queue: Callable[[BuildRequest], Awaitable[BuildRow]],
    ) -> None:
        super().__init__(
            parent,
            tasks,
            title=_("Run “{name}” with…").format(name=project.name),
            action=_("Run build"),
            unsaved=_("No build was queued."),
            size=_SIZE,
        )
        self._queue = queue
        add = self.form.add
        if project.build_types:
            kinds = [(kind.name, kind.name) for kind in project.build_types]
            add(
                "build_type",
                _("Build type"),
                ChoiceField([("", _("As the project says")), *kinds]),
                hint=_("A type has its own command or variables."),
            )
        if project.repository_url:
            add(
                "branch",
                _("Branch, tag or commit"),
                LineField(placeholder=project.branch or _("The repository's own default")),
                hint=_("Empty for that of the project."),
            )
        choices = [(priority, priority_words(priority)) for priority in reversed(Priority)]
        field = add("priority", _("Priority"), ChoiceField(choices))
        field.set_value(_nearest(project.priority))
        add(
            "environment",
            _("Variables of this build"),
            VariablesField(),
            hint=_("They win over the variables of the project, for this build alone."),
        )
        self.form.finish()
        self.arrange(scrolled(self.form))
        self.form.field(next(iter(self.form.values()))).setFocus()

    def read_input(self) -> tuple[BuildRequest | None, Mapping[str, str]]:
        """Return what was typed, None with the problems by field."""
        try:
            return BuildRequest.model_validate(self.form.values()), {}
        except ValidationError as error:
            return None, {str(one["loc"][0]): _sentence(one) for one in error.errors()}

    async def store(self, data: BuildRequest) -> BuildRow:
        """Queue the build."""
        return await self._queue(data)


def _sentence(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return _("This cannot be taken.")


def _nearest(priority: int) -> Priority:
    return min(Priority, key=lambda one: abs(one - priority))
