"""Files that are no workspaces, or damaged, locked, linked: told in words, left untouched."""

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from core.app import Core
from core.database.engine import connect_bare
from core.errors import ConflictError, DatabaseOpenError, ReadOnlyError
from core.paths import real
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor
from core.workspaces.inspection import inspect
from core.workspaces.schemas import WorkspaceKind
from core.workspaces.workspace import Workspace
from tests.waiting import until

ROOT = str(Path(__file__).parents[3])


def snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    """Return hash and time of change of each file, by another process.

    A plain open and close here would drop the locks of connections of this process.
    """
    script = (
        "import hashlib, os, sys\n"
        "for top, _folders, names in os.walk(sys.argv[1]):\n"
        "    for name in names:\n"
        "        path = os.path.join(top, name)\n"
        "        data = open(path, 'rb').read()\n"
        "        print(path, hashlib.sha256(data).hexdigest(), os.stat(path).st_mtime_ns,\n"
        "              sep='\\t')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], check=True, capture_output=True, text=True
    )
    rows = (line.split("\t") for line in done.stdout.splitlines())
    return {path: (digest, int(changed)) for path, digest, changed in rows}


def refusal(path: Path) -> str:
    """Return the words of a refusal, and see that nothing changed."""
    folder = path if path.is_dir() else path.parent
    before = snapshot(folder) if not path.is_fifo() and not path.is_socket() else {}
    with pytest.raises(DatabaseOpenError) as caught:
        inspect(path)
    assert caught.value.hint
    assert path.name in caught.value.title
    if before:
        assert snapshot(folder) == before
    return caught.value.detail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder."""
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.fixture
async def managed(core: Core, folder: Path) -> Path:
    """Return a closed workspace."""
    workspace = await core.workspaces.create(folder / "w.db", open_here=True)
    await core.workspaces.close(workspace)
    return folder / "w.db"


def make_plain(path: Path, journal: str) -> None:
    """Make a SQLite file of somebody else."""
    path.touch()
    with closing(connect_bare(path, "rw")) as connection:
        connection.executescript(
            f"PRAGMA journal_mode={journal};CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);"
        )


def execute(path: Path, script: str) -> None:
    """Change a database as another program would."""
    with closing(connect_bare(path, "rw")) as connection:
        connection.executescript(script)


def test_missing(folder: Path) -> None:
    assert "does not exist" in refusal(folder / "no.db")


def test_empty(folder: Path) -> None:
    (folder / "x.db").touch()
    assert "empty" in refusal(folder / "x.db")


def test_directory(folder: Path) -> None:
    (folder / "x.db").mkdir()
    assert "folder" in refusal(folder / "x.db")


def test_fifo_does_not_hang(folder: Path) -> None:
    os.mkfifo(folder / "x.db")
    assert "not a regular file" in refusal(folder / "x.db")


def test_socket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind("x.db")
        assert "not a regular file" in refusal(folder / "x.db")


def test_link_to_itself(folder: Path) -> None:
    """Seen failing with ``Path.resolve``, which before Python 3.13 raises no OSError."""
    path = folder / "x.db"
    path.symlink_to("x.db")
    assert "is a link that leads back to itself" in _detail(path)
    assert real(path) == path
    with pytest.raises(OSError, match="Too many levels"):
        real(path, strict=True)


def test_a_name_that_is_no_text(folder: Path) -> None:
    """Failed with UnicodeEncodeError; so did words that cannot be printed."""
    path = folder / os.fsdecode(b"odd \xff.db")
    make_plain(path, "DELETE")
    with pytest.raises(DatabaseOpenError) as caught:
        inspect(path)
    assert r"odd \xff.db" in caught.value.as_text().encode().decode()


def test_a_path_that_is_too_long_for_sqlite(folder: Path) -> None:
    deep = folder.joinpath(*["d" * 200] * 3)
    deep.mkdir(parents=True)
    make_plain(folder / "x.db", "DELETE")
    (folder / "x.db").rename(deep / "x.db")
    assert "longer than SQLite takes" in _detail(deep / "x.db")


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
@pytest.mark.parametrize("length", [247, 248, 255])
async def test_a_name_without_room_for_a_journal(
    core: Core, folder: Path, journal: str, length: int
) -> None:
    """Failed with OSError from 248 characters on: “-journal” makes it too long."""
    make_plain(folder / "x.db", journal)
    path = (folder / "x.db").rename(folder / ("x" * length))
    workspace = await core.workspaces.open(path)
    async with workspace.database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM t")) == 2
    assert ("shorter" in workspace.info.unwritable) == (length > 247)
    await core.workspaces.close(workspace)
    assert list(snapshot(folder)) == [str(path)]


@pytest.mark.parametrize("name", ["x" * 251 + ".db", "x" * 400, os.fsdecode(b"\xff.db")])
async def test_a_workspace_is_not_made_with_an_odd_name(
    core: Core, folder: Path, name: str
) -> None:
    """Failed with OSError and UnicodeEncodeError."""
    with pytest.raises(DatabaseOpenError, match="could not be made"):
        await core.workspaces.create(folder / name)
    assert not snapshot(folder)


def _detail(path: Path) -> str:
    with pytest.raises(DatabaseOpenError) as caught:
        inspect(path)
    return caught.value.detail


@pytest.mark.parametrize("data", [b"hello", b"\x7fELF" + bytes(5_000), bytes(4_096)])
def test_not_a_database(folder: Path, data: bytes) -> None:
    (folder / "x.db").write_bytes(data)
    assert "not a SQLite database" in refusal(folder / "x.db")


def test_flipped_header(managed: Path) -> None:
    data = bytearray(managed.read_bytes())
    data[3] ^= 0xFF
    managed.write_bytes(data)
    assert "not a SQLite database" in refusal(managed)


def test_truncated(managed: Path) -> None:
    data = managed.read_bytes()
    for size in (99, 512, len(data) // 2):
        managed.write_bytes(data[:size])
        assert refusal(managed)


def test_schema_page_that_is_corrupt(managed: Path) -> None:
    data = bytearray(managed.read_bytes())
    data[100:400] = bytes(range(256)) + bytes(44)
    managed.write_bytes(data)
    assert "damaged" in refusal(managed)


def test_newer_schema(managed: Path) -> None:
    execute(managed, "UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in refusal(managed)
    assert [file.name for file in managed.parent.glob("w.db*")] == ["w.db"]


def test_incomplete_schema(managed: Path) -> None:
    execute(managed, "DELETE FROM alembic_version")
    assert "not complete" in refusal(managed)
    execute(managed, "INSERT INTO alembic_version VALUES ('0001')")
    execute(managed, "PRAGMA foreign_keys=OFF; DROP TABLE builds")
    assert "missing" in refusal(managed)


_LOCK = (
    "import sys; sys.path.insert(0, {root!r}); import core, sqlite3\n"
    "c = sqlite3.connect({path!r}, isolation_level=None)\n"
    "c.execute('PRAGMA locking_mode=EXCLUSIVE'); c.execute('BEGIN EXCLUSIVE')\n"
    "print('held', flush=True); sys.stdin.readline()\n"
)


class Locker:
    """Another process that keeps everybody out of a database."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LOCK.format(root=ROOT, path=str(path))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def let_go(self) -> None:
        """End the process."""
        self.process.communicate("go\n")


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_locked_by_another_process(folder: Path, journal: str) -> None:
    make_plain(folder / "x.db", journal)
    locker = Locker(folder / "x.db")
    assert f"({locker.process.pid}) has locked it" in _detail(folder / "x.db")
    locker.let_go()
    assert inspect(folder / "x.db").kind is WorkspaceKind.PLAIN


