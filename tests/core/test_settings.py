"""The settings of this machine."""

import json
from pathlib import Path

import pytest

from core.paths import UserFolders
from core.settings import Appearance, Settings, SettingsError, SettingsStore, load_settings


@pytest.fixture
def folders() -> UserFolders:
    """Return the folders of this test."""
    found = UserFolders.of_this_user()
    found.create()
    return found


def test_defaults_without_a_file(folders: UserFolders) -> None:
    assert load_settings().current == Settings()
    assert not folders.settings_file.exists()


def test_change_is_kept(folders: UserFolders) -> None:
    store = load_settings()
    assert store.change(log_cap_mib=7, appearance="dark").log_cap_mib == 7
    again = load_settings()
    assert (again.current.log_cap_mib, again.current.appearance) == (7, Appearance.DARK)


def test_environment_wins_and_is_not_kept(
    folders: UserFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when a change writes down what only the environment said."""
    load_settings().change(log_cap_mib=7)
    monkeypatch.setenv("BUILDBENCH_LOG_CAP_MIB", "3")
    store = load_settings()
    assert store.current.log_cap_mib == 3
    store.change(language="de")
    monkeypatch.delenv("BUILDBENCH_LOG_CAP_MIB")
    again = load_settings().current
    assert (again.log_cap_mib, again.language) == (7, "de")


@pytest.mark.parametrize("value", [0, 1024 * 1024 + 1, -1, "many", None, 2.5])
def test_value_outside_its_limits(folders: UserFolders, value: object) -> None:
    store = load_settings()
    with pytest.raises(SettingsError, match="log_cap_mib"):
        store.change(log_cap_mib=value)
    assert store.current.log_cap_mib == 1024
    assert not folders.settings_file.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b'{"log_cap_mib": 0}',
     b'{"log_level": "loud"}', b"[" * 100_000],
)  # fmt: skip
def test_unreadable_file_is_told_and_kept(folders: UserFolders, content: bytes) -> None:
    folders.settings_file.write_bytes(content)
    store = SettingsStore(folders)
    with pytest.raises(SettingsError) as caught:
        store.load()
    assert str(folders.settings_file) in caught.value.detail
    assert caught.value.hint
    assert store.current == Settings()
    assert folders.settings_file.read_bytes() == content


def test_unknown_settings_are_left_out(folders: UserFolders) -> None:
    folders.settings_file.write_text(json.dumps({"from_the_future": 1, "language": "fr"}))
    assert load_settings().current.language == "fr"


def test_variable_that_makes_no_sense_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDBENCH_LOG_CAP_MIB", "many")
    store = SettingsStore(UserFolders.of_this_user())
    with pytest.raises(SettingsError, match="BUILDBENCH_LOG_CAP_MIB"):
        store.load()
    assert store.current.log_cap_mib == 1024


def test_change_that_cannot_be_written(home: Path, folders: UserFolders) -> None:
    store = load_settings()
    folders.config.rmdir()
    folders.config.touch()
    with pytest.raises(SettingsError, match="could not be saved"):
        store.change(language="de")
    assert store.current.language == ""
