"""What the audit trail says, in words: each deed, its fields, and old and new values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.audit.schemas import AuditRow
from core.security.actors import Origin, Role
from core.translation import _
from desktop.figures import number
from desktop.users.roles import role_words

NONE: Final = "—"
_ICONS: Final = {
    "users": "users",
    "profile": "user-circle",
    "projects": "folder-simple",
    "builds": "wrench",
    "queue": "wrench",
    "build_rules": "gear-six",
    "triggers": "clock",
    "sign_in": "sign-in",
    "password": "lock-key",
    "second_factor": "device-mobile",
    "sessions": "desktop",
    "rules": "gear-six",
    "keys": "key",
    "audit": "shield-check",
    "performance": "gauge",
    "statements": "gauge",
    "maintenance": "wrench",
    "backups": "archive",
    "tables": "table",
    "advice": "lightbulb",
    "benchmarks": "gauge",
    "alerts": "bell",
}
# What tells of trouble, so that it is seen among the rest.
ALARMING: Final = frozenset({"sign_in.failed", "sign_in.refused"})
# New things: their lists are values and no pairs of old and new.
_MADE: Final = (".create", ".first_start", ".administrator_made")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field that is different; ``old`` is None where nothing was before."""

    field: str
    old: str | None
    new: str


def deed_words(key: str) -> str:
    """Return what was done; the key itself where a newer Buildbench recorded it."""
    return (_people_deeds() | _sign_in_deeds() | _other_deeds() | _database_deeds()).get(
        key, key
    )


def deed_icon(key: str) -> str:
    """Return the icon of a kind of deeds."""
    return _ICONS.get(key.partition(".")[0], "clock-counter-clockwise")


def subject_words(row: AuditRow) -> str:
    """Return what something was done to."""
    if row.subject:
        return row.subject
    return {
        "rules": _("Rules of the workspace"),
        "queue": _("The queue"),
        "rule": _("Rules of the workspace"),
        "keys": _("Keys of the workspace"),
        "audit": _("Audit trail"),
        "user": _("nobody known"),
        "users": _("Several people"),
        "projects": _("Several projects"),
    }.get(row.subject_kind, NONE)


def origin_words(origin: str) -> str:
    """Return through what somebody came; what a newer Buildbench stored, as it is."""
    known: dict[str, str] = {
        Origin.DESKTOP: _("the window"),
        Origin.SCRIPT: _("a script"),
        Origin.TRIGGER: _("Buildbench itself"),
        Origin.PLUGIN: _("a plug-in"),
    }
    return known.get(origin, origin)


def change_lines(row: AuditRow) -> tuple[ChangeLine, ...]:
    """Return what is different by an entry, field by field."""
    made = row.operation.endswith(_MADE)
    told = ((name, value) for name, value in row.changes.items() if value is not None)
    return tuple(_line(name, value, made=made) for name, value in told)


def summary(row: AuditRow) -> str:
    """Return what is different by an entry, in one line."""
    parts = []
    for line in change_lines(row):
        if line.old is None:
            parts.append(_("{field}: {new}").format(field=line.field, new=line.new))
        else:
            changed = _("{field}: {old} → {new}")
            parts.append(changed.format(field=line.field, old=line.old, new=line.new))
    return " · ".join(parts)


def _line(name: str, value: object, *, made: bool) -> ChangeLine:
    field = field_words(name)
    if not made and isinstance(value, list) and len(value) == 2:
        return ChangeLine(field, _value(name, value[0]), _value(name, value[1]))
    return ChangeLine(field, None, _value(name, value))


