"""What the person may do now, and in words why not."""

from dataclasses import dataclass

from core.builds.schemas import BuildRow, BuildState
from core.projects.schemas import ProjectRow
from core.security.actors import Actor, Role
from core.security.operations import Operation, may
from core.translation import _
from core.workspaces.schemas import WorkspaceInfo


@dataclass(frozen=True, slots=True)
class Permits:
    """For each action the reason why it is not possible; empty where it is."""

    create: str
    edit: str
    delete: str
    run: str
    retry: str
    cancel: str
    annotate: str
    save: str


def permits(
    actor: Actor, info: WorkspaceInfo, project: ProjectRow | None, build: BuildRow | None
) -> Permits:
    """Return what is possible with the chosen project and build."""
    none = "" if project else _("Choose a project first.")
    project_id = project.id if project else None

    def lacking(operation: Operation) -> str:
        return _lacking(actor, operation, project_id)

    running = ""
    if project and any(BuildState(one.state).active for one in project.recent):
        running = _("A build of it is running. Cancel the build first.")
    return Permits(
        create=info.read_only or lacking(Operation.PROJECTS_CREATE),
        edit=none or info.read_only or lacking(Operation.PROJECTS_EDIT),
        delete=none or info.read_only or lacking(Operation.PROJECTS_DELETE) or running,
        run=none
        or info.read_only
        or _untrusted(info)
        or lacking(Operation.BUILDS_QUEUE)
        or _inactive(project),
        retry=_unrepeatable(build)
        or info.read_only
        or _untrusted(info)
        or lacking(Operation.BUILDS_QUEUE)
        or _inactive(project),
        annotate=("" if build else _("Choose a build first."))
        or info.read_only
        or lacking(Operation.BUILDS_ANNOTATE),
        cancel=_uncancellable(build)
        or info.read_only
        or _untrusted(info)
        or lacking(Operation.BUILDS_CANCEL),
        save="" if build else _("Choose a build first."),
    )


def _lacking(actor: Actor, operation: Operation, project_id: int | None) -> str:
    if may(actor, operation, project_id=project_id):
        return ""
    if operation.role is Role.ADMINISTRATOR:
        return _("Only administrators may do this.")
    return _("Only operators and administrators may do this.")


def _untrusted(info: WorkspaceInfo) -> str:
    if info.trusted:
        return ""
    return _("This workspace was made elsewhere. Trust it before anything of it runs here.")


def _inactive(project: ProjectRow | None) -> str:
    if project is None or project.active:
        return ""
    return _("This project is not active. Edit it and tick “Active”.")


def _uncancellable(build: BuildRow | None) -> str:
    if build is None:
        return _("Choose a build first.")
    if build.state is BuildState.CANCELLING:
        return _("It is being cancelled already.")
    return _("This build has ended already.") if build.state.finished else ""


def _unrepeatable(build: BuildRow | None) -> str:
    if build is None:
        return _("Choose a build first.")
    return "" if build.state.finished else _("This build has not ended yet.")
