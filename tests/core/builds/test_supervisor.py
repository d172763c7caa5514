"""The build supervisor as a real process with real commands, on Linux."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.core.builds.conftest import Build

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches /proc")

PYTHON = f"'{sys.executable}' -I -S -c"

_OF_THE_C_LIBRARY = 0b11 << 31  # signals 32 and 33


def test_exit_code_and_output(build: "Build") -> None:
    before = time.time_ns() // 1_000_000
    result = build.run("echo out; echo err >&2; exit 3")
    after = time.time_ns() // 1_000_000
    assert (result["outcome"], result["exit_code"], result["signal"]) == ("exited", 3, None)
    assert build.output() == b"out\nerr\n"
    assert build.events() == []
    assert result["error"] == ""
    assert result["swept"] == 0
    assert before <= result["started_ms"] <= result["ended_ms"] <= after
    assert 0 <= result["duration_ms"] <= after - before
    assert all(before <= frame.time_ms <= after for frame in build.frames())


def test_nobody_handed_over_the_secrets(build: "Build") -> None:
    """Failed while no input counted as no secrets: the command ran with empty ones."""
    build.start("touch ran", deliver=False)
    assert build.process is not None
    assert build.process.stdin is not None
    build.process.stdin.close()
    result = build.wait()
    assert result["outcome"] == "start_failed"
    assert "secrets" in result["error"]
    assert not (build.work / "ran").exists()


def test_signal(build: "Build") -> None:
    result = build.run("kill -SEGV $$")
    assert (result["outcome"], result["exit_code"]) == ("exited", None)
    assert result["signal"] == signal.SIGSEGV


def test_what_the_command_finds(build: "Build") -> None:
    """Environment, folder, file mask, session, signals, standard input and descriptors."""
    script = (
        "import os, signal, sys, json; print(json.dumps([dict(os.environ), os.getcwd(), "
        "os.umask(0), os.getsid(0) == os.getppid(), sys.stdin.read(), "
        "sorted(os.listdir('/proc/self/fd'))]))"
    )
    build.run(f'{PYTHON} "{script}"; :', umask=0o027, secrets={"TOKEN": "tok"})
    environment, folder, umask, leads, text, descriptors = json.loads(build.output())
    assert {name: environment[name] for name in ("PLAIN", "TOKEN", "BUILDBENCH_BUILD")} == {
        "PLAIN": "plain value",
        "TOKEN": "tok",
        "BUILDBENCH_BUILD": build.uid,
    }
    assert "HOME" not in environment
    assert folder == str(build.work)
    assert umask == 0o027
    assert leads
    assert text == ""
    assert descriptors == ["0", "1", "2", "3"]  # the last is that of the listing


def test_the_command_has_the_usual_signals(build: "Build") -> None:
    """Failed against a supervisor that left SIGHUP and SIGPIPE ignored in the command."""
    build.run("grep -E 'Sig(Ign|Blk)' /proc/self/status")
    ignored = {int(line.split()[1], 16) for line in build.output().splitlines()}
    # GNU make starts its children with the two signals ignored that the C library keeps
    # for itself, which no program can change back.
    assert {signals & ~_OF_THE_C_LIBRARY for signals in ignored} == {0}


def test_who_looks_after_it(build: "Build") -> None:
    build.start("cat go; sleep 60")
    about = build.eventually(
        lambda: (
            (build.folder / "supervisor.json").exists()
            and json.loads((build.folder / "supervisor.json").read_bytes())
        ),
        "supervisor.json",
    )
    stat = Path(f"/proc/{build.pid}/stat").read_text().rpartition(")")[2].split()
    assert about["pid"] == build.pid
    assert about["start_ticks"] == int(stat[19])
    assert about["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    build.cancel()
    assert build.wait()["started_ms"] >= about["started_ms"]


def test_files_are_for_this_person_alone(build: "Build") -> None:
    build.run("echo hello", umask=0)
    modes = {p.name: p.stat().st_mode & 0o777 for p in build.folder.iterdir()}
    del modes["spec.json"]
    names = ("supervisor.json", "spool.000000", "samples", "result.json")
    assert modes == dict.fromkeys(names, 0o600)


@pytest.mark.parametrize("directory", ["/nowhere/at/all", "/etc/passwd"])
def test_a_folder_that_is_none(build: "Build", directory: str) -> None:
    result = build.run("true", directory=directory)
    assert result["outcome"] == "start_failed"
    assert result["pid"] is None
    assert result["error"].startswith(f"{directory}: ")
    assert build.events() == [{"event": "start_failed", "error": result["error"]}]


def test_a_command_that_does_not_exist(build: "Build") -> None:
    result = build.run("no-such-command-anywhere")
    assert (result["outcome"], result["exit_code"]) == ("exited", 127)
    assert b"not found" in build.output()


def test_an_environment_that_the_system_refuses(build: "Build") -> None:
    result = build.run("true", environment={"LONG": "x" * 3_000_000})
    assert result["outcome"] == "start_failed"
    assert "too long" in result["error"]


def test_a_spec_that_is_none(build: "Build") -> None:
    build.start("true", deliver=False)
    (build.folder / "spec.json").write_text("{")
    build.deliver()
    assert build.wait()["outcome"] == "start_failed"


def test_time_limit(build: "Build") -> None:
    result = build.run("echo before; sleep 60", timeout_s=1)
    assert (result["outcome"], result["exit_code"]) == ("timeout", None)
    assert result["signal"] == signal.SIGTERM
    assert result["duration_ms"] >= 1_000
    assert build.events() == [{"event": "timeout", "seconds": 1}]
    assert build.output() == b"before\n"


def test_no_output(build: "Build") -> None:
    """Output moves the limit; silence ends the build.

    Failed against a version that counted from the start.
    """
    command = "for i in 1 2 3 4 5 6; do echo $i; sleep 0.4; done; sleep 60"
    result = build.run(command, silence_s=1.8)
    assert result["outcome"] == "no_output"
    assert build.output() == b"1\n2\n3\n4\n5\n6\n"
    assert build.events() == [{"event": "no_output", "seconds": 1.8}]


def test_cancelled_before_it_started(build: "Build") -> None:
    """Failed against a version that looked for the file only while the command ran."""
    build.cancel()
    result = build.run("touch started")
    assert (result["outcome"], result["pid"]) == ("cancelled", None)
    assert not (build.work / "started").exists()
    assert build.events() == [{"event": "cancelled"}]


def test_sigterm_cancels(build: "Build") -> None:
    build.start("echo ready; sleep 60")
    build.eventually(build.output, "output")
    os.kill(build.pid, signal.SIGTERM)
    assert build.wait()["outcome"] == "cancelled"


def test_a_polite_command_has_its_grace(build: "Build") -> None:
    """What it prints while it cleans up is kept.

    Failed against a version that killed at once, and one that did not read meanwhile.
    """
    build.start(
        "trap 'sleep 0.3; head -c 3000000 /dev/zero; echo done; exit 9' TERM;"
        "echo ready; while :; do sleep 0.1; done",
        grace_s=30,
    )
    build.eventually(build.output, "output")
    build.cancel()
    result = build.wait()
    assert (result["outcome"], result["exit_code"]) == ("cancelled", 9)
    assert build.output().endswith(b"\0done\n")
    assert build.output().count(b"\0") == 3_000_000


DAEMON = """
import os, signal, sys, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[2] == "quiet":
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
with open(sys.argv[1], "w") as file:
    print(os.getpid(), file=file)
