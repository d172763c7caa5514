"""Entries of the audit trail about a person, as sentences."""

from collections.abc import Mapping
from typing import Any

from core.audit.schemas import AuditRow
from core.security.actors import Role
from core.translation import _, ngettext
from desktop.figures import number
from desktop.users import roles
from desktop.users.people import words
from desktop.users.people.editing.form_input import field_words

_ICONS = {
    "users.create": "user-plus",
    "users.edit": "pencil-simple",
    "users.deactivate": "prohibit",
    "users.delete": "trash",
    "users.restore": "arrow-counter-clockwise",
    "users.erase": "eraser",
    "users.import": "upload-simple",
    "profile.edit": "pencil-simple",
    "projects.grant": "shield-check",
    "password.change": "key",
    "password.reset": "key",
    "second_factor.change": "device-mobile",
    "second_factor.reset": "device-mobile",
    "second_factor.recovery_code_used": "key",
    "sign_in.signed_in": "sign-in",
    "sign_in.resumed": "sign-in",
    "sign_in.first_start": "flag",
    "sign_in.signed_out": "sign-out",
    "sign_in.session_ended": "sign-out",
    "sign_in.failed": "warning",
    "sign_in.refused": "warning",
    "sign_in.locked": "lock",
    "sign_in.unlocked": "lock-open",
}


def icon(entry: AuditRow) -> str:
    """Return the icon of an entry."""
    return _ICONS.get(entry.operation, "circle")


def is_alarming(entry: AuditRow) -> bool:
    """Tell whether an entry is about something that went wrong."""
    return entry.operation in ("sign_in.failed", "sign_in.refused")


def sentences(entry: AuditRow) -> list[str]:
    """Return what an entry tells, a sentence for each change."""
    fixed = _fixed().get(entry.operation)
    if fixed is not None:
        return [fixed]
    match entry.operation:
        case "users.edit" | "profile.edit" | "users.import":
            changes = [_change(name, value) for name, value in entry.changes.items()]
            return changes or [_("Saved without a change")]
        case "users.deactivate":
            now_active = _pair(entry.changes.get("active"))[1]
            return [_("Activated") if now_active else _("Deactivated")]
        case "projects.grant":
            return [_granted(entry.changes)]
        case "second_factor.change":
            on = entry.changes.get("set", True)
            return [_("Second factor set up") if on else _("Second factor removed")]
        case "sign_in.session_ended":
            return [_ended(entry.changes)]
    return [entry.operation]


def _fixed() -> dict[str, str]:
    return {
        "users.create": _("Created"),
        "users.delete": _("Put into the bin"),
        "users.restore": _("Restored from the bin"),
        "users.erase": _("Erased for good"),
        "password.change": _("Password changed"),
        "password.reset": _("Password reset"),
        "second_factor.reset": _("Second factor reset"),
        "second_factor.recovery_code_used": _("Recovery code used"),
        "sign_in.signed_in": _("Signed in"),
        "sign_in.resumed": _("Came back without a password"),
        "sign_in.first_start": _("Made the workspace’s first administrator"),
        "sign_in.signed_out": _("Signed out"),
        "sign_in.failed": _("A wrong password or code was entered"),
        "sign_in.refused": _("An attempt was refused: too many before it"),
        "sign_in.locked": _("Locked the window"),
        "sign_in.unlocked": _("Unlocked the window"),
    }


def _change(name: str, value: object) -> str:
    old, new = _pair(value)
    what = field_words(name)
    if name == "role":
        text = _("Role changed from {old} to {new}")
        return text.format(old=_role(old), new=_role(new))
    if name == "active":
        return _("Activated") if new else _("Deactivated")
    if name == "tags":
        return _tags(old, new)
    if _hidden(old) or _hidden(new):
        if not new:
            return _("{field} removed").format(field=what)
        return (_("{field} changed") if old else _("{field} added")).format(field=what)
    text = _("{field} changed from “{old}” to “{new}”")
    return text.format(field=what, old=_plain(old), new=_plain(new))


def _tags(old: Any, new: Any) -> str:
    before, after = list(old or ()), list(new or ())
    added = [tag for tag in after if tag not in before]
    removed = [tag for tag in before if tag not in after]
    parts = []
    if added:
        parts.append(
            ngettext("Tag added: {tags}", "Tags added: {tags}", len(added)).format(
                tags=", ".join(added)
            )
        )
    if removed:
        parts.append(
            ngettext("Tag removed: {tags}", "Tags removed: {tags}", len(removed)).format(
                tags=", ".join(removed)
            )
        )
    return "; ".join(parts) or _("Tags put in another order")


def _granted(changes: Mapping[str, object]) -> str:
    project = changes.get("project", "")
    old, new = _pair(changes.get("role"))
    if new is None:
        text = _("No longer {role} in the project “{project}”")
        return text.format(role=_role(old), project=project)
    return _("{role} in the project “{project}”").format(role=_role(new), project=project)


def _ended(changes: Mapping[str, object]) -> str:
    count = changes.get("count")
    if isinstance(count, int) and count > 1:
        text = ngettext("{count} session ended", "{count} sessions ended", count)
        return text.format(count=number(count))
    why = {
        "expired": _("Session ran out"),
        "closed": _("Session ended with the program"),
        "inactive": _("Session ended: deactivated"),
        "deleted": _("Session ended: deleted"),
        "password": _("Session ended: the password was changed"),
    }
    return why.get(str(changes.get("why", "")), _("Session ended"))


def _pair(value: object) -> tuple[Any, Any]:
    if isinstance(value, list | tuple) and len(value) == 2:
        return value[0], value[1]
    return None, value


def _hidden(value: object) -> bool:
    return value == "•••"


def _role(value: object) -> str:
    try:
        return roles.role_words(Role(str(value))).lower()
    except ValueError:
        return str(value)


def _plain(value: object) -> str:
    return words.NONE if value in (None, "") else str(value)
