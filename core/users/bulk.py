"""Changes of the role, state and tags of people, of one as of many: the rules stand here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from core.database.database import Database
from core.database.fields.errors import FieldError
from core.database.fields.tags import tag, tag_key, tags
from core.database.fields.times import utc_now
from core.database.unit_of_work import UnitOfWork
from core.security.actors import Actor, Role
from core.security.operations import Operation
from core.translation import _, ngettext
from core.users.changes import deed, last_administrator, not_saved
from core.users.repository import UserRepository
from core.users.schemas import SESSIONS_TOPIC, TOPIC, BulkChange, BulkKind, BulkReport, Skipped

BATCH = 500

OPERATIONS = {
    BulkKind.SET_ROLE: Operation.USERS_EDIT,
    BulkKind.ADD_TAG: Operation.USERS_EDIT,
    BulkKind.REMOVE_TAG: Operation.USERS_EDIT,
    BulkKind.ACTIVATE: Operation.USERS_DEACTIVATE,
    BulkKind.DEACTIVATE: Operation.USERS_DEACTIVATE,
    BulkKind.DELETE: Operation.USERS_DELETE,
    BulkKind.RESTORE: Operation.USERS_RESTORE,
}
"""The operation that each kind of change is permitted and recorded as."""

ENDED_WHY = {
    BulkKind.DEACTIVATE: "inactive",
    BulkKind.DELETE: "deleted",
}
"""Why sessions are ended, as it is kept with them."""

Stored = Mapping[Any, Any]


@dataclass(slots=True)
class Outcome:
    """What became of some people."""

    changed: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How many were looked at."""
        return self.changed + self.unchanged + len(self.skipped)

    def add(self, other: "Outcome") -> None:
        """Take in what became of further people."""
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.skipped += other.skipped

    def in_words(self, of_all: int) -> str:
        """Return how far it is."""
        return ngettext(
            "{changed} of {count} user changed",
            "{changed} of {count} users changed",
            of_all,
        ).format(changed=self.changed, count=of_all)

    def report(self) -> BulkReport:
        """Return what services give."""
        return BulkReport(self.asked, self.changed, self.unchanged, tuple(self.skipped))


def checked(change: BulkChange) -> BulkChange:
    """Return a change whose value is in its one form.

    Raises:
        ValidationError: It names no role, or no tag.
    """
    try:
        if change.kind is BulkKind.SET_ROLE:
            return BulkChange(change.kind, Role(change.value).value)
        if change.kind in (BulkKind.ADD_TAG, BulkKind.REMOVE_TAG):
            return BulkChange(change.kind, tag(change.value))
    except FieldError as error:
        raise not_saved({"tags": str(error)}) from None
    except ValueError:
        raise not_saved({"role": _("There is no such role.")}) from None
    return BulkChange(change.kind)


