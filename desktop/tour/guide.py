"""Leads through the application offscreen, takes pictures, and tells what worked.

Everything is real: the demo is compiled and tested with the tools at hand, in a home of its
own that is removed at the end. A step that fails does not keep the next ones from running,
but the exit code tells.
"""

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import qasync
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from core.paths import HOME_VARIABLE, UserFolders
from core.scratch import PREFIX, ScratchFolder
from desktop.app import Application, make_qt
from desktop.arguments import Arguments
from desktop.builds import BuildsTab
from desktop.frame.conduct import Conduct
from desktop.performance import PerformanceTab
from desktop.users import UsersTab

SIZE = (1280, 800)
LARGE = (1920, 1080)
_PATIENCE_S = 120.0
_POLL_S = 0.02
_SETTLE_S = 0.15


class TourError(Exception):
    """Something did not come as it should have."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a person would do; ``do`` raises when it does not work."""

    title: str
    do: "Callable[[Guide], Awaitable[str]]"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step went: ``note`` is what was seen, ``error`` why it failed."""

    title: str
    seconds: float
    note: str
    error: str


class Guide:
    """What a step works with.

    Args:
        application: The application, ready to be used.
        folder: Where pictures go.
        scratch: A folder for files of the tour itself, removed at the end.
    """

    def __init__(self, application: Application, folder: Path, scratch: Path) -> None:
        self.application = application
        self.window = application.window
        self.scratch = scratch
        self.pictures: list[Path] = []
        self._folder = folder

    @property
    def conduct(self) -> Conduct:
        """The frame, once the core is open."""
        if self.application.conduct is None:
            raise TourError("The core did not open.")
        return self.application.conduct

    @property
    def builds(self) -> BuildsTab:
        """The tab of projects and builds of the open workspace."""
        session = self.conduct.workspaces.session
        tab = session.tabs.get("builds") if session else None
        if not isinstance(tab, BuildsTab):
            raise TourError("No workspace with builds is open.")
        return tab

    @property
    def users(self) -> UsersTab:
        """The tab of people of the open workspace."""
        session = self.conduct.workspaces.session
        tab = session.tabs.get("users") if session else None
        if not isinstance(tab, UsersTab):
            raise TourError("No workspace with people is open.")
        return tab

    @property
    def performance(self) -> PerformanceTab:
        """The tab about the database that is open."""
        session = self.conduct.workspaces.session
        tab = session.tabs.get("performance") if session else None
        if not isinstance(tab, PerformanceTab):
            raise TourError("No database is open.")
        return tab

    def show_tab(self, key: str) -> None:
        """Choose a tab of the window."""
        bar = self.window.tab_bar
        for place in range(bar.count()):
            if bar.tabData(place) == key:
                bar.setCurrentIndex(place)
                return
        raise TourError(f"There is no tab {key}.")

    def dialogs(self) -> list[QDialog]:
        """Return the dialogs that are open."""
        found = self.window.findChildren(QDialog)
        return [dialog for dialog in found if dialog.isVisible()]

    def trigger(self, action_id: str) -> None:
        """Use an action of the menus, as a person would."""
        for action in self.window.actions():
            if action.objectName() == action_id:
                if not action.isEnabled():
                    raise TourError(f"{action_id} is disabled: {action.statusTip()}")
                action.trigger()
                return
        raise TourError(f"There is no action {action_id}.")

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something is true; the window goes on meanwhile."""
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise TourError(f"Waited in vain: {what}.")
            await asyncio.sleep(_POLL_S)

    async def picture(
        self, name: str, widget: QWidget | None = None, *, toasts: bool = False
    ) -> None:
        """Save a widget, or the window, as PNG in light and in dark.

        The colours in force come first and the others stay: to change them takes the longest.

        Args:
            toasts: Leave the notifications that are shown where they are.
        """
        theme = self.application.services.theme
        if not toasts:
            self.application.services.notifications.clear()
        shown = widget or self.window
        for scheme in ("dark", "light") if theme.dark else ("light", "dark"):
            theme.choose(scheme)
            await asyncio.sleep(_SETTLE_S)
            path = self._folder / f"{name}-{scheme}.png"
            if not _grab(shown).save(str(path)):
                raise TourError(f"{path} could not be written.")
            self.pictures.append(path)


