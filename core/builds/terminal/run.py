"""``run PROJECT``: queues a build, prints its log, and ends with its exit code.

It works beside a window, which then runs the build, and alone: then this process leads the
workspace until the build has ended. A build that is left goes on by itself.

Exit codes: see ``words``.
"""

import asyncio
import difflib
import gc
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core import log, paths, translation
from core.app import open_core
from core.builds.schemas import BuildRow, BuildState, Cause, TriggerKind
from core.builds.terminal.following import (
    CANCELLED_CODE,
    Follow,
    LeftError,
    end_words,
    exit_code,
)
from core.builds.terminal.printing import Printer
from core.builds.terminal.words import Words, parse
from core.errors import AppError, NotFoundError
from core.projects.schemas import ProjectRow
from core.security.actors import Actor
from core.settings import SettingsStore, load_settings
from core.terminal.asking import BrokenOffError, Interrupts
from core.terminal.entering import entered
from core.terminal.opening import opened, opened_last
from core.terminal.saying import say_wrong
from core.translation import _

if TYPE_CHECKING:
    from core.workspaces.workspace import Workspace

_OPTION = "--workspace FILE"
_STARTS_WITHIN_S = 10.0
_NEAR = 3
_LISTED = 10


def main(argv: Sequence[str]) -> int:
    """Run a build of the project that ``argv`` names."""
    gc.enable()
    try:
        settings = load_settings()
        translation.install(paths.resource("locale"), settings.current.language)
        words = parse(argv)
        printer = Printer(quiet=words.quiet)
        return asyncio.run(_run(settings, words, printer))
    except BrokenOffError:
        say_wrong("\n" + _("Broken off; nothing was queued."))
        return CANCELLED_CODE
    except AppError as error:
        say_wrong(log.redact(error.as_text()))
        return 2 if isinstance(error, NotFoundError) else 1


async def _run(settings: SettingsStore, words: Words, printer: Printer) -> int:
    interrupts = Interrupts()
    async with open_core(settings) as core:
        path = words.workspace or await opened_last(core, _OPTION)
        workspace = await interrupts.breaking_off(opened(core, path, _OPTION))
        if words.workspace is None:
            printer.say(_("In the workspace that was opened last: {path}").format(path=path))
        actor = await interrupts.breaking_off(
            entered(workspace.sign_in, words.person, workspace.info.name)
        )
        build = await interrupts.breaking_off(_queued(workspace, actor, words))
        follow = Follow(
            actor=actor,
            builds=workspace.builds,
            logs=workspace.logs,
            queue=workspace.queue,
            bus=core.events,
            printer=printer,
            interrupts=interrupts,
        )
        if not words.wait:
            printer.say(_on_its_way(await follow.until_it_runs(build, _STARTS_WITHIN_S)))
            return 0
        try:
            ended = await follow.to_the_end(build)
        except LeftError:
            printer.tell(_("Build #{number} is left to itself.").format(number=build.number))
            return CANCELLED_CODE
    tell = printer.say if ended.state is BuildState.SUCCESS else printer.tell
    tell(end_words(ended))
    return exit_code(ended)


async def _queued(workspace: "Workspace", actor: Actor, words: Words) -> BuildRow:
    project = _named(words.project, await workspace.projects.list_all(actor))
    return await workspace.builds.queue(
        actor,
        project_id=project.id,
        request=words.request,
        cause=Cause(TriggerKind.TERMINAL),
    )


def _named(name: str, projects: Iterable[ProjectRow]) -> ProjectRow:
    """Return the project of this name, in any case.

    Raises:
        NotFoundError: There is none; the hint names those that are near.
    """
    by_name = {project.name.casefold(): project for project in projects}
    found = by_name.get(name.strip().casefold())
    if found is not None:
        return found
    near = difflib.get_close_matches(name.casefold(), by_name, n=_NEAR, cutoff=0.6)
    near += [one for one in by_name if name.casefold() in one and one not in near]
    if near:
        hint = _("Did you mean: {names}?")
    elif by_name:
        near, hint = list(by_name)[:_LISTED], _("Among its projects: {names}")
    else:
        hint = _("This workspace has no projects.")
    names = ", ".join(by_name[one].name for one in near)
    raise NotFoundError(
        _("There is no project named “{name}”.").format(name=name),
        hint=hint.format(names=names),
    )


def _on_its_way(build: BuildRow) -> str:
    about = {"number": build.number, "project": build.project}
    if build.state is BuildState.PENDING:
        text = _(
            "Build #{number} of “{project}” waits in the queue; it starts while Buildbench"
            " is open."
        )
    else:
        text = _("Build #{number} of “{project}” runs.")
    return text.format(**about)
