"""What is done with the chosen project, with the words and questions it needs first."""

from PySide6.QtWidgets import QMessageBox, QWidget

from core.events import Event
from core.projects.schemas import ProjectRow
from core.translation import _
from desktop.async_dialogs import ask
from desktop.builds.presenter import BuildsPresenter
from desktop.builds.projects import words
from desktop.builds.projects.calls import ProjectCalls
from desktop.builds.projects.commands import (
    ProjectHandlers,
    add_project_actions,
    allow_project_actions,
)
from desktop.builds.projects.duplicate import DuplicateForm
from desktop.builds.projects.permits import ProjectPermits, project_permits
from desktop.builds.projects.transfer.transfers import Transfers
from desktop.builds.triggers.dialog import TriggersDialog
from desktop.tabs import TabContext
from desktop.widgets.single_window import SingleWindow


class ProjectDeeds:
    """Schedules, copies, switches and deletes.

    Attributes:
        parent: The dialogs stand over it; set once the view is made, which shows actions
            that lead here.
    """

    def __init__(self, context: TabContext, presenter: BuildsPresenter) -> None:
        self._context, self._presenter = context, presenter
        self._calls = ProjectCalls(context)
        self.transfers = Transfers(context, presenter)
        self._parent: QWidget | None = None
        self.copy_form = SingleWindow[DuplicateForm]()
        self.triggers = SingleWindow[TriggersDialog]()

    def add_actions(self) -> None:
        """Make the actions."""
        handlers = ProjectHandlers(
            schedule=self.schedule,
            duplicate=self.duplicate,
            activate=self.activate,
            export=self.transfers.export,
            bring_in=self.transfers.bring_in,
        )
        add_project_actions(self._context.actions, handlers)

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        if self.triggers.shown is not None:
            self.triggers.shown.on_event(event)

    @property
    def parent(self) -> QWidget | None:
        """What the dialogs stand over."""
        return self._parent

    @parent.setter
    def parent(self, widget: QWidget) -> None:
        self._parent = self.transfers.parent = widget

    @property
    def permits(self) -> ProjectPermits:
        """What may be done with the chosen project."""
        context = self._context
        return project_permits(context.actor, context.workspace.info, self._presenter.project)

    def allow(self) -> None:
        """Let the actions fit the chosen project."""
        allow_project_actions(self._context.actions, self.permits)
        project = self._presenter.project
        active = project is not None and project.active
        self._context.actions["project.active"].setChecked(active)

    def schedule(self) -> None:
        """Show what starts builds of the chosen project by itself."""
        project, permits = self._presenter.project, self.permits
        if project is None or permits.schedule:
            return
        self.triggers.open(
            lambda: TriggersDialog(
                self.parent,
                self._context,
                project,
                self._presenter.projects.rows,
                refusal=permits.change_triggers,
            )
        )

    def duplicate(self) -> None:
        """Ask for a name and store a copy of the chosen project."""
        project = self._presenter.project
        if project is None or self.permits.duplicate:
            return

        async def copy(name: str) -> ProjectRow:
            row = await self._calls.duplicate(project.id, name)
            await self._presenter.refresh_projects()
            self._presenter.choose_project(row.id)
            return row

        self.copy_form.open(
            lambda: DuplicateForm(self.parent, self._context.tasks, project=project, copy=copy)
        )

    async def activate(self) -> None:
        """Let builds of the chosen project run, or no more."""
        project = self._presenter.project
        if project is None or self.permits.activate:
            return
        try:
            await self._calls.set_active(project, active=not project.active)
        finally:
            await self._presenter.refresh_projects()

    async def delete(self) -> None:
        """Delete the chosen project after saying what goes with it."""
        project = self._presenter.project
        if project is None or self._presenter.permits.delete:
            return
        gone = await self._calls.consequences(project.id)
        chosen, _tick = await ask(
            self.parent,
            title=_("Delete “{name}”?").format(name=project.name),
            text=words.removal(project, gone),
            actions=(
                (_("Delete project"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Keep it"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        if chosen == 0:
            await self._presenter.delete(project)

    def close(self) -> None:
        """Put the dialogs away, whatever was typed."""
        self.copy_form.close()
        self.triggers.close()
        self.transfers.close()