def _value(name: str, value: object) -> str:
    if value is None or value in ("", [], {}):
        return NONE
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, list):
        return ", ".join(_value(name, one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_value(name, one)}" for key, one in value.items())
    text = str(value)
    if name == "role" and text in set(Role):
        return role_words(Role(text))
    return {"why": _reasons(), "for": _purposes()}.get(name, {}).get(text, text)


def _people_deeds() -> dict[str, str]:
    return {
        "users.create": _("Created a person"),
        "users.edit": _("Changed a person"),
        "users.deactivate": _("Deactivated a person"),
        "users.delete": _("Put a person into the bin"),
        "users.restore": _("Restored a person"),
        "users.erase": _("Erased a person for good"),
        "users.import": _("Imported people"),
        "users.export": _("Exported people"),
        "users.read": _("Read the list of people"),
        "users.read_contact": _("Read contact data"),
        "users.read_note": _("Read a note"),
        "users.insights": _("Looked at the insights"),
        "profile.read": _("Looked at the own profile"),
        "profile.edit": _("Changed the own profile"),
    }


def _sign_in_deeds() -> dict[str, str]:
    return {
        "sign_in.first_start": _("Made the first administrator"),
        "sign_in.administrator_made": _("Made an administrator on the terminal"),
        "sign_in.signed_in": _("Signed in"),
        "sign_in.resumed": _("Came back, remembered on this computer"),
        "sign_in.signed_out": _("Signed out"),
        "sign_in.failed": _("Failed to sign in"),
        "sign_in.refused": _("Was refused after too many attempts"),
        "sign_in.locked": _("Locked the window"),
        "sign_in.unlocked": _("Unlocked the window"),
        "sign_in.session_ended": _("A session ended"),
        "password.change": _("Changed the own password"),
        "password.reset": _("Reset a password"),
        "second_factor.change": _("Changed the own second factor"),
        "second_factor.reset": _("Took a second factor away"),
        "second_factor.recovery_code_used": _("Used a recovery code"),
        "sessions.read": _("Looked at the sessions"),
        "sessions.read_own": _("Looked at the own sessions"),
        "sessions.end": _("Ended a session"),
        "sessions.end_own": _("Ended an own session"),
    }


def _other_deeds() -> dict[str, str]:
    return {
        "projects.create": _("Created a project"),
        "projects.edit": _("Changed a project"),
        "projects.delete": _("Deleted a project"),
        "projects.grant": _("Changed a role in a project"),
        "projects.export": _("Exported projects"),
        "projects.import": _("Imported a project"),
        "projects.read": _("Read the projects"),
        "projects.use_secrets": _("Used secrets of a project"),
        "builds.read": _("Read the builds"),
        "builds.queue": _("Queued a build"),
        "builds.cancel": _("Cancelled a build"),
        "builds.annotate": _("Noted something about a build"),
        "queue.arrange": _("Arranged the queue"),
        "queue.pause": _("Paused or resumed the queue"),
        "build_rules.read": _("Read the rules for builds"),
        "build_rules.change": _("Changed the rules for builds"),
        "triggers.read": _("Read what starts builds by itself"),
        "triggers.change": _("Changed what starts builds by itself"),
        "rules.read": _("Read the rules"),
        "rules.change": _("Changed the rules"),
        "rights.review": _("Reviewed the rights"),
        "audit.read": _("Read the audit trail"),
        "audit.verify": _("Verified the audit trail"),
        "keys.read": _("Looked at the keys"),
        "keys.rotate": _("Rotated the keys"),
        "keys.export": _("Exported a key"),
    }


def _database_deeds() -> dict[str, str]:
    return {
        "performance.read": _("Looked at the figures of the database"),
        "statements.reset": _("Counted statements from nothing"),
        "maintenance.run": _("Maintained the database"),
        "backups.read": _("Looked at the backups"),
        "backups.make": _("Made a backup"),
        "backups.restore": _("Restored a backup"),
        "backups.delete": _("Deleted a backup"),
        "backups.rules": _("Changed the rules for backups"),
        "tables.preview": _("Looked into a table"),
        "advice.apply": _("Applied a recommendation, or took it back"),
        "benchmarks.run": _("Ran a benchmark"),
        "alerts.acknowledge": _("Acknowledged an alert"),
        "alerts.rules": _("Changed the rules for alerts"),
    }


def field_words(name: str) -> str:
    """Return what people call a field of an entry; the field itself where it is not known."""
    return (_person_fields() | _project_fields() | _build_fields() | _event_fields()).get(
        name, name
    )


def _person_fields() -> dict[str, str]:
    return {
        "username": _("User name"),
        "display_name": _("Name"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "address": _("Address"),
        "preferences": _("Preferences"),
        "balance": _("Balance"),
        "role": _("Role"),
        "active": _("Active"),
        "deleted": _("In the bin"),
        "tags": _("Tags"),
        "note": _("Note"),
        "password": _("Password"),
    }


def _project_fields() -> dict[str, str]:
    return {
        "project": _("Project"),
        "name": _("Name"),
        "description": _("Description"),
        "type": _("Type"),
        "path": _("Folder"),
        "command": _("Command"),
        "environment": _("Variables"),
        "secrets": _("Secret variables"),
        "timeout_s": _("Time limit (s)"),
        "silence_timeout_s": _("Limit without output (s)"),
        "grace_s": _("Time to end (s)"),
        "terminal": _("In a terminal"),
    }


def _build_fields() -> dict[str, str]:
    return {
        "ahead": _("Builds ahead of it"),
        "priority": _("Priority"),
        "pinned": _("Pinned"),
        "paused": _("Paused"),
        "added": _("Added"),
        "removed": _("Removed"),
        "kind": _("Kind"),
        "enabled": _("Enabled"),
        "expression": _("Schedule"),
        "interval_s": _("Seconds between looks"),
        "source_project": _("After project"),
        "branch": _("Branch"),
        "build_type": _("Build type"),
        "parallel": _("Builds at the same time"),
        "logs_days": _("Days that logs are kept"),
        "logs_builds": _("Builds of a project that keep their logs"),
        "logs_mib": _("MiB of all logs"),
        "artifacts_days": _("Days that artifacts are kept"),
        "artifacts_builds": _("Builds of a project that keep their artifacts"),
        "artifacts_mib": _("MiB of all artifacts"),
    }


def _event_fields() -> dict[str, str]:
    return {
        "why": _("Reason"),
        "for": _("For"),
        "count": _("Number"),
        "fields": _("Fields"),
        "names": _("Names"),
        "file": _("File"),
        "set": _("In force"),
        "left": _("Left"),
        "inactive": _("Deactivated account"),
        "refused_before": _("Refused before"),
        "not_recorded": _("Attempts not recorded"),
        "sessions_ended": _("Sessions ended"),
        "recovery_codes": _("New recovery codes"),
        "recovery_code": _("Recovery code used"),
        "again": _("Once more"),
        "second_factor": _("Second factor"),
        "remembered": _("Remembered on this computer"),
        "device": _("Device"),
        "entries": _("Entries"),
        "broken_at": _("Broken at entry"),
        "task": _("Deed"),
        "findings": _("Problems found"),
        "file_bytes": _("Bytes of the file"),
        "key": _("Key"),
        "new_key": _("New key"),
        "resealed": _("Sealed again"),
        "unreadable": _("Unreadable"),
        "open_here": _("Open without sign-in"),
        "keep_deleted_days": _("Days in the bin"),
        "shortest_password": _("Shortest password"),
        "need_letter_cases": _("Large and small letters"),
        "need_digit": _("A digit"),
        "need_symbol": _("A symbol"),
        "lock_after": _("Lock after (minutes)"),
        "session_idle": _("Longest idle session (minutes)"),
        "session_longest": _("Longest session (minutes)"),
    }


def _reasons() -> dict[str, str]:
    """Return why sessions end."""
    return {
        "signed_out": _("signed out"),
        "expired": _("too old, or idle for too long"),
        "inactive": _("the account was deactivated"),
        "deleted": _("the account was deleted"),
        "password": _("the password was changed"),
        "ended": _("ended by somebody"),
        "closed": _("the window was closed"),
    }


def _purposes() -> dict[str, str]:
    """Return what a password or code was asked for."""
    return {
        "sign_in": _("signing in"),
        "unlock": _("unlocking the window"),
        "password": _("changing the password"),
        "second_factor": _("the second factor"),
        "code": _("the code"),
    }