async def test_write_lock_of_another_process_keeps_nobody_from_opening(
    core: Core, managed: Path
) -> None:
    """Fails when opening waits until it leads."""
    script = _LOCK.format(root=ROOT, path=str(managed))
    script = script.replace("c.execute('PRAGMA locking_mode=EXCLUSIVE'); ", "")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script.replace("EXCLUSIVE", "IMMEDIATE"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    async with asyncio.timeout(15):  # half of what a unit of work waits
        workspace = await core.workspaces.open(managed)
    assert not (await workspace.status()).leading
    await process.communicate(b"go\n")

    async def leading() -> bool:
        return (await workspace.status()).leading

    await until(leading, "leading")


def test_symbolic_link_is_resolved(managed: Path, folder: Path) -> None:
    (folder / "link.db").symlink_to(managed)
    assert inspect(folder / "link.db").path == managed


async def test_hard_link_is_read_only(core: Core, managed: Path, actor: Actor) -> None:
    (managed.parent / "second.db").hardlink_to(managed)
    before = snapshot(managed.parent)
    workspace = await core.workspaces.open(managed)
    assert workspace.info.kind is WorkspaceKind.MANAGED
    assert "hard links" in workspace.info.read_only
    assert await workspace.projects.list_all(actor) == ()
    data = ProjectCreate(name="x", path=str(managed.parent), command="true")
    with pytest.raises(ReadOnlyError) as caught:
        await workspace.projects.create(actor, data=data)
    assert "hard links" in caught.value.detail
    await core.workspaces.close(workspace)
    assert snapshot(managed.parent) == before


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
async def test_plain_database_is_not_touched(
    core: Core, folder: Path, journal: str, actor: Actor
) -> None:
    """Fails when a database with a write-ahead log is opened by ``mode=ro``: that log stays."""
    make_plain(folder / "x.db", journal)
    before = snapshot(folder)
    workspace = await core.workspaces.open(folder / "x.db")
    assert (workspace.info.kind, workspace.info.trusted) == (WorkspaceKind.PLAIN, False)
    assert workspace.info.read_only
    with pytest.raises(ConflictError):
        _ = workspace.projects
    async with workspace.database.read() as session, workspace.database.read() as second:
        assert await session.scalar(text("SELECT count(*) FROM t")) == 2
        assert await second.scalar(text("SELECT count(*) FROM t")) == 2
    with pytest.raises(ReadOnlyError):
        async with workspace.database.read() as session:
            await session.execute(text("INSERT INTO t VALUES (3)"))
    await core.workspaces.close(workspace)
    assert snapshot(folder) == before


async def test_plain_database_with_a_log_left_by_a_crash(core: Core, folder: Path) -> None:
    make_plain(folder / "x.db", "WAL")
    script = (
        f"import sys; sys.path.insert(0, {ROOT!r}); import core, sqlite3, os\n"
        f"c = sqlite3.connect({str(folder / 'x.db')!r}, isolation_level=None)\n"
        "c.execute('INSERT INTO t VALUES (3)'); os._exit(0)\n"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=True)
    before = snapshot(folder)
    assert len(before) == 3
    workspace = await core.workspaces.open(folder / "x.db")
    async with workspace.database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM t")) == 3
    await core.workspaces.close(workspace)
    after = snapshot(folder)
    for name in ("x.db", "x.db-wal"):
        assert after[str(folder / name)] == before[str(folder / name)]
    assert after.keys() == before.keys()


_AS_NOBODY = """
import os, sys
sys.path.insert(0, {root!r})
os.environ["HOME"] = "/nonexistent"
import core
from pathlib import Path
from core.workspaces import inspection
os.setgid(65534); os.setuid(65534)
try:
    found = inspection.inspect(Path({path!r}))
except inspection.DatabaseOpenError as error:
    print("refused:", error.detail)
else:
    tables = list(found.identity.tables) if found.kind.value == "plain" else ""
    print(found.kind.value, found.immutable, tables, found.read_only)
"""


def as_nobody(path: Path) -> str:
    """Look at a file as somebody who owns nothing."""
    if os.geteuid() != 0:
        pytest.skip("needs the right to become another user")
    for above in path.parents[1:]:
        if above.stat().st_uid == 0 and above != Path("/") and "pytest" in str(above):
            above.chmod(0o755)
    script = _AS_NOBODY.format(root=ROOT, path=str(path))
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout


def test_file_and_folder_of_somebody_else(managed: Path) -> None:
    managed.chmod(0o644)
    managed.parent.chmod(0o755)
    before = snapshot(managed.parent)
    assert as_nobody(managed).startswith("managed True  You may not write")
    assert snapshot(managed.parent) == before


def test_file_of_somebody_else_in_an_open_folder(managed: Path) -> None:
    managed.chmod(0o644)
    managed.parent.chmod(0o777)
    before = snapshot(managed.parent)
    assert as_nobody(managed).startswith("managed True  You may not write")
    assert snapshot(managed.parent) == before


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_what_others_write_in_a_folder_of_theirs_is_seen(folder: Path, journal: str) -> None:
    """Without a look for the log its tables were missing."""
    path = folder / "x.db"
    path.touch()
    with closing(connect_bare(path, "rw")) as writer:
        writer.executescript(f"PRAGMA journal_mode={journal}; CREATE TABLE t (a)")
        path.chmod(0o644)
        folder.chmod(0o755)
        assert as_nobody(path).startswith("plain False ['t'] You may not write")


def test_file_that_may_not_be_read(managed: Path) -> None:
    managed.chmod(0o600)
    managed.parent.chmod(0o755)
    assert "may not read" in as_nobody(managed)


async def test_create_never_replaces(core: Core, folder: Path) -> None:
    (folder / "x.db").write_bytes(b"mine")
    (folder / "y.buildbench").mkdir()
    before = snapshot(folder)
    for name in ("x.db", "y.db"):
        with pytest.raises(DatabaseOpenError, match="exists already"):
            await core.workspaces.create(folder / name)
    assert snapshot(folder) == before


_SMALL_FILES = """
import asyncio, os, resource, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from core.app import open_core
from core.errors import AppError
from core.settings import load_settings

async def main():
    async with open_core(load_settings()) as core:
        for size in range(0, 200_000, 20_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            try:
                await core.workspaces.create(Path({path!r}))
            except AppError as error:
                assert error.hint
                left = os.listdir(os.path.dirname({path!r}))
                print("refused", left)
            else:
                print("made")
                break
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))

asyncio.run(main())
"""


def test_create_where_nothing_fits_leaves_nothing(folder: Path) -> None:
    """Fails when the partial file or its log is not removed."""
    script = _SMALL_FILES.format(root=ROOT, path=str(folder / "x.db"))
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) >= 3
    assert set(lines[:-1]) == {"refused []"}


