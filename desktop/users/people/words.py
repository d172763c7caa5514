"""What this section says of people: states, figures and moments in words."""

from datetime import datetime
from functools import lru_cache

from core.database.fields.errors import FieldError
from core.database.fields.money import Money, show_money
from core.database.fields.phones import show_phone
from core.translation import _, ngettext
from core.users.schemas import UserRow
from desktop.figures import ago, exact, locale, number
from desktop.widgets.state_badge import Badge, Tone

NONE = "—"
_REMEMBERED = 4_096


def state_badge(row: UserRow) -> Badge:
    """Return whether somebody can sign in, as icon and word."""
    if row.deleted:
        return Badge(_("In the bin"), "trash", Tone.WARNING)
    if row.active:
        return Badge(_("Active"), "check-circle", Tone.SUCCESS)
    return Badge(_("Deactivated"), "prohibit", Tone.QUIET)


def second_factor(row: UserRow) -> str:
    """Return whether signing in takes a code too."""
    return _("On") if row.second_factor else _("Off")


@lru_cache(_REMEMBERED)
def _amount(value: Money, name: str) -> str:
    return show_money(value, name)


def money(value: Money) -> str:
    """Return an amount as the locale writes it."""
    return _amount(value, locale().name())


@lru_cache(_REMEMBERED)
def phone(stored: str, region: str) -> str:
    """Return a telephone number as people of a region write it; a masked one as it is."""
    try:
        return show_phone(stored, region)
    except FieldError:
        return stored


def moment(at: datetime | None) -> str:
    """Return how long ago something was, or that it never was."""
    return _("never") if at is None else ago(at)


def moment_tip(at: datetime | None) -> str:
    """Return a moment precisely; empty for never."""
    return "" if at is None else exact(at)


def people(count: int) -> str:
    """Return a number of people in words."""
    return ngettext("{count} person", "{count} people", count).format(count=number(count))


def matching_people(count: int) -> str:
    """Return a number of people whom the filters let through."""
    words = ngettext("{count} matching person", "{count} matching people", count)
    return words.format(count=number(count))


def masked_hint() -> str:
    """Return why contact data is shown in part only."""
    return _("Contact data of others is shown in full to administrators only.")
