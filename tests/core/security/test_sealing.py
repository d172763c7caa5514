"""Sealed values and the keys that open them."""

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.security.keys import KeyStore, KeyStoreError
from core.security.sealing import DecryptError, MissingKeyError, Sealer, TamperedError

PLACE = "projects.secrets.TOKEN.3e0f"


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    """Return a sealer with keys of its own."""
    return Sealer(KeyStore(tmp_path / "keys.json"))


@given(st.text(), st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_round_trip(sealer: Sealer, text: str, place: str) -> None:
    sealed = sealer.seal(text, place=place)
    assert sealer.open(sealed, place=place) == text
    assert sealed != sealer.seal(text, place=place)


def test_each_changed_letter_is_an_error(sealer: Sealer) -> None:
    for text in ("secret", "secrets", "longer secret"):
        sealed = sealer.seal(text, place=PLACE)
        for index, letter in enumerate(sealed):
            for other in ("A", "Z", "1", "=", ":", chr(ord(letter) ^ 1)):
                if other != letter:
                    changed = sealed[:index] + other + sealed[index + 1 :]
                    with pytest.raises(DecryptError):
                        sealer.open(changed, place=PLACE)


@pytest.mark.parametrize("sealed", ["", "1", "1:1", "1:1:", "2:1:AAAA", "1:1:A", "text", "::"])
def test_what_was_never_sealed(sealer: Sealer, sealed: str) -> None:
    sealer.seal("x", place=PLACE)
    with pytest.raises(DecryptError):
        sealer.open(sealed, place=PLACE)


def test_value_moved_to_another_place(sealer: Sealer) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    with pytest.raises(TamperedError):
        sealer.open(sealed, place=PLACE + "0")


def test_missing_and_other_keys_are_told_apart(sealer: Sealer, tmp_path: Path) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    with pytest.raises(MissingKeyError):
        Sealer(KeyStore(tmp_path / "elsewhere.json")).open(sealed, place=PLACE)
    other = Sealer(KeyStore(tmp_path / "other.json"))
    other.seal("makes a key", place=PLACE)
    with pytest.raises(TamperedError):
        other.open(sealed, place=PLACE)


def test_key_file_is_private_and_holds(sealer: Sealer, tmp_path: Path) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    again = Sealer(KeyStore(tmp_path / "keys.json"))
    assert again.open(sealed, place=PLACE) == "secret"


def test_two_windows_never_replace_each_others_key(tmp_path: Path) -> None:
    """Fails when a key is made from what was read before another window made one."""
    first, second = (KeyStore(tmp_path / "keys.json") for _i in range(2))
    assert first.find("1") is None
    assert second.find("1") is None
    sealed = Sealer(first).seal("secret", place=PLACE)
    assert Sealer(second).open(sealed, place=PLACE) == "secret"
    assert second.current() == first.current()


def test_newest_key_seals(tmp_path: Path) -> None:
    keys = {str(n): base64.b64encode(os.urandom(32)).decode() for n in (2, 10)}
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    assert Sealer(KeyStore(tmp_path / "keys.json")).seal("x", place=PLACE).startswith("1:10:")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "3", "{", '{"a": "b"}', '{"1": 5}', '{"1": "c2hvcnQ="}', '{"1": null}', "\0",
     '{"1": "%%%"}', "[" * 100_000],
)  # fmt: skip
def test_damaged_key_file_is_told_and_kept(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(KeyStoreError) as caught:
        Sealer(KeyStore(tmp_path / "keys.json")).seal("x", place=PLACE)
    assert "keys.json" in caught.value.detail
    assert (tmp_path / "keys.json").read_text() == content


def test_key_that_cannot_be_saved_seals_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sealer = Sealer(KeyStore(tmp_path / "file" / "keys.json"))
    for _try in range(2):
        with pytest.raises(KeyStoreError):
            sealer.seal("x", place=PLACE)
