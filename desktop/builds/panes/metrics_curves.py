"""Samples of a build as curves over one row of labels, few enough to be drawn every second."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.builds.schemas import BuildRow, BuildSampleRow
from core.translation import _
from desktop.figures import decimal, duration

_MOST_POINTS: Final = 240
_STEPS_MS: Final = (
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
    600_000, 1_800_000, 3_600_000,
)  # fmt: skip
_MINUTE_MS: Final = 60_000

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """What is drawn: labels, and for each a value; None after the end of that build."""

    labels: tuple[str, ...]
    cpu: Values
    memory: Values
    processes: Values
    cpu_before: Values = ()
    memory_before: Values = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Peaks and totals: milliseconds, per cent of one core, bytes, a number of processes.

    None is what nobody measured.
    """

    cpu_ms: int | None = None
    cpu_peak: float | None = None
    memory_peak: int | None = None
    processes: int | None = None


def figures(build: BuildRow, samples: Sequence[BuildSampleRow]) -> Figures:
    """Return the figures of a build; while it runs, those of its samples by now."""
    if not samples:
        return Figures(build.cpu_ms, build.cpu_peak, build.memory_peak)
    cpu_ms = build.cpu_ms if build.state.finished else None
    return Figures(
        cpu_ms=_cpu_ms(samples) if cpu_ms is None else cpu_ms,
        cpu_peak=max([build.cpu_peak or 0.0, *(one.cpu for one in samples)]),
        memory_peak=max([build.memory_peak or 0, *(one.memory for one in samples)]),
        processes=max(one.processes for one in samples),
    )


def curves(own: Sequence[BuildSampleRow], before: Sequence[BuildSampleRow] = ()) -> Curves:
    """Return the curves of a build, and of the one before where that has some."""
    last = max((one.offset_ms for one in (*own[-1:], *before[-1:])), default=0)
    step = next((s for s in _STEPS_MS if last / s <= _MOST_POINTS), _coarse(last))
    moments = range(0, math.ceil(last / step) * step + 1, step)
    return Curves(
        labels=tuple(_label(moment, step) for moment in moments),
        cpu=_values(own, moments, lambda one: one.cpu),
        memory=_values(own, moments, lambda one: float(one.memory)),
        processes=_values(own, moments, lambda one: float(one.processes)),
        cpu_before=_values(before, moments, lambda one: one.cpu) if before else (),
        memory_before=_values(before, moments, lambda one: float(one.memory)) if before else (),
    )


def _coarse(last: int) -> int:
    hours = math.ceil(last / _MOST_POINTS / _STEPS_MS[-1])
    return hours * _STEPS_MS[-1]


def _values(
    samples: Sequence[BuildSampleRow], moments: range, of: Callable[[BuildSampleRow], float]
) -> Values:
    """Return a value about each moment: the largest around it, or what lies between two."""
    step = moments.step
    largest: dict[int, float] = {}
    for one in samples:
        place = round(one.offset_ms / step)
        largest[place] = max(largest.get(place, -math.inf), of(one))
    found: list[float | None] = [None] * len(moments)
    places = sorted(place for place in largest if place < len(moments))
    for place in places:
        found[place] = largest[place]
    for left, right in pairwise(places):
        for place in range(left + 1, right):
            share = (place - left) / (right - left)
            found[place] = largest[left] + share * (largest[right] - largest[left])
    for place in range(places[0] if places else 0):
        found[place] = largest[places[0]]
    return tuple(found)


def _label(moment: int, step: int) -> str:
    if step < 1_000:
        return _("{seconds} s").format(seconds=decimal(moment / 1000, 1))
    if moment < _MINUTE_MS and step < _MINUTE_MS:
        return _("{seconds} s").format(seconds=moment // 1000)
    return duration(moment / 1000)


def _cpu_ms(samples: Sequence[BuildSampleRow]) -> int:
    """Return the time of all processes: each sample tells of the time since the one before."""
    begin, used = 0, 0.0
    for one in samples:
        used += one.cpu / 100 * (one.offset_ms - begin)
        begin = one.offset_ms
    return round(used)
