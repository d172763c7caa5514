"""The form in which a project is made or changed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import shiboken6
from PySide6.QtWidgets import QWidget

from core.errors import AppError, ConflictError
from core.projects.schemas import ProjectCreate, ProjectRow
from core.translation import _
from desktop.builds.projects.conflict_card import ConflictCard
from desktop.builds.projects.form_fields import fill_form
from desktop.builds.projects.form_input import Source, read, values_of
from desktop.builds.projects.suggestions import Detect, Suggestions
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import FormWindow, SectionedForm
from desktop.widgets.marks import label

_SIZE = (860, 660)

Save = Callable[[ProjectRow | None, ProjectCreate], Awaitable[ProjectRow]]
Fetch = Callable[[int], Awaitable[ProjectRow]]


class ProjectForm(FormWindow):
    """Asks for everything about a project; a name, a folder and a command are enough.

    Args:
        save: Stores the input, on top of the given project or as a new one.
        fetch: Returns a project as it is stored now.
        detect: Tells what lies in a folder.
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
        detect: Detect,
        project: ProjectRow | None = None,
    ) -> None:
        self.sectioned = SectionedForm(theme, _("Sections of the project"))
        name = project.name if project else ""
        super().__init__(
            parent,
            tasks,
            title=_("Edit “{name}”").format(name=name) if project else _("New project"),
            action=_("Save") if project else _("Create project"),
            unsaved=_("The project was not saved."),
            size=_SIZE,
            form=self.sectioned,
        )
        self._save, self._fetch = save, fetch
        self._project = project
        self.found = label("", "success", wrap=True)
        fill_form(self.sectioned, theme, tasks, self.found)
        self.suggestions = Suggestions(self.form, tasks, self.found, detect)
        self.conflict = ConflictCard()
        self.conflict.keep_mine.connect(lambda: self.tasks.run(self._save_over()))
        self.conflict.take_theirs.connect(lambda: self.tasks.run(self._take_theirs()))
        self.sectioned.above.addWidget(self.conflict)
        self.form.changed.connect(self._edited)
        self.arrange(self.sectioned.area, pages=self.sectioned)
        self.sectioned.turned.connect(self._turned)
        if project is not None:
            self._show(project)
        self._show_source()
        self.form.field("name" if project else "path").setFocus()

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
        else:
            super().explain(error)
        if self.form.error("path"):
            self.found.hide()  # it says the same of the folder

    async def _save_over(self) -> None:
        if await self._fetch_again() is not None:
            self.submit()

    async def _take_theirs(self) -> None:
        stored = await self._fetch_again()
        if stored is not None:
            self._show(stored)
            self._show_source()
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

    def _show(self, project: ProjectRow) -> None:
        self.form.set_errors({})
        values: dict[str, Any] = values_of(project)
        self.form.set_values(values)
        self.suggestions.keep()

    def _edited(self, name: str) -> None:
        if name == "source":
            self._show_source()

    def _show_source(self) -> None:
        """Let a repository be typed only where one is built."""
        chosen = self.form.field("source").value() != Source.AS_IT_STANDS
        for name in ("repository_url", "branch"):
            self.form.field(name).setEnabled(chosen)

    def _turned(self) -> None:
        self.scroll_area = self.sectioned.area
