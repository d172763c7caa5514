"""Says in words what is wrong with a regular expression, and where."""

from core.errors import ValidationError
from core.translation import _


def refusal(expression: str, told: str) -> ValidationError:
    """Return the error for an expression that RE2 does not take.

    Args:
        told: What RE2 says: a reason in English, and after a colon what it is about.
    """
    reason, _colon, about = told.partition(": ")
    place = _place(expression, reason, about)
    words = _words(reason, about)
    if place is not None:
        words = _("Character {place}: {problem}").format(place=place + 1, problem=words)
    hint = _("Correct the expression, or search for it as plain text.")
    return ValidationError(
        _("This is not a regular expression."), fields={"text": words}, hint=hint
    )


def _words(reason: str, about: str) -> str:
    if reason == "invalid perl operator" and about[:3] in ("(?=", "(?!", "(?<"):
        return _("Looking ahead or behind is not offered: “{sign}”.").format(sign=about)
    if reason.startswith("pattern too large"):
        return _("It is too large once its repetitions are written out.")
    range_words = _("“{sign}” is no range or class of characters.")
    known = {
        "missing )": _("This parenthesis is never closed."),
        "unexpected )": _("This parenthesis was never opened."),
        "missing ]": _("This bracket is never closed."),
        "trailing \\": _("A backslash at the end stands for nothing; write two for one."),
        "no argument for repetition operator": _("Nothing to repeat is before “{sign}”."),
        "bad repetition operator": _("Two signs of repetition follow each other: “{sign}”."),
        "invalid repetition size": _("“{sign}” repeats too often, or from more to less."),
        "invalid escape sequence": _("“{sign}” has no meaning here."),
        "invalid character class range": range_words,
        "invalid character class": range_words,
        "invalid named capture group": _("The name of this group cannot be used."),
        "invalid perl operator": _("“{sign}” is not understood."),
    }
    return known.get(reason, _("It is not understood.")).format(sign=about)


def _place(expression: str, reason: str, about: str) -> int | None:
    """Return the index of the character at fault, None where that is not known."""
    if reason in ("missing )", "unexpected )"):
        return _lonely_parenthesis(expression)
    if reason == "trailing \\":
        return len(expression) - 1
    place = expression.find(about) if about else -1
    return place if place >= 0 else None


def _lonely_parenthesis(expression: str) -> int | None:
    """Return where a parenthesis has no partner: the first closing, else the last opening."""
    opened: list[int] = []
    in_class, escaped = -1, False
    for index, sign in enumerate(expression):
        if escaped or sign == "\\":
            escaped = not escaped
        elif in_class >= 0:
            first = index - in_class == 1 or (
                index - in_class == 2 and expression[index - 1] == "^"
            )
            in_class = -1 if sign == "]" and not first else in_class
        elif sign == "[":
            in_class = index
        elif sign == "(":
            opened.append(index)
        elif sign == ")" and opened:
            opened.pop()
        elif sign == ")":
            return index
    return opened[-1] if opened else None
