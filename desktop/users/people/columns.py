"""What the list shows of a person."""

from collections.abc import Callable, Iterable
from datetime import datetime

from core.database.fields.addresses import show_address
from core.translation import _
from core.users.schemas import UserRow
from desktop.figures import locale, number
from desktop.users import roles
from desktop.users.people import words
from desktop.widgets.paged_table import Column


def columns(sortable: Iterable[str], region: Callable[[], str]) -> tuple[Column[UserRow], ...]:
    """Return the columns.

    Args:
        sortable: The fields that the list can be ordered by.
        region: Gives the region in whose manner telephone numbers are written.
    """
    known = set(sortable)

    def sort(name: str) -> str:
        return name if name in known else ""

    return (
        Column("display_name", _("Name"), lambda row: row.display_name, strong=True,
            width=170, sort=sort("display_name"), fixed=True),
        Column("username", _("User name"), lambda row: row.username, muted=True, width=126,
            sort=sort("username")),
        Column("email", _("E-mail"), lambda row: row.email or words.NONE,
            tip=_contact_tip, value=lambda row: row.email, width=194, sort=sort("email")),
        Column("phone", _("Phone"), lambda row: _phone(row, region()), tip=_contact_tip,
            value=lambda row: row.phone, width=150, shown=False),
        Column("role", _("Role"), lambda row: roles.role_words(row.role),
            badge=lambda row: roles.role_badge(row.role), value=lambda row: row.role.value,
            width=136, sort=sort("role")),
        Column("state", _("State"), lambda row: words.state_badge(row).word,
            badge=words.state_badge, width=136),
        Column("tags", _("Tags"), lambda row: ", ".join(row.tags),
            tags=lambda row: row.tags, width=150),
        Column("balance", _("Balance"), lambda row: words.money(row.balance), right=True,
            value=_balance, width=120, shown=False),
        Column("builds", _("Builds"), lambda row: number(row.builds), right=True,
            value=lambda row: row.builds, width=84, shown=False),
        _time("last_active_at", _("Last active"), lambda row: row.last_active_at, sort),
        _time("last_sign_in_at", _("Last sign-in"), lambda row: row.last_sign_in_at, sort,
            shown=False),
        _time("created_at", _("Created"), lambda row: row.created_at, sort, shown=False),
        Column("second_factor", _("Two-step"), words.second_factor,
            value=lambda row: row.second_factor, width=96, shown=False),
        Column("address", _("Address"), _address, width=220, shown=False),
    )  # fmt: skip


def _time(
    name: str,
    heading: str,
    at: Callable[[UserRow], datetime | None],
    sort: Callable[[str], str],
    *,
    shown: bool = True,
) -> Column[UserRow]:
    return Column(
        name,
        heading,
        lambda row: words.moment(at(row)),
        tip=lambda row: words.moment_tip(at(row)),
        value=at,
        width=124,
        sort=sort(name),
        shown=shown,
    )


def _contact_tip(row: UserRow) -> str:
    return words.masked_hint() if row.masked else ""


def _phone(row: UserRow, region: str) -> str:
    if not row.phone:
        return words.NONE
    return row.phone if row.masked else words.phone(row.phone, region)


def _address(row: UserRow) -> str:
    if row.address is None:
        return words.NONE
    return show_address(row.address, locale().name()).replace("\n", ", ")


def _balance(row: UserRow) -> str:
    return f"{row.balance.amount:f} {row.balance.currency}"
