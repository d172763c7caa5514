"""What the person may do with projects beyond building them, and in words why not."""

from dataclasses import dataclass

from core.projects.schemas import ProjectRow
from core.security.actors import Actor, Role
from core.security.operations import Operation, may
from core.translation import _
from core.workspaces.schemas import WorkspaceInfo


@dataclass(frozen=True, slots=True)
class ProjectPermits:
    """For each action the reason why it is not possible; empty where it is."""

    duplicate: str
    activate: str
    schedule: str
    change_triggers: str
    bring_in: str
    export: str


def project_permits(
    actor: Actor, info: WorkspaceInfo, project: ProjectRow | None
) -> ProjectPermits:
    """Return what is possible with the chosen project."""
    none = "" if project else _("Choose a project first.")
    project_id = project.id if project else None

    def lacking(operation: Operation) -> str:
        if may(actor, operation, project_id=project_id):
            return ""
        if operation.role is Role.ADMINISTRATOR:
            return _("Only administrators may do this.")
        return _("Only operators and administrators may do this.")

    return ProjectPermits(
        duplicate=none or info.read_only or lacking(Operation.PROJECTS_CREATE),
        activate=none or info.read_only or lacking(Operation.PROJECTS_EDIT),
        schedule=none or lacking(Operation.TRIGGERS_READ),
        change_triggers=none or info.read_only or lacking(Operation.TRIGGERS_CHANGE),
        bring_in=info.read_only or lacking(Operation.PROJECTS_IMPORT),
        export=none or lacking(Operation.PROJECTS_EXPORT),
    )
