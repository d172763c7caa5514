"""What may be done with the people chosen, and in words why not."""

from dataclasses import dataclass

from core.security.actors import Actor
from core.security.operations import Operation, may
from core.translation import _
from core.users.schemas import UserRow
from core.workspaces.schemas import WorkspaceInfo


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen: how many, and who where it is one person."""

    count: int = 0
    one: UserRow | None = None


@dataclass(frozen=True, slots=True)
class Permits:
    """For each action the reason why it is not possible; empty where it is."""

    create: str
    edit: str
    activate: str
    deactivate: str
    delete: str
    restore: str
    erase: str
    reset_password: str
    reset_second_factor: str
    set_role: str
    tag: str
    grant: str
    end_sessions: str
    bring_in: str
    export: str

    def of(self, name: str) -> str:
        """Return the reason of an action by its name."""
        return str(getattr(self, name))


def permits(actor: Actor, info: WorkspaceInfo, choice: Choice) -> Permits:
    """Return what is possible with what is chosen."""

    def lacking(operation: Operation) -> str:
        return "" if may(actor, operation) else _("Only administrators may do this.")

    def changing(operation: Operation) -> str:
        return info.read_only or lacking(operation)

    one = choice.one
    some = "" if choice.count else _("Choose somebody first.")
    single = some or ("" if choice.count == 1 and one else _("Choose one person alone."))
    binned = one is not None and one.deleted
    in_bin = _("They lie in the bin. Restore them first.") if binned else ""
    itself = one is not None and one.id == actor.user_id
    return Permits(
        create=changing(Operation.USERS_CREATE),
        edit=changing(Operation.USERS_EDIT) or single or in_bin,
        activate=changing(Operation.USERS_DEACTIVATE) or some or in_bin or _active(one),
        deactivate=changing(Operation.USERS_DEACTIVATE)
        or some or in_bin or _inactive(one)
        or (_("You cannot deactivate yourself.") if itself else ""),
        delete=changing(Operation.USERS_DELETE) or some
        or (_("They lie in the bin already.") if binned else "")
        or (_("You cannot delete yourself.") if itself else ""),
        restore=changing(Operation.USERS_RESTORE) or some
        or (_("They do not lie in the bin.") if one and not binned else ""),
        erase=changing(Operation.USERS_ERASE) or single
        or (_("Only people in the bin can be erased.") if not binned else ""),
        reset_password=changing(Operation.PASSWORD_RESET) or single or in_bin
        or (_("This is you. Change your password in the account menu.") if itself else ""),
        reset_second_factor=changing(Operation.SECOND_FACTOR_RESET) or single or in_bin
        or _without_factor(one),
        set_role=changing(Operation.USERS_EDIT) or some or in_bin,
        tag=changing(Operation.USERS_EDIT) or some or in_bin,
        grant=changing(Operation.PROJECTS_GRANT) or in_bin,
        end_sessions=changing(Operation.SESSIONS_END),
        bring_in=changing(Operation.USERS_IMPORT),
        export=lacking(Operation.USERS_EXPORT),
    )  # fmt: skip


def _active(one: UserRow | None) -> str:
    return _("They are active already.") if one is not None and one.active else ""


def _inactive(one: UserRow | None) -> str:
    return _("They are deactivated already.") if one is not None and not one.active else ""


def _without_factor(one: UserRow | None) -> str:
    if one is None or one.second_factor:
        return ""
    return _("They sign in without a second factor.")
