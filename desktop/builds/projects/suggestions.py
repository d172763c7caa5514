"""What the folder of a project suggests for its other fields."""

from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QLabel

from core.errors import AppError, PermissionDeniedError
from core.projects.detection.schemas import Detected
from core.projects.schemas import USUAL, ProjectType
from core.translation import _
from desktop.builds import words
from desktop.builds.projects.special_fields import PatternsField
from desktop.tasks import TaskRunner
from desktop.theme import set_kind
from desktop.widgets.form import Form

Detect = Callable[[str], Awaitable[Detected]]

_PAUSE_MS = 500


class Suggestions(QObject):
    """Fills fields that nobody typed into, from the folder and from the type.

    Args:
        found: Tells what the folder is.
        detect: Looks into a folder.
    """

    def __init__(self, form: Form, tasks: TaskRunner, found: QLabel, detect: Detect) -> None:
        super().__init__(form)
        self._form, self._tasks, self._found = form, tasks, found
        self._detect = detect
        self._own: set[str] = set()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        form.changed.connect(self._edited)
        found.hide()

    def keep(self) -> None:
        """Take what stands in the fields for the person's own: a stored project is shown."""
        filled = (name for name, value in self._form.values().items() if value)
        self._own = {"type", *filled}
        kind = self._kind()
        if self._form.field("command").value() == USUAL[kind].command:
            self._own.discard("command")
        self._patterns.offer(kind)

    @property
    def _patterns(self) -> PatternsField:
        field = self._form.field("artifact_patterns")
        assert isinstance(field, PatternsField)
        return field

    def _kind(self) -> ProjectType:
        return ProjectType(self._form.field("type").value())

    def _edited(self, name: str) -> None:
        value = self._form.field(name).value()
        if value and str(value).strip():
            self._own.add(name)
        else:
            self._own.discard(name)
        if name == "path":
            self._pause.start()
        elif name == "type":
            self._take_usual()

    def _take_usual(self) -> None:
        usual = USUAL[self._kind()]
        if "command" not in self._own:
            self._form.field("command").set_value(usual.command)
        self._patterns.offer(self._kind())

    def _look(self) -> None:
        path = str(self._form.field("path").value()).strip()
        if path:
            self._tasks.latest((self, "detect"), self.look(path))
        else:
            self._found.hide()

    async def look(self, path: str) -> None:
        """Look into a folder, fill what is nobody's own, and say what was found."""
        try:
            detected = await self._detect(path)
        except PermissionDeniedError:
            return  # who may only edit gets no suggestions; the folder is judged when saved
        except AppError as error:
            if shiboken6.isValid(self) and not self._form.error("path"):
                self._say(error.detail or error.title, "warning")
            return
        if shiboken6.isValid(self) and str(self._form.field("path").value()).strip() == path:
            self._take(path, detected)

    def _take(self, path: str, detected: Detected) -> None:
        offered: dict[str, Any] = {
            "name": PurePath(path).name,
            "type": detected.type,
            "command": detected.command,
            "artifact_patterns": detected.artifact_patterns,
            "repository_url": detected.repository_url,
            "branch": detected.branch,
        }
        for name, value in offered.items():
            if value and name not in self._own:
                self._form.field(name).set_value(value)
                self._form.show_problem(name)
        self._patterns.offer(self._kind())
        known = detected.type is not ProjectType.GENERIC or detected.repository_url
        self._say(_sentence(detected), "success" if known else "muted")

    def _say(self, text: str, kind: str) -> None:
        self._found.setText(text)
        set_kind(self._found, kind)
        self._found.show()


def _sentence(detected: Detected) -> str:
    """Return what was found, and where what it suggests can be seen."""
    told = _("Nothing that Buildbench knows was found here: type the command that builds it.")
    if detected.type is not ProjectType.GENERIC:
        told = _("Found: a project of the type {type}.").format(
            type=words.type_words(detected.type)
        )
    elif detected.repository_url or detected.branch:
        told = _("No known type of project was found: type the command that builds it.")
    return " ".join(part for part in (told, _origin(detected)) if part)


def _origin(detected: Detected) -> str:
    url, branch = detected.repository_url, detected.branch
    if url and branch:
        told = _("It is a clone of {url}, on “{branch}”; “Source” can build its commits.")
        return told.format(url=url, branch=branch)
    if url:
        return _("It is a clone of {url}; “Source” can build its commits.").format(url=url)
    if branch:
        return _("It is a git work tree on “{branch}”.").format(branch=branch)
    return ""
