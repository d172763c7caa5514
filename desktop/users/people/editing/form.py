"""The form in which a person is made or changed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QStackedWidget,
    QWidget,
)

from core.errors import AppError, ValidationError
from core.security.actors import Role
from core.sign_in.schemas import PasswordReport
from core.translation import _
from core.users.schemas import UserConflictError, UserCreate, UserDetails, UserEdit
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.users import roles
from desktop.users.people.editing.form_input import (
    GENERATED,
    NO_PASSWORD,
    TYPED,
    field_words,
    read_edit,
    read_new,
    value_words,
    values_of,
)
from desktop.users.people.editing.password import JudgedPasswordField
from desktop.widgets.form import (
    AddressField,
    CheckField,
    ChoiceField,
    EmailField,
    FormWindow,
    JsonObjectField,
    LineField,
    MoneyField,
    PhoneField,
    SwitchField,
    TagsField,
    TextField,
    scrolled,
)
from desktop.widgets.marks import button
from desktop.widgets.tips import plain_tip
from desktop.widgets.versions import THEIRS, ConflictView

_SIZE = (680, 720)
_PAUSE_MS = 700


@dataclass(frozen=True, slots=True)
class FormCalls:
    """What the form asks of the core.

    Attributes:
        create: Stores a new person; told whether a temporary password is to be made.
        edit: Changes a person who is still as told.
        report: Says how good a password is for a person of these names.
    """

    create: Callable[[UserCreate, bool], Awaitable[UserDetails]]
    edit: Callable[[UserDetails, UserEdit], Awaitable[UserDetails]]
    report: Callable[[str, Mapping[str, str]], Awaitable[PasswordReport]]


class PersonForm(FormWindow):
    """Asks for everything about a person.

    Args:
        calls: What is asked of the core.
        region: Where telephone numbers without a country code are from.
        base: The person to change, None for a new one.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        calls: FormCalls,
        *,
        region: str,
        base: UserDetails | None = None,
    ) -> None:
        name = base.row.username if base else ""
        super().__init__(
            parent,
            tasks,
            title=_("Edit “{name}”").format(name=name) if base else _("New user"),
            action=_("Save") if base else _("Create user"),
            unsaved=_("The user was not saved."),
            size=_SIZE,
        )
        self._theme, self._calls = theme, calls
        self._region, self._base = region, base
        self._add_fields()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self._edited_last = ""
        self.form.changed.connect(self._edited)
        self.conflict = ConflictView(
            field_words, lambda name, value: value_words(name, value, region)
        )
        self.back_button = button(_("Back to the form"), self._back)
        self._lay_out()
        if base is not None:
            self._show(base)
        self.form.field("display_name" if base else "username").setFocus()

    @property
    def in_conflict(self) -> bool:
        """Whether both versions are shown."""
        return self.pages.currentIndex() == 1

    def read_input(self) -> tuple[UserCreate | UserEdit | None, Mapping[str, str]]:
        """Return the person as typed, also by a choice between two versions."""
        if self.in_conflict:
            self._take_choices()
        try:
            return self._read(), {}
        except ValidationError as error:
            return None, error.fields

    def _read(self) -> UserCreate | UserEdit:
        values = self.form.values()
        if self._base is None:
            return read_new(values, self._region)
        return read_edit(values, self._base, self._region)

    async def store(self, data: UserCreate | UserEdit) -> UserDetails:
        """Store the person."""
        if self._base is not None:
            return await self._calls.edit(self._base, data)
        assert isinstance(data, UserCreate)
        generate = self.form.field("password_kind").value() == GENERATED
        return await self._calls.create(data, generate)

    def explain(self, error: AppError) -> None:
        """Show why it was not stored, at the place that it is about."""
        if isinstance(error, UserConflictError):
            self._base = error.stored
            self.conflict.show_conflict(error)
            self._show_page(1)
            return
        self._show_page(0)
        super().explain(error)

    def set_busy(self, busy: bool) -> None:
        """Take no orders while the core works."""
        super().set_busy(busy)
        self.back_button.setDisabled(busy)

    def _take_choices(self) -> None:
        """Put what was chosen of both versions into the form."""
        for one in self.conflict.differences:
            if self.conflict.chosen()[one.field] == THEIRS and self._base is not None:
                shown = values_of(self._base, self._region)
                self.form.set_values({one.field: shown[one.field]})
        self._show_page(0)

    def _back(self) -> None:
        self._take_choices()
        self.form.field("display_name").setFocus()

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.back_button.setVisible(page == 1)
        words_ = _("Save") if self._base else _("Create user")
        self.save_button.setText(_("Save this choice") if page == 1 else words_)

    # How it is made

    def _add_fields(self) -> None:
        add = self.form.add
        add("username", _("User name"), LineField(placeholder=_("for example ada"),
            longest=200), hint=_("What they sign in with."))  # fmt: skip
        add("display_name", _("Name"), LineField(placeholder=_("for example Ada Lovelace"),
            longest=400), beside=True)  # fmt: skip
        add("email", _("E-mail"), EmailField())
        add("phone", _("Phone"), PhoneField(self._region), beside=True)
        add("role", _("Role"), ChoiceField([(one, roles.role_words(one)) for one in Role]),
            hint=_("Viewers look, operators build, administrators do everything."))  # fmt: skip
        active = SwitchField(self._theme, _("Active: may sign in"))
        active.set_value(True)
        add("active", _("Active"), active, beside=True)
        add("tags", _("Tags"), TagsField(self._theme))
        if self._base is None:
            self._add_password()
        self.form.add_section(_("More"))
        add("balance", _("Balance"), MoneyField())
        add("address", _("Address"), AddressField(self._region))
        add("preferences", _("Preferences"), JsonObjectField(rows=3, theme=self._theme,
            placeholder="{}"), hint=_("A JSON object, kept for programs."))  # fmt: skip
        add("note", _("Note"), TextField(rows=3), hint=_(
            "Read by administrators alone, and sealed in the database."))  # fmt: skip
        self.form.finish()

    def _add_password(self) -> None:
        self.form.add_section(_("Signing in"))
        add = self.form.add
        add("password_kind", _("First password"), ChoiceField([
            (GENERATED, _("Make a temporary one and show it once")),
            (TYPED, _("Type one")),
            (NO_PASSWORD, _("None yet: cannot sign in")),
        ]))  # fmt: skip
        add("password", _("Password"),
            JudgedPasswordField(self._theme, self.tasks, self._judge))  # fmt: skip
        must = CheckField(_("Must be changed at the next sign-in"))
        must.set_value(True)
        add("must_change_password", _("Must be changed at the next sign-in"), must)
        self._show_password()

    async def _judge(self, password: str) -> PasswordReport:
        names = ("username", "display_name", "email")
        return await self._calls.report(
            password, {name: self.form.field(name).value() for name in names}
        )

    def _show_password(self) -> None:
        typed = self.form.field("password_kind").value() == TYPED
        for name in ("password", "must_change_password"):
            row = self.form.field(name).parentWidget()
            if row is not None:
                row.setVisible(typed)

    def _lay_out(self) -> None:
        self.pages = QStackedWidget()
        area = scrolled(self.form)
        self.pages.addWidget(area)
        self.pages.addWidget(scrolled(self.conflict))
        self.back_button.hide()
        self.arrange(area, pages=self.pages, left=self.back_button)

    def _show(self, base: UserDetails) -> None:
        self.form.set_errors({})
        self.form.set_values(values_of(base, self._region))
        if base.note_problem:
            # What cannot be read must not be written over.
            note = self.form.field("note")
            note.setDisabled(True)
            told = _("{problem} It stays as it is stored.").format(problem=base.note_problem)
            note.setToolTip(plain_tip(told))
            self.form.set_errors({"note": told})

    def _edited(self, name: str) -> None:
        if self._edited_last not in ("", name):
            self._look()
        self._edited_last = name
        self._pause.start()
        if name == "password_kind":
            self._show_password()

    def _look(self) -> None:
        """Tell what is wrong with what was typed last, once one has paused."""
        if self._edited_last:
            self.form.show_problem(self._edited_last)
