"""The locale in which values are shown."""

from typing import TYPE_CHECKING

from core.database.fields.errors import FieldError
from core.translation import _

if TYPE_CHECKING:
    from babel.core import Locale


def find_locale(name: str) -> "Locale":
    """Return the locale that a name such as ``zh_CN`` or ``en-GB`` stands for.

    Raises:
        FieldError: Babel knows none by it.
    """
    from babel.core import Locale, UnknownLocaleError

    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise FieldError(_("This language is not known. Choose another one.")) from error
