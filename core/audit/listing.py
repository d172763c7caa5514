"""The list of the audit trail: what it can be filtered and searched by."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import ColumnElement, false, not_, or_

from core.audit.repository import ENTRY, SHOWN, as_row
from core.audit.schemas import AuditRow
from core.database.query.errors import RefusedValueError
from core.database.query.listing import ListedField, Listing
from core.database.query.schemas import Operator
from core.database.query.text_search import Searched, TextSearch
from core.translation import _

Condition = ColumnElement[bool]

KINDS: Final = {
    "people": ("users", "profile"),
    "projects": ("projects", "builds", "queue", "triggers", "build_rules"),
    "sign_in": ("sign_in", "password", "second_factor", "sessions"),
    "rules": ("rules",),
    "keys": ("keys",),
    "audit": ("audit",),
    "database": (
        "performance", "statements", "maintenance", "backups", "tables", "advice", "benchmarks",
        "alerts",
    ),
}  # fmt: skip
"""What the keys of the operations of each kind begin with."""


def listing() -> Listing[AuditRow]:
    """Return the list of entries, the newest first."""
    searched = {"subject": Searched(ENTRY.c.subject), "actor": Searched(ENTRY.c.actor)}
    return Listing(
        ENTRY,
        key=ENTRY.c.id,
        fields={
            "id": ListedField(
                lambda: _("Number"), "integer", ENTRY.c.id, sortable=True, operators=()
            ),
            "kind": ListedField(
                lambda: _("Kind"), "choice", ENTRY.c.operation, choices=kind_choices,
                operators=(Operator.EQ, Operator.NE), condition=_of_kind,
            ),
            "at": _plain(lambda: _("When"), "time", ENTRY.c.at),
            "actor": _plain(lambda: _("Who"), "text", ENTRY.c.actor),
            "subject": _plain(lambda: _("To what"), "text", ENTRY.c.subject),
        },
        order=("-id",),
        as_row=as_row,
        columns=SHOWN,
        search=TextSearch("", searched),
    )  # fmt: skip


def kind_choices() -> tuple[tuple[str, str], ...]:
    """Return the kinds of entries and their words."""
    words = {
        "people": _("People"),
        "projects": _("Projects, builds and rights in them"),
        "sign_in": _("Signing in"),
        "rules": _("Rules"),
        "keys": _("Keys"),
        "audit": _("The audit trail"),
        "database": _("The database and its care"),
    }
    return tuple((kind, words[kind]) for kind in KINDS)


def _plain(words: Callable[[], str], type_: str, column: ColumnElement[object]) -> ListedField:
    return ListedField(words, type_, column)


def _of_kind(operator: Operator, value: object) -> Condition:
    if not isinstance(value, str) or value not in KINDS:
        raise RefusedValueError(_("Possible are: {names}").format(names=", ".join(KINDS)))
    # A range each, for the index: "." is followed by "/" among the signs.
    ranges = [ENTRY.c.operation.between(f"{prefix}.", f"{prefix}/") for prefix in KINDS[value]]
    holds = or_(false(), *ranges)
    return holds if operator is Operator.EQ else not_(holds)
