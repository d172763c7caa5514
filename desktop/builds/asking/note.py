"""Asks for the note on a build."""

from collections.abc import Awaitable, Callable, Mapping

from PySide6.QtWidgets import QWidget

from core.builds.schemas import BuildRow
from core.translation import _
from desktop.tasks import TaskRunner
from desktop.widgets.form.fields import TextField
from desktop.widgets.form.window import FormWindow, scrolled

_SIZE = (480, 300)


class NoteForm(FormWindow):
    """A few words that stay with a build.

    Args:
        save: Stores the note; an empty one takes it away.
    """

    def __init__(
        self,
        parent: QWidget | None,
        tasks: TaskRunner,
        *,
        build: BuildRow,
        save: Callable[[str], Awaitable[BuildRow]],
    ) -> None:
        super().__init__(
            parent,
            tasks,
            title=_("Note on {project} #{number}").format(
                project=build.project, number=build.number
            ),
            action=_("Save"),
            unsaved=_("The note was not saved."),
            size=_SIZE,
        )
        self._save = save
        field = self.form.add("note", _("Note"), TextField(rows=6), hint=_(
            "Seen by everyone who sees the build. Empty takes it away."
        ))  # fmt: skip
        field.set_value(build.note)
        self.form.finish()
        self.arrange(scrolled(self.form))
        field.setFocus()

    def read_input(self) -> tuple[str, Mapping[str, str]]:
        """Return the note; the core says what it cannot be."""
        return str(self.form.field("note").value()), {}

    async def store(self, data: str) -> BuildRow:
        """Store the note."""
        return await self._save(data)
