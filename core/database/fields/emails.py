"""E-mail addresses."""

from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text
from core.database.fields.names import caseless
from core.translation import _

LONGEST_EMAIL = 254


def email(value: object) -> str:
    """Return an e-mail address in its normalised form; nothing is looked up in the network.

    Space around it is dropped. The part before the @ keeps its case, in NFC; the domain is in
    lower case, in Unicode. Quoted parts, comments, addresses of machines (``[127.0.0.1]``)
    and domains that are reserved (``.local``, ``.test``) are refused.

    Raises:
        FieldError: It is no such address, or longer than 254 characters.
    """
    from email_validator import EmailNotValidError, validate_email

    text = as_text(value).strip()
    if len(text) > LONGEST_EMAIL or text.count("@") != 1:
        raise _not_an_email()
    try:
        return validate_email(text, check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError) as error:
        raise _not_an_email() from error


def email_key(text: str) -> str:
    """Return the form by which addresses are held to be the same: caseless, compatible.

    Give it what ``email`` returns; it refuses nothing, so that any text can be looked up.
    """
    return caseless(text.strip())


def _not_an_email() -> FieldError:
    return FieldError(_("This is no complete e-mail address. Write it like name@example.org."))
