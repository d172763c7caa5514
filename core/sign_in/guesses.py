"""How often an account may be tried: counted, and committed, before a password is looked at.

Two rules hold for each name, whether it is somebody's or not, for all processes together:

- After each attempt there is a pause before the next, longer the more of them in a row were
  no success: ``PAUSES``.
- In any ``WINDOW`` at most ``LIMIT`` attempts that are no success are looked at.

An attempt counts as a failure from the moment it is reserved; a success takes its own
reservation back and begins the row anew. Neither rule ever holds for longer than a window:
nobody is locked out for good, and moments in the future, as after the clock was set back,
count for nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.audit_trail import Deed
from core.database.database import Database
from core.database.fields.names import username_key
from core.database.tables import table_of
from core.sign_in.clock import Clock
from core.sign_in.schemas import TooManyAttemptsError
from core.sign_in.tables import SignInDelay
from core.translation import _, ngettext

LIMIT = 10
WINDOW = timedelta(minutes=15)
# After the first, the second … attempt in a row that was no success, in seconds.
PAUSES = (0, 0, 1, 2, 4, 8, 16, 32, 60)

_DELAY = table_of(SignInDelay)
_MS = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_ACCOUNTS = 10_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reservation: the right to look at one password or code.

    Attributes:
        account: The account, as a digest.
        moments: When it was made, and those before it that belong to the same sign-in.
        refused: How many attempts were refused since the last one that was looked at.
    """

    account: str
    moments: tuple[int, ...]
    refused: int = 0

    def after(self, earlier: "Attempt") -> "Attempt":
        """Return both as one, so that a success takes both back."""
        moments = (*earlier.moments, *self.moments)
        return Attempt(self.account, moments, self.refused + earlier.refused)


class Guesses:
    """Reserves attempts.

    Args:
        database: Where they are counted.
        salt: What the digests of names differ by from those in other workspaces.
        clock: The time.
    """

    def __init__(self, database: Database, salt: str, clock: Clock) -> None:
        self._database = database
        self._salt = salt
        self._clock = clock
        # Refusals that are not written yet: a flood of them must not fill the disk.
        self._refused: dict[str, int] = {}

    def account(self, username: str) -> str:
        """Return the digest under which attempts on a name are counted."""
        named = f"{self._salt}:{username_key(username)}".encode("utf-8", "surrogatepass")
        return hashlib.sha256(named).hexdigest()

    async def reserve(self, account: str, *, refusal: Deed) -> Attempt:
        """Count an attempt before it is made, and commit that.

        Args:
            account: What ``account`` returned for the name.
            refusal: What the audit trail says when it is the first refused of a row.

        Raises:
            TooManyAttemptsError: The attempt must not be made.
        """
        async with self._database.read() as session:
            row = await _row(session, account)
        if row is not None and row.refused and self._wait(row):
            raise self._refused_again(row)
        async with self._database.unit_of_work() as unit:
            row = await _row(unit.session, account)
            if row is None or not self._wait(row):
                attempt = await self._count(unit.session, account, row)
                await unit.commit()
                return attempt
            if row.refused:
                raise self._refused_again(row)
            await _store(unit.session, {**row._mapping, "refused": 1})
            unit.record(refusal)
            await unit.commit()
            raise self._error(row)

    async def succeeded(self, session: AsyncSession, attempt: Attempt) -> None:
        """Take the reservation of a success back, and begin the row anew."""
        row = await _row(session, attempt.account)
        if row is not None:
            left = [at for at in row.attempts if at not in attempt.moments]
            values = {**row._mapping, "attempts": left, "failures": 0}
            await _store(session, {**values, "next_attempt_at": self._clock.now()})

    async def forget(self, session: AsyncSession, account: str) -> None:
        """Forget all attempts on an account, as after its password was set anew."""
        self._refused.pop(account, None)
        await session.execute(delete(_DELAY).where(_DELAY.c.account == account))

    async def _count(
        self, session: AsyncSession, account: str, row: Row[Any] | None
    ) -> Attempt:
        now = self._clock.now()
        await session.execute(delete(_DELAY).where(_DELAY.c.last_attempt_at < now - WINDOW))
        earlier = self._counted(row) if row is not None else []
        # Each its own, so that a success takes back no other.
        moment = max((now - _EPOCH) // _MS, *(at + 1 for at in earlier), 0)
        fresh = row is None or row.last_attempt_at < now - WINDOW
        failures = 1 if fresh or row is None else row.failures + 1
        refused = (0 if row is None else row.refused) + self._refused.pop(account, 0)
        pause = PAUSES[min(failures, len(PAUSES)) - 1]
        values = {
            "account": account,
            "attempts": [*earlier, moment],
            "failures": failures,
            "refused": 0,
            "last_attempt_at": now,
            "next_attempt_at": now + timedelta(seconds=pause),
        }
        await _store(session, values)
        return Attempt(account, (moment,), refused)

    def _wait(self, row: Row[Any]) -> timedelta:
        """Return how long no attempt is looked at yet; nothing when one is."""
        now = self._clock.now()
        counted = self._counted(row)
        wait = timedelta(0)
        if len(counted) >= LIMIT:
            wait = _EPOCH + sorted(counted)[-LIMIT] * _MS + WINDOW - now
        pause = row.next_attempt_at - now
        if pause <= timedelta(seconds=PAUSES[-1]):
            wait = max(wait, pause)
        return max(wait, timedelta(0))

    def _counted(self, row: Row[Any]) -> list[int]:
        """Return the attempts of the present window."""
        now = (self._clock.now() - _EPOCH) // _MS
        length = WINDOW // _MS
        return [at for at in row.attempts if now - length < at <= now + length]

    def _refused_again(self, row: Row[Any]) -> TooManyAttemptsError:
        if row.account in self._refused or len(self._refused) < _MOST_ACCOUNTS:
            self._refused[row.account] = self._refused.get(row.account, 0) + 1
        return self._error(row)

    def _error(self, row: Row[Any]) -> TooManyAttemptsError:
        wait_s = max(1, -(-self._wait(row) // timedelta(seconds=1)))
        return TooManyAttemptsError(
            _("There were too many attempts."),
            wait_s=wait_s,
            detail=_("This one was not looked at, right or wrong."),
            hint=_later(wait_s),
        )


def _later(wait_s: int) -> str:
    if wait_s <= 90:
        words = ngettext("Try again in {n} second.", "Try again in {n} seconds.", wait_s)
        return words.format(n=wait_s)
    minutes = -(-wait_s // 60)
    words = ngettext("Try again in {n} minute.", "Try again in {n} minutes.", minutes)
    return words.format(n=minutes)


async def _row(session: AsyncSession, account: str) -> Row[Any] | None:
    query = select(_DELAY).where(_DELAY.c.account == account)
    return (await session.execute(query)).first()


async def _store(session: AsyncSession, values: Mapping[str, Any]) -> None:
    stored = insert(_DELAY).values(**values)
    changed = {name: stored.excluded[name] for name in values if name != "account"}
    await session.execute(
        stored.on_conflict_do_update(index_elements=["account"], set_=changed)
    )
