"""Where keys lie, who makes them, and what is wrong with the place."""

import base64
import json
import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.errors import AppError, KeyConsentNeededError
from core.security.keys import KeyStore, KeyStoreError
from core.security.keys.in_keyring import LIST, SERVICE
from core.security.keys.key import Key, decode_keys, encode_keys, fingerprint, merged
from core.security.sealing import MissingKeyError, Sealer, WrongKeyError
from core.security.system_keyring import SystemKeyring
from core.settings import KeyStorage
from tests.core.security.keyrings import FakeKeyring, Wish, store_of

PLACE = "users.note.3e0f"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the key file lies."""
    return tmp_path / "keys.json"


def test_a_fingerprint_tells_keys_apart_and_nothing_of_their_bytes() -> None:
    keys = [Key.make() for _i in range(200)]
    assert len({key.id for key in keys}) == 200
    assert all(key.genuine and fingerprint(key.secret) == key.id for key in keys)
    assert all(key.secret.hex() not in repr(key) + str(key) for key in keys)


def test_keys_are_kept_and_read_back_the_same() -> None:
    keys = (replace(Key.make(), number="1", made_at=None), Key.make(), Key.make())
    assert decode_keys(json.loads(json.dumps(encode_keys(keys)))) == keys


def test_merging_replaces_nothing() -> None:
    one, two, three = Key.make(), Key.make(), Key.make()
    liar = replace(two, secret=three.secret)
    assert merged((one, two), (two, three)) == (one, two, three)
    assert merged((one, liar), (two,)) == (one, liar, two)


# The file


def test_file_is_private_and_holds(file: Path) -> None:
    key = KeyStore(file).current()
    for path in (file, file.with_name("keys.lock")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyStore(file).current() == key
    assert key.made_at is not None


@pytest.mark.expected_log("Others could read")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601])
def test_a_file_that_others_may_read_is_taken_from_them(file: Path, mode: int) -> None:
    """Fails when only the group is looked at."""
    key = KeyStore(file).current()
    file.chmod(mode)
    store = KeyStore(file)
    assert store.current() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.file.was_exposed
    assert not KeyStore(file).file.was_exposed


def test_a_file_that_cannot_be_taken_from_others_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeyStore(file).current()
    file.chmod(0o644)

    def refuse(_descriptor: int, _mode: int) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(KeyStoreError) as told:
        KeyStore(file).current()
    assert "Others may read it" in told.value.detail


@pytest.mark.parametrize(
    "content",
    ["", "[]", "3", "{", '{"a": "b"}', '{"1": 5}', '{"1": "c2hvcnQ="}', '{"1": null}', "\0",
     '{"1": "%%%"}', "[" * 100_000, "{}", '{"format": 2}', '{"format": 3, "keys": []}',
     '{"format": 2, "keys": [3]}', '{"format": 2, "keys": [{"id": "1"}]}',
     '{"format": 2, "keys": [{"id": "1", "key": "AAAA"}]}', " " * 2_000_000],
)  # fmt: skip
def test_a_damaged_file_is_told_and_kept(file: Path, content: str) -> None:
    """Fails when what cannot be read counts as no keys: a first key would replace it."""
    file.write_text(content)
    file.chmod(0o600)
    store = KeyStore(file)
    calls: list[Callable[[], object]] = [store.current, store.make]
    calls.append(partial(store.find, "0" * 16))
    for call in calls:
        with pytest.raises(KeyStoreError) as told:
            call()
        assert "keys.json" in told.value.detail
    assert file.read_text() == content


def test_what_is_no_file_is_told_at_once(file: Path) -> None:
    """Fails (waits for ever) when a pipe is opened as if it were a file."""
    os.mkfifo(file)
    with pytest.raises(KeyStoreError):
        KeyStore(file).current()
    file.unlink()
    file.mkdir()
    with pytest.raises(KeyStoreError):
        KeyStore(file).current()


def test_a_file_without_rights_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeyStore(file).current()

    def refuse(*_arguments: object) -> int:
        raise PermissionError("not yours")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(KeyStoreError) as told:
        KeyStore(file).find("0" * 16)
    assert "not yours" in told.value.detail


def test_a_key_that_cannot_be_kept_seals_nothing(file: Path) -> None:
    file.parent.joinpath("in the way").touch()
    sealer = Sealer(KeyStore(file.parent / "in the way" / "keys.json"))
    for _try in range(2):
        with pytest.raises(KeyStoreError):
            sealer.seal("x", place=PLACE)


def test_a_key_that_is_not_read_back_seals_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the reading back: a disk that lies would cost every secret."""
    store = KeyStore(file)
    old = store.current()
    good = file.read_bytes()
    monkeypatch.setattr("core.security.keys.key_file.write_atomically", lambda *_a: None)
    with pytest.raises(KeyStoreError, match="read back"):
        store.make()
    assert file.read_bytes() == good
    assert store.current() == old


