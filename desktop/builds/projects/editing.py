"""Making and changing projects: the form, one at a time."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from core.projects.schemas import ProjectCreate, ProjectRow
from desktop.builds.presenter import BuildsPresenter
from desktop.builds.projects.calls import ProjectCalls
from desktop.builds.projects.form import ProjectForm
from desktop.tabs import TabContext
from desktop.widgets.single_window import SingleWindow


class Editing:
    """Opens the form, one at a time.

    Args:
        after_form: Called when the form has gone, to give the keyboard to the projects.

    Attributes:
        parent: The dialogs stand over it; set once the view is made, which shows actions
            that lead here.
    """

    def __init__(
        self,
        context: TabContext,
        presenter: BuildsPresenter,
        after_form: Callable[[], None],
    ) -> None:
        self._context, self._presenter = context, presenter
        self._project_calls = ProjectCalls(context)
        self.parent: QWidget | None = None
        self._window = SingleWindow[ProjectForm](after_form)

    @property
    def form(self) -> ProjectForm | None:
        """The form that is open, None without one."""
        return self._window.shown

    def create(self) -> None:
        """Open the form for a new project."""
        if not self._presenter.permits.create:
            self._open(None)

    def edit(self) -> None:
        """Open the form for the chosen project."""
        if self._presenter.project is not None and not self._presenter.permits.edit:
            self._open(self._presenter.project)

    def close(self) -> None:
        """Put the form away, whatever was typed."""
        self._window.close()

    def _open(self, project: ProjectRow | None) -> None:
        self._window.open(
            lambda: ProjectForm(
                self.parent,
                self._context.theme,
                self._context.tasks,
                save=self._save,
                fetch=self._presenter.calls.stored,
                detect=self._project_calls.detect,
                project=project,
            )
        )

    async def _save(self, project: ProjectRow | None, data: ProjectCreate) -> ProjectRow:
        if project is None:
            return await self._presenter.create(data)
        return await self._presenter.update(project, data)
