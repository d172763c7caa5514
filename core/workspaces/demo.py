"""The demo: a workspace with small real projects, copied out of the resources and built.

The projects are compiled and tested with the tools at hand, and one whose tools are missing is
left out and named. Only the people are invented: their e-mail addresses and telephone numbers
are reserved for examples, and nobody can sign in as one of them.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from core import paths
from core.database.fields.money import parse_money
from core.errors import ExternalError, why_refused
from core.progress import Progress
from core.projects.schemas import ProjectCreate, ProjectType
from core.security.actors import Actor, Origin
from core.translation import _
from core.users.schemas import new_user
from core.workspaces.workspace import Workspace


async def fill(workspace: Workspace, folder: Path, progress: Progress) -> tuple[str, ...]:
    """Put people and the demo projects into a workspace and queue a build of each project.

    Args:
        workspace: The new workspace.
        folder: Where the projects are copied to.
        progress: Told after each project.

    Returns:
        The names of projects that were left out, because a tool for them is missing.

    Raises:
        ExternalError: A project could not be copied.
    """
    actor = Actor.of_this_computer(Origin.DESKTOP)
    entries = json.loads(paths.resource("demo", "demo.json").read_text("utf-8"))
    left_out = []
    await _add_people(workspace, actor)
    for number, entry in enumerate(entries):
        progress.report(number / len(entries), _("Project “{name}”").format(name=entry["name"]))
        if not all(shutil.which(tool) for tool in entry["needs"]):
            left_out.append(f"{entry['name']} ({', '.join(entry['needs'])})")
            continue
        await _add(workspace, actor, entry, folder / entry["folder"])
    return tuple(left_out)


async def _add_people(workspace: Workspace, actor: Actor) -> None:
    entries = json.loads(paths.resource("demo", "people.json").read_text("utf-8"))
    people = [new_user({**one, "balance": parse_money(one["balance"])}) for one in entries]
    await workspace.users.create_many(actor, data=people)


async def _add(workspace: Workspace, actor: Actor, entry: dict[str, Any], copy: Path) -> None:
    try:
        await asyncio.to_thread(_copy, paths.resource("demo", entry["folder"]), copy)
    except OSError as error:
        raise ExternalError(
            _("The demo project “{name}” could not be copied.").format(name=entry["name"]),
            detail=why_refused(error),
            hint=_("Make room on the disk that holds your data folder."),
        ) from error
    data = ProjectCreate(
        name=entry["name"],
        description=entry["description"],
        type=ProjectType(entry["type"]),
        path=str(copy),
        command=entry["command"],
        timeout_s=600,
    )
    project = await workspace.projects.create(actor, data=data)
    await workspace.builds.queue(actor, project_id=project.id)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=shutil.copy, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
