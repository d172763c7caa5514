"""What the service of benchmarks takes and returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.events import Event

MOST_ROWS = 5_000_000


class BenchmarkKind(StrEnum):
    """What is measured.

    ``READS`` and ``WRITES`` are single rows, ``MIXED`` four reads to each write for a chosen
    time, ``BULK_INSERT`` a thousand rows in each transaction, ``PAGE_READS`` a page of a
    hundred rows, found by a key anywhere in the table.
    """

    READS = "reads"
    WRITES = "writes"
    MIXED = "mixed"
    BULK_INSERT = "bulk_insert"
    PAGE_READS = "page_reads"


class BenchmarkState(StrEnum):
    """How a benchmark ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BenchmarkSettings(BaseModel):
    """The input of a benchmark.

    ``concurrency`` is how many ask at once, ``operations`` how many there are in all,
    ``seconds`` how long a mixed one goes on, ``warm_up`` how many operations go before that are
    not counted, ``rows`` how many the table has; the last three are PRAGMAs of SQLite.
    """

    model_config = ConfigDict(frozen=True)

    kind: BenchmarkKind = BenchmarkKind.READS
    concurrency: Annotated[int, Field(ge=1, le=1_000)] = 100
    operations: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    seconds: Annotated[int, Field(ge=1, le=600)] = 10
    warm_up: Annotated[int, Field(ge=0, le=100_000)] = 100
    rows: Annotated[int, Field(ge=1_000, le=MOST_ROWS)] = 100_000
    journal_mode: Literal["wal", "delete", "truncate", "persist"] = "wal"
    synchronous: Literal["off", "normal", "full", "extra"] = "full"
    cache_kib: Annotated[int, Field(ge=64, le=1_048_576)] = 16_000


USUAL = {
    BenchmarkKind.READS: BenchmarkSettings(),
    BenchmarkKind.WRITES: BenchmarkSettings(
        kind=BenchmarkKind.WRITES, concurrency=50, operations=500
    ),
    BenchmarkKind.MIXED: BenchmarkSettings(kind=BenchmarkKind.MIXED, concurrency=20),
    BenchmarkKind.BULK_INSERT: BenchmarkSettings(
        kind=BenchmarkKind.BULK_INSERT, concurrency=1, operations=100, warm_up=2
    ),
    BenchmarkKind.PAGE_READS: BenchmarkSettings(
        kind=BenchmarkKind.PAGE_READS, concurrency=4, operations=1_000
    ),
}
"""The settings to begin with, for each kind."""


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """What came out.

    ``throughput`` is successful operations in a second; the durations are those of successful
    operations, from asking to the answer. ``timeline`` is pairs of seconds since the beginning
    and operations in a second around then. ``error_text`` is that of the first error.
    """

    operations: int
    errors: int
    error_text: str
    duration_s: float
    throughput: float
    min_ms: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    timeline: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """What it ran on; ``place`` is the folder of the file that was measured."""

    system: str
    processor: str
    cores: int
    memory_bytes: int
    python: str
    place: str


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """A benchmark that was run; ``result`` is None where it did not come to its end.

    ``label`` is the name of a profile where it was one of several side by side.
    """

    id: int
    kind: BenchmarkKind
    settings: BenchmarkSettings
    result: BenchmarkResult | None
    state: BenchmarkState
    message: str
    label: str
    started_at: datetime
    actor: str
    sqlite_version: str
    machine: Machine


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of two runs; ``better`` is None where nothing can be said.

    ``within`` says that repeats of the same differ by as much, so that it may be chance.
    ``ratio`` is the second divided by the first, None where the first is zero. ``unit`` is
    ``ms``, ``/s`` or empty for a count.
    """

    name: str
    unit: str
    first: float
    second: float
    ratio: float | None
    better: bool | None
    within: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; ``notes`` say what else differs, so that it may be the cause.

    ``about_chance`` says in words what is known of how much repeats vary.
    """

    first: BenchmarkRow
    second: BenchmarkRow
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    about_chance: str


@dataclass(frozen=True, slots=True)
class BenchmarkMoved(Event):
    """A benchmark on a file went on; ``total`` is 0 where it goes by time.

    ``at_s`` is the time since its beginning; ``throughput`` is that of the last moment.
    """

    path: Path
    label: str
    at_s: float
    done: int
    total: int
    throughput: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class BenchmarksChanged(Event):
    """A benchmark of a file was added to the kept ones, or deleted."""

    path: Path
