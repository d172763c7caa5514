"""What the window asks about signing in, called on the loop of the window."""

import platform
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.database.fields.messages import validated
from core.security.actors import Actor, Origin
from core.sign_in.schemas import (
    Entrance,
    FirstAdministrator,
    PasswordReport,
    SecondFactorNeeded,
    SecondFactorSetup,
    SessionRow,
    SignedIn,
    SignInRules,
)
from core.translation import _
from core.users.schemas import UserDetails, UserProfile
from desktop.core_thread import WorkspaceClient

if TYPE_CHECKING:
    from core.app import Core
    from core.workspaces.workspace import Workspace


class SignInCalls:
    """The sign-in service of one workspace."""

    def __init__(self, client: WorkspaceClient) -> None:
        self._client = client

    async def entrance(self) -> Entrance:
        """Return how one comes in."""
        return await self._client.run(lambda w: w.sign_in.entrance())

    async def create_first(self, data: FirstAdministrator) -> SignedIn:
        """Make the first administrator, who is signed in then."""
        return await self._client.run(
            lambda w: w.sign_in.create_first_administrator(
                data, origin=Origin.DESKTOP, device=_device()
            )
        )

    async def sign_in(
        self, username: str, password: str, remember: bool
    ) -> SignedIn | SecondFactorNeeded:
        """Sign in with name and password."""
        return await self._client.run(
            lambda w: w.sign_in.sign_in(
                username,
                password,
                origin=Origin.DESKTOP,
                device=_device(),
                remember=remember,
            )
        )

    async def second_factor(self, ticket: str, code: str) -> SignedIn:
        """Sign in with the code of the second step."""
        return await self._client.run(lambda w: w.sign_in.second_factor(ticket, code))

    async def resume(self) -> SignedIn | None:
        """Go on with the session that is remembered on this computer; None without one."""
        return await self._client.run(lambda w: w.sign_in.resume(origin=Origin.DESKTOP))

    async def read_along(self) -> SignedIn:
        """Let in who can read the file, where nobody can write it."""
        return await self._client.run(lambda w: w.sign_in.read_along(origin=Origin.DESKTOP))

    async def why_not_remembered(self) -> str:
        """Return in words why nothing can be remembered here; empty where it can."""
        return await self._client.run(lambda w: w.sign_in.can_remember())

    async def sign_out(self, actor: Actor) -> None:
        """End the session."""
        await self._client.run(lambda w: w.sign_in.sign_out(actor))

    async def lock(self, actor: Actor) -> None:
        """Note that the window is locked: a remembered session asks for the password too."""
        await self._client.run(lambda w: w.sign_in.lock(actor))

    async def seen(self, actor: Actor) -> None:
        """Note that the person did something at the window."""

        async def note(workspace: "Workspace") -> None:
            workspace.sign_in.seen(actor)

        await self._client.run(note)

    async def unlock(self, actor: Actor, password: str) -> None:
        """Check the password of who is signed in."""
        await self._client.run(lambda w: w.sign_in.unlock(actor, password))

    async def report(self, password: str, owner: Mapping[str, str]) -> PasswordReport:
        """Say how good a password is for somebody with these names and addresses."""
        return await self._client.run(
            lambda w: w.sign_in.password_report(
                password,
                username=owner.get("username", ""),
                display_name=owner.get("display_name", ""),
                email=owner.get("email", ""),
            )
        )

    async def change_password(self, actor: Actor, present: str, new: str) -> SignedIn:
        """Change the own password; all other sessions end."""
        return await self._client.run(
            lambda w: w.sign_in.change_password(actor, old=present, new=new)
        )

    async def recovery_codes_left(self, actor: Actor) -> int | None:
        """Return how many recovery codes are left; None without a second step."""
        return await self._client.run(lambda w: w.sign_in.recovery_codes_left(actor))

    async def new_recovery_codes(self, actor: Actor, password: str) -> tuple[str, ...]:
        """Return new recovery codes, this once; the old ones are void."""
        return await self._client.run(
            lambda w: w.sign_in.new_recovery_codes(actor, password=password)
        )

    async def begin_second_factor(self, actor: Actor) -> SecondFactorSetup:
        """Return a new secret, not in force yet."""
        return await self._client.run(lambda w: w.sign_in.begin_second_factor(actor))

    async def confirm_second_factor(self, actor: Actor, code: str) -> tuple[str, ...]:
        """Put the secret in force; return the recovery codes, this once."""
        return await self._client.run(
            lambda w: w.sign_in.confirm_second_factor(actor, code=code)
        )

    async def disable_second_factor(self, actor: Actor, password: str) -> None:
        """Go back to the password alone."""
        await self._client.run(
            lambda w: w.sign_in.disable_second_factor(actor, password=password)
        )

    async def sessions(self, actor: Actor) -> Sequence[SessionRow]:
        """Return the own sessions."""
        return await self._client.run(lambda w: w.sign_in.sessions(actor))

    async def end_session(self, actor: Actor, uid: str) -> None:
        """End one session."""
        await self._client.run(lambda w: w.sign_in.end_session(actor, uid=uid))

    async def end_other_sessions(self, actor: Actor) -> int:
        """End all own sessions but this one; return how many."""
        return await self._client.run(lambda w: w.sign_in.end_other_sessions(actor))

    async def rules(self, actor: Actor) -> SignInRules:
        """Return the rules in force."""
        return await self._client.run(lambda w: w.sign_in.rules(actor))

    async def change_rules(self, actor: Actor, rules: SignInRules) -> None:
        """Put other rules in force."""
        await self._client.run(lambda w: w.sign_in.change_rules(actor, rules=rules))

    async def profile(self, actor: Actor) -> UserDetails:
        """Return the own row."""
        return await self._client.run(lambda w: w.users.profile(actor))

    async def save_profile(
        self, actor: Actor, shown: UserDetails, values: Mapping[str, Any], region: str
    ) -> UserDetails:
        """Store what was changed in the own profile.

        Raises:
            AppError: A field cannot be taken, or somebody else changed the person.
        """
        data = validated(
            UserProfile,
            values,
            title=_("Your profile was not saved."),
            context={"phone_region": region},
        )
        version = shown.row.version
        return await self._client.run(
            lambda w: w.users.edit_profile(actor, version=version, data=data, base=shown)
        )

    async def phone_region(self) -> str:
        """Return where telephone numbers without a country code are from."""

        async def read(core: "Core") -> str:
            return core.settings.current.phone_region

        return await self._client.core.run(read)

    async def is_open_here(self) -> bool:
        """Return whether the workspace opens on this computer without sign-in."""
        return await self.entrance() is Entrance.OPEN

    async def set_open_here(self, actor: Actor, on: bool) -> None:
        """Let the workspace open on this computer without sign-in, or not any more."""
        workspace = self._client.workspace

        async def change(core: "Core") -> None:
            await core.workspaces.set_open_here(actor, workspace, on=on)

        await self._client.core.run(change)


def _device() -> str:
    """Return what this computer is called, for the list of sessions."""
    name, system = platform.node(), platform.system()
    return f"{name} ({system})" if name else system
