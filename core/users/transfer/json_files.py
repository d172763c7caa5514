"""JSON from strangers: one array of objects, or an object on each line.

An array is read piece by piece: a file of any size is never in memory as a whole, and no
object in it may be larger than a megabyte or deeper than ``strict_json`` allows.
"""

import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Self

from core.database.fields.errors import FieldError
from core.database.fields.strict_json import DEEPEST
from core.translation import _
from core.users.transfer.errors import UnreadableFileError
from core.users.transfer.text_files import LONGEST_LINE, lines

Found = tuple[int, dict[str, Any] | str]
"""The number of a line, or in an array of an object, and the object, or why it is none."""

_MOST_DIGITS = 1_000
_SPACE = re.compile(r"[ \t\r\n]*")


def is_json(beginning: str) -> bool:
    """Tell whether a file that begins so is JSON."""
    return beginning.lstrip("\ufeff \t\r\n")[:1] in ("[", "{")


def objects(file: io.TextIOWrapper) -> Iterator[Found]:
    """Give the objects of a file.

    Raises:
        UnreadableFileError: The rest of it cannot be read.
    """
    reader = _Array(file)
    if reader.begins():
        yield from reader.objects()
        return
    file.seek(0)
    yield from _on_lines(file)


def _on_lines(file: io.TextIOWrapper) -> Iterator[Found]:
    for number, line in enumerate(lines(file), 1):
        text = line.strip("\ufeff \t\r\n")
        if text:
            try:
                yield number, _checked(_DECODER.decode(text))
            except (ValueError, RecursionError) as error:
                yield number, _reason(error)


class _Array:
    """Reads the array that a file is, through a window of some megabytes."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self._file = file
        self._text = ""
        self._place = 0
        self._line = 1
        self._ended = False

    def begins(self) -> bool:
        """Step into the array; False where there is none."""
        self._skip_space("\ufeff")
        return self._take("[")

    def objects(self) -> Iterator[Found]:
        """Give what the array holds, then see that nothing follows it."""
        self._skip_space()
        more = not self._take("]")
        for number in itertools.count(1):
            if not more:
                break
            self._skip_space()
            yield number, self._next()
            self._skip_space()
            more = self._take(",")
            if not more and not self._take("]"):
                raise self._broken(_("A comma or the end of the array is missing."))
        self._skip_space()
        if self._rest():
            raise self._broken(_("Something follows the array."))

    def _next(self) -> dict[str, Any] | str:
        self._fill(LONGEST_LINE + 1)
        try:
            value, end = _DECODER.raw_decode(self._text, self._place)
        except json.JSONDecodeError as error:
            if not self._ended or len(self._text) - self._place > LONGEST_LINE:
                raise self._broken(_("It is broken, or an object is too large.")) from error
            raise self._broken(error.msg) from error
        except (ValueError, RecursionError) as error:
            raise self._broken(_reason(error)) from error
        if end - self._place > LONGEST_LINE:
            raise self._broken(_("An object is too large."))
        self._move(end)
        try:
            return _checked(value)
        except FieldError as error:
            return str(error)

    def _skip_space(self, also: str = "") -> None:
        while True:
            self._fill(1)
            if also and self._text.startswith(also, self._place):
                self._place += 1
            found = _SPACE.match(self._text, self._place)
            assert found is not None
            self._move(found.end())
            if self._place < len(self._text) or self._ended:
                return

    def _take(self, character: str) -> bool:
        if not self._text.startswith(character, self._place):
            return False
        self._place += 1
        return True

    def _rest(self) -> bool:
        self._fill(1)
        return self._place < len(self._text)

    def _fill(self, wanted: int) -> None:
        """Have so many characters ahead, or all there are."""
        if len(self._text) - self._place >= wanted or self._ended:
            return
        read = self._file.read(2 * LONGEST_LINE)
        self._ended = len(read) < 2 * LONGEST_LINE
        self._text = self._text[self._place :] + read
        self._place = 0

    def _move(self, place: int) -> None:
        self._line += self._text.count("\n", self._place, place)
        self._place = place

    def _broken(self, why: str) -> UnreadableFileError:
        return UnreadableFileError(
            _("The file cannot be read from line {line} on.").format(line=self._line),
            detail=why,
            hint=_("It has to be one JSON array of objects, or one object on each line."),
        )


class ExactNumber(float):
    """A number with a fraction or exponent that still knows how it was written."""

    def __new__(cls, text: str) -> Self:
        """Keep the text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


class _Twice(dict[str, Any]):
    """An object in which a key stands twice."""


class _NoNumber:
    """What is written as a number and is none, such as NaN; every field refuses it."""

    def __init__(self, _text: str) -> None:
        pass


def _checked(value: object) -> dict[str, Any]:
    """Return an object of no more levels than can be stored.

    Raises:
        FieldError: It is none.
    """
    if not isinstance(value, dict):
        raise FieldError(_("This is no JSON object."))
    level: list[object] = [value]
    for _depth in range(DEEPEST):
        if any(isinstance(one, _Twice) for one in level):
            raise FieldError(_("A key stands twice in one JSON object. Remove one of them."))
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return value
    raise FieldError(_("The object is nested too deeply."))


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _reason(error: Exception) -> str:
    if isinstance(error, FieldError):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return _("This is not JSON: see column {column}.").format(column=error.colno)
    return _("This is no JSON that can be read; it may be nested too deeply.")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(found)


def _integer(text: str) -> object:
    return int(text) if len(text) <= _MOST_DIGITS else _NoNumber(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=ExactNumber,
    parse_int=_integer,
    parse_constant=_NoNumber,
)