# First keys, new keys, several windows


def test_windows_that_need_the_first_key_at_once_agree(file: Path) -> None:
    """Fails without the lock, or when a key is made of what was read before it was taken."""
    stores = [KeyStore(file) for _i in range(8)]
    for store in stores:
        assert store.find("0" * 16) is None
    barrier = threading.Barrier(len(stores))

    def first(store: KeyStore) -> Key:
        barrier.wait()
        return store.current(wait_s=30)

    with ThreadPoolExecutor(len(stores)) as pool:
        keys = set(pool.map(first, stores))
    assert len(keys) == 1
    assert len(KeyStore(file).held().keys) == 1


def test_a_new_key_seals_in_every_window_from_then_on(file: Path) -> None:
    """Fails without the counter beside the file: others go on with what they know."""
    for keyring, wish in ((None, KeyStorage.FILE), (FakeKeyring(), KeyStorage.KEYRING)):
        one, two = (store_of(file, keyring, wish) for _i in range(2))
        old = one.current()
        assert two.current() == old
        new = one.make()
        assert two.current() == one.current() == new != old
        assert two.find(old.id) == old
        file.unlink(missing_ok=True)


def test_a_lying_entry_does_not_hide_the_key_itself(file: Path) -> None:
    key, other = Key.make(), Key.make()
    liar = replace(other, id=key.id)
    file.write_text(json.dumps(encode_keys((liar, other))))
    file.chmod(0o600)
    store = KeyStore(file)
    with pytest.raises(WrongKeyError):
        store.find(key.id)
    assert store.take((key,)) == 1
    assert store.find(key.id) == key
    assert store.current() == other
    assert liar in store.held().keys


# The keyring


def test_the_keyring_is_taken_where_there_is_one_and_that_is_remembered(file: Path) -> None:
    """Fails when ``ask`` stays: a keyring locked tomorrow would bring a second first key."""
    keyring, wish = FakeKeyring(), Wish(KeyStorage.ASK)
    key = store_of(file, keyring, wish).current()
    assert wish.storage is KeyStorage.KEYRING
    assert not file.exists()
    assert base64.b64encode(key.secret).decode() in "".join(keyring.entries.values())
    assert store_of(file, keyring, wish).current() == key


def test_many_keys_fit_into_small_entries(file: Path) -> None:
    """Fails (an entry of more than 1,280 letters) when all keys are kept in one entry."""
    keyring = FakeKeyring()
    store = store_of(file, keyring, KeyStorage.KEYRING)
    made = [store.make() for _i in range(30)]
    assert store_of(file, keyring, KeyStorage.KEYRING).held().keys == tuple(made)


def test_without_keyring_and_consent_nothing_is_made(file: Path) -> None:
    """Fails when a file is written without being asked."""
    store = store_of(file, None)
    for call in (store.current, store.make, lambda: store.take((Key.make(),))):
        with pytest.raises(KeyConsentNeededError) as told:
            call()
        error = told.value
        assert str(file) in error.detail
        assert "BUILDBENCH_KEY_STORAGE" in error.hint
    assert not file.exists()


def test_a_file_that_is_there_was_agreed_to(file: Path) -> None:
    key = KeyStore(file).current()
    keyring = FakeKeyring()
    store = store_of(file, keyring)
    assert store.current() == key
    assert keyring.calls == 0


