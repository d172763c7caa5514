"""The list of people with rights: what it can be filtered, sorted and searched by."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, RowMapping, not_, select

from core.database.fields.names import username_key
from core.database.query.conditions import condition
from core.database.query.errors import RefusedValueError
from core.database.query.listing import ListedField, Listing
from core.database.query.schemas import Operator
from core.database.query.text_search import Searched, TextSearch
from core.database.query.values import Kind, operators_of
from core.rights.repository import ROLE, USER
from core.security.actors import Role
from core.translation import _

Condition = ColumnElement[bool]

_GRANTED = select(ROLE.c.user_id)


def listing() -> Listing[RowMapping]:
    """Return the list of people, by user name where no order is asked for."""
    searched = {
        "username": Searched(USER.c.username_key, username_key),
        "display_name": Searched(USER.c.display_name, nocase=True),
    }
    return Listing(
        USER,
        key=USER.c.id,
        fields={
            "username": ListedField(
                lambda: _("User name"), "username", USER.c.username_key, sortable=True,
                operators=operators_of(Kind.TEXT), condition=_named,
            ),
            "display_name": ListedField(
                lambda: _("Name"), "person_name", USER.c.display_name, sortable=True
            ),
            "role": ListedField(
                lambda: _("Role"), "choice", USER.c.role, sortable=True, choices=_role_choices,
                operators=(Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN),
            ),
            "second_factor": _whether(
                lambda: _("Second factor"), USER.c.totp_secret.is_not(None)
            ),
            "projects": _whether(
                lambda: _("Has a role in a project"), USER.c.id.in_(_GRANTED)
            ),
            "active": _whether(lambda: _("Active"), USER.c.active),
            "last_sign_in_at": ListedField(
                lambda: _("Last sign-in"), "time", USER.c.last_sign_in_at
            ),
        },
        order=("username",),
        as_row=_row,
        search=TextSearch("users_search", searched, ("username", "display_name")),
    )  # fmt: skip


def _row(row: RowMapping) -> RowMapping:
    return row


def _role_choices() -> tuple[tuple[str, str], ...]:
    return (
        (Role.VIEWER.value, _("Viewer")),
        (Role.OPERATOR.value, _("Operator")),
        (Role.ADMINISTRATOR.value, _("Administrator")),
    )


def _named(operator: Operator, value: object) -> Condition:
    """Return the condition on a name, in any case of any script."""
    folded = username_key(value) if isinstance(value, str) else value
    return condition("username", USER.c.username_key, operator, folded)


def _whether(words: Callable[[], str], stated: Condition) -> ListedField:
    def holds(operator: Operator, value: object) -> Condition:
        if not isinstance(value, bool):
            raise RefusedValueError(_("Only true and false are possible."))
        return stated if value is (operator is Operator.EQ) else not_(stated)

    both = (Operator.EQ, Operator.NE)
    return ListedField(words, "boolean", stated, operators=both, condition=holds)
