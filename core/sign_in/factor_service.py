"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes."""

import hmac
import secrets
from datetime import datetime

import pyotp

from core import log
from core.errors import ConflictError
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.security.sealed import Sealed
from core.security.sealing import place_of
from core.sign_in.desk import Desk, Surroundings, deed, digest_of
from core.sign_in.guesses import Attempt
from core.sign_in.repository import Person, SignInRepository
from core.sign_in.schemas import SecondFactorSetup, SignInFailedError
from core.translation import _

STEP_S = 30
RECOVERY_CODES = 10
# 16 of 32 signs: 80 bits, so that their digests tell nothing.
_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
_MOST_SETUPS = 100


class FactorService(Desk):
    """The second factors of a workspace."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        # Secrets that are shown and not in force yet, by session.
        self._setups: dict[str, str] = {}

    @permitted(Operation.SECOND_FACTOR_CHANGE)
    async def begin_second_factor(self, actor: Actor) -> SecondFactorSetup:
        """Return a new secret, which is in force once a code of it was confirmed.

        Raises:
            ConflictError: There is one in force.
        """
        actor = self._own(actor)
        person = await self._person(actor.user_id)
        if person.totp_secret is not None:
            raise _in_force()
        secret = pyotp.random_base32()
        log.hide(secret)
        while len(self._setups) >= _MOST_SETUPS:
            del self._setups[next(iter(self._setups))]
        assert actor.session is not None
        self._setups[actor.session] = secret
        issuer = f"Buildbench {self._around.name}".replace(":", " ")
        uri = pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=issuer)
        return SecondFactorSetup(uri=uri, secret=secret)

    @permitted(Operation.SECOND_FACTOR_CHANGE)
    async def confirm_second_factor(self, actor: Actor, *, code: str) -> tuple[str, ...]:
        """Put the new secret in force; return recovery codes, which are shown this once.

        Raises:
            SignInFailedError: The code is not one of the secret.
            ConflictError: No secret was asked for, or one is in force.
        """
        actor = self._own(actor)
        person = await self._person(actor.user_id)
        secret = self._setups.get(actor.session or "")
        if secret is None:
            raise ConflictError(
                _("There is no new second factor to confirm."), hint=_("Begin again.")
            )
        step = _matching_step(secret, _compact(code), self._clock.now())
        if step is None:
            raise wrong_code()
        await self._around.sealer.ready(to_seal=True)
        place = place_of("users", "totp_secret", person.uid)
        sealed = self._around.sealer.seal(secret, place=place)
        codes = _recovery_codes()
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            await self._check_still(repository, actor, person, "second_factor")
            now = await repository.person(person.id)
            if now is None or now.totp_secret is not None:
                raise _in_force()
            await repository.change_person(
                person.id,
                totp_secret=sealed,
                totp_last_step=step,
                recovery_codes=[digest_of(_compact(one)) for one in codes],
            )
            changes = {"set": True}
            unit.record(deed(actor, Operation.SECOND_FACTOR_CHANGE.key, person, changes))
            unit.changed("users")
            await unit.commit()
        self._setups.pop(actor.session or "", None)
        return codes

    @permitted(Operation.SECOND_FACTOR_CHANGE)
    async def disable_second_factor(self, actor: Actor, *, password: str) -> None:
        """Sign in without a code from now on.

        Raises:
            SignInFailedError: It is not the password; that counts as an attempt.
            TooManyAttemptsError: It was not looked at.
        """
        actor, person, attempt = await self._confirmed(actor, password)
        await self._remove(actor, person, Operation.SECOND_FACTOR_CHANGE, attempt)

    @permitted(Operation.SECOND_FACTOR_CHANGE)
    async def new_recovery_codes(self, actor: Actor, *, password: str) -> tuple[str, ...]:
        """Return new recovery codes, which are shown this once; the old ones are void.

        Raises:
            SignInFailedError: It is not the password; that counts as an attempt.
            TooManyAttemptsError: It was not looked at.
            ConflictError: There is no second factor.
        """
        actor, person, attempt = await self._confirmed(actor, password)
        codes = _recovery_codes()
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            await self._check_still(repository, actor, person, "second_factor")
            await self._guesses.succeeded(unit.session, attempt)
            now = await repository.person(person.id)
            if now is None or now.totp_secret is None:
                await unit.commit()
                raise ConflictError(
                    _("There is no second factor."), hint=_("Set one up first.")
                )
            digests = [digest_of(_compact(one)) for one in codes]
            await repository.change_person(person.id, recovery_codes=digests)
            changes = {"recovery_codes": len(codes)}
            unit.record(deed(actor, Operation.SECOND_FACTOR_CHANGE.key, person, changes))
            await unit.commit()
        return codes

    @permitted(Operation.SECOND_FACTOR_RESET)
    async def reset_second_factor(self, actor: Actor, *, user_id: int) -> None:
        """Take the second factor from somebody who lost it.

        Raises:
            NotFoundError: The person is gone.
        """
        person = await self._person(user_id)
        await self._remove(actor, person, Operation.SECOND_FACTOR_RESET)

    @permitted(Operation.SECOND_FACTOR_CHANGE)
    async def recovery_codes_left(self, actor: Actor) -> int | None:
        """Return how many recovery codes are not used yet; None without a second factor."""
        person = await self._person(self._own(actor).user_id)
        return None if person.totp_secret is None else len(person.recovery_codes)

    async def _confirmed(self, actor: Actor, password: str) -> tuple[Actor, Person, Attempt]:
        actor = self._own(actor)
        person = await self._person(actor.user_id)
        attempt = await self._check(actor, person, person.username, password, "second_factor")
        return actor, person, attempt

    async def _remove(
        self,
        actor: Actor,
        person: Person,
        operation: Operation,
        attempt: Attempt | None = None,
    ) -> None:
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            if attempt is not None:
                await self._check_still(repository, actor, person, "second_factor")
                await self._guesses.succeeded(unit.session, attempt)
            await repository.remove_second_factor(person.id)
            unit.record(deed(actor, operation.key, person, {"set": False}))
            unit.changed("users")
            await unit.commit()

    async def _use_code(self, actor: Actor, person: Person, code: str) -> bool:
        """Use up a code or a recovery code; False when it is neither, or was used before."""
        typed = _compact(code)
        if not (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
            return await self._use_recovery_code(actor, person, digest_of(typed))
        if person.totp_secret is None:
            return False
        secret = await self._open(person, person.totp_secret)
        step = _matching_step(secret, typed, self._clock.now())
        if step is None:
            return False
        async with self._database.unit_of_work() as unit:
            taken = await SignInRepository(unit.session).take_step(person.id, step)
            if taken:
                await unit.commit()
        return taken

    async def _use_recovery_code(self, actor: Actor, person: Person, digest: str) -> bool:
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            now = await repository.person(person.id)
            if now is None or digest not in now.recovery_codes:
                return False
            left = [one for one in now.recovery_codes if one != digest]
            await repository.change_person(person.id, recovery_codes=left)
            changes = {"left": len(left)}
            unit.record(deed(actor, "second_factor.recovery_code_used", person, changes))
            await unit.commit()
        return True

    async def _open(self, person: Person, sealed: Sealed) -> str:
        await self._around.sealer.ready(to_open=[sealed])
        place = place_of("users", "totp_secret", person.uid)
        secret = self._around.sealer.open(sealed, place=place)
        log.hide(secret)
        return secret


def wrong_code() -> SignInFailedError:
    """Return the error for a code that is wrong or was used."""
    return SignInFailedError(
        _("This code is not right, or it was used already."),
        hint=_(
            "Wait for the next code; check the time of both devices; or use a recovery code."
        ),
    )


def _in_force() -> ConflictError:
    return ConflictError(
        _("A second factor is in force already."), hint=_("Remove it first to set up another.")
    )


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of a code: the present one, the one before or the one after."""
    totp, present = pyotp.TOTP(secret, interval=STEP_S), int(now.timestamp()) // STEP_S
    found = None
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(
            totp.generate_otp(step).encode(), code.encode("utf-8", "replace")
        ):
            found = step
    return found


def _recovery_codes() -> tuple[str, ...]:
    codes = tuple(
        "-".join("".join(secrets.choice(_SIGNS) for _sign in range(4)) for _group in range(4))
        for _code in range(RECOVERY_CODES)
    )
    for code in codes:
        log.hide(code)
    return codes


def _compact(code: str) -> str:
    """Return a code as it is compared: without spaces and dashes, in lower case."""
    return "".join(code.split()).replace("-", "").lower()
