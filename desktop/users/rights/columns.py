"""The columns of the review of rights."""

from core.rights.schemas import RightsRow
from core.translation import _
from desktop.users.rights import words
from desktop.users.roles import role_badge, role_words
from desktop.widgets.paged_table import Column


def columns() -> tuple[Column[RightsRow], ...]:
    """Return the columns, each sortable where the list is."""
    return (*_who(), *_use())


def _who() -> tuple[Column[RightsRow], ...]:
    return (
        Column("username", _("User name"), lambda row: row.username, sort="username",
            strong=True, width=140, fixed=True),
        Column("display_name", _("Name"), lambda row: row.display_name, sort="display_name",
            width=140),
        Column("role", _("Role"), lambda row: role_words(row.role), sort="role",
            badge=lambda row: role_badge(row.role), width=150),
        Column("second_factor", _("Second factor"),
            lambda row: words.factor_badge(row).word, badge=words.factor_badge, width=124),
        Column("last_sign_in", _("Last sign-in"),
            lambda row: words.moment(row.last_sign_in_at), muted=True,
            tip=lambda row: words.moment_tip(row.last_sign_in_at),
            value=lambda row: row.last_sign_in_at, width=130),
    )  # fmt: skip


def _use() -> tuple[Column[RightsRow], ...]:
    return (
        Column("last_used", _("Rights last used"),
            lambda row: words.use_badge(row.last_used_at).word,
            badge=lambda row: words.use_badge(row.last_used_at),
            tip=lambda row: words.moment_tip(row.last_used_at),
            value=lambda row: row.last_used_at, width=190),
        Column("unused", _("Unused rights"), words.unused, right=True, width=120,
            value=lambda row: [one.operation for one in row.rights
                if words.is_unused(one.last_used_at)]),
        Column("projects", _("Roles in projects"), lambda row: ", ".join(_projects(row)),
            tags=_projects, width=220),
        Column("active", _("Active"), lambda row: _("yes") if row.active else _("no"),
            value=lambda row: row.active, width=80, shown=False),
    )  # fmt: skip


def _projects(row: RightsRow) -> list[str]:
    return [
        _("{project}: {role}").format(project=one.project, role=role_words(one.role))
        for one in row.projects
    ]