@pytest.mark.parametrize("storage", [KeyStorage.ASK, KeyStorage.KEYRING])
def test_a_keyring_that_fails_is_told_and_nothing_is_made_elsewhere(
    file: Path, storage: KeyStorage
) -> None:
    keyring = FakeKeyring()
    keyring.error = RuntimeError("Failed to unlock the collection!")
    with pytest.raises(AppError) as told:
        store_of(file, keyring, storage).current()
    told_why = getattr(told.value, "why", "") + told.value.as_text()
    assert "Failed to unlock the collection!" in told_why
    assert not file.exists()
    assert not keyring.entries


def test_a_keyring_that_forgets_is_found_out(file: Path) -> None:
    """Fails without the reading back."""
    keyring = FakeKeyring()
    keyring.forgets = True
    with pytest.raises(KeyStoreError) as told:
        store_of(file, keyring, KeyStorage.KEYRING).current()
    assert "did not keep" in told.value.detail


@pytest.mark.expected_log("is no key")
def test_a_damaged_entry_costs_no_other_key(file: Path) -> None:
    keyring = FakeKeyring()
    store = store_of(file, keyring, KeyStorage.KEYRING)
    one, two = store.make(), store.make()
    names = json.loads(keyring.entries[SERVICE, LIST])["names"]
    keyring.entries[SERVICE, names[0]] = "damaged"
    again = store_of(file, keyring, KeyStorage.KEYRING)
    assert again.find(two.id) == two
    assert again.find(one.id) is None
    keyring.entries[SERVICE, LIST] = "damaged"
    with pytest.raises(KeyStoreError):
        store_of(file, keyring, KeyStorage.KEYRING).current()


def test_a_keyring_that_hangs_is_given_up_and_asked_once(file: Path) -> None:
    """Fails (never ends) when the keyring is asked on the thread that needs the key."""
    keyring = FakeKeyring()
    keyring.gate.clear()
    store = store_of(file, keyring, KeyStorage.KEYRING)
    try:
        for _try in range(3):
            with pytest.raises(KeyStoreError) as told:
                store.current(wait_s=0.05)
            assert "in time" in told.value.detail
        problem = store.held(anew=True).problem
        assert problem is not None
        assert "earlier question" in problem.detail
        assert keyring.calls == 1
    finally:
        keyring.gate.set()


def test_closing_waits_for_no_keyring() -> None:
    keyring = FakeKeyring()
    keyring.gate.clear()
    system = SystemKeyring(lambda: keyring)
    try:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(lambda: system.get("a", "b", wait_s=60))
            while not keyring.calls:
                pass
            system.close()
            with pytest.raises(AppError):
                asked.result(10)
    finally:
        keyring.gate.set()