def _grab(widget: QWidget) -> QPixmap:
    """Return the picture of a widget on its own ground, as a screen would show it."""
    grabbed = widget.grab()
    picture = QPixmap(grabbed.size())
    picture.setDevicePixelRatio(grabbed.devicePixelRatio())
    picture.fill(QColor(widget.palette().window().color()))
    painter = QPainter(picture)
    painter.drawPixmap(0, 0, grabbed)
    painter.end()
    return picture


def run(folder: Path, steps: Sequence[Step]) -> int:
    """Give the tour and return 0 when every step worked, 1 when one did not.

    Args:
        steps: What is done, in this order.
        folder: Where the pictures are saved; it is made if it is not there.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with ScratchFolder(f"{PREFIX}tour-") as scratch:
        os.environ[HOME_VARIABLE] = str(scratch.path / "home")
        # A home that is thrown away leaves nothing in the keyring of whoever runs the tour.
        os.environ["BUILDBENCH_KEY_STORAGE"] = "file"
        folders = UserFolders.of_this_user()
        qt = make_qt(folders)
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
            outcomes, pictures = runner.run(_lead(qt, folders, steps, folder, scratch.path))
    _say(outcomes, pictures, folder)
    return 0 if all(not outcome.error for outcome in outcomes) else 1


async def _lead(
    qt: QApplication,
    folders: UserFolders,
    steps: Sequence[Step],
    folder: Path,
    scratch: Path,
) -> tuple[list[Outcome], list[Path]]:
    application = Application(qt, Arguments(), folders, unattended=True)
    application.window.resize(*SIZE)
    guide = Guide(application, folder, scratch)
    running = asyncio.ensure_future(application.run())
    outcomes = [await _take(Step("Start", _started), guide)]
    if not outcomes[0].error:
        outcomes += [await _take(step, guide) for step in steps]
    application.stop.set()
    outcomes.append(await _take(Step("End with nothing left running", _ended(running)), guide))
    return outcomes, guide.pictures


async def _started(guide: Guide) -> str:
    await guide.until(guide.application.ready.is_set, "the application to be ready")
    return "the window is painted and the core is open"


def _ended(running: "asyncio.Future[int]") -> Callable[[Guide], Awaitable[str]]:
    async def ended(_guide: Guide) -> str:
        code = await asyncio.wait_for(running, _PATIENCE_S)
        if code:
            raise TourError(f"The application ended with exit code {code}.")
        return "exit code 0"

    return ended


async def _take(step: Step, guide: Guide) -> Outcome:
    started = time.monotonic()
    note = error = ""
    try:
        note = await step.do(guide)
    except Exception as failure:  # the next steps are worth seeing all the same
        error = str(failure) or type(failure).__name__
        if not isinstance(failure, TourError):
            traceback.print_exc()
    return Outcome(step.title, time.monotonic() - started, note, error)


def _say(outcomes: Sequence[Outcome], pictures: Sequence[Path], folder: Path) -> None:
    write = sys.stdout.write
    write("\n")
    for outcome in outcomes:
        mark = "FAILED" if outcome.error else "ok"
        words = outcome.error or outcome.note
        write(f"{mark:7}{outcome.seconds:6.1f} s  {outcome.title}: {words}\n")
    failed = sum(bool(outcome.error) for outcome in outcomes)
    write(f"\n{len(outcomes) - failed} of {len(outcomes)} steps worked; ")
    write(f"{len(pictures)} pictures are in {folder}\n")
