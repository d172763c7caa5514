"""The form in which a project is made or changed."""

from collections.abc import Awaitable, Callable, Mapping

import shiboken6
from PySide6.QtWidgets import (
    QWidget,
)

from core.errors import AppError, ConflictError
from core.projects.schemas import (
    SHORTEST_SECRET,
    USUAL,
    ProjectCreate,
    ProjectRow,
    ProjectType,
)
from core.translation import _
from desktop.builds import words
from desktop.builds.projects.conflict_card import ConflictCard
from desktop.builds.projects.form_input import read, values_of
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import (
    CheckField,
    ChoiceField,
    FormWindow,
    LineField,
    NumberField,
    PathField,
    TextField,
    VariablesField,
    scrolled,
)

_SIZE = (640, 700)
_MOST_SECONDS = 7 * 24 * 3600

Save = Callable[[ProjectRow | None, ProjectCreate], Awaitable[ProjectRow]]
Fetch = Callable[[int], Awaitable[ProjectRow]]


class ProjectForm(FormWindow):
    """Asks for everything about a project.

    Args:
        save: Stores the input, on top of the given project or as a new one.
        fetch: Returns a project as it is stored now.
        project: The project to change, None for a new one.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        *,
        save: Save,
        fetch: Fetch,
        project: ProjectRow | None = None,
    ) -> None:
        super().__init__(
            parent,
            tasks,
            title=_("Edit project") if project else _("New project"),
            action=_("Save") if project else _("Create project"),
            unsaved=_("The project was not saved."),
            size=_SIZE,
        )
        self._theme = theme
        self._save, self._fetch = save, fetch
        self._project = project
        self._own_command = False
        self._add_fields()
        self.conflict = ConflictCard()
        self.conflict.keep_mine.connect(lambda: self.tasks.run(self._save_over()))
        self.conflict.take_theirs.connect(lambda: self.tasks.run(self._take_theirs()))
        self.form.changed.connect(self._edited)
        self.arrange(scrolled(self.conflict, self.form))
        if project is not None:
            self._show(project)
        self.form.field("name").setFocus()

    def read_input(self) -> tuple[ProjectCreate | None, Mapping[str, str]]:
        """Return the project as typed, None with the problems by field."""
        return read(self.form.values(), self._project)

    async def store(self, data: ProjectCreate) -> ProjectRow:
        """Store the project."""
        return await self._save(self._project, data)

    def explain(self, error: AppError) -> None:
        """Show why it was not stored, at the place that it is about."""
        if isinstance(error, ConflictError):
            self.conflict.explain(error)
            self.scroll_area.ensureVisible(0, 0)
        else:
            super().explain(error)

    async def _save_over(self) -> None:
        if await self._fetch_again() is not None:
            self.submit()

    async def _take_theirs(self) -> None:
        stored = await self._fetch_again()
        if stored is not None:
            self._show(stored)
            self.dirty = False
        if shiboken6.isValid(self):
            self.answered.emit()

    async def _fetch_again(self) -> ProjectRow | None:
        if self._project is None:
            return None
        self.conflict.hide()
        self.set_busy(True)
        try:
            stored = await self._fetch(self._project.id)
        except AppError as error:
            if not shiboken6.isValid(self):
                raise
            self.explain(error)
            return None
        finally:
            if shiboken6.isValid(self):
                self.set_busy(False)
        if not shiboken6.isValid(self):
            return None
        self._project = stored
        return stored

    # How it is made

    def _add_fields(self) -> None:
        add = self.form.add
        add("name", _("Name"), LineField(placeholder=_("for example payments-api")))
        kinds = [(kind, words.type_words(kind)) for kind in ProjectType]
        add("type", _("Type"), ChoiceField(kinds), beside=True)
        add("path", _("Folder"), PathField(
            self.tasks, title=_("Choose the folder of the project"),
            placeholder=_("The folder in which the command runs")))  # fmt: skip
        add("command", _("Command"), TextField(rows=4, theme=self._theme), hint=_(
            "Run by the shell, in that folder. Several lines run one after another."
        ))  # fmt: skip
        add("description", _("Description"), TextField(rows=2))
        self._add_variables()
        self._add_limits()
        self.form.finish()

    def _add_variables(self) -> None:
        self.form.add_section(_("Variables"))
        self.form.add("environment", _("Environment variables"), VariablesField())
        self.form.add("secrets", _("Secret variables"), VariablesField(secret=True), hint=_(
            "Sealed with a key on this computer, never shown again, and masked in logs."
            " A secret has at least {count} characters."
        ).format(count=SHORTEST_SECRET))  # fmt: skip

    def _add_limits(self) -> None:
        self.form.add_section(_("Limits and manner"))
        add = self.form.add
        add("timeout_s", _("Time limit"), NumberField(
            most=_MOST_SECONDS, suffix=_(" s"), none_text=_("No limit"), usual=3600,
        ), hint=_("A build that takes longer is ended."))  # fmt: skip
        silence = NumberField(
            most=_MOST_SECONDS, suffix=_(" s"), none_text=_("No limit"), usual=600
        )
        silence.set_value(None)
        add("silence_timeout_s", _("Limit without output"), silence, beside=True,
            hint=_("A build that prints nothing for so long is ended."))  # fmt: skip
        add("grace_s", _("Grace"), NumberField(most=600, suffix=_(" s"), usual=10), hint=_(
            "So long a build may clean up after it is asked to end, before it is made to."
        ))  # fmt: skip
        add("terminal", _("Pseudo-terminal"), CheckField(
            _("Give the command a terminal, as some tools want for colours")))  # fmt: skip
        active = CheckField(_("Active: builds of it may run"))
        active.set_value(True)
        add("active", _("Active"), active)

    def _show(self, project: ProjectRow) -> None:
        self.form.set_errors({})
        self.form.set_values(values_of(project))
        self._own_command = project.command != USUAL[project.type].command

    def _edited(self, name: str) -> None:
        if name == "command":
            self._own_command = bool(self.form.field("command").value().strip())
        elif name == "type" and not self._own_command:
            kind = self.form.field("type").value()
            self.form.field("command").set_value(USUAL[ProjectType(kind)].command)
