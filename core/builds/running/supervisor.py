"""One build, looked after by one process that outlives whoever started it.

Started as ``python -I -S supervisor.py FOLDER`` (or as an executable of its own) in its own
session; never imported by the application. The folder is the whole border:

in
    ``spec.json`` what to run; secrets as ``{"secrets": {NAME: VALUE}}`` on standard input;
    a file ``cancel``, whose appearance ends the build (SIGTERM does too), and a file
    ``cancel.again``, which ends the steps after it as well (so does a second SIGTERM).
out
    ``supervisor.json`` who looks after the build, before the command starts;
    ``spool.000000`` and on: frames of ``FRAME`` (unix time in ms, length, source) and payload,
    where source 0 is masked output and 1 a JSON object about an event; no file before the
    first frame; a segment is complete once the next one exists, the last one with the result;
    ``samples`` what all processes use: one ``SAMPLE`` about each second (Linux only);
    ``result.json``, written last and synced.

One build is a ladder of steps in one folder and environment: preliminary ones (those get the
sources), those before, the command, those after. The first that fails skips the others up to
those after the command, which always run, once anything but a preliminary step has: also
when a limit or a cancel ended the command. What steps leave running goes on until the last
has ended, as a service does that one starts and another stops; only a limit or a cancel ends
everything before the steps after it.

It imports little and late, because a short build waits for that.
"""

# Importing pathlib takes as long as half of the other imports together.
# ruff: noqa: PTH100, PTH105, PTH110, PTH112, PTH118, PTH123, PTH208

from __future__ import annotations

import contextlib
import enum
import errno
import json
import os
import re
import signal
import struct
import sys
import time

if sys.platform != "win32":
    import fcntl
    import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn

FRAME = struct.Struct("<QIB3x")
OUTPUT, EVENT = 0, 1
SAMPLE = struct.Struct("<QQQII")
COOKIE = "BUILDBENCH_BUILD"
MASK = b"********"
SHORTEST_SECRET = 6
SEGMENT_BYTES = 64 << 20
BLOCK_BYTES = 256 << 10
PIPE_BYTES = 1 << 20
FLUSH_SECONDS = 0.005
TICK_SECONDS = 0.1
RETRY_SECONDS = 0.2
DRAIN_SECONDS = 2.0
LINGER_SECONDS = 0.1
SWEEP_GRACE_SECONDS = 1.0
KILL_SECONDS = 10.0
KILL_PASS_SECONDS = 0.01
# What steps after the command have at least, all together; more while the time limit allows.
AFTER_GRACES, AFTER_LEAST_SECONDS = 6, 5.0
LONGEST_TOLD = 300
# The first looks are for short builds and memory alone: there is no curve of milliseconds.
FIRST_LOOKS_SECONDS = (0.02, 0.1, 0.3)
SAMPLE_SECONDS, LEAST_SAMPLE_SECONDS = 1.0, 0.5
# A sample that costs 40 ms of processor time is followed by 2 s without one, and one that
# took as long only because others had the processor by 0.4 s, which is less than a second.
SAMPLING_SHARE, WAITING_SHARE = 50, 10
WINDOW_SIZE = (40, 120)
BINARY: int = getattr(os, "O_BINARY", 0)


def now_ms() -> int:
    """Return the unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def to_bytes(text: str) -> bytes:
    """Return text of the spec as the system wants it, whatever the locale says."""
    return text.encode("utf-8", "surrogateescape")


def explain(error: BaseException) -> str:
    """Return what went wrong in one line, with the path that it is about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


class Step:
    """One thing that is run, by a shell or, where ``argv`` is not empty, without one.

    ``kind`` is before, command, after, or the name of a preliminary step.
    """

    def __init__(self, kind: str, text: str, number: int = 1, count: int = 1) -> None:
        self.kind = kind
        self.text = text
        self.number = number
        self.count = count
        self.preliminary = False
        self.argv: list[str] = []
        self.directory = ""
        self.environment: dict[str, str] = {}

    @classmethod
    def of_program(cls, raw: dict[str, Any]) -> Step:
        """Return a preliminary step: a program with its arguments."""
        step = cls(str(raw["kind"]), "")
        step.preliminary = True
        step.argv = [str(argument) for argument in raw["argv"]]
        step.directory = str(raw.get("directory", ""))
        step.environment = dict(raw.get("environment", {}))
        return step

    @property
    def after(self) -> bool:
        """Whether it runs whatever came of the build."""
        return self.kind == "after"


def numbered(kind: str, commands: list[str]) -> list[Step]:
    """Return the steps of a kind."""
    return [Step(kind, str(text), i, len(commands)) for i, text in enumerate(commands, 1)]


class Spec:
    """What to run, as the caller wrote it; times are in seconds, None means no limit."""

    def __init__(self, raw: dict[str, Any], secrets: dict[str, str]) -> None:
        self.uid = str(raw["uid"])
        self.steps = [
            *map(Step.of_program, raw.get("preliminary", ())),
            *numbered("before", raw.get("before_steps", [])),
            Step("command", str(raw["command"])),
            *numbered("after", raw.get("after_steps", [])),
        ]
        self.directory = str(raw["directory"])
        self.nice = int(raw.get("nice", 0))
        self.umask = int(raw["umask"])
        self.timeout: float | None = raw["timeout_s"]
        self.silence: float | None = raw["silence_s"]
        self.grace = float(raw["grace_s"])
        self.terminal = bool(raw["terminal"])
        self.leave_processes = bool(raw["leave_processes"])
        self.segment_bytes = int(raw.get("segment_bytes", SEGMENT_BYTES))
        self._environment: dict[str, str] = {**raw["environment"], COOKIE: self.uid}
        self._secrets = secrets

    def environment(self, step: Step) -> dict[str, str]:
        """Return the environment of a step; secrets are not for what is not the project's."""
        secrets = {} if step.preliminary else self._secrets
        return {**self._environment, **secrets, **step.environment}

    @classmethod
    def read(cls, folder: str, secrets: dict[str, str]) -> Spec:
        """Read ``spec.json``.

        Raises:
            OSError, ValueError, TypeError, KeyError: It is missing or malformed.
        """
        with open(os.path.join(folder, "spec.json"), "rb") as file:
            return cls(json.load(file), secrets)


def read_secrets() -> dict[str, str]:
    """Read the secrets from standard input to its end, and let go of it.

    Raises:
        ValueError: Nothing came: whoever started this died, and the secrets are unknown.
        TypeError, KeyError: What came is malformed.
    """
    parts: list[bytes] = []
    while part := os.read(0, 65_536):
        parts.append(part)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    if not parts:
        raise ValueError("the secrets were never handed over")
    secrets: dict[str, str] = json.loads(b"".join(parts))["secrets"]
    return secrets


