"""The way back in for the owner of the file: administrators, when nobody can sign in as one.

No workspace offers this: it is made by ``--reset-admin`` alone, for who can write the file.
"""

from core import log
from core.security.actors import Actor
from core.sign_in import first_start
from core.sign_in.desk import deed
from core.sign_in.entering import check_free
from core.sign_in.factor_service import FactorService
from core.sign_in.password_service import PasswordService
from core.sign_in.passwords import generate
from core.sign_in.repository import Person, SignInRepository
from core.sign_in.schemas import AdministratorRow, FirstAdministrator


class RescueService(PasswordService, FactorService):
    """Gives administrators new passwords without asking for a right."""

    async def administrators(self) -> tuple[AdministratorRow, ...]:
        """Return the active administrators by name."""
        async with self._database.read() as session:
            people = await SignInRepository(session).administrators()
        return tuple(
            AdministratorRow(
                one.id,
                one.username,
                one.display_name,
                second_factor=one.totp_secret is not None,
            )
            for one in people
        )

    async def reset_administrator(
        self,
        actor: Actor,
        *,
        user_id: int,
        password: str | None,
        remove_second_factor: bool = False,
    ) -> str | None:
        """Give an administrator a new password; sessions end and delays are forgotten.

        Args:
            actor: Who does it, for the audit trail.
            user_id: The administrator.
            password: The new one; with None one is made up, to be changed at the next
                sign-in.
            remove_second_factor: Sign in without a code from now on.

        Returns:
            The password that was made up, None where one was given.

        Raises:
            ValidationError: The password is not good enough.
            NotFoundError: The person is gone.
        """
        person = await self._person(user_id)
        if password is not None:
            await self._check_new(person, password)
        new = password if password is not None else generate()
        await self._reset(actor, person, new, remove_second_factor, made_up=password is None)
        return None if password is not None else new

    async def make_administrator(
        self, actor: Actor, *, username: str, password: str | None
    ) -> str | None:
        """Make one more administrator; for the password see ``reset_administrator``.

        Raises:
            ValidationError: Name or password cannot be taken; the error says why.
        """
        new = password if password is not None else generate()
        log.hide(new)
        report = await self.password_report(new, username=username)
        data = first_start.checked(FirstAdministrator(username, "", new), report)
        hashed = await self._passwords.hash(new)
        row = first_start.row_of(data, hashed, self._clock.now())
        row["must_change_password"] = password is None
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            await check_free(repository, row["username_key"], None)
            person = await repository.person(await repository.add_person(row))
            assert person is not None
            account = self._guesses.account(person.username)
            await self._guesses.forget(unit.session, account)
            changes = {"role": person.role.value}
            unit.record(deed(actor, "sign_in.administrator_made", person, changes))
            unit.changed("users")
            await unit.commit()
        return None if password is not None else new

    async def _reset(
        self, actor: Actor, person: Person, new: str, remove: bool, *, made_up: bool
    ) -> None:
        log.hide(new)
        hashed = await self._passwords.hash(new)
        await self._replace_password(
            actor, person, hashed, must_change=made_up, remove_second_factor=remove
        )
