"""Asks under which name a project is copied."""

from collections.abc import Awaitable, Callable, Mapping

from PySide6.QtWidgets import QWidget

from core.projects.schemas import ProjectRow
from core.translation import _
from desktop.tasks import TaskRunner
from desktop.widgets.form import FormWindow, LineField, scrolled

_SIZE = (460, 230)


class DuplicateForm(FormWindow):
    """The name of a copy.

    Args:
        copy: Stores the copy under a name.
    """

    def __init__(
        self,
        parent: QWidget | None,
        tasks: TaskRunner,
        *,
        project: ProjectRow,
        copy: Callable[[str], Awaitable[ProjectRow]],
    ) -> None:
        super().__init__(
            parent,
            tasks,
            title=_("Duplicate “{name}”").format(name=project.name),
            action=_("Duplicate"),
            unsaved=_("Nothing was copied."),
            size=_SIZE,
        )
        self._copy = copy
        field = self.form.add("name", _("Name of the copy"), LineField(), hint=_(
            "All fields and secrets are copied; builds and triggers are not."
        ))  # fmt: skip
        field.set_value(_("{name} copy").format(name=project.name))
        self.form.finish()
        self.arrange(scrolled(self.form))
        field.setFocus()

    def read_input(self) -> tuple[str | None, Mapping[str, str]]:
        """Return the name; the core says what it cannot be."""
        name = str(self.form.field("name").value()).strip()
        return (name, {}) if name else (None, {"name": _("Give the copy a name.")})

    async def store(self, data: str) -> ProjectRow:
        """Store the copy."""
        return await self._copy(data)
