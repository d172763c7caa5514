"""What the statistics of builds tell.

All durations are in milliseconds, all sizes in bytes, all rates between 0 and 1. A build
counts on the day on which it ended, in local time; days are as long as the local clock says.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.builds.schemas import BuildRow, BuildSampleRow, BuildState, Problem

MOST_DAYS = 366
TREND_BUILDS = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of the builds of some days.

    ``success``, ``failed`` and ``cancelled`` ended within these days; ``running`` and
    ``waiting`` are those of now, 0 for days that are past. The durations are of builds that
    succeeded or failed; None where there is none.
    """

    success: int = 0
    failed: int = 0
    cancelled: int = 0
    running: int = 0
    waiting: int = 0
    mean_ms: float | None = None
    largest_ms: int | None = None

    @property
    def total(self) -> int:
        """How many builds there are in all."""
        return self.success + self.failed + self.cancelled + self.running + self.waiting

    @property
    def success_rate(self) -> float | None:
        """How many of those that succeeded or failed succeeded; None without any."""
        ended = self.success + self.failed
        return self.success / ended if ended else None


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What came of the builds that ended on one local day.

    ``median_ms`` is of those that succeeded, None where none did.
    """

    day: date
    success: int = 0
    failed: int = 0
    cancelled: int = 0
    median_ms: float | None = None


@dataclass(frozen=True, slots=True)
class HourFigures:
    """How many builds ended in one hour of the week, in local time; Monday is 0."""

    weekday: int
    hour: int
    builds: int


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """What came of the builds of one project in these days.

    ``median_ms`` is of those that succeeded, None where none did.
    """

    project_id: int
    project: str
    builds: int
    success: int
    failed: int
    median_ms: float | None

    @property
    def success_rate(self) -> float | None:
        """How many of those that succeeded or failed succeeded; None without any."""
        ended = self.success + self.failed
        return self.success / ended if ended else None


@dataclass(frozen=True, slots=True)
class FlakyProject:
    """A project whose builds came to both ends although nothing had changed.

    ``snapshots`` counts what was built (clean commit, command, type and variables) with both
    outcomes; ``retries`` the failures whose retry succeeded. ``last_at`` is the last end of a
    build of these that failed.
    """

    project_id: int
    project: str
    snapshots: int
    retries: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class BuildStatistics:
    """The builds of all projects in the last ``days`` local days, today being the last.

    ``before`` is of as many days before them. ``series`` has each day, the first one first.
    ``slowest`` have the longest median of successes, ``failing`` the most failures, the worst
    first; ``flaky`` the most signs of it. ``hours`` has those with a build only.
    """

    days: int
    present: Figures
    before: Figures
    series: tuple[DayFigures, ...]
    hours: tuple[HourFigures, ...]
    slowest: tuple[ProjectFigures, ...]
    failing: tuple[ProjectFigures, ...]
    flaky: tuple[FlakyProject, ...]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One build of a duration trend.

    ``median_ms`` and ``late_after_ms`` are the median and the 90th percentile of the ten last
    successes up to this build, as ``BuildRow`` has them; None while there are too few.
    """

    build_id: int
    number: int
    state: BuildState
    finished_at: datetime
    duration_ms: int | None
    median_ms: int | None
    late_after_ms: int | None


@dataclass(frozen=True, slots=True)
class ProjectStatistics:
    """The builds of one project; as ``BuildStatistics``.

    ``trend`` holds its last ``TREND_BUILDS`` builds that ended, whenever that was, the oldest
    first. ``flaky`` is None where nothing tells that it is.
    """

    project_id: int
    project: str
    days: int
    present: Figures
    before: Figures
    series: tuple[DayFigures, ...]
    hours: tuple[HourFigures, ...]
    trend: tuple[TrendPoint, ...]
    flaky: FlakyProject | None


class Difference(StrEnum):
    """How something differs from the first build to the second."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field of both builds.

    ``name`` is that of the field in ``BuildRow``, ``words`` what people call it; the values
    are as the rows have them, for the screen to show in its own forms.
    """

    name: str
    words: str
    first: object
    second: object

    @property
    def same(self) -> bool:
        """Whether both builds have the same."""
        return self.first == self.second


@dataclass(frozen=True, slots=True)
class VariableDifference:
    """A variable of one of the builds or of both; a value is None where there is none.

    ``secret`` ones have no values here.
    """

    name: str
    difference: Difference
    first: str | None
    second: str | None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class ArtifactDifference:
    """An artifact of one of the builds or of both, by its path.

    ``difference`` is by content: ``CHANGED`` where the hashes differ. A size is None where
    the build has no such artifact.
    """

    path: str
    difference: Difference
    first_size: int | None
    second_size: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two builds differ; ``first`` is mostly the older.

    ``new`` are problems that only the second has, ``gone`` those that only the first has; the
    same message in the same file is the same problem wherever its line moved. Of each there
    are ``MOST_PROBLEMS`` at most, counted in ``new_total`` and ``gone_total``;
    ``problems_known`` is False where a log was not searched for them, or is gone.
    ``first_samples`` and ``second_samples`` are the curves.
    """

    first: BuildRow
    second: BuildRow
    fields: tuple[FieldDifference, ...]
    variables: tuple[VariableDifference, ...]
    new: tuple[Problem, ...]
    gone: tuple[Problem, ...]
    new_total: int
    gone_total: int
    problems_same: int
    problems_known: bool
    artifacts: tuple[ArtifactDifference, ...]
    first_samples: tuple[BuildSampleRow, ...]
    second_samples: tuple[BuildSampleRow, ...]


MOST_PROBLEMS = 200
