"""Passwords of people: how good one is, changing one's own, resetting another's; the rules."""

from core import log
from core.database.audit_trail import Deed, Subject, differences
from core.errors import ConflictError, ValidationError
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.sign_in.desk import TOPIC, Desk, deed
from core.sign_in.passwords import LOOKED_AT, generate, prepared
from core.sign_in.quality import report
from core.sign_in.repository import Person, SignInRepository, sessions_of
from core.sign_in.rules import SETTING, read_rules
from core.sign_in.schemas import PasswordReport, SignedIn, SignInRules
from core.translation import _


class PasswordService(Desk):
    """The passwords of a workspace and the rules they keep."""

    async def password_report(
        self, password: str, *, username: str = "", display_name: str = "", email: str = ""
    ) -> PasswordReport:
        """Return how good a password is, by the rules in force; for every letter typed.

        Args:
            password: What was typed so far.
            username: Words that belong to the person, and so to no password of theirs.
            display_name: Likewise.
            email: Likewise.
        """
        rules = await self._rules()
        context = (username, display_name, email, self._around.name)
        return report(password, rules, context)

    async def hash_of_new(
        self, password: str, *, username: str, display_name: str, email: str
    ) -> str:
        """Return what is stored of the first password of a person.

        Raises:
            ValidationError: It is not good enough.
        """
        found = await self.password_report(
            password, username=username, display_name=display_name, email=email
        )
        if not found.valid:
            raise ValidationError(
                _("This password is not good enough."),
                fields={"password": "\n".join(found.issues)},
            )
        log.hide(password)
        return await self._passwords.hash(password)

    async def change_password(self, actor: Actor, *, old: str, new: str) -> SignedIn:
        """Change the password of the actor, whose other sessions end.

        Whoever was let in with a password to be changed is let through after it.

        Raises:
            SignInFailedError: The old password is wrong; that counts as an attempt.
            TooManyAttemptsError: It was not looked at.
            ValidationError: The new password is not good enough.
            SessionEndedError: The session is over.
        """
        actor = self._own(actor)
        person = await self._person(actor.user_id)
        await self._check_new(person, new, old=old)
        attempt = await self._check(actor, person, person.username, old, "password")
        log.hide(old)
        hashed = await self._passwords.hash(new)
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            await self._check_still(repository, actor, person, "password")
            await self._guesses.succeeded(unit.session, attempt)
            others = sessions_of(person.id, but=[actor.session or ""])
            ended = await repository.end_sessions("password", self._clock.now(), *others)
            await self._store(repository, person, hashed, must_change=False)
            changes = {"sessions_ended": len(ended)}
            unit.record(deed(actor, Operation.PASSWORD_CHANGE.key, person, changes))
            unit.changed(TOPIC, "users")
            rules = await read_rules(repository)
            await unit.commit()
        actor = self._own(actor)
        self._presence.release(actor)
        return SignedIn(actor, False, (), rules.lock_after * 60)

    @permitted(Operation.PASSWORD_RESET)
    async def reset_password(self, actor: Actor, *, user_id: int) -> str:
        """Give somebody a new password, which is shown once and must be changed at once.

        Their sessions end, and attempts on their account are forgotten.

        Raises:
            ConflictError: It is one's own.
            NotFoundError: The person is gone.
        """
        if user_id == actor.user_id:
            raise ConflictError(
                _("This is your own password."), hint=_("Change it under your own profile.")
            )
        person = await self._person(user_id)
        password = generate()
        log.hide(password)
        hashed = await self._passwords.hash(password)
        await self._replace_password(actor, person, hashed, must_change=True)
        return password

    @permitted(Operation.RULES_READ)
    async def rules(self, actor: Actor) -> SignInRules:
        """Return the rules for signing in."""
        return await self._rules()

    @permitted(Operation.RULES_CHANGE)
    async def change_rules(self, actor: Actor, *, rules: SignInRules) -> None:
        """Change the rules for signing in; limits of sessions hold at once."""
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            before = (await read_rules(repository)).model_dump()
            changes = differences(before, rules.model_dump())
            if not changes:
                return
            await repository.set_setting(SETTING, rules.model_dump())
            subject = Subject("rules", "", "")
            unit.record(Deed(actor, Operation.RULES_CHANGE.key, subject, changes))
            unit.changed(SETTING)
            await unit.commit()

    async def _replace_password(
        self,
        actor: Actor,
        person: Person,
        hashed: str,
        *,
        must_change: bool,
        remove_second_factor: bool = False,
    ) -> None:
        """Store a password, end the sessions, and forget the attempts on the account."""
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            ended = await repository.end_sessions(
                "password", self._clock.now(), *sessions_of(person.id)
            )
            await self._store(repository, person, hashed, must_change=must_change)
            account = self._guesses.account(person.username)
            await self._guesses.forget(unit.session, account)
            if remove_second_factor:
                await repository.remove_second_factor(person.id)
                unit.record(
                    deed(actor, Operation.SECOND_FACTOR_RESET.key, person, {"set": False})
                )
            changes = {"sessions_ended": len(ended)}
            unit.record(deed(actor, Operation.PASSWORD_RESET.key, person, changes))
            unit.changed(TOPIC, "users")
            await unit.commit()

    async def _store(
        self, repository: SignInRepository, person: Person, hashed: str, *, must_change: bool
    ) -> None:
        await repository.change_person(
            person.id,
            password_hash=hashed,
            password_changed_at=self._clock.now(),
            must_change_password=must_change,
        )

    async def _rehashed(self, person: Person, password: str) -> str | None:
        """Return the hash by the parameters in force, where the stored one has others."""
        stored = person.password_hash
        if stored is None or not self._passwords.is_outdated(stored):
            return None
        return await self._passwords.hash(password)

    async def _check_new(self, person: Person, new: str, *, old: str | None = None) -> None:
        """Refuse a password that is not good enough, before any other is looked at."""
        found = await self.password_report(
            new,
            username=person.username,
            display_name=person.display_name,
            email=person.email or "",
        )
        issues = list(found.issues) if not found.valid else []
        if old is not None and prepared(new[:LOOKED_AT]) == prepared(old[:LOOKED_AT]):
            issues.append(_("This is the old password. Choose another one."))
        if issues:
            raise ValidationError(
                _("The password was not changed."), fields={"new": "\n".join(issues)}
            )
        log.hide(new)
