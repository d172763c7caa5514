"""How a build ended, as its supervisor wrote it down."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.builds.running.border import DamagedBorderError, number, read_object, words

RESULT = "result.json"
OUTCOMES = ("exited", "timeout", "no_output", "cancelled", "start_failed")
# More is not believed: per cent of one core, bytes.
MOST_CPU, MOST_MEMORY = 10_000_000, 2**50
_LONGEST_MS = 2**53
_MOST_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class DecidingStep:
    """Which step of a build failed or was ended.

    ``kind`` is before, command, after, or the name of a preliminary step; ``number`` counts
    from 1 within its kind.
    """

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What all processes of a build used: milliseconds, per cent of one core, bytes."""

    cpu_ms: int
    cpu_peak: float
    memory_peak: int


@dataclass(frozen=True, slots=True)
class Result:
    """How a build ended, as its supervisor saw it.

    ``outcome`` is exited, timeout, no_output, cancelled or start_failed. Exit code and signal
    are those of the deciding ``step``, None where all went well; ``usage`` is None on systems
    that do not tell.
    """

    outcome: str
    exit_code: int | None
    signal: int | None
    error: str
    duration_ms: int
    step: DecidingStep | None = None
    usage: Usage | None = None


def read_result(folder: Path) -> Result | None:
    """Return how the build ended, None while that is not written.

    Raises:
        DamagedBorderError: What is written is not what a supervisor writes.
    """
    stored = read_object(folder / RESULT)
    if stored is None:
        return None
    outcome, duration = words(stored, "outcome"), number(stored, "duration_ms", 0, _LONGEST_MS)
    if outcome not in OUTCOMES or duration is None:
        raise DamagedBorderError(f"{RESULT} says not how it ended")
    return Result(
        outcome=outcome,
        exit_code=number(stored, "exit_code", -(2**31), 2**32),
        signal=number(stored, "signal", 1, 2**16),
        error=words(stored, "error"),
        duration_ms=duration,
        step=_deciding_step(stored.get("step")),
        usage=_usage(stored),
    )


def _deciding_step(stored: Any) -> DecidingStep | None:
    if stored is None:
        return None
    if not isinstance(stored, dict):
        raise DamagedBorderError("step is no object")
    kind, place = words(stored, "kind"), number(stored, "number", 1, _MOST_STEPS)
    if not kind or place is None:
        raise DamagedBorderError("step says not which one it is")
    return DecidingStep(kind, place)


def _usage(stored: Mapping[str, Any]) -> Usage | None:
    """Return what was used, None where it is not told or told in a way that cannot be."""
    peak = stored.get("cpu_peak")
    # Not isinstance: True is a number to it.
    if type(peak) is not float and type(peak) is not int:
        return None
    try:
        cpu_ms = number(stored, "cpu_ms", 0, _LONGEST_MS)
        memory = number(stored, "memory_peak", 0, MOST_MEMORY)
    except DamagedBorderError:
        return None
    if cpu_ms is None or memory is None or not 0 <= peak <= MOST_CPU:
        return None
    return Usage(cpu_ms, float(peak), memory)