def test_new_workspace_is_what_it_should_be(managed: Path) -> None:
    with closing(connect_bare(managed, "rw")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert connection.execute("PRAGMA application_id").fetchone() == (0x42424E31,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert managed.stat().st_mode & 0o777 == 0o600
    names = sorted(path.name for path in managed.parent.iterdir())
    assert names == ["w.buildbench", "w.db"]


async def test_opening_and_closing_a_workspace_leaves_no_side_files(
    core: Core, managed: Path
) -> None:
    workspace = await core.workspaces.open(managed)
    assert isinstance(workspace, Workspace)
    await core.workspaces.close(workspace)
    assert list(snapshot(managed.parent)) == [str(managed)]


def test_a_write_that_was_broken_off_is_told_as_that(tmp_path: Path) -> None:
    """Failed by blaming the disk: SQLite only says that it may not write."""
    path = tmp_path / "hot.db"
    script = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('CREATE TABLE t (x)')\n"
        "rows = [('x' * 900,)] * 500\n"
        "connection.executemany('INSERT INTO t VALUES (?)', rows)\n"
        "connection.execute('PRAGMA cache_size=1')\n"
        "connection.execute('BEGIN')\n"
        "connection.execute('DELETE FROM t')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.with_name("hot.db-journal").stat().st_size > 0
    assert "broken off" in refusal(path)
