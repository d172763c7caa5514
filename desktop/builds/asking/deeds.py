"""What can be done with the chosen project and build, with the words it needs first."""

from PySide6.QtWidgets import QWidget

from core.builds.schemas import BuildRequest, BuildRow
from desktop.builds.asking.note import NoteForm
from desktop.builds.asking.run_with import RunWithForm
from desktop.builds.presenter import BuildsPresenter
from desktop.tabs import TabContext
from desktop.widgets.single_window import SingleWindow


class BuildDeeds:
    """Runs, repeats, annotates and pins.

    Attributes:
        parent: The dialogs stand over it; set once the view is made, which shows actions
            that lead here.
    """

    def __init__(self, context: TabContext, presenter: BuildsPresenter) -> None:
        self._tasks, self._presenter = context.tasks, presenter
        self._actions = context.actions
        self.parent: QWidget | None = None
        self.run_form = SingleWindow[RunWithForm]()
        self.note_form = SingleWindow[NoteForm]()

    async def run(self) -> None:
        """Queue a build of the chosen project as it stands."""
        project_id = self._presenter.project_id
        if project_id is not None and not self._presenter.permits.run:
            await self._presenter.run_build(project_id)

    def run_with(self) -> None:
        """Ask with what a build of the chosen project is to run."""
        project = self._presenter.project
        if project is None or self._presenter.permits.run:
            return

        async def queue(request: BuildRequest) -> BuildRow:
            return await self._presenter.run_build(project.id, request)

        self.run_form.open(
            lambda: RunWithForm(self.parent, self._tasks, project=project, queue=queue)
        )

    async def retry(self) -> None:
        """Run once more what the chosen build ran."""
        build = self._presenter.build
        if build is not None and not self._presenter.permits.retry:
            await self._presenter.retry_build(build.id)

    async def cancel(self) -> None:
        """Cancel the chosen build."""
        build = self._presenter.build
        if build is not None and not self._presenter.permits.cancel:
            await self._presenter.cancel_build(build.id)

    def note(self) -> None:
        """Ask for the note on the chosen build."""
        build = self._presenter.build
        if build is None or self._presenter.permits.annotate:
            return

        async def save(note: str) -> BuildRow:
            return await self._presenter.annotate(build.id, note)

        self.note_form.open(lambda: NoteForm(self.parent, self._tasks, build=build, save=save))

    async def pin(self) -> None:
        """Pin the chosen build, or take the pin out."""
        build = self._presenter.build
        if build is not None and not self._presenter.permits.annotate:
            await self._presenter.pin(build.id, pinned=not build.pinned)

    def show_pin(self, build: BuildRow | None) -> None:
        """Let the action say whether the chosen build is pinned."""
        self._actions["build.pin"].setChecked(build is not None and build.pinned)

    def close(self) -> None:
        """Put the dialogs away, whatever was typed."""
        self.run_form.close()
        self.note_form.close()
