"""How good a password is: by the rules, and by how many guesses it would take.

Length counts, as NIST SP 800-63B has it; what everybody tries is refused, also with other
cases, letters as digits, turned round, doubled, or with a year or a sign at the end. The
number of guesses is estimated as by zxcvbn (Wheeler, USENIX Security 2016): the password is
cut into words, repetitions, sequences, dates and single letters so that it takes the fewest
guesses. Composition rules are off unless the workspace asks for them.
"""

import functools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator

from core.database.fields.names import caseless
from core.paths import resource
from core.sign_in.passwords import LONGEST, LOOKED_AT, prepared
from core.sign_in.schemas import PasswordReport, SignInRules
from core.translation import _, ngettext

# The decimal logarithm of the guesses below which a score ends; zxcvbn's own.
_SCORES = (3, 6, 8, 10)
_ENOUGH = 3
_LOOKED_AT = 128
_SHORTEST_WORD, _LONGEST_WORD = 3, 30
_ONE_SIGN = 1.0
_OWN_WORD = 1.0
_ALWAYS_CONTEXT = ("buildbench",)
_LEET = (
    str.maketrans("4@386901!|$5+7", "aaebggoiilsstt"),
    str.maketrans("4@386901!|$5+7", "aaebggolllsstt"),
)
# Each with the logarithm of how many there are that anybody would choose.
_DATES = (
    (re.compile(r"(?:1[5-9]|20)\d\d"), 2.5),
    (re.compile(r"\d{1,2}[./-]?\d{1,2}[./-]?(?:19|20)?\d\d"), 4.0),
    (re.compile(r"(?:19|20)\d\d[./-]?\d{1,2}[./-]?\d{1,2}"), 4.0),
)
_REPEAT = re.compile(r"(.{1,32}?)\1+")


def report(password: str, rules: SignInRules, context: Iterable[str]) -> PasswordReport:
    """Return how good a password is, by the rules of a workspace.

    Args:
        password: Any text.
        rules: What the workspace asks for.
        context: Names that belong to the person or the workspace.
    """
    own = _own_words(context)
    typed = prepared(password[:LOOKED_AT])
    issues = [*_by_length(typed, rules), *_by_composition(typed, rules)]
    guesses = _guesses(typed, own)
    score = sum(guesses >= limit for limit in _SCORES)
    if score < _ENOUGH and typed:
        issues.append(_why_weak(typed, own))
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in typed):
        issues.append(_("It holds characters that no keyboard types. Leave them out."))
    return PasswordReport(valid=not issues, score=score, issues=tuple(issues))


def _by_length(password: str, rules: SignInRules) -> Iterator[str]:
    missing = rules.shortest_password - len(password)
    if missing > 0:
        yield ngettext(
            "It is too short: add {n} character, or more.",
            "It is too short: add {n} characters, or more.",
            missing,
        ).format(n=missing)
    if len(password) > LONGEST:
        yield _("It is too long: {longest} characters are enough.").format(longest=LONGEST)


def _by_composition(password: str, rules: SignInRules) -> Iterator[str]:
    upper, lower = any(map(str.isupper, password)), any(map(str.islower, password))
    if rules.need_letter_cases and not (upper and lower):
        yield _("It needs an upper-case and a lower-case letter.")
    if rules.need_digit and not any(map(str.isdecimal, password)):
        yield _("It needs a digit.")
    if rules.need_symbol and all(c.isalnum() or c.isspace() for c in password):
        yield _("It needs a sign such as ? or %.")


def _why_weak(password: str, own: frozenset[str]) -> str:
    text = caseless(password)
    if any(word in form for form in _forms(text) for word in own):
        return _("It is built on your name or that of the workspace. Leave these out.")
    stem = text.strip("0123456789!?.,-_*#$@+ ")
    ranks = _ranks()
    if any(form in ranks for part in (text, stem, stem[::-1]) for form in _forms(part)):
        return _("It is among the passwords that everybody tries first. Choose another one.")
    if _REPEAT.fullmatch(text) or _longest_sequence(text) * 2 > len(text):
        return _(
            "It repeats itself, or runs along the alphabet. Choose something less regular."
        )
    return _("It is easy to guess. Add a few words that do not belong together.")


