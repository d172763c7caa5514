"""Rotations of keys killed with SIGKILL, and several at once: every value opens always."""

import asyncio
import contextlib
import os
import random
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from core.progress import Progress
from core.security.keys import KeyStore
from core.security.sealed import Sealed
from core.security.sealing import Sealer, place_of
from tests.core.running import Bench
from tests.faults.hosts import ROOT, Host

_PROJECTS, _PEOPLE = 12, 60
_VALUES = 2 * _PROJECTS + 2 * _PEOPLE
_ADD = text(
    "INSERT INTO users (uid, version, username, username_key, display_name, role, active,"
    " preferences, balance_minor, balance_currency, tags, must_change_password,"
    " recovery_codes, created_at, updated_at, note, totp_secret)"
    " VALUES (:uid, 1, :name, :name, :name, 'viewer', 1, '{}', 0, 'EUR', '[]', 0, '[]',"
    " '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', :note, :totp)"
)


class Sealings:
    """What is sealed in a workspace, and whether it can be opened."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.keys = bench.workspace.keys
        self.people: dict[str, str] = {}
        self.projects: dict[int, dict[str, str]] = {}

    async def fill(self) -> None:
        """Make projects with secrets, and people with notes."""
        sealer = self.keys._sealer
        for i in range(_PROJECTS):
            secrets = {"A": f"value {i} of A", "B": f"value {i} of B"}
            row = await self.bench.project(secrets=secrets)
            self.projects[row.id] = secrets
        async with self.bench.workspace.database.unit_of_work() as unit:
            for i in range(_PEOPLE):
                uid = str(uuid.uuid4())
                self.people[uid] = f"about person {i}"
                values = {"uid": uid, "name": f"person{i}"}
                for column, name in (("note", "note"), ("totp_secret", "totp")):
                    place = place_of("users", column, uid)
                    values[name] = sealer.seal(f"about person {i}", place=place).stored
                await unit.session.execute(_ADD, values)
            await unit.commit()

    async def check(self) -> None:
        """Make sure that nothing is lost, with keys that are read from the disk anew."""
        sealer = Sealer(KeyStore(self.keys._keys.file.path))
        async with self.bench.workspace.database.read(snapshot=True) as session:
            people = (await session.execute(
                text("SELECT uid, note, totp_secret FROM users")
            )).all()  # fmt: skip
        assert {uid for uid, _note, _totp in people} == set(self.people)
        for uid, note, totp in people:
            for column, stored in (("note", note), ("totp_secret", totp)):
                place = place_of("users", column, uid)
                assert sealer.open(Sealed(stored), place=place) == self.people[uid]
        for project_id, secrets in self.projects.items():
            found = await self.bench.workspace.projects.secrets(
                self.bench.actor, project_id=project_id
            )
            assert found == secrets

    async def older(self) -> int:
        """Return how many values are not under the present key."""
        counts = await self.keys.counts(self.bench.actor)
        assert counts.total == _VALUES
        return counts.older

    def made(self) -> int:
        """Return how many keys there are."""
        return len(KeyStore(self.keys._keys.file.path).held().keys)


@asynccontextmanager
async def rotator(database: Path) -> AsyncIterator[Host]:
    """Give a process that is about to rotate; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.rotator", str(database),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )  # fmt: skip
    started = Host(process)
    try:
        await started.told("open")
        yield started
    finally:
        await started.kill()
        process._transport.close()  # type: ignore[attr-defined]


async def begin(process: Host) -> None:
    """Let the process go."""
    stdin = process._process.stdin
    assert stdin is not None
    stdin.write(b"go\n")
    await stdin.drain()


@pytest.fixture
async def sealings(bench: Bench) -> Sealings:
    """Return a workspace with 144 sealed values."""
    made = Sealings(bench)
    await made.fill()
    return made


async def test_killed_at_any_point_nothing_is_lost(
    sealings: Sealings, fault_count: int
) -> None:
    """Fails when a value is sealed before its key is on the disk, or without a transaction.

    Seen to fail with a rotation that keeps the new key at its end, and with one that writes
    each row empty first; ``made`` fails when the key of a torn rotation is not gone on with.
    """
    path = sealings.bench.workspace.info.path
    torn = 0
    for turn in range(fault_count):
        chance = random.Random(turn)
        async with rotator(path) as process:
            await begin(process)
            if turn % 4:
                with contextlib.suppress(AssertionError):
                    for _batch in range(chance.randrange(1, 40)):
                        await process.told("batch")
            await asyncio.sleep(chance.uniform(0, 0.02))  # the moment, by chance
            await process.kill()
        await sealings.check()
        torn += await sealings.older() > 0
    keys = sealings.made()
    async with rotator(path) as process:
        await begin(process)
        _key, _resealed, unreadable, left = await process.told("done")
        assert (unreadable, left) == ("0", "0")
    await sealings.check()
    assert await sealings.older() == 0
    # A rotation that was torn off is gone on with; one that was not makes another key.
    assert sealings.made() <= keys + 1
    assert keys <= 1 + fault_count


async def test_two_processes_and_this_one_end_with_one_key(sealings: Sealings) -> None:
    """Fails when each goes on with the key that it made: they never agree."""
    path = sealings.bench.workspace.info.path
    actor = sealings.bench.actor
    async with rotator(path) as one, rotator(path) as two:
        await asyncio.gather(begin(one), begin(two))
        await sealings.keys.rotate(actor, progress=Progress(lambda: None))
        for process in (one, two):
            _key, _resealed, unreadable, _left = await process.told("done")
            assert unreadable == "0"
    await sealings.check()
    assert await sealings.older() == 0


async def test_two_processes_that_need_the_first_key_agree(bench: Bench) -> None:
    """Fails without the lock between processes: one seals with a key that nobody keeps."""
    file = bench.core.settings.folders.key_file
    script = (
        "import sys; from pathlib import Path;"
        " from core.security.keys import KeyStore; from core.security.sealing import Sealer;"
        " sealer = Sealer(KeyStore(Path(sys.argv[1]))); sys.stdin.readline();"
        " print(sealer.seal('first', place='a').stored)"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(file), cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _i in range(4)
    ]  # fmt: skip
    told = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    store = KeyStore(file)
    assert len(store.held().keys) == 1
    for output, _errors in told:
        sealed = Sealed(output.decode().strip())
        assert Sealer(store).open(sealed, place="a") == "first"
