"""The dialog in which an administrator sets the rules for signing in."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QWidget

from core.sign_in.schemas import SignInRules
from core.translation import _
from desktop.sign_in.dialog import AccountDialog
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import CheckField, NumberField

Save = Callable[[SignInRules, bool], Coroutine[Any, Any, None]]

_SIZE = (520, 680)
_HOUR = 60
_DAY = 24 * _HOUR
_OPEN = "open_here"


class RulesDialog(AccountDialog):
    """Shows the rules in force and hands over what they shall be.

    Args:
        rules: Those in force.
        open_here: Whether the workspace opens on this computer without sign-in.
        save: Takes the new rules and that switch.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        *,
        rules: SignInRules,
        open_here: bool,
        save: Save,
    ) -> None:
        intro = _("They hold for everyone in this workspace and go with its file.")
        super().__init__(parent, theme, tasks, _("Rules for signing in"), intro, _SIZE)
        self._save = save
        self._add_passwords()
        self._add_times()
        self._add_switch()
        self.main_button.setText(_("Save"))
        self.show_rules(rules, open_here=open_here)

    def show_rules(self, rules: SignInRules, *, open_here: bool) -> None:
        """Fill the form."""
        values = rules.model_dump()
        self.form.set_values({
            **values,
            "lock_after": values["lock_after"] or None,
            "session_idle": max(round(values["session_idle"] / _HOUR), 1),
            "session_longest": max(round(values["session_longest"] / _DAY), 1),
            _OPEN: open_here,
        })  # fmt: skip
        self._shown = dict(self.form.values())
        self._rules = rules

    def submit(self) -> None:
        """Hand over the rules; times that were not touched stay to the minute."""
        if self.busy:
            return
        values = self.form.values()
        changed = {k: v for k, v in values.items() if v != self._shown[k] and k != _OPEN}
        for name, unit in (("session_idle", _HOUR), ("session_longest", _DAY)):
            if name in changed:
                changed[name] *= unit
        if "lock_after" in changed:
            changed["lock_after"] = changed["lock_after"] or 0
        rules = SignInRules.model_validate({**self._rules.model_dump(), **changed})
        self.start(self._save(rules, values[_OPEN]), lambda _nothing: self.accept())

    def _add_passwords(self) -> None:
        form = self.form
        form.add_section(_("Passwords"))
        form.add("shortest_password", _("Shortest password"), NumberField(
            least=8, most=128, suffix=_(" characters"), usual=12,
        ), hint=_("Length is what counts; a sentence is better than signs."))  # fmt: skip
        form.add("need_letter_cases", "", CheckField(_("Needs small and capital letters")))
        form.add("need_digit", "", CheckField(_("Needs a digit")))
        form.add(
            "need_symbol", "", CheckField(_("Needs a sign that is neither letter nor digit"))
        )

    def _add_times(self) -> None:
        form = self.form
        form.add_section(_("Locking and sessions"))
        form.add("lock_after", _("Lock the window after"), NumberField(
            least=1, most=_DAY, suffix=_(" min"), none_text=_("Never"), usual=15,
        ), hint=_("So long nothing is typed or moved; builds go on."))  # fmt: skip
        form.add("session_idle", _("End a session that is not used for"), NumberField(
            least=1, most=90 * 24, suffix=_(" h"), usual=12))  # fmt: skip
        form.add("session_longest", _("End any session after"), NumberField(
            least=1, most=365, suffix=_(" days"), usual=30), beside=True)  # fmt: skip

    def _add_switch(self) -> None:
        form = self.form
        form.add_section(_("This computer"))
        form.add(_OPEN, "", CheckField(_("Open on this computer without sign-in")), hint=_(
            "Whoever uses your account on this computer is the administrator then. Other"
            " computers still ask who is there."
        ))  # fmt: skip
        form.finish()
