"""How a value gets into its column and out again: checked, in its one form, or not at all."""

from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.database.fields.errors import FieldError

T = TypeVar("T")
_COMPARISONS = frozenset(
    (
        operators.eq,
        operators.ne,
        operators.lt,
        operators.le,
        operators.gt,
        operators.ge,
        operators.in_op,
        operators.not_in_op,
        operators.between_op,
        operators.not_between_op,
        operators.is_,
        operators.is_not,
    )
)


def _as_it_is(value: Any) -> Any:
    return value


class UnstorableError(FieldError, DontWrapMixin):
    """A value cannot be stored in its column."""


class DamagedValueError(UnstorableError):
    """What is stored in a column is no value of it: something else wrote there."""


class Form(Enum):
    """What the stored form of a value is to queries."""

    PLAIN = "plain"
    JSON = "json"
    SEALED = "sealed"


class Checked(TypeDecorator[T], Generic[T]):
    """Stores what ``bind`` makes of a value, and gives back what ``result`` does of that.

    Attributes:
        bind: Returns the form that is stored, or raises ``FieldError``.
        result: Returns the value of what is stored, or raises ``FieldError``: it is damaged.
        form: What queries can ask of what is stored.
        places: Digits after the point of a number that is stored as a whole one.
    """

    form: ClassVar[Form] = Form.PLAIN
    places: ClassVar[int] = 0

    bind: "ClassVar[staticmethod[[Any], Any]]"
    result: "ClassVar[staticmethod[[Any], Any]]" = staticmethod(_as_it_is)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # SQLAlchemy asks it of each class itself, not of what it comes from.
        cls.cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Return the form that is stored.

        Raises:
            UnstorableError: The value breaks the rules.
        """
        return None if value is None else _storable(self.bind, value)

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:  # noqa: ARG002
        """Return the value of what is stored.

        Raises:
            DamagedValueError: Something else wrote there.
        """
        try:
            return None if value is None else self.result(value)
        except FieldError as error:
            raise DamagedValueError(str(error)) from error

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], T | None] | None:
        """Return what makes values of what is stored, also where SQLAlchemy cannot."""
        process = super().result_processor(dialect, coltype)
        if process is None:
            return None

        def told(value: Any) -> T | None:
            try:
                return process(value)
            except DamagedValueError:
                raise
            except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
                raise DamagedValueError(str(error)) from error

        return told

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        """Hold values against values, and patterns as the texts they are."""
        if op in _COMPARISONS or not isinstance(value, str):
            return self
        return String()


def _storable(change: Callable[[Any], Any], value: Any) -> Any:
    try:
        return change(value)
    except UnstorableError:
        raise
    except FieldError as error:
        raise UnstorableError(str(error)) from error
