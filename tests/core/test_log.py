"""What the program writes about itself, and what it must not."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import log

pytestmark = pytest.mark.expected_log("")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give a log file that is written."""
    path = tmp_path / "logs" / "x.log"
    level = logging.getLogger().level
    log.start(path, "info")
    yield path
    log.stop()
    logging.getLogger().setLevel(level)


def _written(file: Path) -> str:
    log.stop()
    return "".join(path.read_text("utf-8") for path in sorted(file.parent.iterdir()))


def test_lines_name_level_and_origin(file: Path) -> None:
    logging.getLogger("core.x").info("Hello %s", "wörld")
    logging.getLogger("core.x").debug("Too quiet")
    text = _written(file)
    assert "INFO core.x: Hello wörld" in text
    assert "Too quiet" not in text


def test_secrets_never_reach_the_file_nor_the_terminal(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    log.start(file, "info")  # again, with the terminal of this test
    secret = "correct horse battery"
    log.hide(secret)
    log.hide("short")
    logger = logging.getLogger("core.x")
    logger.warning("message %s", secret)
    logger.warning("https://someone:pa55word@example.org/x and short")
    try:
        int(secret)
    except ValueError:
        logger.exception("failed")
    text = _written(file)
    shown = capsys.readouterr().err
    for words in (text, shown):
        assert secret not in words
        assert "pa55word" not in words
        assert "https://********@example.org/x and short" in words
    assert "Traceback" in text
    assert text.count(log.MASK) == 3


def test_line_that_cannot_be_written_is_not_shown_as_it_is(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_handler: object, _record: object) -> str:
        raise OSError

    monkeypatch.setattr(log._RedactingFormatter, "format", fail)
    log.start(file, "info")
    logging.getLogger("core.x").warning("a secret, perhaps")
    log.stop()
    assert capsys.readouterr().err == ""


def test_longest_secret_first() -> None:
    log.hide("abcdef")
    log.hide("abcdefghij")
    assert log.redact("abcdefghij abcdef") == f"{log.MASK} {log.MASK}"


def test_rotation_keeps_a_few_files(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.stop()
    monkeypatch.setattr(log, "MAX_BYTES", 2_000)
    log.start(file, "info")
    for number in range(400):
        logging.getLogger("core.x").info("line %d", number)
    log.stop()
    files = sorted(file.parent.iterdir())
    assert [path.name for path in files] == ["x.log", "x.log.1", "x.log.2", "x.log.3"]
    assert all(path.stat().st_size <= 2_000 for path in files)
    assert "line 399" in file.read_text()


def test_starting_twice_leaves_one_thread(file: Path) -> None:
    before = threading.active_count()
    log.start(file, "debug")
    assert threading.active_count() == before
    logging.getLogger("core.x").debug("once")
    assert _written(file).count("once") == 1
    log.stop()
