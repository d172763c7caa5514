"""Sealed values: what opens, what does not, and how that is told apart."""

import base64
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.security.keys import KeyStore
from core.security.keys.key import Key, encode_keys
from core.security.sealing import (
    DecryptError,
    KeysUnreachableError,
    MissingKeyError,
    Sealed,
    Sealer,
    TamperedError,
    WrongKeyError,
    place_of,
)
from core.settings import KeyStorage
from tests.core.security.keyrings import FakeKeyring, store_of

PLACE = place_of("users", "note", "3e0f")


def keep(file: Path, content: object) -> None:
    """Write a key file as the program would."""
    file.write_text(json.dumps(content))
    file.chmod(0o600)


def seal_in_first_format(secret: bytes, number: str, text: str, place: str) -> Sealed:
    nonce = os.urandom(12)
    sealed = AESGCM(secret).encrypt(nonce, text.encode(), place.encode())
    return Sealed(f"1:{number}:{base64.b64encode(nonce + sealed).decode()}")


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    """Return a sealer with keys of its own."""
    return Sealer(KeyStore(tmp_path / "keys.json"))


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_round_trip(sealer: Sealer, text: str, place: str) -> None:
    """Any text, halves of surrogates included; never the same twice."""
    sealed = sealer.seal(text, place=place)
    assert sealer.open(sealed, place=place) == text
    assert sealed != sealer.seal(text, place=place)
    assert text not in sealed.stored or len(text) < 4


def test_every_changed_letter_is_an_error(sealer: Sealer) -> None:
    """Fails without the check of the meaningless last bits, or with the version unbound."""
    for text in ("", "secret", "secrets", "longer secret"):
        stored = sealer.seal(text, place=PLACE).stored
        for index, letter in enumerate(stored):
            for other in ("A", "Z", "1", "2", "=", ":", "é", chr(ord(letter) ^ 1)):
                if other != letter:
                    changed = stored[:index] + other + stored[index + 1 :]
                    with pytest.raises(DecryptError):
                        sealer.open(Sealed(changed), place=PLACE)


def test_every_flipped_byte_of_the_ciphertext_is_found(sealer: Sealer) -> None:
    """Fails when a byte is left out of what is authenticated (CTR instead of GCM)."""
    head, _colon, encoded = sealer.seal("a secret note", place=PLACE).stored.rpartition(":")
    raw = base64.b64decode(encoded)
    for index in range(len(raw)):
        for bit in (1, 0x80, 0xFF):
            flipped = raw[:index] + bytes([raw[index] ^ bit]) + raw[index + 1 :]
            changed = f"{head}:{base64.b64encode(flipped).decode()}"
            with pytest.raises(TamperedError):
                sealer.open(Sealed(changed), place=PLACE)
    for length in range(len(raw)):
        changed = f"{head}:{base64.b64encode(raw[:length]).decode()}"
        with pytest.raises(TamperedError):
            sealer.open(Sealed(changed), place=PLACE)


@pytest.mark.parametrize(
    "stored",
    ["", "1", "1:1", "1:1:", "2:1:AAAA", "1:1:A", "text", "::", "2::", "3:1:AAAA", "None",
     "2:0123456789abcdeg:AAAA", "1:²:AAAA"],
)  # fmt: skip
def test_what_was_never_sealed(sealer: Sealer, stored: str) -> None:
    sealer.seal("x", place=PLACE)
    with pytest.raises(DecryptError):
        sealer.open(Sealed(stored), place=PLACE)


def test_values_swapped_between_places_do_not_open(sealer: Sealer) -> None:
    """Fails when the place, or a part of it, is not authenticated."""
    places = [
        place_of(table, column, uid)
        for table in ("users", "projects")
        for column in ("note", "secrets.A", "secrets.B")
        for uid in ("1", "2")
    ]
    sealed = {place: sealer.seal(f"of {place}", place=place) for place in places}
    for own in places:
        for other in places:
            if own == other:
                assert sealer.open(sealed[own], place=own) == f"of {own}"
            else:
                with pytest.raises(TamperedError):
                    sealer.open(sealed[own], place=other)


@given(*[st.lists(st.text("ab.%2e", max_size=4), min_size=3, max_size=3)] * 2)
def test_places_are_one_only_when_all_their_parts_are(one: list[str], two: list[str]) -> None:
    """Fails when a dot in a ``uid`` is taken as it is: a.b + c is a + b.c."""
    assert (place_of(*one) == place_of(*two)) == (one == two)


