"""Measures what this machine does with SQLite, keeps the results and compares them."""

from core.database.audit_trail import Deed, Subject
from core.errors import NotFoundError
from core.performance.benchmarks import comparing
from core.performance.benchmarks.profiles import PROFILES, Profile, of_profile, profile_words
from core.performance.benchmarks.repository import BenchmarksRepository
from core.performance.benchmarks.running import TOPIC, Run, Runner
from core.performance.benchmarks.schemas import (
    BenchmarkRow,
    BenchmarksChanged,
    BenchmarkSettings,
    Comparison,
)
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _

_MOST_REPEATS = 500


class BenchmarkService:
    """The benchmarks of one open database; its rows are never touched, nor read."""

    def __init__(self, target: Target) -> None:
        self.gate = target.gate
        self._target = target
        self._runner = Runner(target)

    @permitted(Operation.BENCHMARKS_RUN)
    async def run(
        self, actor: Actor, *, settings: BenchmarkSettings, progress: Progress
    ) -> BenchmarkRow:
        """Measure in a file of its own beside the database, and keep what came out.

        Raises:
            AppError: It failed, and that is kept, too; or there is no room for it.
        """
        return await self._runner.run(Run(actor, settings, ""), progress)

    @permitted(Operation.BENCHMARKS_RUN)
    async def profiles(
        self, actor: Actor, *, settings: BenchmarkSettings, progress: Progress
    ) -> tuple[BenchmarkRow, ...]:
        """Measure the same with each profile of PRAGMAs, one after the other.

        Args:
            settings: What is measured; journal mode, synchronous and cache are those of the
                profiles.

        Raises:
            AppError: One failed; those before it are kept.
        """
        rows = []
        for number, profile in enumerate(PROFILES):
            part = _part(progress, number, profile)
            run = Run(actor, of_profile(settings, profile), profile.name)
            rows.append(await self._runner.run(run, part))
        return tuple(rows)

    @permitted(Operation.PERFORMANCE_READ)
    async def history(self, actor: Actor, *, limit: int = 100) -> tuple[BenchmarkRow, ...]:
        """Return the benchmarks that were run, the newest first."""
        if not await self._target.has_records():
            return ()
        records = await self._target.records()
        async with records.read() as session:
            return tuple(await BenchmarksRepository(session).newest(limit))

    @permitted(Operation.PERFORMANCE_READ)
    async def compare(self, actor: Actor, *, first: int, second: int) -> Comparison:
        """Return two benchmarks side by side.

        Raises:
            NotFoundError: One is gone.
        """
        if not await self._target.has_records():
            raise _gone()
        records = await self._target.records()
        async with records.read(snapshot=True) as session:
            runs = BenchmarksRepository(session)
            one, other = [await runs.find(run_id) for run_id in (first, second)]
            kept = await runs.newest(_MOST_REPEATS)
        if one is None or other is None:
            raise _gone()
        return comparing.compare(one, other, kept)

    @permitted(Operation.BENCHMARKS_RUN)
    async def delete(self, actor: Actor, *, run_id: int) -> None:
        """Delete a benchmark from the kept ones.

        Raises:
            NotFoundError: It is gone already.
        """
        if not await self._target.has_records():
            raise _gone()
        records = await self._target.records()
        async with records.unit_of_work() as unit:
            if not await BenchmarksRepository(unit.session).remove(run_id):
                raise _gone()
            if self._target.keeper is None:
                subject = Subject("benchmark", str(run_id), self._target.name)
                changes: dict[str, object] = {"deleted": True}
                unit.record(Deed(actor, Operation.BENCHMARKS_RUN.key, subject, changes))
            unit.changed(TOPIC)
            unit.publish(BenchmarksChanged(self._target.path))
            await unit.commit()


def _part(progress: Progress, number: int, profile: Profile) -> Progress:
    """Return the progress of one of the profiles, as part of the whole."""

    def report() -> None:
        share = (number + (part.fraction or 0.0)) / len(PROFILES)
        words = _("{profile}: {text}").format(profile=profile_words(profile), text=part.text)
        progress.report(share, words)

    part = Progress(report)
    return part


def _gone() -> NotFoundError:
    return NotFoundError(
        _("This benchmark is gone."), hint=_("It was deleted; look at the list again.")
    )
