"""Steps before and after the command, by the real supervisor."""

import os
import signal
import struct
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.core.builds.conftest import Build

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches /proc")

RESULT = 'echo "after $BUILDBENCH_RESULT"'


def names(build: "Build") -> list[str]:
    """Return what the supervisor had to say, by name."""
    return [event["event"] for event in build.events()]


def test_all_run_in_order_in_one_folder_and_environment(build: "Build") -> None:
    result = build.run(
        "seq 1 99999; echo command $PLAIN",
        before_steps=["echo $PWD; seq 1 99999", "echo second $PLAIN"],
        after_steps=[RESULT, "pwd"],
    )
    assert (result["outcome"], result["exit_code"], result["step"]) == ("exited", 0, None)
    numbers = "".join(f"{i}\n" for i in range(1, 100_000))
    assert build.output().decode() == (
        f"{build.work}\n{numbers}second plain value\n{numbers}command plain value\n"
        f"after success\n{build.work}\n"
    )
    told = [(e["kind"], e["number"], e["of"], e["text"]) for e in build.events()]
    assert told == [
        ("before", 1, 2, "echo $PWD; seq 1 99999"),
        ("before", 2, 2, "echo second $PLAIN"),
        ("command", 1, 1, "seq 1 99999; echo command $PLAIN"),
        ("after", 1, 2, RESULT),
        ("after", 2, 2, "pwd"),
    ]
    sources = [source for source, _frames in groupby(f.source for f in build.frames())]
    assert sources == [1, 0] * 5


def test_a_failing_step_before_skips_the_command(build: "Build") -> None:
    """Failed against a version that went on, and one that skipped the steps after as well."""
    result = build.run(
        "touch ran",
        before_steps=["exit 4", "touch ran"],
        after_steps=[RESULT],
    )
    assert (result["outcome"], result["exit_code"]) == ("exited", 4)
    assert result["step"] == {"kind": "before", "number": 1, "of": 2}
    assert not (build.work / "ran").exists()
    assert build.output() == b"after failed\n"
    assert names(build) == ["step", "step_failed", "step"]


def test_a_failing_preliminary_step_skips_all(build: "Build") -> None:
    """Nothing was set up, so there is nothing to tidy; its program is run without a shell."""
    checkout = {"kind": "checkout", "argv": ["/bin/sh", "-c", "pwd; exit 3"], "directory": "/"}
    result = build.run(
        "touch ran",
        directory=str(build.work / "not there yet"),
        preliminary=[checkout],
        before_steps=["touch ran"],
        after_steps=["touch ran"],
    )
    assert (result["exit_code"], result["step"]["kind"]) == (3, "checkout")
    assert build.output() == b"/\n"
    assert names(build) == ["step_failed"]
    assert not list(build.work.iterdir())


def test_secrets_are_for_the_steps_of_the_project_alone(build: "Build") -> None:
    """Failed by git, ssh and their helpers that found the project's secrets."""
    step = {"kind": "x", "argv": ["/bin/sh", "-c", "echo ${KEY:-none}"], "directory": "/"}
    build.run("echo ${#KEY}", preliminary=[step], secrets={"KEY": "hunter2hunter2"})
    assert build.output() == b"none\n14\n"


def test_a_preliminary_step_makes_the_folder(build: "Build") -> None:
    folder = build.work / "made"
    step = {"kind": "x", "argv": ["/bin/mkdir", str(folder)], "directory": "/"}
    result = build.run("pwd", directory=str(folder), preliminary=[step])
    assert (result["exit_code"], result["step"]) == (0, None)
    assert build.output().decode() == f"{folder}\n"
    assert build.events() == []


@pytest.mark.parametrize(
    ("command", "spec", "word", "outcome"),
    [
        ("exit 3", {}, "failed", "exited"),
        ("sleep 60", {"timeout_s": 0.3}, "timeout", "timeout"),
        ("sleep 60", {"silence_s": 0.5}, "no_output", "no_output"),
        ("kill -KILL $$", {}, "failed", "exited"),
    ],
)
def test_steps_after_run_whatever_came(
    build: "Build", command: str, spec: dict[str, Any], word: str, outcome: str
) -> None:
    """Failed against a version that ended when the ladder had.

    And against a limit that goes on counting: the time is over when they begin.
    """
    result = build.run(command, after_steps=["sleep 0.4; " + RESULT, "exit 9"], **spec)
    assert result["outcome"] == outcome
    assert result["step"] == {"kind": "command", "number": 1, "of": 1}
    assert result["exit_code"] in (3, None)
    assert build.output().decode() == f"after {word}\n"
    assert result["duration_ms"] >= 400


