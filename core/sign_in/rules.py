"""The rules for signing in, as the workspace keeps them."""

from pydantic import ValidationError

from core.sign_in.repository import SignInRepository
from core.sign_in.schemas import SignInRules

SETTING = "sign_in_rules"


async def read_rules(repository: SignInRepository) -> SignInRules:
    """Return the rules in force; where there are none that make sense, the usual ones."""
    stored = await repository.setting(SETTING)
    try:
        return SignInRules.model_validate(stored if isinstance(stored, dict) else {})
    except ValidationError:
        return SignInRules()
