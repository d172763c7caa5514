"""A database that cannot be opened is replaced by a backup, when that was chosen."""

import hashlib

import pytest

from core.app import Core
from core.errors import ConflictError, DatabaseOpenError
from core.security.actors import Actor
from core.workspaces.workspace import Workspace
from tests.core.performance.backups.test_service import add, change_manifest, make, names


@pytest.mark.parametrize(
    "damage", [b"no database", b"", b"SQLite format 3\0" + b"\xff" * 5_000]
)
async def test_what_cannot_be_opened_is_replaced_and_kept(
    core: Core, workspace: Workspace, actor: Actor, damage: bytes
) -> None:
    """Nothing that lay beside it is taken for a part of the new file."""
    path = workspace.info.path
    await add(workspace, actor, "one")
    backup = await make(workspace, actor)
    with pytest.raises(ConflictError, match="can be opened") as caught:
        await core.workspaces.replace_damaged(path, backup.path)
    assert "restore" in caught.value.hint
    await core.workspaces.close(workspace)
    path.write_bytes(damage)
    with pytest.raises(DatabaseOpenError):
        await core.workspaces.open(path)
    log = path.with_name(path.name + "-wal")
    log.write_bytes(b"of the damaged one")
    kept = await core.workspaces.replace_damaged(path, backup.path)
    assert kept.read_bytes() == damage
    assert not log.exists()
    again = await core.workspaces.open(path)
    assert await names(again, actor) == ["one"]
    listed = await again.performance.backups.list_of(actor)
    assert [one.name for one in listed] == [backup.name]


async def test_what_is_no_good_replaces_nothing(
    core: Core, workspace: Workspace, actor: Actor
) -> None:
    path = workspace.info.path
    backup = await make(workspace, actor)
    await core.workspaces.close(workspace)
    path.write_bytes(b"no database")
    data = backup.path.read_bytes()
    backup.path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(ConflictError, match="cannot be used"):
        await core.workspaces.replace_damaged(path, backup.path)
    backup.path.write_bytes(data)
    change_manifest(backup, database="another.db")
    with pytest.raises(ConflictError, match="cannot be used") as caught:
        await core.workspaces.replace_damaged(path, backup.path)
    assert "another.db" in caught.value.detail
    assert path.read_bytes() == b"no database"
    assert hashlib.sha256(data).hexdigest() == backup.sha256
