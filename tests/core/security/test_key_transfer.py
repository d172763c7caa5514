"""Keys taken to another computer in a file, and back in without replacing any."""

import base64
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConflictError, PermissionDeniedError, ValidationError
from core.security.actors import Actor, Origin, Role
from core.security.key_service import KeyService
from core.security.keys import KeyStore, KeyStoreError, transfer
from core.security.keys.key import Key
from core.security.keys.transfer import KeyTransferError, pack, unpack
from core.security.permissions import Gate
from core.security.sealing import Sealer
from core.settings import KeyStorage

PASSPHRASE = "correct horse battery stäple"
PLACE = "users.note.3e0f"


def service_of(folder: Path) -> KeyService:
    """Return the keys of another computer."""
    return KeyService(Sealer(KeyStore(folder / "keys.json")), Gate(open_here=True))


@pytest.fixture
def here(tmp_path: Path) -> KeyService:
    """Return the keys of this computer."""
    return service_of(tmp_path / "here")


async def test_exported_keys_open_values_elsewhere(
    here: KeyService, tmp_path: Path, actor: Actor
) -> None:
    there = service_of(tmp_path / "there")
    old = here._sealer.seal("old", place=PLACE)
    here._keys.make()
    new = here._sealer.seal("new", place=PLACE)
    own = there._keys.current()
    target = tmp_path / "export" / "keys.json"
    assert await here.export(actor, target=target, passphrase=PASSPHRASE) == 2
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    for kept in here._keys.held().keys:
        assert base64.b64encode(kept.secret) not in target.read_bytes()
    assert await there.import_from(actor, source=target, passphrase=PASSPHRASE) == 2
    assert await there.import_from(actor, source=target, passphrase=PASSPHRASE) == 0
    again = service_of(tmp_path / "there")
    assert again._sealer.open(old, place=PLACE) == "old"
    assert again._sealer.open(new, place=PLACE) == "new"
    assert again._keys.current() == own
    status = await again.status(actor)
    assert [key.seals for key in status.keys] == [True, False, False]
    assert status.home is KeyStorage.FILE


async def test_numbered_keys_of_two_computers_stand_side_by_side(
    here: KeyService, tmp_path: Path, actor: Actor
) -> None:
    """Fails when a number counts as the name of one key."""
    keys = [replace(Key.make(), number="1") for _i in range(2)]
    here._keys.take((keys[0],))
    target = tmp_path / "keys"
    target.write_bytes(pack((keys[1],), PASSPHRASE))
    assert await here.import_from(actor, source=target, passphrase=PASSPHRASE) == 1
    assert set(here._keys.numbered("1")) == set(keys)


async def test_a_passphrase_has_to_be_right_and_long_enough(
    here: KeyService, tmp_path: Path, actor: Actor
) -> None:
    here._keys.current()
    target = tmp_path / "keys"
    with pytest.raises(ValidationError) as short:
        await here.export(actor, target=target, passphrase="eleven char")
    assert "12" in short.value.fields["passphrase"]
    assert not target.exists()
    await here.export(actor, target=target, passphrase=PASSPHRASE)
    with pytest.raises(KeyTransferError) as wrong:
        await here.import_from(actor, source=target, passphrase=PASSPHRASE + " ")
    assert "another one" in wrong.value.detail
    # The same passphrase, typed on a keyboard that composes letters otherwise.
    composed = PASSPHRASE.replace("ä", "a\u0308")
    assert await here.import_from(actor, source=target, passphrase=composed) == 0


