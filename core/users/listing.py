"""The list of people: what it can be filtered, sorted and searched by."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, select

from core.database.fields.emails import email_key
from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text
from core.database.fields.money import Money, parse_money
from core.database.fields.names import username_key
from core.database.fields.tags import tag
from core.database.fields.times import utc_now
from core.database.query.conditions import condition
from core.database.query.errors import RefusedValueError
from core.database.query.listing import ListedField, Listing
from core.database.query.schemas import ListQuery, Operator
from core.database.query.text_search import Searched, TextSearch
from core.database.query.values import Kind, operators_of
from core.database.tables import table_of
from core.security.actors import Role
from core.translation import _
from core.users.insights.schemas import Segment
from core.users.repository import ACTIVITY, ROW_COLUMNS, USER, builds_of_user
from core.users.rows import as_row
from core.users.schemas import CONTACT_FIELDS, UserRow
from core.users.segments import belongs_to, segment_choices
from core.users.tables import UserTag

Condition = ColumnElement[bool]

_TAG = table_of(UserTag)
_YES_NO = (Operator.EQ, Operator.NE)
_COMPARISONS = (Operator.EQ, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)
# Asked apart, so that the index of the bin is taken, which has few rows, and not the order.
_BIN = USER.alias("bin")
_NOT_IN_BIN = USER.c.deleted_at.is_(None)


def listing() -> Listing[UserRow]:
    """Return the list of people, by user name where no order is asked for."""
    searched = {
        "username": Searched(USER.c.username_key, username_key),
        "display_name": Searched(USER.c.display_name, nocase=True),
        "email": Searched(USER.c.email),
    }
    return Listing(
        USER,
        key=USER.c.id,
        fields={**_names(), **_states(), **_times()},
        order=("username",),
        as_row=as_row,
        columns=ROW_COLUMNS,
        search=TextSearch("users_search", searched, ("username", "display_name")),
    )


def not_in_bin(query: ListQuery) -> tuple[Condition, ...]:
    """Return what holds besides: people in the bin are seen only when asked for."""
    if any(one.field == "deleted" for one in query.filters):
        return ()
    return (_NOT_IN_BIN,)


def with_whole_order(query: ListQuery) -> ListQuery:
    """Return the query with user names after roles, as the index has them."""
    if len(query.order) != 1 or query.order[0] not in ("role", "-role"):
        return query
    sign = query.order[0].removesuffix("role")
    return ListQuery(query.filters, query.search, (query.order[0], f"{sign}username"))


def contact_fields_in(query: ListQuery) -> tuple[str, ...]:
    """Return the fields with contact data that a query filters or sorts by."""
    named = {one.field for one in query.filters}
    named |= {name.removeprefix("-") for name in query.order}
    return tuple(name for name in CONTACT_FIELDS if name in named)


def _names() -> dict[str, ListedField]:
    return {
        "username": _caseless(
            "username", lambda: _("User name"), USER.c.username_key, username_key
        ),
        "display_name": ListedField(
            lambda: _("Name"), "person_name", USER.c.display_name, sortable=True
        ),
        "email": _caseless("email", lambda: _("E-mail"), USER.c.email_key, email_key),
        "phone": ListedField(lambda: _("Phone"), "phone", USER.c.phone),
        "tags": ListedField(
            lambda: _("Tags"),
            "tags",
            USER.c.tags,
            operators=(Operator.CONTAINS,),
            members=_tagged,
        ),
    }


def _states() -> dict[str, ListedField]:
    return {
        "role": ListedField(
            lambda: _("Role"), "choice", USER.c.role, sortable=True, choices=role_choices,
            operators=(Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN),
        ),
        "active": ListedField(
            lambda: _("Active"), "boolean", USER.c.active, operators=_YES_NO
        ),
        "deleted": _whether(
            lambda: _("In the bin"),
            USER.c.id.in_(select(_BIN.c.id).where(_BIN.c.deleted_at.is_not(None))),
        ),
        "second_factor": _whether(
            lambda: _("Second factor"), USER.c.totp_secret.is_not(None)
        ),
        "builds": _whether(lambda: _("Has built"), builds_of_user()),
        "segment": ListedField(
            lambda: _("Segment"), "choice", USER.c.last_active_at, choices=segment_choices,
            operators=(Operator.EQ, Operator.NE), condition=_in_segment,
        ),
        "balance": ListedField(
            lambda: _("Balance"), "money", USER.c.balance_minor,
            operators=(*_COMPARISONS, Operator.BETWEEN), condition=_balance,
        ),
        "currency": ListedField(
            lambda: _("Currency"), "text", USER.c.balance_currency,
            operators=(Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN),
        ),
    }  # fmt: skip


def _times() -> dict[str, ListedField]:
    return {
        "last_sign_in_at": ListedField(
            lambda: _("Last sign-in"), "time", USER.c.last_sign_in_at
        ),
        "last_active_at": ListedField(
            lambda: _("Last active"), "time", USER.c.last_active_at, sortable=True
        ),
        "created_at": ListedField(
            lambda: _("Created"), "time", USER.c.created_at, sortable=True
        ),
        "activity": ListedField(
            lambda: _("Did something"), "time", ACTIVITY.c.at,
            operators=(Operator.GTE, Operator.LTE, Operator.BETWEEN), condition=_acted,
        ),
    }  # fmt: skip


def role_choices() -> tuple[tuple[str, str], ...]:
    """Return the roles and their words."""
    words = {
        Role.VIEWER: _("Viewer"),
        Role.OPERATOR: _("Operator"),
        Role.ADMINISTRATOR: _("Administrator"),
    }
    return tuple((role.value, word) for role, word in words.items())


def _caseless(
    name: str, words: Callable[[], str], key: ColumnElement[str], fold: Callable[[str], str]
) -> ListedField:
    """Return a field that is asked in any case of any script, by its folded form."""

    def folded(value: object) -> object:
        if isinstance(value, str):
            return fold(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [folded(one) for one in value]
        return value

    def holds(operator: Operator, value: object) -> Condition:
        return condition(name, key, operator, folded(value))

    return ListedField(
        words, name, key, sortable=True, operators=operators_of(Kind.TEXT), condition=holds
    )


def _whether(words: Callable[[], str], stated: Condition) -> ListedField:
    """Return a field that is true or false."""

    def holds(operator: Operator, value: object) -> Condition:
        if not isinstance(value, bool):
            raise RefusedValueError(_("Only true and false are possible."))
        return stated if value is (operator is Operator.EQ) else not_(stated)

    return ListedField(words, "boolean", stated, operators=_YES_NO, condition=holds)


def _tagged(_operator: Operator, value: object) -> Select[Any]:
    """Return the ids of those who have a tag, or all of several."""
    several = value if isinstance(value, list | tuple) else [value]
    try:
        wanted = [tag(one) for one in several]
    except FieldError as error:
        raise RefusedValueError(str(error)) from None
    having = select(_TAG.c.user_id).where(_TAG.c.tag.in_(set(wanted)))
    if len(set(wanted)) == 1:
        return having
    return having.group_by(_TAG.c.user_id).having(func.count() == len(set(wanted)))


def _acted(operator: Operator, value: object) -> Condition:
    """Return the condition that somebody did something at such a time."""
    at = condition("activity", ACTIVITY.c.at, operator, value)
    return USER.c.id.in_(select(ACTIVITY.c.user_id).where(at))


def _in_segment(operator: Operator, value: object) -> Condition:
    names = [segment.value for segment in Segment]
    if value not in names:
        raise RefusedValueError(_("Possible are: {names}").format(names=", ".join(names)))
    holds = belongs_to(Segment(value), utc_now())
    return holds if operator is Operator.EQ else not_(holds)


def _balance(operator: Operator, value: object) -> Condition:
    """Return the condition on an amount: only those of the same currency can meet it."""
    if operator is Operator.BETWEEN:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise RefusedValueError(_("Two values are needed, the lowest and the highest."))
        low, high = map(_amount, value)
        if low.currency != high.currency:
            return false()
        return and_(
            USER.c.balance_currency == low.currency,
            USER.c.balance_minor.between(low.minor, high.minor),
        )
    amount = _amount(value)
    return and_(
        USER.c.balance_currency == amount.currency,
        condition("balance", USER.c.balance_minor, operator, amount.minor),
    )


def _amount(value: object) -> Money:
    if isinstance(value, Money):
        return value
    try:
        return parse_money(as_text(value))
    except FieldError as error:
        raise RefusedValueError(str(error)) from None