def test_wrong_missing_and_changed_are_told_apart(tmp_path: Path) -> None:
    """Fails when a key is believed to be what its name says."""
    file = tmp_path / "keys.json"
    store = KeyStore(file)
    sealed = Sealer(store).seal("secret", place=PLACE)
    key = store.current()
    with pytest.raises(MissingKeyError) as missing:
        Sealer(KeyStore(tmp_path / "elsewhere.json")).open(sealed, place=PLACE)
    other = Sealer(KeyStore(tmp_path / "other.json"))
    other.seal("makes a key", place=PLACE)
    with pytest.raises(MissingKeyError):
        other.open(sealed, place=PLACE)
    keep(file, encode_keys((replace(Key.make(), id=key.id),)))
    with pytest.raises(WrongKeyError) as wrong:
        Sealer(store).open(sealed, place=PLACE)
    with pytest.raises(WrongKeyError):
        Sealer(store).seal("never sealed with it", place=PLACE)
    keep(file, encode_keys((key,)))
    assert Sealer(store).open(sealed, place=PLACE) == "secret"
    with pytest.raises(TamperedError) as changed:
        Sealer(store).open(sealed, place=PLACE + "0")
    errors = (missing.value, wrong.value, changed.value)
    assert len({error.title for error in errors}) == 3
    assert len({error.hint for error in errors}) == 3
    assert key.id in missing.value.detail
    assert all("secret" not in error.as_text() for error in errors)


def test_first_format_is_still_opened(tmp_path: Path) -> None:
    """And new values are sealed with the fingerprint of its newest key."""
    secrets = {number: os.urandom(32) for number in ("2", "10")}
    keep(
        tmp_path / "keys.json",
        {number: base64.b64encode(secret).decode() for number, secret in secrets.items()},
    )
    store = KeyStore(tmp_path / "keys.json")
    sealer = Sealer(store)
    for number, secret in secrets.items():
        sealed = seal_in_first_format(secret, number, "old", PLACE)
        assert sealer.open(sealed, place=PLACE) == "old"
        assert not sealer.is_current(sealed)
        with pytest.raises(TamperedError):
            sealer.open(sealed, place=PLACE + "0")
    with pytest.raises(MissingKeyError):
        sealer.open(seal_in_first_format(secrets["2"], "3", "old", PLACE), place=PLACE)
    assert store.current().secret == secrets["10"]
    new = sealer.seal("new", place=PLACE)
    assert new.stored.startswith(f"2:{store.current().id}:")
    store.make()
    assert [key.number for key in store.held().keys] == ["2", "10", ""]
    assert sealer.open(new, place=PLACE) == "new"
    again = Sealer(KeyStore(tmp_path / "keys.json"))
    for number, secret in secrets.items():
        sealed = seal_in_first_format(secret, number, "old", PLACE)
        assert again.open(sealed, place=PLACE) == "old"


def test_a_value_cannot_be_taken_back_to_the_first_format(tmp_path: Path) -> None:
    """Fails when the version is not authenticated."""
    secret = os.urandom(32)
    keep(tmp_path / "keys.json", {"1": base64.b64encode(secret).decode()})
    sealer = Sealer(KeyStore(tmp_path / "keys.json"))
    _version, _key, encoded = sealer.seal("secret", place=PLACE).stored.split(":")
    with pytest.raises(TamperedError):
        sealer.open(Sealed(f"1:1:{encoded}"), place=PLACE)


async def test_many_values_ask_the_keyring_once(tmp_path: Path) -> None:
    """Fails when each value looks its key up in the keyring."""
    keyring = FakeKeyring()
    sealer = Sealer(store_of(tmp_path / "keys.json", keyring, KeyStorage.KEYRING))
    await sealer.ready(to_seal=True)
    sealed = [sealer.seal(f"note {i}", place=PLACE) for i in range(100)]
    asked = keyring.calls
    assert asked < 15
    await sealer.ready(to_open=sealed)
    assert [sealer.open(one, place=PLACE) for one in sealed] == [
        f"note {i}" for i in range(100)
    ]
    assert keyring.calls == asked


async def test_values_wait_while_the_keyring_is_locked(tmp_path: Path) -> None:
    keyring = FakeKeyring()
    wish = KeyStorage.KEYRING
    sealed = Sealer(store_of(tmp_path / "keys.json", keyring, wish)).seal("x", place=PLACE)
    keyring.error = RuntimeError("the collection is locked")
    sealer = Sealer(store_of(tmp_path / "keys.json", keyring, wish))
    await sealer.ready(to_open=[sealed])
    with pytest.raises(KeysUnreachableError, match="keyring") as told:
        sealer.open(sealed, place=PLACE)
    assert "locked" in told.value.detail
    keyring.error = None
    await sealer.ready(to_open=[sealed])
    assert sealer.open(sealed, place=PLACE) == "x"