def test_null_and_plain_text_keyrings_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when whatever the library offers is taken: passwords would lie in plain text."""
    import keyring
    from keyring.backends import chainer, fail, null

    plain = type("PlaintextKeyring", (FakeKeyring,), {"__module__": "keyrings.alt.file"})()
    chain = chainer.ChainerBackend()  # type: ignore[no-untyped-call]
    nothing: list[object] = [fail.Keyring(), null.Keyring()]  # type: ignore[no-untyped-call]
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain, *nothing])
    for backend in (*nothing, plain, chain):
        monkeypatch.setattr(keyring, "get_keyring", lambda backend=backend: backend)
        with pytest.raises(AppError) as told:
            SystemKeyring().check()
        assert "no keyring" in told.value.detail
    good = FakeKeyring()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain, good])
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    system = SystemKeyring()
    system.set("service", "name", "value")
    assert good.entries == {("service", "name"): "value"}
    system.delete("service", "name")
    system.delete("service", "name")
    assert system.get("service", "name") is None


# Moving


@pytest.mark.parametrize("target", [KeyStorage.KEYRING, KeyStorage.FILE])
def test_moving_keeps_every_key_and_the_one_that_seals(file: Path, target: KeyStorage) -> None:
    keyring = FakeKeyring()
    start = KeyStorage.FILE if target is KeyStorage.KEYRING else KeyStorage.KEYRING
    wish = Wish(start)
    store = store_of(file, keyring, wish)
    keys = [store.make() for _i in range(3)]
    store.move(target)
    assert wish.storage is target
    assert store.held().at_home == tuple(keys)
    assert store.current() == keys[-1]
    assert file.exists() == (target is KeyStorage.FILE)
    assert bool(keyring.entries) == (target is KeyStorage.KEYRING)
    store.move(start)
    assert store.held().at_home == tuple(keys)


class CutError(Exception):
    """The process dies here: nothing that it does afterwards comes about."""


@pytest.mark.parametrize("target", [KeyStorage.KEYRING, KeyStorage.FILE])
def test_a_move_cut_off_anywhere_loses_no_key(
    file: Path, target: KeyStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when keys are removed before they are kept elsewhere, or before the wish is."""
    start = KeyStorage.FILE if target is KeyStorage.KEYRING else KeyStorage.KEYRING
    for step in range(60):
        file.unlink(missing_ok=True)
        keyring, wish = FakeKeyring(), Wish(start)
        store = store_of(file, keyring, wish)
        keys = [store.make() for _i in range(3)]
        steps = iter(range(step))

        def cut_off(steps: object = steps) -> None:
            if next(steps, None) is None:  # type: ignore[call-overload]
                raise CutError

        with monkeypatch.context() as patch:
            _before_each_step(patch, keyring, wish, cut_off)
            try:
                store.move(target)
                finished = True
            except (CutError, AppError):
                finished = False
        again = store_of(file, keyring, wish)
        assert all(again.find(key.id) == key for key in keys)
        assert again.current() == keys[-1]
        again.move(target)
        assert again.held().at_home == tuple(keys)
        assert file.exists() == (target is KeyStorage.FILE)
        assert bool(keyring.entries) == (target is KeyStorage.KEYRING)
        if finished:
            assert step > 5
            return
    raise AssertionError("the move never came to its end")


def _before_each_step(
    patch: pytest.MonkeyPatch, keyring: FakeKeyring, wish: Wish, step: object
) -> None:
    def before(owner: object, name: str) -> None:
        whole = getattr(owner, name)

        def stepped(*args: object, **kwargs: object) -> object:
            assert callable(step)
            step()
            return whole(*args, **kwargs)

        patch.setattr(owner, name, stepped)

    before(keyring, "set_password")
    before(keyring, "delete_password")
    before(keyring, "_answer")
    patch.setattr(wish, "keep", wish.keep)
    before(Path, "unlink")
    before(Path, "replace")


def test_a_wish_that_cannot_be_kept_leaves_the_keys_in_both_places(file: Path) -> None:
    keyring, wish = FakeKeyring(), Wish(KeyStorage.FILE)
    store = store_of(file, keyring, wish)
    key = store.current()
    wish.error = AppError("The settings could not be saved.")
    with pytest.raises(AppError, match="settings"):
        store.move(KeyStorage.KEYRING)
    assert file.exists()
    assert store.current() == key


def test_moving_to_a_keyring_that_fails_changes_nothing(file: Path) -> None:
    wish = Wish(KeyStorage.FILE)
    store = store_of(file, None, wish)
    key = store.current()
    with pytest.raises(KeyStoreError):
        store.move(KeyStorage.KEYRING)
    assert wish.storage is KeyStorage.FILE
    assert store_of(file, None, wish).current() == key


def test_a_file_can_be_chosen_where_there_is_no_keyring(file: Path) -> None:
    wish = Wish(KeyStorage.ASK)
    store = store_of(file, None, wish)
    store.move(KeyStorage.FILE)
    assert wish.storage is KeyStorage.FILE
    assert not file.exists()
    assert store.current().genuine
    wish.storage = KeyStorage.KEYRING
    with pytest.raises(KeyStoreError):
        store.move(KeyStorage.FILE)
    assert wish.storage is KeyStorage.KEYRING


def test_a_missing_key_is_missing_in_every_place(file: Path) -> None:
    for keyring, wish in ((FakeKeyring(), KeyStorage.KEYRING), (None, KeyStorage.FILE)):
        sealer = Sealer(store_of(file, keyring, wish))
        foreign = Sealer(KeyStore(file.with_name("foreign.json"))).seal("x", place=PLACE)
        with pytest.raises(MissingKeyError):
            sealer.open(foreign, place=PLACE)