def batches(user_ids: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Give ids in groups for a unit of work each."""
    ids = iter(user_ids)
    while batch := tuple(islice(ids, BATCH)):
        yield batch


async def apply(
    database: Database, actor: Actor, user_ids: Sequence[int], change: BulkChange
) -> Outcome:
    """Change some people in one unit of work."""
    async with database.unit_of_work() as unit:
        outcome = await _apply(unit, actor, user_ids, change)
        if outcome.changed:
            await unit.commit()
        return outcome


async def _apply(
    unit: UnitOfWork, actor: Actor, user_ids: Sequence[int], change: BulkChange
) -> Outcome:
    repository = UserRepository(unit.session)
    stored = await repository.some(user_ids)
    outcome, due = Outcome(), list[Stored]()
    for user_id in user_ids:
        user = stored.get(user_id)
        reason = _refusal(actor, user, change)
        if reason or user is None:
            name = "" if user is None else user["username"]
            outcome.skipped.append(Skipped(user_id, name, reason))
        elif _is_so(user, change):
            outcome.unchanged += 1
        else:
            due.append(user)
    due = await _without_last_administrator(repository, due, change, outcome)
    if due:
        await _write(repository, due, change)
        _tell(unit, actor, due, change)
    outcome.changed = len(due)
    return outcome


async def _without_last_administrator(
    repository: UserRepository, due: list[Stored], change: BulkChange, outcome: Outcome
) -> list[Stored]:
    """Keep one administrator who can sign in: the write lock is held, so it stays true."""
    if not _takes_rights(change):
        return due
    managers = [user for user in due if user["manages"]]
    if not managers or await repository.others_manage([user["id"] for user in due]):
        return due
    kept = managers[0]
    refused = last_administrator(kept["username"])
    outcome.skipped.append(Skipped(kept["id"], kept["username"], refused.title, refused.hint))
    return [user for user in due if user is not kept]


async def _write(repository: UserRepository, due: list[Stored], change: BulkChange) -> None:
    now = utc_now()
    ids = [user["id"] for user in due]
    if change.kind in (BulkKind.ADD_TAG, BulkKind.REMOVE_TAG):
        await repository.set_tags({user["id"]: _new_tags(user, change) for user in due}, now)
        return
    await repository.change_some(ids, {**_values(change, now), "updated_at": now})
    if change.kind in ENDED_WHY:
        await repository.end_sessions(ids, ENDED_WHY[change.kind], now)


def _tell(unit: UnitOfWork, actor: Actor, due: list[Stored], change: BulkChange) -> None:
    unit.changed(TOPIC)
    if change.kind not in (BulkKind.ADD_TAG, BulkKind.REMOVE_TAG):
        unit.changed(SESSIONS_TOPIC)
    operation = OPERATIONS[change.kind]
    unit.record(*(deed(actor, operation, user, _told(user, change)) for user in due))


def _refusal(actor: Actor, user: Stored | None, change: BulkChange) -> str:
    """Return why somebody is left alone; empty where they are not."""
    if user is None:
        return _("This user is gone.")
    if user["deleted_at"] is not None and change.kind not in (
        BulkKind.DELETE,
        BulkKind.RESTORE,
    ):
        return _("“{name}” lies in the bin.").format(name=user["username"])
    if user["id"] == actor.user_id and change.kind is BulkKind.DELETE:
        return _("You cannot delete yourself.")
    if user["id"] == actor.user_id and change.kind is BulkKind.DEACTIVATE:
        return _("You cannot deactivate yourself.")
    if change.kind is BulkKind.ADD_TAG:
        try:
            _new_tags(user, change)
        except FieldError as error:
            return str(error)
    return ""


def _is_so(user: Stored, change: BulkChange) -> bool:
    match change.kind:
        case BulkKind.SET_ROLE:
            return bool(user["role"] == change.value)
        case BulkKind.ACTIVATE:
            return bool(user["active"])
        case BulkKind.DEACTIVATE:
            return not user["active"]
        case BulkKind.DELETE:
            return user["deleted_at"] is not None
        case BulkKind.RESTORE:
            return user["deleted_at"] is None
    return bool(_new_tags(user, change) == user["tags"])


def _takes_rights(change: BulkChange) -> bool:
    if change.kind is BulkKind.SET_ROLE:
        return change.value != Role.ADMINISTRATOR.value
    return change.kind in ENDED_WHY


def _new_tags(user: Stored, change: BulkChange) -> tuple[str, ...]:
    if change.kind is BulkKind.ADD_TAG:
        return tags((*user["tags"], change.value))
    key = tag_key(change.value)
    return tuple(one for one in user["tags"] if tag_key(one) != key)


def _told(user: Stored, change: BulkChange) -> dict[str, object]:
    match change.kind:
        case BulkKind.SET_ROLE:
            return {"role": [user["role"], change.value]}
        case BulkKind.ACTIVATE | BulkKind.DEACTIVATE:
            return {"active": [user["active"], not user["active"]]}
        case BulkKind.DELETE | BulkKind.RESTORE:
            deleted = change.kind is BulkKind.DELETE
            return {"deleted": [not deleted, deleted]}
    return {"tags": [list(user["tags"]), list(_new_tags(user, change))]}


def _values(change: BulkChange, now: datetime) -> dict[str, object]:
    match change.kind:
        case BulkKind.SET_ROLE:
            return {"role": change.value}
        case BulkKind.ACTIVATE | BulkKind.DEACTIVATE:
            return {"active": change.kind is BulkKind.ACTIVATE}
    return {"deleted_at": now if change.kind is BulkKind.DELETE else None}
