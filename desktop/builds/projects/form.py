"""The form in which a project is made or changed."""

from collections.abc import Awaitable, Callable

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError, ConflictError, ValidationError
from core.projects.schemas import (
    SHORTEST_SECRET,
    USUAL_COMMANDS,
    ProjectCreate,
    ProjectRow,
    ProjectType,
)
from core.translation import _
from desktop.async_dialogs import ask_to_discard
from desktop.builds import words
from desktop.builds.projects.conflict_card import ConflictCard
from desktop.builds.projects.form_input import read, values_of
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.widgets.form import (
    CheckField,
    ChoiceField,
    Form,
    LineField,
    NumberField,
    PathField,
    TextField,
    VariablesField,
)

_SIZE = (640, 700)
_MOST_SECONDS = 7 * 24 * 3600

Save = Callable[[ProjectRow | None, ProjectCreate], Awaitable[ProjectRow]]
Fetch = Callable[[int], Awaitable[ProjectRow]]


class ProjectForm(QDialog):
    """Asks for everything about a project; stays open until it is stored or given up.

    It cannot be closed while the core works on it, so that the answer finds its place.

    Args:
        save: Stores the input, on top of the given project or as a new one.
        fetch: Returns a project as it is stored now.
        project: The project to change, None for a new one.

    Signals:
        saved: It was stored; carries the ``ProjectRow``.
        answered: The core has answered, well or not; the form can be used again.
    """

    saved = Signal(object)
    answered = Signal()

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
        super().__init__(parent)
        self._theme, self._tasks = theme, tasks
        self._save, self._fetch = save, fetch
        self._project = project
        self._own_command = False
        self._dirty = False
        self._busy = False
        self._asking = False
        self.setWindowTitle(_("Edit project") if project else _("New project"))
        self.resize(*_SIZE)
        self.form = Form()
        self._add_fields()
        self.form.changed.connect(self._edited)
        self.conflict = ConflictCard()
        self.conflict.keep_mine.connect(lambda: self._tasks.run(self._save_over()))
        self.conflict.take_theirs.connect(lambda: self._tasks.run(self._take_theirs()))
        self.save_button = QPushButton(_("Save") if project else _("Create project"))
        self.save_button.setProperty("kind", "primary")
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self.submit)
        self.cancel_button = QPushButton(_("Cancel"))
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.reject)
        # Return alone makes a new line in the command.
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.submit)
        self._lay_out()
        if project is not None:
            self._show(project)
        self.form.field("name").setFocus()

    def submit(self) -> None:
        """Check what was typed and store it; messages stand beside the fields."""
        if self._busy or self._asking:
            return
        problems = self.form.problems()
        data, wrong = read(self.form.values(), self._project)
        if data is None or problems:
            self._show_errors({**wrong, **problems})
            return
        self.form.set_errors({})
        self._set_busy(True)
        self._tasks.run(self._submit(data))

    def reject(self) -> None:
        """Close, after asking when something typed would be lost; not while it saves."""
        if self._busy or self._asking:
            return
        if self._dirty:
            self._asking = True
            self._tasks.run(self._ask_to_discard())
        else:
            super().reject()

    async def _submit(self, data: ProjectCreate) -> None:
        try:
            stored = await self._save(self._project, data)
        except AppError as error:
            if not shiboken6.isValid(self):
                raise  # the tab has closed it; whoever takes failures tells this one
            self._explain(error)
        else:
            if shiboken6.isValid(self):
                self._dirty = False
                self.saved.emit(stored)
                self.accept()
        finally:
            if shiboken6.isValid(self):
                self._set_busy(False)
                self.answered.emit()

    def _explain(self, error: AppError) -> None:
        """Show why it was not stored, at the place that it is about."""
        if isinstance(error, ValidationError):
            self._show_errors(error.fields or {"": error.as_text()})
        elif isinstance(error, ConflictError):
            self.conflict.explain(error)
            self.scroll_area.ensureVisible(0, 0)
        else:
            self._show_errors({"": error.as_text()})

    async def _save_over(self) -> None:
        if await self._fetch_again() is not None:
            self.submit()

    async def _take_theirs(self) -> None:
        stored = await self._fetch_again()
        if stored is not None:
            self._show(stored)
            self._dirty = False
        if shiboken6.isValid(self):
            self.answered.emit()

    async def _fetch_again(self) -> ProjectRow | None:
        if self._project is None:
            return None
        self.conflict.hide()
        self._set_busy(True)
        try:
            stored = await self._fetch(self._project.id)
        except AppError as error:
            if not shiboken6.isValid(self):
                raise
            self._explain(error)
            return None
        finally:
            if shiboken6.isValid(self):
                self._set_busy(False)
        if not shiboken6.isValid(self):
            return None
        self._project = stored
        return stored

    def _show_errors(self, errors: dict[str, str]) -> None:
        """Show messages and bring the first of them into sight."""
        self.form.set_errors(errors)
        focused = self.focusWidget()
        if self.form.error("") or focused is None:
            self.scroll_area.ensureVisible(0, 0)
        else:
            self.scroll_area.ensureWidgetVisible(focused, 50, 80)

    async def _ask_to_discard(self) -> None:
        try:
            discard = await ask_to_discard(self, _("The project was not saved."))
        finally:
            self._asking = False
        if discard:
            super().reject()

    # How it is made

    def _add_fields(self) -> None:
        add = self.form.add
        add("name", _("Name"), LineField(placeholder=_("for example payments-api")))
        kinds = [(kind, words.type_words(kind)) for kind in ProjectType]
        add("type", _("Type"), ChoiceField(kinds), beside=True)
        add("path", _("Folder"), PathField(
            self._tasks, title=_("Choose the folder of the project"),
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

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(2 * Metric.GRID)
        layout.addWidget(self.conflict)
        layout.addWidget(self.form)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setWidget(inner)
        footer = QFrame()
        footer.setProperty("kind", "footer")
        buttons = QHBoxLayout(footer)
        buttons.setContentsMargins(20, 12, 20, 12)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.save_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.scroll_area, 1)
        outer.addWidget(footer)

    def _show(self, project: ProjectRow) -> None:
        self.form.set_errors({})
        self.form.set_values(values_of(project))
        self._own_command = project.command != USUAL_COMMANDS[project.type]

    def _edited(self, name: str) -> None:
        self._dirty = True
        if name == "command":
            self._own_command = bool(self.form.field("command").value().strip())
        elif name == "type" and not self._own_command:
            kind = self.form.field("type").value()
            self.form.field("command").set_value(USUAL_COMMANDS[ProjectType(kind)])

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for part in (self.save_button, self.cancel_button):
            part.setDisabled(busy)
