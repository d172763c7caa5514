"""What a terminal is told, which must never be what it obeys."""

import pytest

from core.builds.terminal.printing import Printer


def test_what_is_said_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """Seen to write all of it: names and reasons may come from a stranger's workspace."""
    Printer(quiet=True).tell("\x1b]0;title\x07a\x1b[2Jb\rc\x9b1m“ü”\td\ne")
    assert capsys.readouterr().err == "abc1m“ü”\td\ne\n"
