"""The menu of the account: what the person who is here can do about signing in."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from core.security.actors import Actor
from core.security.operations import Operation, may
from core.sign_in.schemas import Entrance, SignInRules
from core.translation import _
from core.workspaces.schemas import WorkspaceInfo
from desktop.actions import Actions, MenuName
from desktop.async_dialogs import ask
from desktop.notifications import Kind, Notifications
from desktop.sign_in.calls import SignInCalls
from desktop.sign_in.change_password import ChangePasswordDialog
from desktop.sign_in.dialog import AccountDialog
from desktop.sign_in.own_file import write_for_oneself
from desktop.sign_in.profile import ProfileDialog
from desktop.sign_in.rules import RulesDialog
from desktop.sign_in.second_factor import SecondFactorCalls, SecondFactorDialog
from desktop.sign_in.sessions import SessionCalls, SessionsDialog
from desktop.tasks import TaskRunner
from desktop.theme import Theme


@dataclass(frozen=True, slots=True)
class AccountContext:
    """What the menu works with.

    Attributes:
        parent: The window that dialogs belong to.
        actions: The actions of the account alone.
        entrance: How the person came in.
        open_here: Asks whether the workspace opens here without sign-in.
        on_rules: Called with the rules after they were changed here.
        show_menu: Opens the menu of the account.
        lock: Locks the window.
        sign_out: Signs out.
        begin_again: Shows the way into the workspace anew.
    """

    parent: QWidget
    theme: Theme
    tasks: TaskRunner
    actions: Actions
    notifications: Notifications
    calls: SignInCalls
    info: WorkspaceInfo
    actor: Actor
    entrance: Entrance
    on_rules: Callable[[SignInRules], None]
    show_menu: Callable[[], object]
    lock: Callable[[], object]
    sign_out: Callable[[], object]
    begin_again: Callable[[], object]


class Account:
    """Makes the actions of the account and opens their dialogs, one at a time."""

    def __init__(self, context: AccountContext) -> None:
        self._context = context
        self.dialog: QDialog | None = None
        context.actions.add("account.menu", _("Account"), context.show_menu,
            shortcut="Ctrl+Shift+A", icon="user-circle",
            tip=_("Show what you can do about signing in"))  # fmt: skip
        signed_in = context.entrance is Entrance.SIGN_IN
        if signed_in:
            self._add_own()
        else:
            self._add_open()
        self._add_rules()
        if signed_in:
            self._add_leaving()

    def close(self) -> None:
        """Close the dialog that is open, and take the actions away."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.done(QDialog.DialogCode.Rejected)
        self._context.actions.clear()

    # The actions

    def _add_own(self) -> None:
        add, menu = self._context.actions.add, MenuName.ACCOUNT
        add("account.profile", _("Pro&file…"), self.show_profile, menu=menu,
            section="own", icon="identification-card",
            tip=_("Change your name, e-mail address, phone and address"))  # fmt: skip
        add("account.password", _("Change &password…"), self.change_password, menu=menu,
            section="own", icon="key", tip=_("Choose another password"))  # fmt: skip
        add("account.second_factor", _("&Two-step sign-in…"), self.second_factor, menu=menu,
            section="own", icon="shield-check",
            tip=_("Ask for a code after the password, or not any more"))  # fmt: skip
        add("account.sessions", _("&Sessions…"), self.show_sessions, menu=menu,
            section="own", icon="monitor", tip=_("See where you are signed in"))  # fmt: skip

    def _add_open(self) -> None:
        self._context.actions.add(
            "account.ask", _("&Ask for sign-in…"), self.ask_for_sign_in,
            menu=MenuName.ACCOUNT, section="own", icon="sign-in",
            tip=_("Ask who is there when this workspace is opened"))  # fmt: skip
        self._allow("account.ask", Operation.RULES_CHANGE)

    def _add_rules(self) -> None:
        self._context.actions.add(
            "account.rules", _("&Rules for signing in…"), self.show_rules,
            menu=MenuName.ACCOUNT, section="rules", icon="sliders-horizontal",
            tip=_("Lengths of passwords, locking and sessions"))  # fmt: skip
        self._allow("account.rules", Operation.RULES_CHANGE)

    def _add_leaving(self) -> None:
        add, menu, do = self._context.actions.add, MenuName.ACCOUNT, self._context
        add("account.lock", _("&Lock"), do.lock, menu=menu, section="leave",
            shortcut="Ctrl+Shift+L", icon="lock",
            tip=_("Hide everything until your password is typed; builds go on"))  # fmt: skip
        add("account.sign_out", _("Sign &out"), do.sign_out, menu=menu, section="leave",
            icon="sign-out", tip=_("Let somebody else sign in"))  # fmt: skip

    def _allow(self, action_id: str, operation: Operation) -> None:
        context = self._context
        reason = context.info.read_only
        if not reason and not may(context.actor, operation):
            reason = _("Only administrators may do this.")
        context.actions.set_enabled(action_id, not reason, reason)

    # What they do

    async def show_profile(self) -> None:
        """Show the own profile, to be changed."""
        context, calls, actor = self._context, self._context.calls, self._context.actor
        region = await calls.phone_region()
        dialog = ProfileDialog(
            context.parent,
            context.theme,
            context.tasks,
            details=await calls.profile(actor),
            region=region,
            save=lambda shown, values: calls.save_profile(actor, shown, values, region),
        )
        dialog.accepted.connect(lambda: self._tell(_("Your profile is saved.")))
        self._open(dialog)

    def change_password(self) -> None:
        """Ask for the present password and a new one."""
        context, calls = self._context, self._context.calls
        dialog = ChangePasswordDialog(
            context.parent,
            context.theme,
            context.tasks,
            username=context.actor.user,
            judge=calls.report,
            change=lambda present, new: calls.change_password(context.actor, present, new),
        )
        dialog.accepted.connect(lambda: self._tell(_("Your password is changed.")))
        self._open(dialog)

    async def second_factor(self) -> None:
        """Set up the second step, or turn it off."""
        context, calls, actor = self._context, self._context.calls, self._context.actor
        dialog = SecondFactorDialog(
            context.parent,
            context.theme,
            context.tasks,
            SecondFactorCalls(
                begin=lambda: calls.begin_second_factor(actor),
                confirm=lambda code: calls.confirm_second_factor(actor, code),
                disable=lambda password: calls.disable_second_factor(actor, password),
                renew=lambda password: calls.new_recovery_codes(actor, password),
                save=write_for_oneself,
            ),
            codes_left=await calls.recovery_codes_left(actor),
        )
        self._open(dialog)

    def show_sessions(self) -> None:
        """List where the person is signed in."""
        context, calls, actor = self._context, self._context.calls, self._context.actor
        dialog = SessionsDialog(
            context.parent,
            context.theme,
            context.tasks,
            SessionCalls(
                fetch=lambda: calls.sessions(actor),
                end=lambda uid: calls.end_session(actor, uid),
                end_others=lambda: calls.end_other_sessions(actor),
            ),
        )
        self._open(dialog)
        dialog.load()

    async def show_rules(self) -> None:
        """Show the rules for signing in, to be changed."""
        context, calls = self._context, self._context.calls
        rules = await calls.rules(context.actor)
        dialog = RulesDialog(
            context.parent,
            context.theme,
            context.tasks,
            rules=rules,
            open_here=await calls.is_open_here(),
            save=self._save_rules,
        )
        self._open(dialog)

    async def ask_for_sign_in(self) -> None:
        """Ask from now on who is there; after a question."""
        context = self._context
        chosen, _tick = await ask(
            context.parent,
            title=_("Ask for sign-in from now on?"),
            text=_(
                "The tabs are closed, and {name} is shown again to who signs in. Where"
                " nobody has a password yet, the administrator is made first. Builds go on."
            ).format(name=context.info.name),
            actions=(
                (_("Ask for sign-in"), QMessageBox.ButtonRole.AcceptRole),
                (_("Not now"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        if chosen == 0:
            await context.calls.set_open_here(context.actor, False)
            context.begin_again()

    async def _save_rules(self, rules: SignInRules, open_here: bool) -> None:
        context, calls = self._context, self._context.calls
        await calls.change_rules(context.actor, rules)
        context.on_rules(rules)
        if open_here != await calls.is_open_here():
            await calls.set_open_here(context.actor, open_here)
            if context.entrance is Entrance.OPEN:
                context.begin_again()
                return
        self._tell(_("The rules for signing in are saved."))

    def _open(self, dialog: AccountDialog) -> None:
        if self.dialog is not None:
            dialog.deleteLater()
            return
        self.dialog = dialog

        def forget(_result: int) -> None:
            self.dialog = None
            dialog.deleteLater()

        dialog.finished.connect(forget)
        dialog.open()

    def _tell(self, text: str) -> None:
        self._context.notifications.notify(text, kind=Kind.SUCCESS)
