"""JSON without its traps: every value comes back as it was, or is refused."""

import json
import math

from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text
from core.translation import _

LARGEST_BYTES = 1024 * 1024
DEEPEST = 64
MOST_VALUES = 100_000
_LONGEST_INTEGER_BITS = 14_000

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


def parse_json(text: str) -> JsonValue:
    """Return the value that a JSON text stands for.

    Integers of any size are exact; numbers with a fraction or exponent are doubles.

    Raises:
        FieldError: It is not JSON, names a key twice, holds NaN or an infinity, or breaks
            the limits of ``canonical_json``.
    """
    text = as_text(text)
    if len(text.encode()) > LARGEST_BYTES:
        raise _too_large()
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except FieldError:
        raise
    except json.JSONDecodeError as error:
        raise FieldError(
            _("This is not JSON: see line {line}, column {column}.").format(
                line=error.lineno, column=error.colno
            )
        ) from error
    except (ValueError, RecursionError) as error:
        raise _too_large() from error
    return checked(value)


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: keys in order, no spaces, no needless escapes.

    Raises:
        FieldError: It is no JSON value (only lists, tuples, dictionaries with text keys,
            texts, finite numbers, booleans and None are), deeper than 64, of more than
            100,000 values or larger than 1 MiB.
    """
    text = json.dumps(
        checked(value),
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    if len(text.encode()) > LARGEST_BYTES:
        raise _too_large()
    return text


def checked(value: object) -> JsonValue:
    """Return a copy of plain lists, numbers, and dictionaries whose keys are in order.

    Raises:
        FieldError: As ``canonical_json``.
    """
    return _Copy().of(value, 0)


class _Copy:
    """Copies a value, and counts, so that no loop and no giant gets through."""

    def __init__(self) -> None:
        self.values = 0
        self.characters = 0

    def of(self, value: object, depth: int) -> JsonValue:
        self.values += 1
        if depth > DEEPEST or self.values > MOST_VALUES:
            raise _too_large()
        if isinstance(value, dict):
            keys = {self.text(key): item for key, item in value.items()}
            return {key: self.of(keys[key], depth + 1) for key in sorted(keys)}
        if isinstance(value, list | tuple):
            return [self.of(item, depth + 1) for item in value]
        if isinstance(value, str):
            return self.text(value)
        return _scalar(value)

    def text(self, value: object) -> str:
        if not isinstance(value, str):
            raise FieldError(_("The keys of a JSON object are texts. Put them in quotes."))
        text = str(value)
        self.characters += len(text)
        if self.characters > LARGEST_BYTES:
            raise _too_large()
        if any("\ud800" <= c <= "\udfff" for c in text):
            raise FieldError(_("The JSON holds half a character, which cannot be stored."))
        return text


def _scalar(value: object) -> JsonValue:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value.bit_length() > _LONGEST_INTEGER_BITS:
            raise _too_large()
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FieldError(
                _("JSON has no NaN, no infinity and no number as large. Use null or a text.")
            )
        return float(value)
    raise FieldError(
        _("JSON knows texts, numbers, true, false, null, lists and objects. Use only these.")
    )


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FieldError(_("A key stands twice in one JSON object. Remove one of them."))
    return found


def _too_large() -> FieldError:
    return FieldError(
        _(
            "The JSON is too large: {depth} levels, {values} values and {size} MiB are the"
            " most. Shorten it."
        ).format(depth=DEEPEST, values=MOST_VALUES, size=LARGEST_BYTES // 1024**2)
    )
