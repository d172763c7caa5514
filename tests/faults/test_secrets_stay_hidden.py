"""Twenty secrets are put in wherever one may be put in, and then looked for everywhere.

What takes a secret adds a function to ``PLANTS``; what writes a file for people adds one to
``EXPORTS``. Each secret is a random text of its own, so that a find names where it came in.
"""

import asyncio
import base64
import contextlib
import json
import secrets
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyotp
import pytest

from core import log
from core.builds.schemas import BuildState
from core.database.query.schemas import ListQuery
from core.errors import AppError
from core.progress import Progress
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin
from core.security.key_service import KeyService
from core.security.keys.transfer import KeyTransferError
from core.security.sealing import place_of
from core.settings import SettingsStore
from core.sign_in.desk import new_token
from core.sign_in.schemas import (
    FirstAdministrator,
    SecondFactorNeeded,
    SignedIn,
    SignInFailedError,
)
from core.users.transfer.schemas import FileFormat
from tests.core.running import Bench
from tests.core.users.people import People, edit_of
from tests.core.workspaces.test_upgrade import make_old
from tests.waiting import until

_LEAST = 20
_VISIBLE = "this description is no secret"
_HERE: dict[str, Any] = {"origin": Origin.DESKTOP, "device": "desk"}

# Run by itself: a process that has a database open must not open its file plainly as well.
_SEARCH = """
import json, sys
from pathlib import Path
asked = json.load(sys.stdin)
needles = [(name, bytes.fromhex(form)) for name, forms in asked["needles"] for form in forms]
for root in asked["roots"]:
    for path in Path(root).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for name, needle in needles:
                if needle in content:
                    print(json.dumps([name, str(path)]))
"""


