"""The first start: checks and prepares the first administrator."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from core.database.fields.emails import email, email_key
from core.database.fields.errors import FieldError
from core.database.fields.names import person_name, username, username_key
from core.errors import ValidationError
from core.security.actors import Role
from core.sign_in.schemas import FirstAdministrator, PasswordReport
from core.translation import _


def checked(data: FirstAdministrator, report: PasswordReport) -> FirstAdministrator:
    """Return the input with each field in its one form.

    Raises:
        ValidationError: Fields cannot be taken; the error names them all.
    """
    problems: dict[str, str] = {}

    def take(name: str, value: str, kind: Callable[[object], str]) -> str:
        try:
            return kind(value)
        except FieldError as error:
            problems[name] = str(error)
            return ""

    taken = FirstAdministrator(
        username=take("username", data.username, username),
        display_name=take("display_name", data.display_name or data.username, person_name),
        password=data.password,
        email=take("email", data.email, email) if data.email.strip() else "",
    )
    if not report.valid:
        problems["password"] = "\n".join(report.issues)
    if problems:
        raise not_made(problems)
    return taken


def not_made(problems: dict[str, str]) -> ValidationError:
    """Return the error that names what is wrong."""
    return ValidationError(_("The administrator was not made."), fields=problems)


def row_of(data: FirstAdministrator, password_hash: str, now: datetime) -> dict[str, Any]:
    """Return the columns of the first administrator."""
    return {
        "uid": str(uuid.uuid4()),
        "version": 1,
        "username": data.username,
        "username_key": username_key(data.username),
        "display_name": data.display_name,
        "email": data.email or None,
        "email_key": email_key(data.email) if data.email else None,
        "role": Role.ADMINISTRATOR.value,
        "active": True,
        "preferences": {},
        "balance_minor": 0,
        "balance_currency": "USD",
        "tags": (),
        "password_hash": password_hash,
        "password_changed_at": now,
        "must_change_password": False,
        "recovery_codes": [],
        "created_at": now,
        "updated_at": now,
    }
