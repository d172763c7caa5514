"""What a recommendation does, as data: the SQL of it is made anew each time.

What takes a change back is stored in a file that anybody may have written, so that what is read
from there must be one of the few changes here, and nothing of it is run as it is.
"""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.performance.child import ddl

_Name = Annotated[str, Field(min_length=1, max_length=1_000)]
_Collation = Annotated[str, Field(max_length=1_000)]
_Term = Annotated[tuple[_Name, bool, _Collation], Field(strict=False)]
_MOST_CHANGES = 10


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @property
    def sql(self) -> tuple[str, ...]:
        """The statements that make it, for showing."""
        return ddl.statements_of(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return it as the maintenance child takes it, and as it is stored."""
        return self.model_dump(mode="json")


class _IndexChange(_Change):
    table: _Name
    name: _Name
    # Column, whether it is descending, and collation: that of the column where it is empty.
    terms: Annotated[list[_Term], Field(min_length=1, max_length=100)]


class CreateIndex(_IndexChange):
    """An index of columns is made."""

    change: Literal["create_index"] = "create_index"

    @property
    def inverse(self) -> "Undo":
        """What takes it back."""
        return DropIndex(table=self.table, name=self.name, terms=self.terms)


class DropIndex(_IndexChange):
    """An index of columns that is neither unique nor partial is dropped."""

    change: Literal["drop_index"] = "drop_index"

    @property
    def inverse(self) -> "Undo":
        """What takes it back."""
        return CreateIndex(table=self.table, name=self.name, terms=self.terms)


class JournalMode(_Change):
    """The journal mode becomes another one."""

    change: Literal["journal_mode"] = "journal_mode"
    mode: Literal["wal", "delete", "truncate", "persist"]


class AutoVacuum(_Change):
    """The file keeps what is needed to give pages back, or no more, and is packed."""

    change: Literal["auto_vacuum"] = "auto_vacuum"
    mode: Literal["none", "full", "incremental"]


class PageSize(_Change):
    """The file is packed into pages of another size, in bytes."""

    change: Literal["page_size"] = "page_size"
    size: Literal[512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]


Undo = CreateIndex | DropIndex | JournalMode | AutoVacuum | PageSize
_ANY: TypeAdapter[Undo] = TypeAdapter(Annotated[Undo, Field(discriminator="change")])


def stored(changes: Iterable[Undo]) -> tuple[str, ...]:
    """Return changes as they are kept."""
    return tuple(json.dumps(each.as_json()) for each in changes)


def read_back(texts: tuple[str, ...]) -> tuple[Undo, ...]:
    """Return kept changes; none at all where one of them is not as we make them."""
    if len(texts) > _MOST_CHANGES:
        return ()
    try:
        return tuple(_ANY.validate_json(text) for text in texts)
    except (ValidationError, RecursionError):
        return ()