class Planted:
    """The secrets that were put in, each under the name of its way in."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.made: dict[str, list[bytes]] = {}

    def new(self, way: str) -> str:
        """Return a secret that nobody has seen before."""
        secret = f"s3cret/{secrets.token_hex(8)}+ö é"
        self.secrets[f"{way} {len(self.secrets)}"] = secret
        return secret

    def take(self, way: str, secret: str, *others: bytes) -> str:
        """Note a secret that the program made, and the other forms that it has."""
        self.made[f"{way} {len(self.made)}"] = [*forms(secret), *others]
        return secret

    def needles(self) -> dict[str, list[bytes]]:
        """Return what is looked for."""
        return {**{way: list(forms(one)) for way, one in self.secrets.items()}, **self.made}


Plant = Callable[[Bench, Planted], Awaitable[None]]
Export = Callable[[Bench, Path], Awaitable[None]]


async def _new_projects(bench: Bench, planted: Planted) -> None:
    for _i in range(3):
        values = {name: planted.new("new project") for name in ("TOKEN", "PASSWORD")}
        await bench.project(secrets=values, description=_VISIBLE)


async def _changed_project(bench: Bench, planted: Planted) -> None:
    row = await bench.project(secrets={"TOKEN": planted.new("before a change")})
    for way in ("a first change", "a second change"):
        data = ProjectCreate(
            name=row.name, path=row.path, command="true", secrets={"TOKEN": planted.new(way)}
        )
        row = await bench.workspace.projects.update(
            bench.actor, project_id=row.id, version=row.version, data=data
        )


async def _deleted_project(bench: Bench, planted: Planted) -> None:
    row = await bench.project(secrets={"TOKEN": planted.new("deleted project")})
    await bench.workspace.projects.delete(bench.actor, project_id=row.id)


async def _refused_projects(bench: Bench, planted: Planted) -> None:
    """Have a form refused, by its schema and by the service: it names its fields alone."""
    with pytest.raises(ValueError, match="name") as told:
        await bench.project(secrets={"not a name": planted.new("refused by the schema")})
    assert "s3cret" not in str(told.value)
    secret = planted.new("refused by the service")
    with pytest.raises(AppError) as refused:
        await bench.project(secrets={"TOKEN": secret}, path="/no such folder")
    assert "s3cret" not in refused.value.as_text()


async def _printing_builds(bench: Bench, planted: Planted) -> None:
    """Let a build print its secrets in all the forms that it likes."""
    values = {name: planted.new("printing build") for name in ("A", "B", "C")}
    command = 'echo "$A"; printf "%s" "$B" >&2; echo "x$C$A$C"; echo "$B" | base64 -w0; exit 3'
    build = await bench.run(command, secrets=values)
    assert build.state is BuildState.FAILED


async def _long_running_build(bench: Bench, planted: Planted) -> None:
    gate = bench.folder / "gate"
    build = await bench.queue(
        f'until [ -e {gate} ]; do sleep 0.02; done; echo "$A"',
        secrets={"A": planted.new("waiting build"), "B": planted.new("waiting build")},
    )
    await until(lambda: _is_running(bench, build.id), "the build")
    gate.touch()
    await bench.end(build.id)


async def _is_running(bench: Bench, build_id: int) -> bool:
    return (await bench.get(build_id)).state is BuildState.RUNNING


async def _rotation(bench: Bench, planted: Planted) -> None:
    await bench.project(secrets={"TOKEN": planted.new("sealed anew")})
    await bench.workspace.keys.rotate(bench.actor, progress=Progress(lambda: None))


async def _passphrases(bench: Bench, planted: Planted) -> None:
    target, passphrase = (
        bench.folder.parent / "taken along" / "keys.json",
        planted.new("passphrase"),
    )
    keys: KeyService = bench.workspace.keys
    await keys.export(bench.actor, target=target, passphrase=passphrase)
    wrong = planted.new("wrong passphrase")
    with pytest.raises(KeyTransferError) as told:
        await keys.import_from(bench.actor, source=target, passphrase=wrong)
    assert "s3cret" not in told.value.as_text()


async def _people(bench: Bench, planted: Planted) -> None:
    """Store people with notes and passwords, and change a note."""
    people = People(bench.workspace, bench.actor)
    details = await people.add(
        "anna", note=planted.new("note"), password=planted.new("first password")
    )
    edit = edit_of(details, note=planted.new("changed note"))
    await people.service.edit(
        bench.actor, user_id=details.row.id, version=details.row.version, data=edit
    )
    with pytest.raises(AppError) as told:
        await people.add("anna", note=planted.new("note of a refused person"))
    assert "s3cret" not in told.value.as_text()


async def _tokens(planted: Planted, bench: Bench, password: str) -> SignedIn:
    """Sign in, and take the tokens of the sessions that are opened meanwhile."""

    def watched() -> str:
        return planted.take("token", new_token())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.sign_in.entering.new_token", watched)
        found = await bench.workspace.sign_in.sign_in("ada", password, **_HERE)
        if isinstance(found, SecondFactorNeeded):
            codes = [way for way in planted.made if way.startswith("recovery code")]
            code = planted.made[codes[0]][0].decode()
            planted.take("ticket", found.ticket)
            found = await bench.workspace.sign_in.second_factor(found.ticket, code)
    return found


async def _signing_in(bench: Bench, planted: Planted) -> None:
    """Come in by each way, with passwords in the wrong field and wrong ones in the right."""
    service = bench.workspace.sign_in
    first, second = planted.new("first administrator"), planted.new("changed password")
    await service.create_first_administrator(FirstAdministrator("ada", "Ada", first), **_HERE)
    for name, password in (
        (planted.new("in the field of the name"), "x"),
        ("ada", planted.new("wrong password")),
    ):
        with pytest.raises(SignInFailedError):
            await service.sign_in(name, password, **_HERE)
    actor = (await _tokens(planted, bench, first)).actor
    with pytest.raises(AppError):
        await service.change_password(actor, old=first, new=planted.new("refused") + "\n")
    await service.change_password(actor, old=first, new=second)
    await _second_factor(bench, planted, actor, second)
    person = await People(bench.workspace, bench.actor).add("bob")
    made = await service.reset_password(bench.actor, user_id=person.row.id)
    planted.take("reset password", made)


async def _second_factor(bench: Bench, planted: Planted, actor: Actor, password: str) -> None:
    service = bench.workspace.sign_in
    setup = await service.begin_second_factor(actor)
    planted.take("totp", setup.secret, base64.b32decode(setup.secret), setup.uri.encode())
    with pytest.raises(SignInFailedError):
        await service.confirm_second_factor(actor, code="no code")
    code = pyotp.TOTP(setup.secret).now()
    codes = await service.confirm_second_factor(actor, code=code)
    for one in codes:
        planted.take("recovery code", one, one.replace("-", "").encode())
    await _tokens(planted, bench, password)
    for one in await service.new_recovery_codes(actor, password=password):
        planted.take("new recovery code", one, one.replace("-", "").encode())


async def _upgraded(bench: Bench, planted: Planted) -> None:
    """Upgrade a workspace of the first version, of which a backup stays."""
    path, uid = bench.folder.parent / "older.db", "0d3c1b52-6d0f-4a6e-9f0e-1f7f2d3c4b5a"
    await asyncio.to_thread(make_old, path)
    seal = bench.workspace.keys._sealer.seal
    sealed = seal(planted.new("older"), place=place_of("projects", "secrets.TOKEN", uid))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE projects SET uid = ?, description = ?, secrets = ? WHERE id = 1",
            (uid, _VISIBLE, json.dumps({"TOKEN": sealed.stored})),
        )
        connection.commit()
    await bench.core.workspaces.upgrade(path)
    await bench.core.workspaces.close(await bench.core.workspaces.open(path))


PLANTS: list[Plant] = [
    _signing_in,
    _people,
    _upgraded,
    _new_projects,
    _changed_project,
    _deleted_project,
    _refused_projects,
    _printing_builds,
    _long_running_build,
    _rotation,
    _passphrases,
]


async def _logs_of_builds(bench: Bench, folder: Path) -> None:
    for project in await bench.workspace.projects.list_all(bench.actor):
        page = await bench.workspace.builds.list_page(bench.actor, project_id=project.id)
        for build in page.rows:
            (folder / f"{build.id}.log").write_bytes(await bench.log(build.id))


async def _rows_of_all_services(bench: Bench, folder: Path) -> None:
    """Write down what the services give out, as it would be shown."""
    rows = await bench.workspace.projects.list_all(bench.actor)
    status = await bench.workspace.keys.status(bench.actor)
    (folder / "rows.txt").write_text(f"{rows!r}\n{status!r}", "utf-8")


async def _exported_people(bench: Bench, folder: Path) -> None:
    exports = bench.workspace.exports
    names = [name for name, _words in await exports.fields(bench.actor)]
    for kind in FileFormat:
        report = await exports.run(
            bench.actor, selection=ListQuery(), fields=names, format=kind,
            target=folder / f"people.{kind.value}", progress=Progress(lambda: None),
        )  # fmt: skip
        assert report.people == 3


async def _sessions_and_trail(bench: Bench, folder: Path) -> None:
    sessions = await bench.workspace.sign_in.all_sessions(bench.actor, open_only=False)
    trail = await bench.workspace.audit.entries(bench.actor, limit=500)
    assert "sign_in.failed" in repr(trail)
    (folder / "sign-in.txt").write_text(f"{sessions!r}\n{trail!r}", "utf-8")


EXPORTS: list[Export] = [
    _logs_of_builds,
    _rows_of_all_services,
    _exported_people,
    _sessions_and_trail,
]


def forms(secret: str) -> Iterator[bytes]:
    """Yield how a text may lie in a file."""
    raw = secret.encode()
    yield raw
    yield secret.encode("utf-16-le")
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret).encode()
    yield raw.hex().encode()
    for shift in range(3):
        # Without the letters that depend on what stands before and behind.
        encoded = base64.b64encode(b"\0" * shift + raw)
        yield encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]


async def look_for(needles: dict[str, list[bytes]], *roots: Path) -> list[list[str]]:
    """Return the name of each needle and the file in which it lies."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SEARCH,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    asked = {
        "needles": [[name, [form.hex() for form in some]] for name, some in needles.items()],
        "roots": [str(root) for root in roots],
    }
    output, _errors = await process.communicate(json.dumps(asked).encode())
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


