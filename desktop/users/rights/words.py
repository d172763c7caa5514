"""The rights in words: what each lets one do, and when it was last made use of."""

from datetime import UTC, datetime, timedelta
from typing import Final

from core.rights.schemas import RightsRow
from core.security.actors import Role
from core.security.operations import Operation
from core.translation import _, ngettext
from desktop.figures import ago, exact, number
from desktop.widgets.state_badge import Badge, Tone

NONE: Final = "—"
UNUSED_DAYS: Final = 90


def right_words(key: str) -> str:
    """Return what a right lets one do; its key where a newer Buildbench has it."""
    return (_project_rights() | _people_rights() | _own_rights() | _other_rights()).get(
        key, key
    )


def rights_of(role: Role) -> tuple[str, ...]:
    """Return in words what a role may do that no role below it may."""
    return tuple(right_words(one.key) for one in Operation if one.role is role)


def is_unused(at: datetime | None, now: datetime | None = None) -> bool:
    """Tell whether a right was not used for long, or never."""
    return at is None or at < (now or datetime.now(UTC)) - timedelta(days=UNUSED_DAYS)


def moment(at: datetime | None) -> str:
    """Return how long ago something was, or that it never was."""
    return _("never") if at is None else ago(at)


def moment_tip(at: datetime | None) -> str:
    """Return a moment precisely; empty for never."""
    return "" if at is None else exact(at)


def use_badge(at: datetime | None) -> Badge:
    """Return when a right was last used, as icon and word."""
    if at is None:
        return Badge(_("never used"), "prohibit", Tone.WARNING)
    if is_unused(at):
        return Badge(_("unused since {day}").format(day=ago(at)), "clock", Tone.WARNING)
    return Badge(ago(at), "check", Tone.QUIET)


def factor_badge(row: RightsRow) -> Badge:
    """Return whether signing in takes a code too, as icon and word."""
    if row.second_factor:
        return Badge(_("On"), "device-mobile", Tone.SUCCESS)
    risky = row.role is Role.ADMINISTRATOR
    return Badge(_("Off"), "shield-warning", Tone.WARNING if risky else Tone.QUIET)


def unused(row: RightsRow) -> str:
    """Return how many of somebody's rights were not used for long, of how many."""
    count = sum(is_unused(one.last_used_at) for one in row.rights)
    return _("{count} of {all}").format(count=number(count), all=number(len(row.rights)))


def people(count: int) -> str:
    """Return a number of people in words."""
    return ngettext("{count} person", "{count} people", count).format(count=number(count))


def without_factor(count: int) -> str:
    """Return how many administrators sign in by a password alone."""
    return ngettext(
        "{count} administrator signs in by a password alone:",
        "{count} administrators sign in by a password alone:",
        count,
    ).format(count=number(count))


def _project_rights() -> dict[str, str]:
    return {
        "projects.read": _("See projects"),
        "projects.create": _("Create projects"),
        "projects.edit": _("Change projects"),
        "projects.delete": _("Delete projects"),
        "projects.use_secrets": _("Use the secrets of projects"),
        "projects.grant": _("Give roles in projects"),
        "projects.export": _("Export projects"),
        "projects.import": _("Import projects"),
        "builds.read": _("See builds and their logs"),
        "builds.queue": _("Run builds"),
        "builds.cancel": _("Cancel builds"),
        "builds.annotate": _("Keep notes about builds, and pin them"),
        "queue.arrange": _("Arrange the queue"),
        "queue.pause": _("Pause the queue"),
        "build_rules.read": _("See the rules for builds"),
        "build_rules.change": _("Change the rules for builds"),
        "triggers.read": _("See what starts builds by itself"),
        "triggers.change": _("Change what starts builds by itself"),
    }


def _people_rights() -> dict[str, str]:
    return {
        "users.read": _("See the list of people"),
        "users.read_contact": _("See contact data in full"),
        "users.read_note": _("Read notes on people"),
        "users.insights": _("See the insights"),
        "users.create": _("Create people"),
        "users.edit": _("Change people"),
        "users.deactivate": _("Deactivate people"),
        "users.delete": _("Delete people"),
        "users.restore": _("Restore people"),
        "users.erase": _("Erase people for good"),
        "users.import": _("Import people"),
        "users.export": _("Export people"),
    }


def _own_rights() -> dict[str, str]:
    return {
        "profile.read": _("See the own profile"),
        "profile.edit": _("Change the own profile"),
        "password.change": _("Change the own password"),
        "second_factor.change": _("Set up the own second factor"),
        "sessions.read_own": _("See the own sessions"),
        "sessions.end_own": _("End the own sessions"),
    }


def _other_rights() -> dict[str, str]:
    return {
        "password.reset": _("Reset passwords"),
        "second_factor.reset": _("Take second factors away"),
        "sessions.read": _("See all sessions"),
        "sessions.end": _("End sessions of others"),
        "rules.read": _("See the rules for signing in"),
        "rules.change": _("Change the rules for signing in"),
        "rights.review": _("Review the rights"),
        "audit.read": _("Read the audit trail"),
        "audit.verify": _("Verify the audit trail"),
        "keys.read": _("See the keys"),
        "keys.rotate": _("Rotate the keys"),
        "keys.export": _("Export keys"),
        "performance.read": _("See the figures of the database"),
        "statements.reset": _("Count statements from nothing"),
        "maintenance.run": _("Maintain the database"),
        "backups.read": _("See the backups"),
        "backups.make": _("Make backups"),
        "backups.restore": _("Restore backups"),
        "backups.delete": _("Delete backups"),
        "backups.rules": _("Change the rules for backups"),
        "tables.preview": _("Look into any table"),
        "advice.apply": _("Apply recommendations"),
        "benchmarks.run": _("Run benchmarks"),
        "alerts.acknowledge": _("Acknowledge alerts"),
        "alerts.rules": _("Change the rules for alerts"),
    }