def test_steps_after_run_on_a_cancel_once_all_is_gone(build: "Build") -> None:
    build.start(
        "trap '' TERM; echo $$ > shell; while :; do sleep 600; done",
        after_steps=["kill -0 $(cat shell) 2>/dev/null || " + RESULT],
        grace_s=0.3,
    )
    shell = build.written("shell")
    build.cancel()
    result = build.wait()
    assert result["outcome"] == "cancelled"
    assert build.output() == b"after cancelled\n"
    assert build.nothing_left(shell)


def test_a_second_cancel_ends_the_steps_after(build: "Build") -> None:
    """The first one does not. Failed against a version that asked for the same file again."""
    build.start("sleep 60", after_steps=["echo $$ > first; sleep 60", "touch ran"], grace_s=9)
    build.eventually(lambda: names(build) == ["step"], "the command")
    build.cancel()
    first = build.written("first")
    (build.folder / "cancel.again").touch()
    assert build.wait()["outcome"] == "cancelled"
    assert names(build) == ["step", "cancelled", "step", "cancelled_again"]
    assert not (build.work / "ran").exists()
    assert build.nothing_left(first)


def test_a_cancel_during_the_steps_after_lets_them_end(build: "Build") -> None:
    build.start("true", after_steps=["touch up; until [ -e go ]; do sleep 0.05; done", RESULT])
    build.eventually((build.work / "up").exists, "the step after")
    build.cancel()
    build.eventually(lambda: "cancelled" in names(build), "the cancel")
    (build.work / "go").touch()
    assert build.wait()["outcome"] == "cancelled"
    assert build.output() == b"after cancelled\n"


def test_steps_after_have_a_limit_of_their_own(build: "Build") -> None:
    """Failed against a version without it: a cancelled build would go on for ever."""
    build.start("sleep 60", after_steps=["echo $$ > step; sleep 600", "touch ran"], grace_s=0.2)
    build.eventually(lambda: names(build) == ["step"], "the command")
    build.cancel()
    step = build.written("step")
    assert build.wait()["outcome"] == "cancelled"
    assert {"event": "after_timeout", "seconds": 5} in build.events()
    assert not (build.work / "ran").exists()
    assert build.nothing_left(step)


def test_a_failing_step_after_fails_a_good_build_and_the_others_run(build: "Build") -> None:
    result = build.run("true", after_steps=["exit 6", RESULT])
    assert (result["outcome"], result["exit_code"]) == ("exited", 6)
    assert result["step"] == {"kind": "after", "number": 1, "of": 2}
    assert build.output() == b"after failed\n"
    assert names(build)[-2:] == ["step_failed", "step"]


def test_what_a_step_leaves_running_serves_the_next_ones(build: "Build") -> None:
    """Failed against a sweep after each step, and a pipe of its own for each (SIGPIPE)."""
    service = (
        "(until [ -e asked ]; do sleep 0.02; done; echo answer;"
        " echo answer > log; exec sleep 600) & echo $! > service; touch log"
    )
    result = build.run(
        "touch asked; until grep -q answer log; do sleep 0.02; done",
        before_steps=[service],
        after_steps=["kill $(cat service) && echo stopped"],
    )
    assert result["exit_code"] == 0
    assert build.output().endswith(b"answer\nstopped\n")
    assert build.nothing_left(build.written("service"))


def test_the_time_limit_counts_from_the_first_step(build: "Build") -> None:
    """Failed against a limit of each step."""
    result = build.run(
        "sleep 0.7; touch ran", before_steps=["sleep 0.7"], after_steps=[RESULT], timeout_s=1
    )
    assert result["outcome"] == "timeout"
    assert not (build.work / "ran").exists()
    assert build.output() == b"after timeout\n"