time.sleep(600)
"""


def daemon(build: "Build", name: str, how: str = "quiet", clear: bool = False) -> str:
    """Return a command that starts a daemon, which writes its id to a file."""
    (build.work / "daemon.py").write_text(DAEMON)
    prefix = "env -i " if clear else ""
    return f"{prefix}'{sys.executable}' -I -S daemon.py {name} {how}"


def test_a_cancelled_tree_leaves_nothing(build: "Build") -> None:
    """Whatever processes do to get away: own session, deaf to TERM, orphaned, no cookie.

    Failed against: the group's signals alone (three left); a sweep by cookie alone (the one
    without environment left); a sweep by descent without the subreaper (the daemons left).
    """
    build.start(
        "setsid sh -c 'echo $$ > own_session; exec sleep 600' &"
        "sh -c 'trap \"\" TERM; echo $$ > deaf; while :; do sleep 600; done' &"
        f"{daemon(build, 'daemon')} & {daemon(build, 'bare', clear=True)} &"
        "env -i sh -c 'echo $$ > cleared; exec /bin/sleep 600' & wait",
        grace_s=0.5,
    )
    names = ("own_session", "deaf", "daemon", "bare", "cleared")
    pids = [build.written(name) for name in names]
    assert not build.nothing_left(*pids)
    build.cancel()
    result = build.wait()
    assert result["outcome"] == "cancelled"
    assert build.nothing_left(*pids)
    assert result["swept"] >= 3
    cancelled, killed = build.events()
    assert cancelled == {"event": "cancelled"}
    assert killed == {"event": "killed", "processes": result["swept"]}


def test_what_is_left_after_a_normal_end_is_ended(build: "Build") -> None:
    """Failed against a version that swept only after a cancel."""
    result = build.run(daemon(build, "daemon") + "; while [ ! -s daemon ]; do :; done; exit 4")
    assert (result["outcome"], result["exit_code"], result["swept"]) == ("exited", 4, 1)
    assert build.nothing_left(build.written("daemon"))
    assert build.events() == [{"event": "killed", "processes": 1}]


def test_processes_are_left_where_that_is_wanted(build: "Build") -> None:
    """Also one that holds the pipe open does not hang the build.

    Failed against a version that read to the end of the pipe.
    """
    command = daemon(build, "daemon", "loud") + "; while [ ! -s daemon ]; do :; done"
    result = build.run(command, leave_processes=True)
    pid = build.written("daemon")
    try:
        assert (result["outcome"], result["exit_code"], result["swept"]) == ("exited", 0, 0)
        assert build.alive(pid)
        assert [event["event"] for event in build.events()] == ["drain_timeout"]
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_daemon_that_holds_the_pipe_does_not_hang_it(build: "Build") -> None:
    """The build ended when its command did, whatever was waited for after that.

    Failed against a version that read to the end of the pipe, and one that took the time last.
    """
    command = daemon(build, "daemon", "loud") + "; while [ ! -s daemon ]; do :; done"
    result = build.run(command)
    assert (result["outcome"], result["swept"]) == ("exited", 1)
    assert build.nothing_left(build.written("daemon"))
    assert [event["event"] for event in build.events()] == ["drain_timeout", "killed"]
    assert result["ended_ms"] < build.frames()[0].time_ms


def test_the_last_words_of_a_background_process_are_kept(build: "Build") -> None:
    """Failed against a version that swept before it drained the pipe."""
    build.run("(sleep 0.3; echo last) & echo first")
    assert build.output() == b"first\nlast\n"


def test_output_appears_at_once(build: "Build") -> None:
    """A prompt without a newline is in the spool while the command waits.

    Failed against a version that wrote only full blocks.
    """
    build.start("printf 'Continue? '; sleep 600", secrets={"KEY": "hunter2hunter2"})
    build.eventually(lambda: build.output() == b"Continue? ", "the prompt")
    build.cancel()
    build.wait()


def test_many_small_writes_make_few_frames(build: "Build") -> None:
    """Failed against a version that wrote a frame a read."""
    script = "import os\nfor i in range(200_000): os.write(1, b'x')"
    result = build.run(f'{PYTHON} "{script}"')
    assert build.output() == b"x" * 200_000
    assert len(build.frames()) <= result["duration_ms"] // 5 + 10


def test_a_full_disk_loses_nothing(build: "Build") -> None:
    """A limit on the size of files stands for the disk; it is lifted while the build waits.

    Failed against a version that dropped the rest of a partly written frame, and one that
    retried the whole frame.
    """
    build.start("seq 300000; echo err >&2; exit 5", deliver=False)
    resource.prlimit(build.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    build.deliver()
    segment = build.folder / "spool.000000"
    build.eventually(
        lambda: segment.exists() and segment.stat().st_size == 100_000, "a full segment"
    )
    assert not (build.folder / "result.json").exists()
    resource.prlimit(
        build.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    result = build.wait()
    expected = "".join(f"{i}\n" for i in range(1, 300_001)) + "err\n"
    assert build.output() == expected.encode()
    assert result["exit_code"] == 5
    (event,) = build.events()
    assert event["event"] == "disk_full"
    assert event["seconds"] > 0


def test_a_cancel_on_a_full_disk_ends_the_processes_at_once(build: "Build") -> None:
    """Only the writing waits for room.

    Failed against a version that waited inside the write.
    """
    build.start("echo $$ > shell; seq 9999999", deliver=False)
    resource.prlimit(build.pid, resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
    build.deliver()
    shell = build.written("shell")
    segment = build.folder / "spool.000000"
    build.eventually(
        lambda: segment.exists() and segment.stat().st_size == 50_000, "a full segment"
    )
    build.cancel()
    build.eventually(lambda: not build.alive(shell), "the end of the command")
    assert not (build.folder / "result.json").exists()
    resource.prlimit(
        build.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    assert build.wait()["outcome"] == "cancelled"
    output = build.output()
    assert len(output) > 50_000  # what was in the pipe is there too
    assert b"".join(b"%d\n" % i for i in range(1, 500_000)).startswith(output)
    assert {"event": "cancelled"} in build.events()


def test_segments_roll_at_frames(build: "Build") -> None:
    build.run("head -c 3000000 /dev/zero", segment_bytes=1_000_000)
    segments = sorted(p.name for p in build.folder.glob("spool.*"))
    assert segments[:2] == ["spool.000000", "spool.000001"]
    assert segments == [f"spool.{i:06d}" for i in range(len(segments))]
    sizes = [(build.folder / name).stat().st_size for name in segments]
    assert all(size >= 1_000_000 for size in sizes[:-1])
    assert sum(sizes) == 3_000_000 + 16 * len(build.frames())
    assert build.output() == bytes(3_000_000)


def test_it_never_looks_at_lines(build: "Build") -> None:
    """Binary output without a newline, in constant memory.

    Failed against a version that kept what has no newline.
    """
    build.start(
        "head -c 200000000 /dev/zero; grep VmHWM /proc/$PPID/status > peak",
        secrets={"KEY": "hunter2hunter2"},
    )
    result = build.wait()
    assert result["exit_code"] == 0
    assert sum(len(f.payload) for f in build.frames()) == 200_000_000
    assert int((build.work / "peak").read_text().split()[1]) < 60_000  # kB


def test_terminal(build: "Build") -> None:
    result = build.run(
        "test -t 1 && test -t 2 && echo yes; stty size < /dev/tty; cat", terminal=True
    )
    assert (result["outcome"], result["exit_code"]) == ("exited", 0)
    assert build.output() == b"yes\n40 120\n"


def test_a_large_output_through_a_terminal(build: "Build") -> None:
    build.run("seq 300000", terminal=True)
    assert build.output() == "".join(f"{i}\n" for i in range(1, 300_001)).encode()


SECRET = "correct horse battery/staple"


def test_secrets_are_nowhere(build: "Build") -> None:
    """The command has the secret; no file and no command line of ours does.

    Failed against a version without masking.
    """
    build.start(
        'printf "%s" "$KEY" | wc -c; echo "key=$KEY;"; printf %s "$KEY" | base64; echo $$ > go;'
        "sleep 600",
        secrets={"KEY": SECRET},
    )
    build.written("go")
    build.eventually(lambda: build.output().count(b"\n") == 3, "output")
    assert build.output() == b"%d\nkey=********;\n********\n" % len(SECRET)
    lines = [
        Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (build.pid, build.written("go"))
    ]
    own_environment = Path(f"/proc/{build.pid}/environ").read_bytes()
    build.cancel()
    build.wait()
    files = [path.read_bytes() for path in build.folder.iterdir()]
    for text in (*lines, *files, own_environment):
        assert SECRET.encode() not in text


STARTER = """
import subprocess, sys
process = subprocess.Popen(
    sys.argv[1:], stdin=subprocess.PIPE,
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
process.stdin.write(b'{"secrets": {}}')
process.stdin.close()
print(process.pid, flush=True)
sys.stdin.read()
"""


def test_it_outlives_who_started_it(build: "Build") -> None:
    """The caller is killed with its whole group; the build ends with its true result.

    Failed against a supervisor that died of SIGHUP.
    """
    arguments = build.prepare("while [ ! -e go ]; do sleep 0.05; done; echo end; exit 7")
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    assert starter.stdout is not None
    supervisor = int(starter.stdout.readline())
    build.eventually(
        lambda: (
            (build.folder / "supervisor.json").exists()
            and json.loads((build.folder / "supervisor.json").read_bytes())["pid"] == supervisor
        ),
        "the supervisor",
    )
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    os.kill(supervisor, signal.SIGHUP)
    os.kill(supervisor, signal.SIGINT)
    (build.work / "go").touch()
    build.eventually((build.folder / "result.json").exists, "the result")
    build.eventually(lambda: not build.alive(supervisor), "the end of the supervisor")
    assert build.result()["exit_code"] == 7
    assert build.output() == b"end\n"
