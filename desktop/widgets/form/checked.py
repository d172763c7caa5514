"""Lines whose text is checked where it is typed: e-mail addresses and telephone numbers."""

from collections.abc import Callable

from core.database.fields.errors import FieldError
from core.translation import _
from desktop.widgets.form.fields import LineField


class CheckedField(LineField):
    """One line that a rule accepts or refuses; an empty one is left to whoever takes it.

    Args:
        check: Returns the text in its one form; raises ``FieldError`` with what is wrong.
    """

    def __init__(
        self, check: Callable[[str], str], *, placeholder: str = "", longest: int = 320
    ) -> None:
        super().__init__(placeholder=placeholder, longest=longest)
        self._check = check

    def problem(self) -> str:
        """Return what the rule has against the text."""
        text = self.value().strip()
        try:
            if text:
                self._check(text)
        except FieldError as error:
            return str(error)
        return ""


class EmailField(CheckedField):
    """The address of a person's e-mail."""

    def __init__(self) -> None:
        super().__init__(_email, placeholder=_("name@example.com"))


class PhoneField(CheckedField):
    """A telephone number, written as people of a region do or with its country code.

    Args:
        region: Two letters of where numbers without a country code are from.
    """

    def __init__(self, region: str = "US") -> None:
        super().__init__(lambda text: _phone(text, region), longest=40)


def _email(text: str) -> str:
    from core.database.fields.emails import email

    return email(text)


def _phone(text: str, region: str) -> str:
    from core.database.fields.phones import phone

    return phone(text, region)
