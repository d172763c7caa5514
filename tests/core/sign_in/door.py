"""A workspace that asks who is there, with a clock that the tests turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
from sqlalchemy import text

from core.app import Core
from core.events import Event
from core.security.actors import Actor, Origin, Role
from core.security.keys import KeyStore
from core.security.permissions import Gate
from core.security.sealing import Sealer
from core.security.system_keyring import SystemKeyring
from core.sign_in import first_start
from core.sign_in.clock import Clock
from core.sign_in.desk import Surroundings
from core.sign_in.passwords import Passwords
from core.sign_in.repository import SignInRepository
from core.sign_in.schemas import FirstAdministrator, SignedIn
from core.sign_in.service import SignInService
from core.workspaces.workspace import Workspace
from tests.core.security.keyrings import FakeKeyring

PASSWORD = "kumquat fjord zebra"
WRONG = "kumquat fjord zebrx"


def cheap() -> Passwords:
    """Return argon2id that takes no time; the real parameters are a test of their own."""
    return Passwords(time_cost=1, memory_kib=8, lanes=1)


class FakeClock:
    """Both clocks, turned by hand."""

    def __init__(self) -> None:
        self.day = datetime(2030, 5, 17, 12, tzinfo=UTC)
        self.seconds = 1_000.0

    def clock(self) -> Clock:
        return Clock(now=lambda: self.day, monotonic=lambda: self.seconds)

    def later(self, **delta: float) -> None:
        """Let time pass, on both clocks."""
        self.day += timedelta(**delta)
        self.seconds += timedelta(**delta).total_seconds()

    def set_day(self, **delta: float) -> None:
        """Set the clock that can be set."""
        self.day += timedelta(**delta)


class Door:
    """Signing in into one workspace, and the gate behind it."""

    def __init__(
        self, core: Core, workspace: Workspace, time: FakeClock, keyring: FakeKeyring | None
    ) -> None:
        self.core = core
        self.time = time
        self.keyring = keyring
        self.workspace = workspace
        self.gate = Gate(open_here=False)
        self.passwords = cheap()
        self.closed = False
        self.events: list[Event] = []
        self._unsubscribe = core.events.subscribe(self.events.append)
        self.surroundings = Surroundings(
            database=workspace.database,
            gate=self.gate,
            bus=core.events,
            sealer=Sealer(KeyStore(core.settings.folders.key_file)),
            uid=workspace.info.uid,
            name=workspace.info.path.stem,
            passwords=self.passwords,
            keyring=SystemKeyring(lambda: keyring),
            clock=time.clock(),
        )
        self.service = SignInService(self.surroundings)

    def another(self) -> "Door":
        """Return the door as another process has it: nothing in memory is shared."""
        return Door(self.core, self.workspace, self.time, self.keyring)

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._unsubscribe()
            await self.service.close()

    async def first(self, username: str = "Ada") -> SignedIn:
        """Make the first administrator."""
        data = FirstAdministrator(username, username, PASSWORD)
        return await self.service.create_first_administrator(
            data, origin=Origin.DESKTOP, device="desk"
        )

    async def add(self, username: str, role: Role = Role.VIEWER) -> int:
        """Add somebody with the usual password."""
        hashed = await self.passwords.hash(PASSWORD)
        data = FirstAdministrator(username, username, "")
        row = {**first_start.row_of(data, hashed, self.time.day), "role": role.value}
        async with self.workspace.database.unit_of_work() as unit:
            user_id = await SignInRepository(unit.session).add_person(row)
            unit.changed("users")
            await unit.commit()
        return user_id

    async def enter(
        self, username: str = "ada", password: str = PASSWORD, *, remember: bool = False
    ) -> SignedIn:
        """Sign somebody in who has no second factor."""
        found = await self.service.sign_in(
            username, password, origin=Origin.DESKTOP, device="desk", remember=remember
        )
        assert isinstance(found, SignedIn)
        return found

    async def with_factor(self, actor: Actor) -> tuple[str, tuple[str, ...]]:
        """Set up a second factor; return its secret and the recovery codes."""
        setup = await self.service.begin_second_factor(actor)
        codes = await self.service.confirm_second_factor(actor, code=self.code(setup.secret))
        return setup.secret, codes

    def code(self, secret: str, *, steps: int = 0) -> str:
        """Return the code of now, or some time steps away."""
        return pyotp.TOTP(secret).at(int(self.time.day.timestamp()) + 30 * steps)

    async def change(self, sql: str, **values: object) -> None:
        """Write as something else does, telling that people changed."""
        async with self.workspace.database.unit_of_work() as unit:
            await unit.session.execute(text(sql), values)
            unit.changed("users")
            await unit.commit()

    async def trail(self) -> list[tuple[str, str, str]]:
        """Return operation, subject and changes of all entries of signing in."""
        async with self.workspace.database.read() as session:
            query = text("SELECT operation, subject, changes FROM audit_entries ORDER BY id")
            return [(one, two, three) for one, two, three in await session.execute(query)]

    async def column(self, sql: str) -> list[object]:
        async with self.workspace.database.read() as session:
            return list((await session.scalars(text(sql))).all())


@asynccontextmanager
async def opened(core: Core, folder: Path, *, keyring: bool = True) -> AsyncIterator[Door]:
    """Give the door of a new workspace."""
    workspace = await core.workspaces.create(folder / "asking.db")
    door = Door(core, workspace, FakeClock(), FakeKeyring() if keyring else None)
    try:
        yield door
    finally:
        await door.close()


async def gathered(*work: object) -> list[object]:
    """Do all at once; return results and errors."""
    return list(await asyncio.gather(*work, return_exceptions=True))  # type: ignore[call-overload]


def stranger(actor: Actor) -> Actor:
    """Return the same person with a session that is none."""
    return replace(actor, session="made up")
