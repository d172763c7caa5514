"""Escape sequences in a line of output: colours are understood, all else is dropped.

Builds print whatever they like, so nothing here may raise, take more than linear time, or
let a control character through: a title set by OSC, a hyperlink, a bidirectional override
would show or copy something other than what stands in the log. Sources: ECMA-48 for the
shape of sequences, xterm's ctlseqs for SGR.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

TAB_WIDTH: Final = 8
DIRECT: Final = 1 << 24
"""Set in a colour that is an RGB value, not one of the 256 of the palette."""


class Style(NamedTuple):
    """How text is painted; a colour is None, a palette index, or ``DIRECT | rgb``."""

    foreground: int | None = None
    background: int | None = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False
    inverse: bool = False


PLAIN: Final = Style()


class Span(NamedTuple):
    """Text of one style, without control characters."""

    text: str
    style: Style


_CONTROLS: Final = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks and overrides
    "\u2028\u2029\ufeff\ud800-\udfff"  # other line ends, byte order mark, half characters
)
_UNSAFE: Final = re.compile(f"[{_CONTROLS}]")
# Every alternative that starts matches at once and without backtracking, since what may be
# missing at its end is optional: time is linear in the length of the line.
_TOKEN: Final = re.compile(
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~]?)"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
    r"|(?P<tab>\t)"
    r"|(?P<return>\r+)"
    f"|[{_CONTROLS}]"
    f"|(?P<text>[^{_CONTROLS}]+)"
)
_LONGEST_NUMBER = 5


def spans(line: str) -> tuple[Span, ...]:
    """Return what a terminal would leave on screen of one line.

    The style starts plain. After a carriage return, or a jump to the first column, only what
    follows is kept; one at the very end changes nothing, unless the line is erased there, as
    spinners do. Tabs become spaces up to the next multiple of 8.
    """
    if _UNSAFE.search(line) is None:
        return (Span(line, PLAIN),) if line else ()
    return tuple(_merged(_written(line)))


def plain(line: str) -> str:
    """Return the text of a line without styles, safe for screen and clipboard."""
    return "".join(span.text for span in spans(line))


def columns(text: str) -> int:
    """Return how many cells of a terminal a text takes: wide characters two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _written(line: str) -> list[Span]:
    written: list[Span] = []
    style = PLAIN
    column = 0
    returned = False
    for token in _TOKEN.finditer(line):
        if token["final"] == "m" and not token["between"]:
            style = _restyled(style, token["parameters"])
        elif token["return"] or _is(token, "G", "", "0", "1"):
            returned = True
        elif (returned and _is(token, "K", "", "0")) or _is(token, "K", "2"):
            written, column = [], 0
        elif token["text"] or token["tab"]:
            if returned:
                written, column, returned = [], 0, False
            text = token["text"] or " " * (TAB_WIDTH - column % TAB_WIDTH)
            column += columns(text)
            written.append(Span(text, style))
    return written


def _is(token: re.Match[str], final: str, *parameters: str) -> bool:
    """Tell whether a token is the sequence with this end and one of these parameters."""
    return (
        token["final"] == final and not token["between"] and token["parameters"] in parameters
    )


def _merged(parts: list[Span]) -> Iterator[Span]:
    texts: list[str] = []
    style = PLAIN
    for part in parts:
        if part.style != style and texts:
            yield Span("".join(texts), style)
            texts = []
        style = part.style
        texts.append(part.text)
    if texts:
        yield Span("".join(texts), style)


def _restyled(style: Style, parameters: str) -> Style:
    """Return the style after SGR; an unknown code changes nothing."""
    if parameters[:1] in ("<", "=", ">", "?"):
        return style
    codes = iter(parameters.split(";"))
    for code in codes:
        number, _, rest = code.partition(":")
        value = _number(number)
        if value in (38, 48):
            color = _extended(iter(rest.split(":")), colons=True) if rest else _extended(codes)
            style = style if color is None else _painted(style, color, ground=value == 48)
        elif value == 4 and rest:
            style = style._replace(underline=_number(rest) != 0)
        else:
            style = _simple(style, value)
    return style


def _painted(style: Style, color: int, *, ground: bool) -> Style:
    return style._replace(background=color) if ground else style._replace(foreground=color)


_ON_OFF: Final[dict[int, dict[str, bool | int | None]]] = {
    1: {"bold": True},
    2: {"faint": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"inverse": True},
    21: {"underline": True},
    22: {"bold": False, "faint": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"inverse": False},
    39: {"foreground": None},
    49: {"background": None},
    **{30 + i: {"foreground": i} for i in range(8)},
    **{40 + i: {"background": i} for i in range(8)},
    **{90 + i: {"foreground": 8 + i} for i in range(8)},
    **{100 + i: {"background": 8 + i} for i in range(8)},
}


def _simple(style: Style, code: int) -> Style:
    if code == 0:
        return PLAIN
    change = _ON_OFF.get(code)
    return style._replace(**change) if change else style  # type: ignore[arg-type]


def _extended(codes: Iterator[str], *, colons: bool = False) -> int | None:
    """Read ``5;n`` or ``2;r;g;b``, with colons also ``2::r:g:b``; None where it is neither."""
    kind = _number(next(codes, ""))
    if kind == 5:
        index = _number(next(codes, ""))
        return index if index < 256 else None
    if kind != 2:
        return None
    parts = list(codes) if colons else [next(codes, "") for _ in range(3)]
    red, green, blue = (_number(part) for part in (*parts[-3:], "", "", "")[:3])
    if max(red, green, blue) > 255:
        return None
    return DIRECT | red << 16 | green << 8 | blue


def _number(text: str) -> int:
    """Return the value of digits; nothing is 0, and what is no code is a number unused."""
    if not text:
        return 0
    if len(text) > _LONGEST_NUMBER or not text.isdecimal():
        return 99_999
    return int(text)