def _guesses(password: str, own: frozenset[str]) -> float:
    """Return the decimal logarithm of the guesses that the password takes.

    Of a very long one the beginning is enough.
    """
    text = caseless(password)[:_LOOKED_AT]
    cheapest = [0.0] * (len(text) + 1)
    ends: dict[int, list[tuple[int, float]]] = {}
    for start, end, cost in _patterns(text, own):
        ends.setdefault(end, []).append((start, cost))
    for end in range(1, len(text) + 1):
        cheapest[end] = min(
            cheapest[end - 1] + _ONE_SIGN,
            *(cheapest[start] + cost for start, cost in ends.get(end, ())),
            math.inf,
        )
    return cheapest[-1]


def _patterns(text: str, own: frozenset[str]) -> Iterator[tuple[int, int, float]]:
    """Yield the places of what is guessed as a whole, each with its cost."""
    yield from _words(text, own)
    for start in range(len(text)):
        for date, cost in _DATES:
            found = date.match(text, start)
            if found is not None:
                yield start, found.end(), cost
        found = _REPEAT.match(text, start)
        if found is not None:
            times = (found.end() - start) // len(found[1])
            yield start, found.end(), _guesses_of_unit(found[1], own) + math.log10(times)
    yield from _sequences(text)


def _words(text: str, own: frozenset[str]) -> Iterator[tuple[int, int, float]]:
    ranks = _ranks()
    for extra, form in enumerate(dict.fromkeys((*_forms(text),))):
        changed = 0.3 if extra else 0.0
        for start in range(len(form)):
            last = min(len(form), start + _LONGEST_WORD)
            for end in range(start + _SHORTEST_WORD, last + 1):
                part = form[start:end]
                if part in own or part[::-1] in own:
                    yield start, end, _OWN_WORD + changed
                    continue
                rank = ranks.get(part) or 2 * ranks.get(part[::-1], 0)
                if rank:
                    yield start, end, math.log10(rank + 1) + changed


def _guesses_of_unit(unit: str, own: frozenset[str]) -> float:
    costs = [end - start == len(unit) and cost for start, end, cost in _words(unit, own)]
    whole = [cost for cost in costs if cost is not False]
    return min([len(unit) * _ONE_SIGN, *whole])


def _sequences(text: str) -> Iterator[tuple[int, int, float]]:
    """Yield runs such as ``abcd`` and ``8642``."""
    start = 0
    while start < len(text) - 2:
        step = ord(text[start + 1]) - ord(text[start])
        end = start + 2
        while end < len(text) and ord(text[end]) - ord(text[end - 1]) == step:
            end += 1
        if end - start >= 3 and abs(step) <= 3:
            yield start, end, 1.0 + math.log10(end - start)
        start = max(start + 1, end - 1)


def _longest_sequence(text: str) -> int:
    return max((end - start for start, end, _cost in _sequences(text)), default=0)


def _forms(text: str) -> tuple[str, ...]:
    """Return a text as it is, and with the letters that its digits and signs may stand for."""
    return (text, *(text.translate(table) for table in _LEET))


def _own_words(context: Iterable[str]) -> frozenset[str]:
    """Return names, their parts, and the parts of addresses, as they are compared."""
    words = set(_ALWAYS_CONTEXT)
    for name in context:
        whole = caseless(name)
        words.update((whole, *re.split(r"[\W_]+", whole)))
    return frozenset(word for word in words if len(word) >= _SHORTEST_WORD)


@functools.cache
def _ranks() -> dict[str, int]:
    lines = resource("passwords", "common.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    return {word: rank for rank, word in enumerate(words, 1)}