@asynccontextmanager
async def command_lines() -> AsyncIterator[set[bytes]]:
    """Collect the command lines of all processes of this machine meanwhile."""
    seen: set[bytes] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen.add(path.read_bytes())

    watcher = asyncio.create_task(asyncio.to_thread(watch))
    try:
        yield seen
    finally:
        over.set()
        await watcher


def keys_of(settings: SettingsStore) -> dict[str, list[bytes]]:
    """Return the keys themselves, which may lie in the key file alone."""
    kept = json.loads(settings.folders.key_file.read_text("utf-8"))["keys"]
    found = {}
    for key in kept:
        raw = base64.b64decode(key["key"])
        found[f"key {key['id']}"] = [raw, raw.hex().encode(), key["key"].encode()]
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="command lines are read from /proc")
async def test_secrets_are_found_nowhere(bench: Bench, tmp_path: Path, home: Path) -> None:
    """Fails when secrets are stored plainly, written to the log, or handed over as arguments.

    Seen to fail with ``_seal`` giving out the plain text, with a log line that holds the
    passphrase, with a supervisor that gets its secrets as arguments, with tokens that are
    stored as they are, and with a TOTP secret in a line of the log.
    """
    log_file = bench.core.settings.folders.log_file
    log.start(log_file, "debug")
    planted, exports = Planted(), tmp_path / "exports"
    exports.mkdir()
    async with command_lines() as commands:
        for plant in PLANTS:
            await plant(bench, planted)
    assert len(planted.secrets) >= _LEAST
    for export in EXPORTS:
        await export(bench, exports)
    needles = planted.needles()
    assert sum(way.startswith("recovery code") for way in needles) == 10
    keys = keys_of(bench.core.settings)
    assert len(keys) == 2

    # Open, with a write-ahead log; then closed, with all of it in the database.
    for state in ("open", "closed"):
        found = await look_for({**needles, "visible": [_VISIBLE.encode()]}, tmp_path)
        assert {name for name, _file in found} == {"visible"}, found
        assert any(".db" in file for _name, file in found)
        assert any("older.buildbench/backups" in file for _name, file in found)
        found = await look_for(keys, tmp_path)
        assert {file for _name, file in found} == {str(home / "config" / "keys.json")}, found
        if state == "open":
            await bench.core.workspaces.close(bench.workspace)

    everything = b"\n".join(commands)
    assert sys.executable.encode() in everything
    shown = [way for way, some in needles.items() if any(form in everything for form in some)]
    assert shown == []
    assert len(list(exports.iterdir())) >= 6
    assert " DEBUG " in log_file.read_text("utf-8")
