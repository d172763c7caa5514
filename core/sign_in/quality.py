"""How good a password is."""

from collections.abc import Iterable

from core.sign_in.schemas import PasswordReport, SignInRules
from core.translation import _


def report(password: str, rules: SignInRules, context: Iterable[str]) -> PasswordReport:
    """Return how good a password is, by the rules."""
    issues = []
    if len(password) < rules.shortest_password:
        issues.append(_("It is too short."))
    return PasswordReport(not issues, 0 if issues else 4, tuple(issues))