def test_every_changed_part_of_the_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when what it says besides is not compared, or any cost is paid that it asks for."""
    cheap = transfer._Head(salt=b"s" * 16, nonce=b"n" * 12, memory_kib=64, passes=1, lanes=1)
    monkeypatch.setattr(transfer, "_Head", lambda **given: replace(cheap, **given))
    keys = (Key.make(), Key.make())
    content = json.loads(pack(keys, PASSPHRASE))
    assert unpack(json.dumps(content).encode(), PASSPHRASE) == keys
    for name, value in content.items():
        if isinstance(value, int):
            changes: list[object] = [value + 1, 0, -1, 2**31, None, "x", value + 0.5]
        else:
            letters = [
                value[:i] + ("B" if value[i] == "A" else "A") + value[i + 1 :]
                for i in range(len(value))
            ]
            changes = [*letters, "", None, 3, value[:-4]]
        for change in changes:
            with pytest.raises(KeyTransferError):
                unpack(json.dumps({**content, name: change}).encode(), PASSPHRASE)
        rest = {key: kept for key, kept in content.items() if key != name}
        with pytest.raises(KeyTransferError):
            unpack(json.dumps(rest).encode(), PASSPHRASE)
    with pytest.raises(KeyTransferError):
        unpack(json.dumps({**content, "more": 1}).encode(), PASSPHRASE)
    liar = replace(keys[0], id=keys[1].id)
    with pytest.raises(KeyTransferError):
        unpack(pack((liar,), PASSPHRASE), PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b"SQLite format 3\0"])
async def test_what_is_no_export_is_refused(
    here: KeyService, tmp_path: Path, actor: Actor, content: bytes
) -> None:
    source = tmp_path / "keys"
    source.write_bytes(content)
    with pytest.raises(KeyTransferError):
        await here.import_from(actor, source=source, passphrase=PASSPHRASE)
    with pytest.raises(KeyTransferError):
        await here.import_from(actor, source=tmp_path / "none", passphrase=PASSPHRASE)


async def test_keys_are_never_written_beside_a_workspace(
    here: KeyService, tmp_path: Path, actor: Actor
) -> None:
    """Fails when links are not followed, or only the folder itself is looked at."""
    here._keys.current()
    workspace = tmp_path / "work"
    (workspace / "a.buildbench" / "backups").mkdir(parents=True)
    (tmp_path / "link").symlink_to(workspace / "a.buildbench" / "backups")
    for folder in (
        workspace,
        workspace / "a.buildbench",
        workspace / "a.buildbench" / "backups",
        workspace / "a.buildbench" / "new",
        tmp_path / "link",
        workspace / "a.buildbench" / ".." / "a.buildbench",
    ):
        with pytest.raises(KeyTransferError, match="beside a workspace"):
            await here.export(actor, target=folder / "keys", passphrase=PASSPHRASE)
        assert not (folder / "keys").exists()


async def test_a_file_is_replaced_only_when_asked_for(
    here: KeyService, tmp_path: Path, actor: Actor
) -> None:
    here._keys.current()
    target = tmp_path / "keys"
    target.write_text("something dear")
    with pytest.raises(KeyTransferError):
        await here.export(actor, target=target, passphrase=PASSPHRASE)
    assert target.read_text() == "something dear"
    assert await here.export(actor, target=target, passphrase=PASSPHRASE, replace=True) == 1


async def test_where_the_environment_says_so_keys_are_not_moved(
    here: KeyService, actor: Actor
) -> None:
    with pytest.raises(ConflictError, match="cannot be moved"):
        await here.move(actor, target=KeyStorage.KEYRING)


async def test_none_but_administrators_may_ask_anything(
    here: KeyService, tmp_path: Path
) -> None:
    for role in (Role.VIEWER, Role.OPERATOR):
        actor = Actor("somebody", role, Origin.SCRIPT)
        for call in (
            here.status(actor),
            here.status(actor),
            here.export(actor, target=tmp_path / "keys", passphrase=PASSPHRASE),
            here.import_from(actor, source=tmp_path / "keys", passphrase=PASSPHRASE),
            here.move(actor, target=KeyStorage.FILE),
        ):
            with pytest.raises(PermissionDeniedError):
                await call


async def test_no_keys_are_not_exported(here: KeyService, tmp_path: Path, actor: Actor) -> None:
    with pytest.raises(KeyTransferError, match="no keys yet"):
        await here.export(actor, target=tmp_path / "keys", passphrase=PASSPHRASE)


async def test_a_file_from_elsewhere_does_not_make_the_own_keys_unreadable(
    here: KeyService, tmp_path: Path, actor: Actor
) -> None:
    """Failed by replacing the key file by one that was too large to be read again."""
    own = here._keys.make()
    source = tmp_path / "gift.json"
    source.write_bytes(pack(tuple(Key.make() for _key in range(5_000)), PASSPHRASE))
    with pytest.raises(KeyTransferError):
        await here.import_from(actor, source=source, passphrase=PASSPHRASE)
    many = tuple(Key.make() for _key in range(9_000))
    with pytest.raises(KeyStoreError, match="more than fit"):
        here._keys.take(many)
    assert service_of(tmp_path / "here")._keys.current() == own


@pytest.mark.parametrize(
    "cost", [{"memory_kib": 1024 * 1024}, {"passes": 32}, {"lanes": 32}, {"passes": 0}]
)
async def test_a_file_from_elsewhere_costs_seconds_at_most(
    cost: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by half a minute of work in 1 GiB before the passphrase was looked at."""
    content = {**json.loads(pack((Key.make(),), PASSPHRASE)), **cost}
    monkeypatch.setattr(transfer, "Argon2id", None)
    with pytest.raises(KeyTransferError, match="not a file with exported keys"):
        unpack(json.dumps(content).encode(), PASSPHRASE)
