"""The registry of field types: what a kind of value is called and what can be done with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from core.database.query.schemas import Operator

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

EDITORS = frozenset(
    (
        "line",
        "text",
        "email",
        "phone",
        "money",
        "address",
        "tags",
        "json",
        "secret",
        "switch",
        "choice",
        "time",
        "number",
    )
)


class Parse(Protocol):
    """Reads a text that a person typed or a file holds; raises ``FieldError``.

    Without a locale it reads what ``Show`` writes without one; that is what files hold. With a
    locale it also reads numbers as people there write them.
    """

    def __call__(self, text: str, locale: str = "") -> Any: ...  # noqa: D102


class Show(Protocol):
    """Writes a value as text, as the locale does; without one in the form for files."""

    def __call__(self, value: Any, locale: str = "") -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class FieldType:
    """A kind of value.

    Attributes:
        name: What tables, filters and plugins call it.
        column: Returns the SQLAlchemy type of its column.
        validate: Takes any object, returns the value in its one form, or raises
            ``FieldError``. Applied to its own result it changes nothing.
        parse: Reads a text; raises ``FieldError`` only.
        show: Writes a value that ``validate`` returned.
        editor: The name of what it is edited with; the desktop maps it to a widget.
        operators: What it can be asked in a filter.
        companions: Further columns that it takes, by the ending of their names.
    """

    name: str
    column: Callable[[], "TypeEngine[Any]"]
    validate: Callable[[object], Any]
    parse: Parse
    show: Show
    editor: str
    operators: tuple[Operator, ...]
    companions: Mapping[str, Callable[[], "TypeEngine[Any]"]] = field(default_factory=dict)


class FieldRegistryError(LookupError):
    """A field type is named that there is not, or one that there is already.

    This is a fault of a program (or a plugin), never of what a person entered.
    """


class FieldRegistry:
    """Field types by name; plugins register more."""

    def __init__(self, types: Iterable[FieldType] = ()) -> None:
        self._types: dict[str, FieldType] = {}
        for type_ in types:
            self.register(type_)

    def register(self, type_: FieldType) -> None:
        """Add a field type.

        Raises:
            FieldRegistryError: There is one of that name, the name is no identifier in
                lower case, or there is no such editor.
        """
        name = type_.name
        if name in self._types:
            raise FieldRegistryError(f"There is a field type “{name}” already.")
        if not (name.isascii() and name.isidentifier() and name == name.lower()):
            raise FieldRegistryError(f"“{name}” is no name for a field type.")
        if type_.editor not in EDITORS:
            raise FieldRegistryError(f"The field type “{name}” names no editor there is.")
        self._types[name] = type_

    def get(self, name: str) -> FieldType:
        """Return the field type of that name.

        Raises:
            FieldRegistryError: There is none.
        """
        try:
            return self._types[name]
        except KeyError:
            known = ", ".join(self.names())
            raise FieldRegistryError(
                f"There is no field type “{name}”; there are: {known}."
            ) from None

    def names(self) -> tuple[str, ...]:
        """Return the names, in the order they were registered."""
        return tuple(self._types)


def standard_fields(phone_region: str = "US") -> FieldRegistry:
    """Return a new registry of all field types of our own.

    Args:
        phone_region: Where telephone numbers without a country code are from.

    Raises:
        FieldError: No telephone numbers are known for the region.
    """
    # SQLAlchemy comes with it: whoever only names types does not wait for that.
    from core.database.fields.standard import standard_types

    return FieldRegistry(standard_types(phone_region))
