"""The dialog in which people change what they may change of themselves."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from core.translation import _
from core.users.schemas import UserDetails
from desktop.sign_in.dialog import AccountDialog
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import AddressField, EmailField, LineField, PhoneField

Save = Callable[[UserDetails, Mapping[str, Any]], Coroutine[Any, Any, UserDetails]]

_SIZE = (520, 430)


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
        self._details, self._save = details, save
        row = details.row
        form = self.form
        form.add("display_name", _("Display name"), LineField())
        form.add("email", _("E-mail"), EmailField())
        form.add("phone", _("Phone"), PhoneField(region), beside=True)
        form.add("address", _("Address"), AddressField(region))
        form.finish()
        form.set_values(
            {
                "display_name": row.display_name,
                "email": row.email or "",
                "phone": row.phone or "",
                "address": row.address,
            }
        )
        self.main_button.setText(_("Save"))
        form.field("display_name").setFocus()

    def submit(self) -> None:
        """Hand over the values; preferences stay as they are."""
        if self.busy:
            return
        problems = self.form.problems()
        self.form.set_errors(problems)
        if not problems:
            preferences = dict(self._details.row.preferences)
            values = {**self.form.values(), "preferences": preferences}
            self.start(self._save(self._details, values), lambda _stored: self.accept())