def percent_encoded(secret: bytes, safe: bytes, space: bytes = b"%20") -> bytes:
    """Return a secret as it stands in an address; unreserved letters are RFC 3986's."""
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~" + safe
    table = [bytes((i,)) if i in plain else b"%%%02X" % i for i in range(256)]
    table[0x20] = space
    return b"".join(table[byte] for byte in secret)


def base64_forms(secret: bytes) -> Iterator[bytes]:
    """Yield what a secret looks like inside base64 text.

    By itself, and at each of the three alignments within a longer text: there only the
    letters that depend on nothing but the secret.
    """
    from binascii import b2a_base64

    whole = b2a_base64(secret, newline=False)
    forms = [whole, whole.rstrip(b"=")]
    for shift, unstable in ((0, 0), (1, 2), (2, 3)):
        encoded = b2a_base64(bytes(shift) + secret, newline=False)
        forms.append(encoded[unstable : (shift + len(secret)) * 8 // 6])
    for form in forms:
        yield form
        yield form.replace(b"+", b"-").replace(b"/", b"_")


def secret_forms(value: str) -> set[bytes]:
    """Return every form of a secret, and of each of its lines, that must not be shown."""
    parts = {value}
    if len(lines := value.splitlines()) > 1 or value.strip() != value:
        parts.update(line.strip() for line in lines)
        parts.update(("\n".join(lines), "\r\n".join(lines)))
    forms: set[bytes] = set()
    for part in parts:
        raw = to_bytes(part)
        if len(part) < SHORTEST_SECRET:
            continue
        forms.add(raw)
        forms.update(percent_encoded(raw, safe) for safe in (b"/", b"", b"!'()*"))
        forms.add(percent_encoded(raw, b"", b"+"))
        forms.add(to_bytes(json.dumps(part)[1:-1]))
        forms.add(to_bytes(json.dumps(part, ensure_ascii=False)[1:-1]))
        forms.update(base64_forms(raw))
    return forms


def shortest_period(form: bytes) -> int:
    """Return by how much a form can be shifted onto itself; its length where it cannot."""
    border = [0] * len(form)
    length = 0
    for i in range(1, len(form)):
        while length and form[i] != form[length]:
            length = border[length - 1]
        length += form[i] == form[length]
        border[i] = length
    return len(form) - border[-1]


class Masker:
    """Replaces every run of bytes that secrets cover by one mask, in a stream.

    The result is that of masking the whole output at once, however it is cut: what is held
    back is the longest end of the data that may be the beginning of a form, raw, together with
    how much of it is covered by occurrences that began before. Nothing else is held back, and
    never more than the longest form.
    """

    def __init__(self, forms: set[bytes]) -> None:
        self._forms = sorted(forms, key=len)
        # A form that contains another cannot occur without it: no need to look for it first.
        self._needles: list[bytes] = []
        for form in self._forms:
            if not any(needle in form for needle in self._needles):
                self._needles.append(form)
        self._repeats: dict[bytes, re.Pattern[bytes] | None] = {}
        self._held = b""
        self._covered = 0
        self._in_run = False

    def feed(self, block: bytes) -> bytes:
        """Take in more output and return what can be shown of it."""
        if not self._forms or not block:
            return block
        data = self._held + block if self._held else block
        return self._release(data, self._undecided(data))

    def finish(self) -> bytes:
        """Return the rest when nothing more follows."""
        data, self._held = self._held, b""
        return self._release(data, len(data))

    def _undecided(self, data: bytes) -> int:
        """Return where the longest end that is a proper beginning of a form starts."""
        size = start = len(data)
        view = memoryview(data)
        for form in self._forms:
            first = form[0]
            at = data.find(first, max(0, size - len(form) + 1), start)
            while at != -1:
                if form.startswith(view[at:]):
                    start = at
                    break
                at = data.find(first, at + 1, start)
        return start

    def _release(self, data: bytes, end: int) -> bytes:
        """Return ``data[:end]`` masked and keep the rest."""
        parts: list[bytes] = []
        position = 0
        joins, covered = self._in_run, 0
        for first, last in self._runs(data):
            if first >= end:
                break
            if first > position or not joins:
                parts += (data[position : max(first, 0)], MASK)
            position = min(last, end)
            covered = max(0, last - end)
            joins = False
        if end:
            self._in_run = position == end
        if position < end:
            parts.append(data if not position and end == len(data) else data[position:end])
        self._held, self._covered = data[end:], covered
        return b"".join(parts) if len(parts) != 1 else parts[0]

    def _runs(self, data: bytes) -> list[tuple[int, int]]:
        """Return the covered runs in order; one that began earlier starts at -1."""
        spans = [(-1, self._covered)] if self._covered else []
        if any(needle in data for needle in self._needles):
            for form in self._forms:
                spans.extend(self._occurrences(form, data))
        spans.sort()
        runs: list[tuple[int, int]] = []
        for first, last in spans:
            if runs and first <= runs[-1][1]:
                runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
            else:
                runs.append((first, last))
        return runs

    def _occurrences(self, form: bytes, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield where a form lies, overlapping itself too; repetitions in one span."""
        at = data.find(form)
        while at != -1:
            repetition = self._repetition(form)
            match = repetition.match(data, at) if repetition else None
            last = match.end() if match else at + len(form)
            yield at, last
            at = data.find(form, last - len(form) + 1)

    def _repetition(self, form: bytes) -> re.Pattern[bytes] | None:
        """Return what matches a form and all that repeats its period right after it.

        None when the form cannot overlap itself.
        """
        if form not in self._repeats:
            period, pattern = shortest_period(form), None
            if period < len(form):
                cycle = re.escape(form[-period:])
                pattern = re.compile(re.escape(form) + b"(?:" + cycle + b")*+")
            self._repeats[form] = pattern
        return self._repeats[form]


class Spool:
    """Appends frames to segments, and keeps what finds no room until there is some."""

    def __init__(self, folder: str, segment_bytes: int) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._number = 0
        self._descriptor = -1
        self._size = 0
        self._queue: list[tuple[memoryview, memoryview]] = []
        self._rest: list[memoryview] = []
        self._full_since: float | None = None
        self._retry_at = 0.0

    @property
    def blocked(self) -> bool:
        """Whether something waits for room."""
        return self._full_since is not None

    @property
    def retry_at(self) -> float:
        """The monotonic time of the next attempt; only while ``blocked``."""
        return self._retry_at

    def output(self, data: bytes) -> None:
        """Append masked output."""
        self._append(OUTPUT, data)

    def event(self, name: str, **details: object) -> None:
        """Append an event; its details must be plain JSON."""
        self._append(EVENT, json.dumps({"event": name, **details}).encode())

    def retry(self, now: float) -> None:
        """Try again to write what waits, when it is time.

        Raises:
            FileNotFoundError: The folder is gone, and with it whoever wants to know.
        """
        if self._full_since is None or now < self._retry_at:
            return
        if not os.path.isdir(self._folder):
            raise FileNotFoundError(self._folder)
        since, self._full_since = self._full_since, None
        self._flush()
        if self.blocked:
            self._full_since = since
            return
        self.event("disk_full", seconds=round(time.monotonic() - since, 3))

    def close(self) -> None:
        """Let go of the segment."""
        if self._descriptor != -1:
            os.close(self._descriptor)
            self._descriptor = -1

    def _append(self, source: int, data: bytes) -> None:
        if not data:
            return
        header = FRAME.pack(now_ms(), len(data), source)
        self._queue.append((memoryview(header), memoryview(data)))
        if not self.blocked:
            self._flush()

    def _flush(self) -> None:
        """Write all that waits, or note that there is no room.

        Any failure of the file system is waited out: most are repaired sooner or later, and
        giving up would lose output.
        """
        try:
            while self._rest or self._queue:
                if not self._rest:
                    self._roll()
                    self._rest = list(self._queue.pop(0))
                self._write_some()
        except OSError:
            self._full_since = time.monotonic()
            self._retry_at = self._full_since + RETRY_SECONDS

    def _roll(self) -> None:
        """Open the segment that the next frame belongs to; frames never cross a border."""
        if self._descriptor != -1 and self._size < self._segment_bytes:
            return
        path = os.path.join(self._folder, f"spool.{self._number:06d}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(path, flags | BINARY, 0o600)
        self.close()
        self._descriptor, self._size = descriptor, 0
        self._number += 1

    def _write_some(self) -> None:
        if hasattr(os, "writev"):
            written = os.writev(self._descriptor, self._rest)
        else:
            written = os.write(self._descriptor, self._rest[0])
        self._size += written
        while self._rest and written >= len(self._rest[0]):
            written -= len(self._rest.pop(0))
        if self._rest:
            self._rest[0] = self._rest[0][written:]


def read_small(path: str) -> bytes:
    """Return what a file of /proc holds; nothing when its process is gone or not ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        data = os.read(descriptor, 65_536)
        while data and (more := os.read(descriptor, 65_536)):
            data += more
    except OSError:
        return b""
    else:
        return data
    finally:
        os.close(descriptor)


class ProcStat:
    """What /proc/PID/stat tells of a process; ``parent`` is 0 when it is gone."""

    def __init__(self, pid: int) -> None:
        fields = read_small(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        # A process lives on as a "zombie" when only its first thread has ended.
        self.alive = len(fields) > 19 and (fields[0] not in b"ZX" or int(fields[17]) > 1)
        self.parent = int(fields[1]) if self.alive else 0
        self.group = int(fields[2]) if self.alive else 0
        self.start_ticks = int(fields[19]) if len(fields) > 19 else None


def children_of(pid: int) -> list[int]:
    """Return the children of all threads of a process; none when it is gone."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    named = (read_small(f"/proc/{pid}/task/{thread}/children") for thread in threads)
    return [int(child) for children in named for child in children.split()]


def become_subreaper() -> None:
    """Make orphans of the build our children instead of init's (Linux)."""
    if sys.platform == "linux":
        import ctypes

        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


class ProcessTree:
    """The steps and everything that they started, also what tried to get away.

    On Linux that is: its process group, all descendants (orphans become ours, since we are
    their subreaper) and whoever carries the cookie in its environment. Elsewhere only the group
    is known.
    """

    def __init__(self, uid: str) -> None:
        self.pid: int | None = None
        self.status: int | None = None
        self.swept: set[tuple[int, int | None]] = set()
        self._cookie = b"\0" + to_bytes(f"{COOKIE}={uid}") + b"\0"
        self._me = os.getpid()
        self._has_children = False
        self._has_proc = os.path.exists("/proc/self/environ")

    def start(self, spec: Spec, step: Step, output: int) -> None:
        """Start a step with its output going to a descriptor.

        Raises:
            OSError: It could not be started; the text says why.
        """
        variables = spec.environment(step)
        environment = {to_bytes(k): to_bytes(v) for k, v in variables.items()}
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become_step(spec, step, environment, output, writing)
        os.close(writing)
        self._has_children = True
        message = b""
        while part := os.read(reading, 4_096):
            message += part
        os.close(reading)
        if message:
            os.waitpid(pid, 0)
            raise OSError(message.decode("utf-8", "surrogateescape"))
        self.pid, self.status = pid, None

    @staticmethod
    def _become_step(
        spec: Spec, step: Step, environment: dict[bytes, bytes], output: int, errors: int
    ) -> NoReturn:
        try:
            os.setsid()
            os.dup2(output, 1)
            os.dup2(output, 2)
            if spec.terminal:
                import termios

                fcntl.ioctl(1, termios.TIOCSCTTY, 0)
            # All of them: whoever started the application may have ignored others.
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_DFL)
            os.umask(spec.umask)
            if spec.nice:
                os.nice(spec.nice)
            os.chdir(to_bytes(step.directory or spec.directory))
            arguments = step.argv or ["/bin/sh", "-c", step.text]
            argv = [to_bytes(argument) for argument in arguments]
            os.execve(argv[0], argv, environment)  # noqa: S606
        except BaseException as error:
            if isinstance(error, OSError) and isinstance(error.filename, bytes):
                error.filename = os.fsdecode(error.filename)
            os.write(errors, to_bytes(explain(error)))
        finally:
            os._exit(127)

    def reap(self) -> None:
        """Take the status of every child that ended; that of the command is kept."""
        while self._has_children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._has_children = False
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.status = status

    @property
    def ended(self) -> bool:
        """Whether the step that was started last is over."""
        return self.status is not None

    def left(self) -> bool:
        """Tell whether anything is alive; cheap while there are children."""
        self.reap()
        return self._has_children or bool(self.find()) or self._group_without_proc()

    def find(self) -> list[int]:
        """Return the process ids of all that is alive."""
        if not self._has_proc:
            return []
        pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
        found = {pid for pid in pids if self._carries_cookie(pid)}
        if self._has_children:
            found.update(self._descendants(pids))
        found.discard(self._me)
        return [pid for pid in found if ProcStat(pid).alive]

    def terminate(self) -> None:
        """Ask everything to end: the group at once, then each process outside it."""
        self._signal_group(signal.SIGTERM)
        self._signal_each(signal.SIGTERM, outside=None if self.ended else self.pid)

    def kill(self) -> bool:
        """Kill everything that one pass finds; return whether it found something."""
        self._signal_group(signal.SIGKILL)
        self.reap()
        found = self._signal_each(signal.SIGKILL, outside=None if self.ended else self.pid)
        return found or not self.ended or self._group_without_proc()

    def _carries_cookie(self, pid: int) -> bool:
        environment = read_small(f"/proc/{pid}/environ")
        return bool(environment) and self._cookie in b"\0" + environment + b"\0"

    def _descendants(self, pids: list[int]) -> Iterator[int]:
        """Yield who descends from us."""
        children: dict[int, list[int]] = {}
        for pid in pids:
            children.setdefault(ProcStat(pid).parent, []).append(pid)
        wave = children.get(self._me, [])
        while wave:
            yield from wave
            wave = [child for pid in wave for child in children.get(pid, [])]

    def members(self) -> list[int]:
        """Return who descends from us, without a look at anybody else where possible."""
        if not self._has_proc or not self._has_children:
            return []
        if not os.path.exists(f"/proc/self/task/{self._me}/children"):
            pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
            return list(self._descendants(pids))
        found: list[int] = []
        wave = [self._me]
        while wave:
            wave = [child for pid in wave for child in children_of(pid)]
            found += wave
        return found

    def _belongs(self, pid: int) -> bool:
        if self._carries_cookie(pid):
            return True
        ancestor = ProcStat(pid).parent
        while ancestor > 1 and ancestor != self._me:
            ancestor = ProcStat(ancestor).parent
        return ancestor == self._me

    def _signal_group(self, number: int) -> None:
        """Signal the group; only while its leader is not reaped, so that its id is ours."""
        if self.pid is not None and (not self.ended or not self._has_proc):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _group_without_proc(self) -> bool:
        if self._has_proc or self.pid is None:
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, 0)
            return True
        return False

    def _signal_each(self, number: int, outside: int | None) -> bool:
        """Signal all that is found, but for a group that was signalled already."""
        found = self.find()
        for pid in found:
            stat = ProcStat(pid)
            if (outside is None or stat.group != outside) and self._signal(pid, number):
                self.swept.add((pid, stat.start_ticks))
        return bool(found)

    def _signal(self, pid: int, number: int) -> bool:
        """Signal one process, and never another that was given its id meanwhile.

        The descriptor is taken first. If the process behind it is still alive after the id was
        found to belong to the build, then what was looked at is what is signalled.
        """
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        except (OSError, AttributeError):
            return self._signal_by_id(pid, number)
        try:
            if not self._belongs(pid):
                return False
            signal.pidfd_send_signal(descriptor, number)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _signal_by_id(self, pid: int, number: int) -> bool:
        """Do the same on a kernel without pidfd, as close as it gets."""
        if not self._belongs(pid):
            return False
        with contextlib.suppress(OSError):
            os.kill(pid, number)
            return True
        return False


class Source:
    """The reading end of the command's output, read in large blocks and not too often.

    A pipe is left alone for a moment after a small read, longer each time (to 4 ms), so that
    many small writes cost few reads; after a large one it is read again at once. A
    pseudo-terminal holds too little for that and is always read at once.
    """

    def __init__(self, terminal: bool) -> None:
        self.descriptor, self.writing = os.openpty() if terminal else os.pipe()
        self.ended = False
        self.read_at = 0.0
        self._pause = 0.0
        self._terminal = terminal
        if terminal:
            self._set_up_terminal()
        elif hasattr(fcntl, "F_SETPIPE_SZ"):
            # Refused where the person has many pipes: then it is slower, nothing else.
            with contextlib.suppress(OSError):
                fcntl.fcntl(self.descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self.descriptor, False)

    @property
    def held(self) -> bool:
        """Whether we hold the writing end, for a step that is still to come."""
        return self.writing != -1

    def let_go(self) -> None:
        """Leave the writing end to what was started."""
        if self.held:
            os.close(self.writing)
            self.writing = -1

    def read(self) -> bytes:
        """Return what is there, up to a block; note the end."""
        try:
            data = os.read(self.descriptor, BLOCK_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        self.ended = not data
        if not self._terminal:
            self._rest(len(data))
        return data

    def close(self) -> None:
        """Let go of the output, whoever may still hold its other end."""
        self.let_go()
        os.close(self.descriptor)

    def _rest(self, size: int) -> None:
        if size >= BLOCK_BYTES // 2:
            self._pause = 0.0
        elif size >= BLOCK_BYTES // 8:
            self._pause = 0.001
        else:
            self._pause = min(0.004, self._pause * 2 or 0.001)
        self.read_at = time.monotonic() + self._pause

    def _set_up_terminal(self) -> None:
        """Give the terminal a size, and let it change nothing of what is printed."""
        import termios

        attributes = termios.tcgetattr(self.writing)
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(self.writing, termios.TCSANOW, attributes)
        size = struct.pack("HHHH", *WINDOW_SIZE, 0, 0)
        fcntl.ioctl(self.writing, termios.TIOCSWINSZ, size)


class Outcome(enum.Enum):
    """How a build ended."""

    EXITED = "exited"
    TIMEOUT = "timeout"
    NO_OUTPUT = "no_output"
    CANCELLED = "cancelled"
    START_FAILED = "start_failed"


class Phase(enum.Enum):
    """What the supervisor is waiting for."""

    RUNNING = enum.auto()
    DRAINING = enum.auto()  # the command ended: for the rest of its output
    LINGERING = enum.auto()  # some are left: for those who are just going anyway
    ENDING = enum.auto()  # all were asked to end: for that, or for the grace to pass
    KILLING = enum.auto()  # for a pass that finds nobody
    SETTLING = enum.auto()  # all are gone: for the last of the output
    DONE = enum.auto()


class Plan:
    """Which step is on, which are to come, and what they make of the build.

    The first step that fails, or has to be ended, decides; a cancel wins over all.
    ``status`` is that of the deciding step, or of the command.
    """

    def __init__(self, steps: list[Step]) -> None:
        self._left = steps[:]
        self._begun = False
        self.told = any(step.kind in ("before", "after") for step in steps)
        self.step = steps[0]
        self.decisive: Step | None = None
        self.outcome = Outcome.EXITED
        self.status: int | None = None
        self.error = ""

    @property
    def waiting(self) -> bool:
        """Whether a step is to come."""
        return bool(self._left)

    @property
    def word(self) -> str:
        """What steps after the command are told of the build."""
        if self.outcome is Outcome.START_FAILED:
            return "failed"
        if self.outcome is not Outcome.EXITED:
            return str(self.outcome.value)
        return "success" if self.decisive is None else "failed"

    def take(self) -> Step:
        """Return the next step, which is on from now."""
        self.step = self._left.pop(0)
        if self.step.after:
            self.step.environment["BUILDBENCH_RESULT"] = self.word
        return self.step

    def started(self) -> None:
        """Note that the step runs."""
        self._begun = self._begun or not self.step.preliminary

    def refused(self, error: str) -> None:
        """Note that the step could not be started."""
        if self.decisive is None:
            self.decisive, self.outcome, self.error = self.step, Outcome.START_FAILED, error
        self._skip()

    def stop(self, outcome: Outcome) -> None:
        """Note that the step is being ended; the others after the command then go as well."""
        if self.decisive is None or outcome is Outcome.CANCELLED:
            self.outcome = outcome
        self.decisive = self.decisive or self.step
        if self.step.after:
            self._left = []
        self._skip()

    def ended(self, status: int) -> bool:
        """Note how the step ended; tell whether it failed by itself."""
        if self.decisive is self.step:
            self.status = status
            return False
        if self.decisive is None and (status or self.step.kind == "command"):
            self.status = status
        if not status:
            return False
        self.decisive = self.decisive or self.step
        self._skip()
        return True

    def drop(self) -> None:
        """Let nothing more come."""
        self._left = []

    def decisive_step(self) -> dict[str, Any] | None:
        """Return which step failed or was ended, for ``result.json``."""
        step = self.decisive
        if step is None:
            return None
        return {"kind": step.kind, "number": step.number, "of": step.count}

    def _skip(self) -> None:
        self._left = [step for step in self._left if step.after] if self._begun else []


class Sampler:
    """Looks about each second at what all processes use, and keeps the peaks (Linux).

    A sample holds the milliseconds since the start, the processor time so far in
    microseconds, the memory in bytes, how many processes there are, and a zero. Memory is that
    which is proportionally theirs (PSS), for shared pages would count many times. The time of
    those that have ended counts: where their parents waited for them it is in these, all
    others become our own children. A build of less than a second has one sample, at its end.
    """

    def __init__(self, folder: Folder, tree: ProcessTree) -> None:
        self._folder = folder
        self._tree = tree
        self._looks = [*FIRST_LOOKS_SECONDS, SAMPLE_SECONDS]
        self._active = sys.platform == "linux" and os.path.exists("/proc/self/stat")
        self._page_bytes = os.sysconf("SC_PAGE_SIZE") if self._active else 0
        self._ticks = os.sysconf("SC_CLK_TCK") if self._active else 1
        self._at_ms = self._cpu_us = 0
        self._written = 0
        self._cpu_peak = 0.0
        self._memory_peak = 0
        self._count_peak = 1
        self.due = float("inf")

    def begin(self) -> None:
        """Take the time of the build as the beginning."""
        if self._active:
            self.due = self._folder.started + self._looks[0]

    def look(self, now: float) -> None:
        """Look, and say when to do so again: the dearer it was, the later."""
        began, before = time.monotonic(), time.thread_time()
        cpu_us, memory, count = self._sum()
        self._memory_peak = max(self._memory_peak, memory)
        self._count_peak = max(self._count_peak, count)
        if len(self._looks) > 1:
            self._looks.pop(0)
            self.due = self._folder.started + self._looks[0]
            return
        self._keep(now - self._folder.started, cpu_us, memory, count)
        took, used = time.monotonic() - began, time.thread_time() - before
        self.due = now + max(SAMPLE_SECONDS, used * SAMPLING_SHARE, took * WAITING_SHARE)

    def finish(self) -> dict[str, Any]:
        """Take the last sample and return processor time and peaks for ``result.json``."""
        if not self._active:
            return {}
        cpu_us = self._children_us()
        seconds = (self._folder.ended or self._folder.started) - self._folder.started
        if self._tree.pid is not None:
            self._memory_peak = max(self._memory_peak, self._largest_bytes())
        if not self._written:
            self._keep(seconds, cpu_us, self._memory_peak, self._count_peak)
        elif seconds * 1_000 >= self._at_ms + LEAST_SAMPLE_SECONDS * 1_000:
            self._keep(seconds, cpu_us, 0, 0)
        return {
            "cpu_ms": max(self._cpu_us, cpu_us) // 1_000,
            "cpu_peak": round(self._cpu_peak, 1),
            "memory_peak": self._memory_peak,
        }

    def _keep(self, seconds: float, cpu_us: int, memory: int, count: int) -> None:
        """Append a sample; where there is no room it is missing, and nothing waits."""
        at_ms = max(self._at_ms + 1, int(seconds * 1_000))
        cpu_us = max(cpu_us, self._cpu_us)
        self._cpu_peak = max(
            self._cpu_peak, (cpu_us - self._cpu_us) / (at_ms - self._at_ms) / 10
        )
        self._at_ms, self._cpu_us = at_ms, cpu_us
        path = os.path.join(self._folder.path, "samples")
        with contextlib.suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            descriptor = os.open(path, flags | BINARY | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
            try:
                record = SAMPLE.pack(at_ms, cpu_us, memory, count, 0)
                if os.write(descriptor, record) != SAMPLE.size:
                    os.ftruncate(descriptor, self._written * SAMPLE.size)
                else:
                    self._written += 1
            finally:
                os.close(descriptor)

    def _sum(self) -> tuple[int, int, int]:
        """Return microseconds of processor time, bytes, and how many processes there are."""
        ticks, memory, count = 0, 0, 0
        for pid in self._tree.members():
            fields = read_small(f"/proc/{pid}/stat").rpartition(b")")[2].split()
            if len(fields) < 22:
                continue
            ticks += sum(int(field) for field in fields[11:15])
            resident = int(fields[21]) * self._page_bytes
            if resident:
                memory += self._proportional(pid) or resident
                count += 1
        return ticks * 1_000_000 // self._ticks + self._children_us(), memory, count

    @staticmethod
    def _proportional(pid: int) -> int:
        """Return the proportional memory of a process in bytes; 0 where nobody tells."""
        rollup = read_small(f"/proc/{pid}/smaps_rollup")
        found = rollup.find(b"\nPss:")
        return int(rollup[found + 5 : found + 40].split()[0]) * 1_024 if found != -1 else 0

    def _children_us(self) -> int:
        """Return the processor time of all that ended and was waited for."""
        import resource

        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return int((usage.ru_utime + usage.ru_stime) * 1_000_000)

    def _largest_bytes(self) -> int:
        """Return the most that a single process had, where that is known.

        Linux counts what a process was before it became the command: us. Below that nothing
        is told, unless nothing was ever seen: then it is the most that it can have been.
        """
        import resource

        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return largest * 1_024 if largest > own or not self._memory_peak else 0


class Folder:
    """The small files of the border."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.ended_ms = 0
        self.ended: float | None = None
        self.begin()

    def begin(self) -> None:
        """Let the time of the command begin now."""
        self.started_ms = now_ms()
        self.started = time.monotonic()

    def end(self) -> None:
        """Let the time of a step end now; what follows does not count."""
        self.ended_ms = now_ms()
        self.ended = time.monotonic()

    def has(self, name: str) -> bool:
        """Whether something of this name is there."""
        return os.path.lexists(os.path.join(self.path, name))

    def introduce(self) -> None:
        """Say who looks after the build; boot and start time tell a recycled id apart."""
        boot = read_small("/proc/sys/kernel/random/boot_id").decode().strip()
        self._write(
            "supervisor.json",
            {
                "pid": os.getpid(),
                "start_ticks": ProcStat(os.getpid()).start_ticks,
                "boot_id": boot or None,
                "started_ms": self.started_ms,
            },
        )

    def conclude(
        self,
        plan: Plan,
        *,
        pid: int | None = None,
        exit_code: int | None = None,
        number: int | None = None,
        swept: int = 0,
        usage: dict[str, Any] | None = None,
    ) -> None:
        """Write the result for good; ``number`` is that of the signal that ended it."""
        if self.ended is None:
            self.end()
        result = {
            "outcome": plan.outcome.value,
            "exit_code": exit_code,
            "signal": number,
            "error": plan.error,
            "step": plan.decisive_step(),
            "pid": pid,
            "started_ms": self.started_ms,
            "ended_ms": self.ended_ms,
            "duration_ms": int(((self.ended or self.started) - self.started) * 1_000),
            "swept": swept,
            **(usage or {}),
        }
        self._write("result.json", result, durable=True)

    def _write(self, name: str, content: dict[str, Any], durable: bool = False) -> None:
        """Write a file that is there whole or not at all, as soon as there is room.

        Raises:
            FileNotFoundError: The folder is gone, and with it whoever wants to know.
        """
        path = os.path.join(self.path, name)
        while True:
            try:
                self._replace(path, json.dumps(content).encode(), durable)
            except FileNotFoundError:
                raise
            except OSError:
                time.sleep(RETRY_SECONDS)
            else:
                return

    def _replace(self, path: str, data: bytes, durable: bool) -> None:
        partial = path + ".partial"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        descriptor = os.open(partial, flags | BINARY, 0o600)
        try:
            while data:
                data = data[os.write(descriptor, data) :]
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(partial, path)
        if durable and os.name == "posix":
            descriptor = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


class Supervisor:
    """Runs the steps of one build to their ends, whatever that takes, on Linux and macOS."""

    def __init__(self, folder: Folder, spec: Spec, forms: set[bytes]) -> None:
        self._folder = folder
        self._spec = spec
        self._forms = forms
        self._masker = Masker(forms)
        self._spool = Spool(folder.path, spec.segment_bytes)
        self._plan = Plan(spec.steps)
        self._tree = ProcessTree(spec.uid)
        self._sampler = Sampler(folder, self._tree)
        self._source = Source(spec.terminal)
        self._phase = Phase.RUNNING
        self._deadline = 0.0
        self._after_until = float("inf")
        self._after_seconds = 0.0
        self._end_noted = self._failed = False
        self._swept_told = 0
        self._drain_left = DRAIN_SECONDS
        self._drain_reported = False
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._flushed = 0.0
        self._output_at = folder.started
        self._now = folder.started
        self._terminations = 0
        self._poll = select.poll()
        self._wake, wake = os.pipe()
        self._listen(wake)

    def run(self) -> None:
        """Start the first step and see all through to ``result.json``."""
        if self._wants_cancel():
            self._spool.event("cancelled")
            self._plan.stop(Outcome.CANCELLED)
            self._conclude()
            return
        self._folder.begin()
        self._sampler.begin()
        try:
            self._start_next()
            self._loop()
        except BaseException:
            until = time.monotonic() + KILL_SECONDS
            while self._tree.kill() and time.monotonic() < until:
                time.sleep(KILL_PASS_SECONDS)
            raise
        self._conclude()

    # Steps

    def _start_next(self) -> None:
        """Start the step that is next; what cannot be started is told, and passed over."""
        while self._plan.waiting:
            step = self._plan.take()
            if step.after and self._after_seconds == 0.0:
                self._limit_after(self._plan.outcome is Outcome.EXITED)
            if self._plan.told and not step.preliminary:
                self._event("step", **self._told(step))
            if not self._source.held:
                self._source.close()
                self._source = Source(self._spec.terminal)
            try:
                self._tree.start(self._spec, step, self._source.writing)
            except (OSError, ValueError) as error:
                self._event("start_failed", error=explain(error))
                self._plan.refused(explain(error))
            else:
                self._on_started()
                return
        self._source.let_go()
        self._phase = Phase.DONE if self._tree.pid is None else Phase.DRAINING

    def _on_started(self) -> None:
        self._plan.started()
        # Elsewhere than on Linux a terminal goes with the session that had it.
        lost = self._spec.terminal and sys.platform != "linux"
        if lost or not self._plan.waiting:
            self._source.let_go()
        self._phase = Phase.RUNNING
        self._folder.ended = None
        self._end_noted = self._drain_reported = False
        self._drain_left = DRAIN_SECONDS
        self._output_at = self._now = time.monotonic()

    def _limit_after(self, generous: bool) -> None:
        """Say how long the steps after the command may take, all together, from now."""
        now, spec = time.monotonic(), self._spec
        seconds = max(AFTER_LEAST_SECONDS, AFTER_GRACES * spec.grace)
        if generous and spec.timeout is None:
            seconds = float("inf")
        elif generous and spec.timeout is not None:
            seconds = max(seconds, self._folder.started + spec.timeout - now)
        self._after_until, self._after_seconds = now + seconds, seconds

    def _told(self, step: Step) -> dict[str, object]:
        """Return what can be said of a step in one line, without secrets."""
        masker = Masker(self._forms)
        shown = masker.feed(to_bytes(step.text)) + masker.finish()
        text = " ".join(shown.decode("utf-8", "replace").split())
        if len(text) > LONGEST_TOLD:
            text = text[: LONGEST_TOLD - 1] + "…"
        return {"kind": step.kind, "number": step.number, "of": step.count, "text": text}

    def _note_end(self) -> None:
        """Take the time and the status of the step that just ended."""
        assert self._tree.status is not None
        self._end_noted = True
        self._folder.end()
        self._failed = self._plan.ended(self._tree.status)
        if not self._plan.waiting:
            self._source.let_go()

    def _go_on(self) -> None:
        """Start the next step, or see to what the last one left."""
        if self._plan.told:
            self._read_rest()
            if self._failed:
                code = os.waitstatus_to_exitcode(self._tree.status or 0)
                self._event("step_failed", kind=self._plan.step.kind, code=code)
        if self._plan.waiting:
            self._start_next()
        else:
            self._phase = Phase.DRAINING
            self._while_draining()

    # What wakes us

    def _listen(self, wake: int) -> None:
        """Let ends of children and SIGTERM interrupt any wait."""
        for descriptor in (self._wake, wake):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._on_terminate)
        self._poll.register(self._wake, select.POLLIN)

    def _on_terminate(self, *_: object) -> None:
        self._terminations += 1

    def _wants_cancel(self) -> bool:
        """Tell whether somebody wants the end; once that was heard, whether twice."""
        if self._plan.outcome is Outcome.CANCELLED:
            return self._terminations > 1 or self._folder.has("cancel.again")
        return self._terminations > 0 or self._folder.has("cancel")

    def _loop(self) -> None:
        while self._phase is not Phase.DONE:
            self._wait()
            before, self._now = self._now, time.monotonic()
            self._spool.retry(self._now)
            if self._spool.blocked:
                self._output_at = self._now  # it may be printing: we are not looking
            elif self._phase in (Phase.DRAINING, Phase.SETTLING):
                self._drain_left -= self._now - before
            self._tree.reap()
            if self._tree.ended and not self._end_noted:
                self._note_end()
            if self._now >= self._sampler.due:
                self._sampler.look(self._now)
            self._read()
            self._STEPS[self._phase](self)

    def _wait(self) -> None:
        """Sleep until there is something to do."""
        now = time.monotonic()
        reading = self._may_read()
        until = min(now + TICK_SECONDS, self._sampler.due)
        if self._phase is Phase.KILLING:
            until = now + KILL_PASS_SECONDS
        if self._spool.blocked:
            until = min(until, self._spool.retry_at)
        elif self._pending:
            until = min(until, self._flushed + FLUSH_SECONDS)
        if reading and self._source.read_at > now and not self._tree.ended:
            until = min(until, self._source.read_at)
            reading = False
        if reading:
            self._poll.register(self._source.descriptor, select.POLLIN)
        ready = self._poll.poll(max(0.0, (until - now) * 1_000))
        if reading:
            self._poll.unregister(self._source.descriptor)
        if any(descriptor == self._wake for descriptor, _ in ready):
            os.read(self._wake, 4_096)

    # Output

    def _may_read(self) -> bool:
        return not (self._source.ended or self._spool.blocked)

    def _read(self) -> None:
        """Take in what the command printed; write it in frames that are worth it."""
        if self._may_read() and (self._now >= self._source.read_at or self._tree.ended):
            self._keep(self._source.read())
        large = self._pending_bytes >= BLOCK_BYTES
        if large or self._source.ended or self._now >= self._flushed + FLUSH_SECONDS:
            self._flush()

    def _read_rest(self) -> bool:
        """Take in all that is there by now; tell whether there was room for it.

        Of a step that has ended that is all of its own output; bounded, as what it left
        running may print for ever.
        """
        left = 2 * PIPE_BYTES
        while left > 0 and self._may_read() and (data := self._source.read()):
            left -= len(data)
            self._keep(data)
            if self._pending_bytes >= BLOCK_BYTES:
                self._flush()
        return not self._spool.blocked

    def _keep(self, data: bytes) -> None:
        if data:
            self._output_at = self._now
            self._pending.append(data)
            self._pending_bytes += len(data)

    def _flush(self) -> None:
        if self._pending:
            block = self._pending[0] if len(self._pending) == 1 else b"".join(self._pending)
            self._pending, self._pending_bytes = [], 0
            self._flushed = self._now
            self._spool.output(self._masker.feed(block))

    def _event(self, name: str, **details: object) -> None:
        """Note an event behind the output that came before it."""
        self._flush()
        self._spool.event(name, **details)

    # The phases

    def _while_running(self) -> None:
        if self._tree.ended and (not self._plan.waiting or self._read_rest()):
            self._go_on()
        elif (outcome := self._reached()) is not None:
            self._plan.stop(outcome)
            if not self._plan.waiting:
                self._source.let_go()
            self._ask(self._spec.grace)

    def _reached(self) -> Outcome | None:
        """Return why the step must not go on, None while it may."""
        spec, after = self._spec, self._plan.step.after
        if self._wants_cancel():
            if not after or self._plan.outcome is Outcome.CANCELLED:
                self._event("cancelled_again" if after else "cancelled")
                return Outcome.CANCELLED
            self._hear_cancel()
        elif after and self._now >= self._after_until:
            self._event("after_timeout", seconds=round(self._after_seconds))
            return Outcome.TIMEOUT
        elif (
            not after
            and spec.timeout is not None
            and self._now >= self._folder.started + spec.timeout
        ):
            self._event("timeout", seconds=spec.timeout)
            return Outcome.TIMEOUT
        elif spec.silence is not None and self._now >= self._output_at + spec.silence:
            self._event("no_output", seconds=spec.silence)
            return Outcome.NO_OUTPUT
        return None

    def _hear_cancel(self) -> None:
        """Call the build cancelled; the first cancel ends no step after the command."""
        self._event("cancelled")
        self._plan.outcome = Outcome.CANCELLED
        if self._after_seconds:
            until = self._after_until
            self._limit_after(generous=False)
            self._after_until = min(until, self._after_until)

    def _ask(self, grace: float) -> None:
        self._phase = Phase.ENDING
        self._deadline = self._now + grace
        self._tree.terminate()

    def _drained(self) -> bool:
        """Tell whether the output is over or was waited for long enough."""
        if self._source.ended:
            return True
        if self._source.held:
            return self._read_rest()
        if self._drain_left > 0 or self._spool.blocked:
            return False
        if not self._drain_reported:
            self._drain_reported = True
            self._event("drain_timeout", seconds=DRAIN_SECONDS)
        return True

    def _while_draining(self) -> None:
        cancelled = self._wants_cancel()
        if not self._drained() and not cancelled:
            return
        if self._spec.leave_processes or not self._tree.left():
            self._settle()
        elif cancelled:
            self._ask(SWEEP_GRACE_SECONDS)
        else:
            self._phase = Phase.LINGERING
            self._deadline = self._now + LINGER_SECONDS

    def _while_lingering(self) -> None:
        if not self._tree.left():
            self._settle()
        elif self._now >= self._deadline or self._wants_cancel():
            self._ask(SWEEP_GRACE_SECONDS)

    def _while_ending(self) -> None:
        if not self._tree.left():
            self._settle()
        elif self._now >= self._deadline:
            self._phase = Phase.KILLING
            self._deadline = self._now + KILL_SECONDS
            self._while_killing()

    def _while_killing(self) -> None:
        if not self._tree.kill() or self._now >= self._deadline:
            self._settle()

    def _settle(self) -> None:
        """Wait for the last of the output; longer only when the sweep may have freed it."""
        self._phase = Phase.SETTLING
        if self._plan.outcome is not Outcome.EXITED or self._tree.swept:
            self._drain_left = DRAIN_SECONDS
        if swept := len(self._tree.swept) - self._swept_told:
            self._swept_told += swept
            self._event("killed", processes=swept)
        self._while_settling()

    def _while_settling(self) -> None:
        if not self._drained():
            return
        if self._plan.waiting and self._wants_cancel():
            if self._plan.outcome is Outcome.CANCELLED:
                self._event("cancelled_again")
                self._plan.drop()
            else:
                self._hear_cancel()
        if self._plan.waiting:
            self._start_next()
        else:
            self._phase = Phase.DONE

    _STEPS: dict[Phase, Callable[[Supervisor], None]] = {  # noqa: RUF012 - never changed
        Phase.RUNNING: _while_running,
        Phase.DRAINING: _while_draining,
        Phase.LINGERING: _while_lingering,
        Phase.ENDING: _while_ending,
        Phase.KILLING: _while_killing,
        Phase.SETTLING: _while_settling,
    }

    # The end

    def _conclude(self) -> None:
        """Write the last of the output, then the result."""
        self._source.close()
        self._flush()
        self._spool.output(self._masker.finish())
        while self._spool.blocked:
            time.sleep(RETRY_SECONDS)
            self._spool.retry(time.monotonic())
        self._spool.close()
        if self._folder.ended is None:
            self._folder.end()
        status = self._plan.status
        code = None if status is None else os.waitstatus_to_exitcode(status)
        self._folder.conclude(
            self._plan,
            pid=self._tree.pid,
            exit_code=code if code is not None and code >= 0 else None,
            number=-code if code is not None and code < 0 else None,
            swept=len(self._tree.swept),
            usage=self._sampler.finish(),
        )


if sys.platform == "win32":

    class WindowsJob:
        """A job object that holds a process and all that it starts (untested)."""

        def __init__(self, leave_processes: bool) -> None:
            import ctypes

            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._resume = ctypes.WinDLL("ntdll").NtResumeProcess
            self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
            self._job = ctypes.c_void_p(self._kernel.CreateJobObjectW(None, None))
            if not leave_processes:
                extended_limits, kill_on_close = 9, 0x2000
                limits = ctypes.create_string_buffer(144)
                struct.pack_into("<I", limits, 16, kill_on_close)
                self._kernel.SetInformationJobObject(
                    self._job, extended_limits, limits, len(limits)
                )

        def adopt(self, handle: int) -> None:
            """Take in a process that was started suspended, and let it run."""
            import ctypes

            self._kernel.AssignProcessToJobObject(self._job, ctypes.c_void_p(handle))
            self._resume(ctypes.c_void_p(handle))

        def end(self) -> None:
            """End every process of the job at once."""
            self._kernel.TerminateJobObject(self._job, 1)

    class WindowsSupervisor:
        """Runs the steps by ``cmd /c`` in a job object (untested).

        There is no polite way to ask a process without a window to end, so the grace is not
        used; pseudo-terminals, nice levels and samples are not offered.
        """

        def __init__(self, folder: Folder, spec: Spec, forms: set[bytes]) -> None:
            from queue import Queue

            self._folder = folder
            self._spec = spec
            self._plan = Plan(spec.steps)
            self._masker = Masker(forms)
            self._spool = Spool(folder.path, spec.segment_bytes)
            self._blocks: Queue[bytes] = Queue(maxsize=4)
            self._job = WindowsJob(spec.leave_processes)
            self._after_until: float | None = None
            self._pid: int | None = None

        def run(self) -> None:
            """Run the steps and see them through to ``result.json``."""
            if self._folder.has("cancel"):
                self._spool.event("cancelled")
                self._plan.stop(Outcome.CANCELLED)
                self._conclude()
                return
            self._folder.begin()
            while self._plan.waiting:
                step = self._plan.take()
                if self._plan.told and not step.preliminary:
                    # Not the text: it may hold a secret, and the output masks its own.
                    about = {"kind": step.kind, "number": step.number, "of": step.count}
                    self._spool.event("step", **about, text="")
                try:
                    process = self._start(step)
                except (OSError, ValueError) as error:
                    self._spool.event("start_failed", error=explain(error))
                    self._plan.refused(explain(error))
                else:
                    self._plan.started()
                    self._follow(process)
            if not self._spec.leave_processes:
                self._job.end()
            self._conclude()

        def _start(self, step: Step) -> Any:
            import subprocess

            suspended = 0x4
            return subprocess.Popen(
                step.argv or f'cmd /d /s /c "{step.text}"',
                cwd=step.directory or self._spec.directory,
                env=self._spec.environment(step),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                creationflags=suspended | subprocess.CREATE_NEW_PROCESS_GROUP,
            )

        def _follow(self, process: Any) -> None:
            import threading

            self._pid = process.pid
            self._job.adopt(int(process._handle))
            threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()
            outcome, quiet_since = Outcome.EXITED, time.monotonic()
            while process.poll() is None:
                if self._take():
                    quiet_since = time.monotonic()
                if outcome is Outcome.EXITED:
                    outcome = self._limit(quiet_since)
                    if outcome is not Outcome.EXITED:
                        self._spool.event(outcome.value)
                        self._plan.stop(outcome)
                        self._job.end()
            self._folder.end()
            self._plan.ended(process.returncode)
            until = time.monotonic() + DRAIN_SECONDS
            while time.monotonic() < until and self._take() is not False:
                pass

        def _read(self, pipe: Any) -> None:
            while block := pipe.read1(BLOCK_BYTES):
                self._blocks.put(block)
            self._blocks.put(b"")

        def _take(self) -> bool | None:
            """Spool one block: True; nothing there yet: None; the end: False."""
            from queue import Empty

            self._spool.retry(time.monotonic())
            if self._spool.blocked:
                time.sleep(TICK_SECONDS)
                return None
            try:
                block = self._blocks.get(timeout=TICK_SECONDS)
            except Empty:
                return None
            self._spool.output(self._masker.feed(block))
            return bool(block)

        def _limit(self, quiet_since: float) -> Outcome:
            now, spec, after = time.monotonic(), self._spec, self._plan.step.after
            if after and self._after_until is None:
                self._after_until = now + max(AFTER_LEAST_SECONDS, AFTER_GRACES * spec.grace)
            if self._folder.has("cancel.again" if after else "cancel"):
                return Outcome.CANCELLED
            if after and self._after_until is not None and now >= self._after_until:
                return Outcome.TIMEOUT
            limited = not after and spec.timeout is not None
            if limited and now >= self._folder.started + (spec.timeout or 0):
                return Outcome.TIMEOUT
            if spec.silence is not None and now >= quiet_since + spec.silence:
                return Outcome.NO_OUTPUT
            return Outcome.EXITED

        def _conclude(self) -> None:
            self._spool.output(self._masker.finish())
            while self._spool.blocked:
                time.sleep(RETRY_SECONDS)
                self._spool.retry(time.monotonic())
            self._spool.close()
            self._folder.conclude(self._plan, pid=self._pid, exit_code=self._plan.status)


def main(arguments: list[str]) -> int:
    """Look after the build in the folder that is the only argument."""
    folder = Folder(arguments[0])
    os.chdir(os.path.abspath(os.sep))
    for name in ("SIGHUP", "SIGINT", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    folder.introduce()
    try:
        secrets = read_secrets()
        spec = Spec.read(folder.path, secrets)
        forms = set().union(*(secret_forms(value) for value in secrets.values()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        plan = Plan([Step("command", "")])
        plan.refused(explain(error))
        folder.conclude(plan)
        return 1
    if sys.platform == "win32":
        WindowsSupervisor(folder, spec, forms).run()
    else:
        become_subreaper()
        Supervisor(folder, spec, forms).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
