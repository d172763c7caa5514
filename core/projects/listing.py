"""The list of projects: what it can be filtered, sorted and searched by."""

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, String, func, not_, or_, select, type_coerce

from core.builds.schemas import BuildState
from core.database.fields.errors import FieldError
from core.database.fields.tags import tag
from core.database.query.conditions import condition
from core.database.query.errors import RefusedValueError
from core.database.query.listing import ListedField, Listing
from core.database.query.schemas import Operator
from core.database.query.text_search import Searched, TextSearch
from core.projects.repository import PROJECT, last_of
from core.projects.schemas import Checkout, ProjectType
from core.translation import _

Condition = ColumnElement[bool]

_CHOICES = (Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN)
_YES_NO = (Operator.EQ, Operator.NE)
NEVER = "never"
"""The last state of a project that was never built."""


def listing() -> Listing[RowMapping]:
    """Return the list of projects, by name where no order is asked for."""
    tags = func.json_each(type_coerce(PROJECT.c.tags, String())).table_valued("value")
    searched = {
        "name": Searched(PROJECT.c.name, nocase=True),
        "description": Searched(PROJECT.c.description),
        "path": Searched(PROJECT.c.path),
        "repository_url": Searched(PROJECT.c.repository_url),
        "tags": Searched(
            select(func.group_concat(tags.c.value, ", ", type_=String())).scalar_subquery()
        ),
    }
    return Listing(
        PROJECT,
        key=PROJECT.c.id,
        fields={**_fields(), **_of_builds()},
        order=("name",),
        as_row=lambda row: row,
        columns=(PROJECT.c.id,),
        search=TextSearch("", searched),
    )


def _fields() -> dict[str, ListedField]:
    name: ColumnElement[str] = PROJECT.c.name
    return {
        "name": ListedField(
            lambda: _("Name"), "text", name, sort=name.collate("NOCASE"), sortable=True
        ),
        "type": ListedField(
            lambda: _("Type"), "choice", PROJECT.c.type, sortable=True, operators=_CHOICES,
            choices=lambda: tuple((one.value, one.value) for one in ProjectType),
        ),
        "tags": ListedField(
            lambda: _("Tags"), "tags", PROJECT.c.tags, operators=(Operator.CONTAINS,),
            condition=_tagged,
        ),
        "active": ListedField(
            lambda: _("Active"), "boolean", PROJECT.c.active, operators=_YES_NO
        ),
        "path": ListedField(lambda: _("Folder"), "text", PROJECT.c.path, sortable=True),
        "repository_url": ListedField(
            lambda: _("Repository"), "text", PROJECT.c.repository_url, sortable=True
        ),
        "branch": ListedField(lambda: _("Branch"), "text", PROJECT.c.branch),
        "checkout": ListedField(
            lambda: _("Checked out"), "choice", PROJECT.c.checkout, operators=_CHOICES,
            choices=_checkouts,
        ),
        "created_at": ListedField(
            lambda: _("Created"), "time", PROJECT.c.created_at, sortable=True
        ),
        "updated_at": ListedField(
            lambda: _("Changed"), "time", PROJECT.c.updated_at, sortable=True
        ),
    }  # fmt: skip


def _of_builds() -> dict[str, ListedField]:
    return {
        "last_state": ListedField(
            lambda: _("Last build"), "choice", last_of("state"), operators=_CHOICES,
            choices=_states, condition=_last_state,
        ),
        "last_queued_at": ListedField(
            lambda: _("Last built"), "time", last_of("queued_at"), sortable=True
        ),
    }  # fmt: skip


def _checkouts() -> tuple[tuple[str, str], ...]:
    return (
        (Checkout.FOLDER.value, _("In its folder")),
        (Checkout.OWN_TREE.value, _("In a tree of its own")),
    )


def _states() -> tuple[tuple[str, str], ...]:
    words = {
        BuildState.PENDING: _("Waiting"),
        BuildState.RUNNING: _("Running"),
        BuildState.CANCELLING: _("Being cancelled"),
        BuildState.SUCCESS: _("Succeeded"),
        BuildState.FAILED: _("Failed"),
        BuildState.CANCELLED: _("Cancelled"),
    }
    return (*((state.value, word) for state, word in words.items()), (NEVER, _("Never built")))


def _last_state(operator: Operator, value: object) -> Condition:
    state = func.coalesce(last_of("state"), NEVER, type_=String())
    return condition("last_state", state, operator, value)


def _tagged(_operator: Operator, value: object) -> Condition:
    """Return the condition that a project has a tag, or all of several."""
    several = value if isinstance(value, list | tuple) else [value]
    try:
        wanted = {tag(one) for one in several}
    except FieldError as error:
        raise RefusedValueError(str(error)) from None
    lacking = [not_(_has(one)) for one in sorted(wanted)]
    return not_(or_(*lacking))


def _has(wanted: str) -> Condition:
    own = func.json_each(type_coerce(PROJECT.c.tags, String())).table_valued("value")
    found: Any = select(own.c.value).where(func.lower(own.c.value) == func.lower(wanted))
    has: Condition = found.exists()
    return has
