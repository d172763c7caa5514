"""The dialog in which people change what they may change of themselves."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from core.database.fields.addresses import Address, show_address
from core.database.fields.errors import FieldError
from core.database.fields.phones import show_phone
from core.errors import AppError
from core.translation import _
from core.users.schemas import UserConflictError, UserDetails, UserRow
from desktop.figures import locale
from desktop.sign_in.dialog import AccountDialog
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import (
    AddressField,
    EmailField,
    JsonObjectField,
    LineField,
    PhoneField,
    json_text,
)
from desktop.widgets.marks import button
from desktop.widgets.versions import THEIRS, ConflictView

Save = Callable[[UserDetails, Mapping[str, Any]], Coroutine[Any, Any, UserDetails]]

_SIZE = (560, 600)
_NONE = "—"


class ProfileDialog(AccountDialog):
    """Shows the own profile and hands over what was changed.

    Args:
        details: As it is stored.
        region: Where phone numbers without a country code are from, two letters.
        save: Stores the values on top of what was shown.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        *,
        details: UserDetails,
        region: str,
        save: Save,
    ) -> None:
        super().__init__(parent, theme, tasks, _("Profile"), size=_SIZE)
        self._details, self._save, self._region = details, save, region
        self._preferences = JsonObjectField(rows=3, theme=theme, placeholder="{}")
        self._add_fields()
        self.form.set_values(_values_of(details.row))
        self.conflict = ConflictView(_field_words, self._value_words)
        self.conflict.hide()
        self.column.insertWidget(self.column.indexOf(self.form), self.conflict)
        self.back_button = button(_("Back to the form"), self._back)
        self.foot.add_left(self.back_button)
        self._show_conflict(False)
        self.form.field("display_name").setFocus()

    def submit(self) -> None:
        """Hand over the values, or what was chosen of both versions."""
        if self.busy:
            return
        self._take_choices()
        problems = self.form.problems()
        self.form.set_errors(problems)
        if problems:
            self._show_conflict(False)
            return
        values = {**self.form.values(), "preferences": self._preferences.parsed()}
        self.start(self._save(self._details, values), lambda _stored: self.accept())

    def show_failure(self, error: AppError) -> None:
        """Show both versions where somebody else changed the person in the meantime."""
        if isinstance(error, UserConflictError):
            self._details = error.stored
            self.conflict.show_conflict(error)
            self._show_conflict(True)
            return
        self._show_conflict(False)
        super().show_failure(error)

    def _add_fields(self) -> None:
        add, words = self.form.add, _field_words
        add("display_name", words("display_name"), LineField())
        add("email", words("email"), EmailField())
        add("phone", words("phone"), PhoneField(self._region), beside=True)
        add("address", words("address"), AddressField(self._region))
        hint = _("A JSON object, kept for programs.")
        add("preferences", words("preferences"), self._preferences, hint=hint)
        self.form.finish()

    def _back(self) -> None:
        self._take_choices()
        self._show_conflict(False)
        self.form.field("display_name").setFocus()

    def _take_choices(self) -> None:
        """Put what was chosen of the stored version into the form."""
        if self.conflict.isVisibleTo(self):
            stored, chosen = _values_of(self._details.row), self.conflict.chosen()
            names = [name for name, whose in chosen.items() if whose == THEIRS]
            self.form.set_values({name: stored[name] for name in names if name in stored})

    def _show_conflict(self, shown: bool) -> None:
        self.conflict.setVisible(shown)
        self.form.setVisible(not shown)
        self.back_button.setVisible(shown)
        self.main_button.setText(_("Save this choice") if shown else _("Save"))

    def _value_words(self, name: str, value: object) -> str:
        if isinstance(value, Address):
            return show_address(value, locale().name())
        if isinstance(value, Mapping):
            return json_text(value) or _NONE
        if name == "phone" and isinstance(value, str) and value:
            try:
                return show_phone(value, self._region)
            except FieldError:
                return value
        return str(value) if value else _NONE


def _values_of(row: UserRow) -> dict[str, Any]:
    return {
        "display_name": row.display_name,
        "email": row.email or "",
        "phone": row.phone or "",
        "address": row.address,
        "preferences": json_text(row.preferences),
    }


def _field_words(name: str) -> str:
    return {
        "display_name": _("Display name"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "address": _("Address"),
        "preferences": _("Preferences"),
    }.get(name, name)
