"""The window killed as a crash would, while builds go on; nothing is lost or done twice."""

from pathlib import Path

from tests.journeys.conftest import Make, Start
from tests.journeys.facts import Build, Facts, digest
from tests.journeys.program import carriers
from tests.waiting import eventually

_LINES = 20_000
# So many are printed, as the window writes it, before the test lets the build go on.
_HALF = "10,100"
# Generous, for machines that are shared; what is aimed at is 3 s.
_USABLE_S = 60.0

# Prints, and keeps what it printed in a file of its own; says in a third that it ran. The
# second half waits until the test allows it.
_PRINT = f"""
import os, sys, time
number = os.environ["BUILDBENCH_NUMBER"]
with open("ran", "a") as ran, open("own." + number, "w") as own:
    ran.write(number + "\\n")
    for start in range(0, {_LINES}, 100):
        text = "".join(f"{{i:06d}} {{'x' * 80}}\\n" for i in range(start, start + 100))
        for file in (own, sys.stdout):
            file.write(text)
            file.flush()
        time.sleep(0.01)
        while start >= {_LINES} / 2 and not os.path.exists("go"):
            time.sleep(0.02)
sys.exit(5)
"""


def _printing(folder: Path) -> dict[str, str]:
    (folder / "print.py").write_text(_PRINT)
    return {"printing": "python3 print.py"}


def test_killed_and_started_again_while_a_build_goes_on(
    start: Start, workspace: Make, tmp_path: Path
) -> None:
    """Fails when a start does not take up running builds: "running" for ever.

    Also when the place in the spool is not committed with the lines: some come twice.
    """
    facts = workspace(_printing(tmp_path))
    first = start(facts.database)
    first.click("Run build")
    eventually(lambda: first.log_in_sight()["lines"] > 500, "lines on the screen")
    eventually(lambda: _chunks(facts) > 1, "some of the log to be stored")
    first.kill()
    (build,) = facts.builds()
    assert build.state == "running"
    assert carriers(build.uid)

    second = start(facts.database)
    eventually(lambda: second.log_in_sight()["lines"] > 500, "the log on the screen", _USABLE_S)
    assert facts.builds()[0].state == "running"
    (tmp_path / "go").touch()
    _assert_whole(facts.wait_ended(), facts, tmp_path)
    eventually(lambda: second.log_in_sight()["lines"] == _LINES, "all lines on the screen")
    assert second.log_in_sight()["following"]
    second.wait_shows("Failed")


def test_killed_and_started_again_after_the_build_ended(
    start: Start, workspace: Make, tmp_path: Path
) -> None:
    """Fails when ``result.json`` of a build that ended alone is not asked: it is "lost"."""
    facts = workspace(_printing(tmp_path))
    first = start(facts.database)
    first.click("Run build")
    eventually((tmp_path / "own.1").exists, "the first lines")
    first.kill()
    (tmp_path / "go").touch()
    (build,) = facts.builds()
    eventually(lambda: not carriers(build.uid), "the build to end alone")
    second = start(facts.database)
    _assert_whole(facts.wait_ended(), facts, tmp_path)
    eventually(lambda: second.log_in_sight()["lines"] == _LINES, "all lines on the screen")


def test_two_windows_and_the_leading_one_is_killed(
    start: Start, workspace: Make, tmp_path: Path
) -> None:
    """Fails when the other waits for the end of the lease, or does not ask who leads.

    Also when the window that does not lead counts no lines in the list of builds.

    (Nothing takes over within the patience; both start what is queued, and ``ran`` says so.)
    """
    facts = workspace(_printing(tmp_path))
    leading = start(facts.database)
    eventually(lambda: facts.leader() == leading.pid, "the first window to lead")
    other = start(facts.database)
    other.wait_usable("Run build")
    other.press("ctrl+r")
    for window in (leading, other):
        eventually(lambda w=window: w.log_in_sight()["lines"] > 500, "the log in both windows")  # type: ignore[misc]
        eventually(lambda w=window: _HALF in w.see("items"), "lines beside the build")  # type: ignore[misc]
    assert facts.leader() == leading.pid
    other.press("ctrl+r")
    eventually(lambda: len(facts.builds()) == 2, "a second build in the queue")
    eventually(lambda: _chunks(facts) > 1, "some of the log to be stored")
    leading.kill()
    assert [build.state for build in facts.builds()] == ["running", "pending"]
    eventually(lambda: facts.leader() == other.pid, "the other window to lead")
    (tmp_path / "go").touch()
    _assert_whole(facts.wait_ended(2), facts, tmp_path)
    assert (tmp_path / "ran").read_text().split() == ["1", "2"]
    eventually(lambda: other.log_in_sight()["lines"] == _LINES, "all lines on the screen")


def _chunks(facts: Facts) -> int:
    return int(facts.rows("SELECT count(*) FROM build_log_chunks")[0][0])


def _assert_whole(builds: list[Build], facts: Facts, folder: Path) -> None:
    for build in builds:
        own = (folder / f"own.{build.number}").read_bytes()
        assert (build.state, build.exit_code) == ("failed", 5)
        assert build.log_lines == _LINES == own.count(b"\n")
        assert build.log_bytes == len(own)
        assert digest(facts.log(build)) == digest(own)
        assert not carriers(build.uid)