def test_each_step_has_a_terminal_where_that_is_wanted(build: "Build") -> None:
    tty = "test -t 1 && echo {} > /dev/tty"
    result = build.run(
        tty.format("command"),
        before_steps=[tty.format("before")],
        after_steps=[tty.format("after")],
        terminal=True,
    )
    assert result["exit_code"] == 0
    assert build.output() == b"before\ncommand\nafter\n"


def test_secrets_are_in_no_line_about_a_step(build: "Build") -> None:
    """Failed against a version that told the command as it stands."""
    secret = "hunter2hunter2"
    build.run(f"echo {secret}", before_steps=[f": {secret}"], secrets={"TOKEN": secret})
    for path in build.folder.glob("spool.*"):
        assert secret.encode() not in path.read_bytes()
    assert build.events()[0]["text"] == ": ********"


def test_a_step_that_cannot_start(build: "Build") -> None:
    """The folder is gone after the first: the rest is told and passed over."""
    result = build.run(
        "touch ran", before_steps=[f"rm -r '{build.work}'"], after_steps=["touch ran"]
    )
    assert result["outcome"] == "start_failed"
    assert result["step"]["kind"] == "command"
    assert str(build.work) in result["error"]
    assert names(build) == ["step", "step", "start_failed", "step", "start_failed"]


def test_nice_level(build: "Build") -> None:
    build.run("nice; exec nice", nice=7)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert build.output().decode() == f"{min(own + 7, 19)}\n" * 2


def test_sigterm_twice_ends_the_steps_after(build: "Build") -> None:
    build.start("sleep 60", after_steps=["echo $$ > step; sleep 600"])
    build.eventually(lambda: names(build) == ["step"], "the command")
    os.kill(build.pid, signal.SIGTERM)
    step = build.written("step")
    os.kill(build.pid, signal.SIGTERM)
    assert build.wait()["outcome"] == "cancelled"
    assert build.nothing_left(step)


def test_no_samples_are_missing_and_peaks_are_true(build: "Build") -> None:
    """Memory that processes share counts once.

    Failed against a sum of RSS: four forks count five times.
    """
    script = (
        "import os, time\n"
        "data = bytearray(os.urandom(1024) * 65_536)\n"
        "for _ in range(4):\n"
        "    if not os.fork():\n"
        "        time.sleep(2.5); os._exit(0)\n"
        "until = time.process_time() + 0.6\n"
        "while time.process_time() < until: pass\n"
        "time.sleep(2.0)\n"
    )
    (build.work / "eat.py").write_text(script)
    result = build.run(f"'{sys.executable}' -I -S eat.py")
    samples = read_samples(build.folder)
    assert len(samples) >= 2
    assert [at for at, *_ in samples] == sorted({at for at, *_ in samples})
    cpu = [cpu_us for _at, cpu_us, *_ in samples]
    assert cpu == sorted(cpu)
    assert result["cpu_ms"] >= 600
    assert result["cpu_ms"] * 1_000 >= cpu[-1] - 1_000
    mib = 1 << 20
    assert 64 * mib < result["memory_peak"] < 150 * mib
    assert max(count for *_, count in samples) >= 5
    assert 10 < result["cpu_peak"] < 250


def test_processor_time_of_what_has_ended_counts(build: "Build") -> None:
    """Failed against a sum of the living alone."""
    spin = "import time\nwhile time.process_time() < 0.4: pass"
    build.run(f'{sys.executable} -I -S -c "{spin}"; sleep 2.5')
    while_it_ran = [sample for sample in read_samples(build.folder) if sample[3]]
    assert while_it_ran[-1][1] >= 300_000  # counted in ticks of 10 ms, which are cut


def test_a_short_build_has_one_sample(build: "Build") -> None:
    result = build.run("exec sleep 0.2")
    ((at_ms, _cpu, memory, count),) = read_samples(build.folder)
    assert at_ms == result["duration_ms"] or at_ms == 1
    assert memory == result["memory_peak"] > 0
    assert count == 1
    assert 0 <= result["cpu_ms"] < 200


def read_samples(folder: Path) -> list[tuple[int, ...]]:
    """Return what the supervisor sampled."""
    fields = struct.iter_unpack("<QQQII", (folder / "samples").read_bytes())
    return [values[:4] for values in fields]
