"""The command line: what it takes, and clear words for what it does not."""

from pathlib import Path

import pytest

from desktop.arguments import Arguments, parse


def test_nothing_is_asked_for() -> None:
    assert parse([]) == Arguments()


def test_a_database_becomes_an_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.db").touch()
    monkeypatch.chdir(tmp_path)
    assert parse(["x.db"]).database == tmp_path / "x.db"


def test_each_option_is_taken(tmp_path: Path) -> None:
    assert parse(["--demo"]).demo
    assert parse(["--new", str(tmp_path / "n.db")]).new == tmp_path / "n.db"
    assert parse(["--tour", str(tmp_path)]).tour == tmp_path
    assert parse(["--reset-admin"]).reset_admin == ()
    assert parse(["--reset-admin", "x.db"]).reset_admin == ("x.db",)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nowhere.db"], "there is no file"),
        (["n" * 300], "there is no file"),
        (["--new", "{there}"], "is there already"),
        (["--new", ""], "invalid path"),
        (["--demo", "--new", "n.db"], "only one of"),
        (["--demo", "{there}"], "only one of"),
        (["--reset-admin", "x.db", "--demo"], "only one of"),
        (["--fast"], "unrecognized arguments: --fast"),
        (["--new"], "expected one argument"),
    ],
)
def test_what_is_wrong_is_told(
    words: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.db"
    there.touch()
    with pytest.raises(SystemExit) as left:
        parse([word.replace("{there}", str(there)) for word in words])
    assert left.value.code == 2
    assert complaint in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("Buildbench 0.")
