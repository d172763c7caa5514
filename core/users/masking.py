"""Personal data as those see it who need not know it."""

import dataclasses

from core.users.schemas import UserRow

_HIDDEN = "•••"
_LAST_DIGITS = 2


def masked(row: UserRow) -> UserRow:
    """Return a row with e-mail and phone in part only, and without address."""
    return dataclasses.replace(
        row,
        email=row.email and masked_email(row.email),
        phone=row.phone and masked_phone(row.phone),
        address=None,
        masked=True,
    )


def masked_email(address: str) -> str:
    """Return the first characters of both parts, and the end of the domain: a•••@e•••.com."""
    local, _at, domain = address.partition("@")
    name, _dot, end = domain.rpartition(".")
    return f"{local[:1]}{_HIDDEN}@{name[:1]}{_HIDDEN}.{end}"


def masked_phone(number: str) -> str:
    """Return the country code and the last two digits: +86 ••• ••13."""
    import phonenumbers

    code = str(phonenumbers.parse(number).country_code)
    return f"+{code} {_HIDDEN} ••{number[-_LAST_DIGITS:]}"
