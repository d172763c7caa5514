"""The queue as a section of the tab: page, actions, and what keeps it up to date."""

from collections.abc import Callable

from core.builds.queue.schemas import QueueOverview
from core.builds.schemas import BuildRow, BuildState
from core.events import Changed, Event
from core.projects.schemas import Priority
from core.security.operations import Operation, may
from core.translation import _
from desktop.actions import MenuName
from desktop.builds.queue.calls import QueueCalls
from desktop.builds.queue.model import QueueModel
from desktop.builds.queue.page import QueuePage
from desktop.refresher import Refresher
from desktop.tabs import TabContext

_TOPICS = frozenset({"builds", "build_rules"})


class QueueSection:
    """Shows the queue and arranges it.

    Args:
        show_build: Shows a build among those of its project.
        told: Called with the number of builds that wait and whether none may start, whenever
            that is known anew.
    """

    def __init__(
        self,
        context: TabContext,
        show_build: Callable[[BuildRow], object],
        told: Callable[[int, bool], object],
    ) -> None:
        self._context, self._show_build, self._told = context, show_build, told
        self._calls = QueueCalls(context)
        self._overview: QueueOverview | None = None
        self._add_actions()
        self.model = QueueModel()
        self.page = QueuePage(context.theme, self.model, context.actions)
        self.page.chosen.connect(self._allow)
        self.page.opened.connect(show_build)
        self._refresh = Refresher(context.tasks, self.refresh)
        self._allow()

    def on_event(self, event: Event) -> None:
        """Fetch anew when builds, or the rules for them, change."""
        if isinstance(event, Changed) and event.topics & _TOPICS:
            self._refresh.ask()

    def tick(self) -> None:
        """Let running times go on."""
        if self.page.isVisible():
            self.model.tick()

    async def refresh(self) -> None:
        """Fetch the queue as it stands now."""
        overview = await self._calls.overview()
        self._overview = overview
        self.page.show_overview(overview)
        self._told(overview.waiting_count, overview.paused)
        self._allow()

    # What the person asks for

    async def move_up(self) -> None:
        """Let the chosen build change places with the one before it."""
        waiting, place = self._waiting_place()
        if place > 0:
            await self._move(waiting[place], waiting[place - 1].id)

    async def move_down(self) -> None:
        """Let the chosen build change places with the one after it."""
        waiting, place = self._waiting_place()
        if 0 <= place < len(waiting) - 1:
            behind = waiting[place + 2].id if place + 2 < len(waiting) else None
            await self._move(waiting[place], behind)

    async def move_first(self) -> None:
        """Let the chosen build be the next that starts."""
        waiting, place = self._waiting_place()
        if place > 0:
            await self._move(waiting[place], waiting[0].id)

    async def raise_priority(self) -> None:
        """Give the chosen build the priority above its own."""
        await self._prioritise(1)

    async def lower_priority(self) -> None:
        """Give the chosen build the priority below its own."""
        await self._prioritise(-1)

    async def cancel(self) -> None:
        """Take the chosen build out of the queue, or end it where it runs."""
        build = self.page.build
        if build is not None:
            await self._calls.cancel(build.id)
            await self.refresh()

    async def pause(self) -> None:
        """Let no build start, or let them start again."""
        paused = self._overview is not None and self._overview.paused
        await self._calls.set_paused(paused=not paused)
        await self.refresh()

    def show(self) -> None:
        """Show the chosen build among those of its project."""
        if self.page.build is not None:
            self._show_build(self.page.build)

    async def _move(self, build: BuildRow, before: int | None) -> None:
        await self._calls.move(build.id, before)
        await self.refresh()
        self.page.choose(build.id)

    async def _prioritise(self, step: int) -> None:
        build = self.page.build
        if build is None:
            return
        levels = sorted(Priority)
        place = min(range(len(levels)), key=lambda i: abs(levels[i] - build.priority)) + step
        if 0 <= place < len(levels):
            await self._calls.prioritise(build.id, levels[place])
            await self.refresh()
            self.page.choose(build.id)

    def _waiting_place(self) -> tuple[list[BuildRow], int]:
        """Return what waits, and where the chosen build is among it, -1 where it is not."""
        waiting, chosen = self.model.waiting, self.page.build
        ids = [row.id for row in waiting]
        return waiting, ids.index(chosen.id) if chosen and chosen.id in ids else -1

    # What is possible

    def _add_actions(self) -> None:
        add, menu = self._context.actions.add, MenuName.BUILD
        add("queue.pause", _("Pa&use the queue"), self.pause, menu=menu, section="queue",
            checkable=True, icon="pause",
            tip=_("Let no build start until it is resumed; what runs goes on"))  # fmt: skip
        add("queue.first", _("Start &next"), self.move_first, icon="arrow-line-up",
            tip=_("Let the chosen build be the next that starts"))  # fmt: skip
        add("queue.up", _("&Earlier"), self.move_up, shortcut="Alt+Up", icon="arrow-up",
            tip=_("Let it start before the one above it"))  # fmt: skip
        add("queue.down", _("&Later"), self.move_down, shortcut="Alt+Down", icon="arrow-down",
            tip=_("Let it start after the one below it"))  # fmt: skip
        add("queue.priority_up", _("&Raise its priority"), self.raise_priority,
            icon="caret-double-up")  # fmt: skip
        add("queue.priority_down", _("Lo&wer its priority"), self.lower_priority,
            icon="caret-double-down")  # fmt: skip
        add("queue.show", _("&Show the build"), self.show, icon="list")
        add("queue.cancel", _("Re&move or cancel"), self.cancel, icon="x",
            tip=_("Take it out of the queue, or end it where it runs"))  # fmt: skip

    def _allow(self) -> None:
        build = self.page.build
        waits = build is not None and build.state is BuildState.PENDING
        none = "" if build else _("Choose a build first.")
        arrange = (
            none
            or ("" if waits else _("It runs already."))
            or self._lacking(Operation.QUEUE_ARRANGE)
        )
        set_enabled = self._context.actions.set_enabled
        for action_id in ("first", "up", "down", "priority_up", "priority_down"):
            set_enabled(f"queue.{action_id}", not arrange, arrange)
        cancel = none or self._lacking(Operation.BUILDS_CANCEL, build)
        set_enabled("queue.cancel", not cancel, cancel)
        set_enabled("queue.show", not none, none)
        pause = self._lacking(Operation.QUEUE_PAUSE)
        set_enabled("queue.pause", not pause, pause)
        paused = self._overview is not None and self._overview.paused
        self._context.actions["queue.pause"].setChecked(paused)

    def _lacking(self, operation: Operation, build: BuildRow | None = None) -> str:
        info = self._context.workspace.info
        if info.read_only:
            return info.read_only
        project_id = build.project_id if build else None
        if may(self._context.actor, operation, project_id=project_id):
            return ""
        return _("Only operators and administrators may do this.")
