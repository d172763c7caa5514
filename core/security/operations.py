"""Every operation of the services, with the least role that it needs: declared once, here.

A service method is tied to its operation by ``permissions.permitted``; the interface asks
the same table what to disable. What is not declared is not allowed.
"""

from enum import Enum

from core.security.actors import Actor, Role


class Operation(Enum):
    """Something that can be asked of a service.

    Attributes:
        key: Names it in the audit trail; never translated, never changed.
        role: The least role that it needs.
        per_project: Whether a role in the project at hand is enough.
    """

    PROJECTS_READ = ("projects.read", Role.VIEWER)
    PROJECTS_CREATE = ("projects.create", Role.ADMINISTRATOR)
    PROJECTS_EDIT = ("projects.edit", Role.ADMINISTRATOR, True)
    PROJECTS_DELETE = ("projects.delete", Role.ADMINISTRATOR, True)
    PROJECTS_USE_SECRETS = ("projects.use_secrets", Role.ADMINISTRATOR)
    PROJECTS_GRANT = ("projects.grant", Role.ADMINISTRATOR)
    PROJECTS_EXPORT = ("projects.export", Role.ADMINISTRATOR)
    PROJECTS_IMPORT = ("projects.import", Role.ADMINISTRATOR)

    BUILDS_READ = ("builds.read", Role.VIEWER)
    BUILDS_QUEUE = ("builds.queue", Role.OPERATOR, True)
    BUILDS_CANCEL = ("builds.cancel", Role.OPERATOR, True)
    BUILDS_ANNOTATE = ("builds.annotate", Role.OPERATOR, True)
    QUEUE_ARRANGE = ("queue.arrange", Role.OPERATOR)
    QUEUE_PAUSE = ("queue.pause", Role.OPERATOR)
    BUILD_RULES_READ = ("build_rules.read", Role.VIEWER)
    BUILD_RULES_CHANGE = ("build_rules.change", Role.ADMINISTRATOR)

    TRIGGERS_READ = ("triggers.read", Role.VIEWER)
    TRIGGERS_CHANGE = ("triggers.change", Role.ADMINISTRATOR, True)

    USERS_READ = ("users.read", Role.VIEWER)
    USERS_READ_CONTACT = ("users.read_contact", Role.ADMINISTRATOR)
    USERS_READ_NOTE = ("users.read_note", Role.ADMINISTRATOR)
    USERS_INSIGHTS = ("users.insights", Role.VIEWER)
    USERS_CREATE = ("users.create", Role.ADMINISTRATOR)
    USERS_EDIT = ("users.edit", Role.ADMINISTRATOR)
    USERS_DEACTIVATE = ("users.deactivate", Role.ADMINISTRATOR)
    USERS_DELETE = ("users.delete", Role.ADMINISTRATOR)
    USERS_RESTORE = ("users.restore", Role.ADMINISTRATOR)
    USERS_ERASE = ("users.erase", Role.ADMINISTRATOR)
    USERS_IMPORT = ("users.import", Role.ADMINISTRATOR)
    USERS_EXPORT = ("users.export", Role.ADMINISTRATOR)

    PROFILE_READ = ("profile.read", Role.VIEWER)
    PROFILE_EDIT = ("profile.edit", Role.VIEWER)
    PASSWORD_CHANGE = ("password.change", Role.VIEWER)
    PASSWORD_RESET = ("password.reset", Role.ADMINISTRATOR)
    SECOND_FACTOR_CHANGE = ("second_factor.change", Role.VIEWER)
    SECOND_FACTOR_RESET = ("second_factor.reset", Role.ADMINISTRATOR)
    SESSIONS_READ_OWN = ("sessions.read_own", Role.VIEWER)
    SESSIONS_END_OWN = ("sessions.end_own", Role.VIEWER)
    SESSIONS_READ = ("sessions.read", Role.ADMINISTRATOR)
    SESSIONS_END = ("sessions.end", Role.ADMINISTRATOR)
    RULES_READ = ("rules.read", Role.VIEWER)
    RULES_CHANGE = ("rules.change", Role.ADMINISTRATOR)

    RIGHTS_REVIEW = ("rights.review", Role.ADMINISTRATOR)
    AUDIT_READ = ("audit.read", Role.ADMINISTRATOR)
    AUDIT_VERIFY = ("audit.verify", Role.ADMINISTRATOR)

    PERFORMANCE_READ = ("performance.read", Role.VIEWER)
    STATEMENTS_RESET = ("statements.reset", Role.OPERATOR)
    MAINTENANCE_RUN = ("maintenance.run", Role.OPERATOR)
    ADVICE_APPLY = ("advice.apply", Role.ADMINISTRATOR)
    BENCHMARKS_RUN = ("benchmarks.run", Role.OPERATOR)
    TABLES_PREVIEW = ("tables.preview", Role.ADMINISTRATOR)
    ALERTS_ACKNOWLEDGE = ("alerts.acknowledge", Role.OPERATOR)
    ALERTS_RULES = ("alerts.rules", Role.ADMINISTRATOR)

    BACKUPS_READ = ("backups.read", Role.VIEWER)
    BACKUPS_MAKE = ("backups.make", Role.OPERATOR)
    BACKUPS_RESTORE = ("backups.restore", Role.ADMINISTRATOR)
    BACKUPS_DELETE = ("backups.delete", Role.ADMINISTRATOR)
    BACKUPS_RULES = ("backups.rules", Role.ADMINISTRATOR)

    KEYS_READ = ("keys.read", Role.ADMINISTRATOR)
    KEYS_ROTATE = ("keys.rotate", Role.ADMINISTRATOR)
    KEYS_EXPORT = ("keys.export", Role.ADMINISTRATOR)

    def __init__(self, key: str, role: Role, per_project: bool = False) -> None:
        self.key = key
        self.role = role
        self.per_project = per_project


def role_in(actor: Actor, project_id: int | None = None) -> Role:
    """Return the role of an actor, in a project where one is named, as the actor holds it."""
    own = actor.project_roles.get(project_id) if project_id is not None else None
    return own if own is not None and own.covers(actor.role) else actor.role


def may(actor: Actor, operation: Operation, *, project_id: int | None = None) -> bool:
    """Tell whether this actor would be let through; for disabling what is not allowed.

    The service asks again, of what holds then.
    """
    scope = project_id if operation.per_project else None
    return role_in(actor, scope).covers(operation.role)
