"""Recommends what would make a database better, does it, and takes it back."""

import asyncio
from dataclasses import replace

from sqlalchemy import text

from core.completion import although_cancelled, to_the_end
from core.database.fields.times import utc_now
from core.errors import ConflictError, DatabaseError, NotFoundError
from core.performance.advice import applying
from core.performance.advice.collecting import Collector, own_indexes
from core.performance.advice.facts import Facts
from core.performance.advice.finding import Finding
from core.performance.advice.rules import findings
from core.performance.advice.rules.statements import suggested
from core.performance.advice.schemas import Advice, AdviceChanged
from core.performance.changes import AutoVacuum, CreateIndex, DropIndex, Undo, read_back
from core.performance.keeping import KeptFile
from core.performance.maintenance.changed import CONCERNING, changed_since
from core.performance.maintenance.looking import in_place
from core.performance.maintenance.records import end_the_dead
from core.performance.maintenance.repository import RunsRepository, as_row, texts
from core.performance.maintenance.schemas import MaintenanceRow, Task
from core.performance.maintenance.service import MaintenanceService
from core.performance.statements.schemas import Suggestion
from core.performance.storage.service import StorageService
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _

_KEPT = KeptFile("advice.json", Advice)


class AdviceService:
    """Recommendations for one file.

    Args:
        maintenance: Knows what was done, and what VACUUM needs.
        storage: Knows sizes, where they were measured.
    """

    def __init__(
        self, target: Target, maintenance: MaintenanceService, storage: StorageService
    ) -> None:
        self.gate = target.gate
        self._target = target
        self._collector = Collector(target, maintenance, storage)
        self._last: Advice | None = None

    @permitted(Operation.PERFORMANCE_READ)
    async def find(self, actor: Actor, *, progress: Progress) -> Advice:
        """Look for recommendations; the file is only read.

        Raises:
            CancelledError: It was cancelled.
            AppError: The file cannot be read.
        """
        return (await self._find(actor, progress))[0]

    @permitted(Operation.PERFORMANCE_READ)
    async def last(self, actor: Actor) -> Advice | None:
        """Return what was found last, maybe by an earlier window; None where nobody looked."""
        if self._last is None:
            self._last = await asyncio.to_thread(_KEPT.read, self._target.folders)
        if self._last is None:
            return None
        outdated = await self._schema_version() != self._last.schema_version
        outdated = outdated or await changed_since(self._target, self._last.at, CONCERNING)
        return replace(self._last, outdated=outdated)

    @permitted(Operation.ADVICE_APPLY)
    async def apply(self, actor: Actor, *, key: str, progress: Progress) -> MaintenanceRow:
        """Do what a recommendation says, if it still holds.

        Raises:
            NotFoundError: It does not hold any more.
            ConflictError: It is one that a person has to deal with.
            CancelledError: It was cancelled in time; the file is as it was.
            AppError: It cannot be done; the words say why.
        """
        self._target.check_writable()
        async with applying.turn(self._target, progress):
            advice, found = await self._find(actor, progress)
            chosen = next((one for one in found if one.told.key == key), None)
            if chosen is None:
                raise NotFoundError(
                    _("This recommendation does not hold any more."),
                    hint=_("Nothing was changed. The list shows what holds now."),
                )
            if not chosen.told.applicable:
                raise ConflictError(
                    _("Buildbench cannot do this by itself."),
                    detail=chosen.told.why_not,
                    hint=_("Nothing was changed."),
                )
            row = await applying.carry_out(self._target, actor, chosen, progress)
        self._forget_plans()
        rest = tuple(one for one in advice.found if one.key != key)
        await although_cancelled(self._keep(replace(advice, found=rest)))
        return row

    @permitted(Operation.ADVICE_APPLY)
    async def make_index(
        self, actor: Actor, *, index: Suggestion, progress: Progress
    ) -> MaintenanceRow:
        """Make an index that the plan of a statement suggests; ``undo`` takes it back.

        Raises:
            ConflictError: Its name is taken by now, or its columns are gone.
            CancelledError: It was cancelled in time; the file is as it was.
            AppError: It cannot be done; the words say why.
        """
        self._target.check_writable()
        found = suggested(index)
        async with applying.turn(self._target, progress):
            row = await applying.carry_out(self._target, actor, found, progress)
        self._forget_plans()
        self._target.bus.publish(AdviceChanged(self._target.path))
        return row

    @permitted(Operation.ADVICE_APPLY)
    async def undo(self, actor: Actor, *, run_id: int, progress: Progress) -> MaintenanceRow:
        """Take back what a recommendation did.

        Raises:
            NotFoundError: There is no such run, or it cannot be taken back.
            ConflictError: The file is not as it was left, or it was taken back already.
            AppError: It cannot be done; the words say why.
        """
        self._target.check_writable()
        async with applying.turn(self._target, progress):
            title, undo = await self._undo_of(run_id)
            if all(await in_place(self._target, undo)):
                # Whoever did it died before it was recorded, or did it by hand.
                await applying.note_taken_back(self._target, run_id)
                raise _taken_back()
            row = await applying.take_back(self._target, actor, title, undo, progress)
            await although_cancelled(applying.note_taken_back(self._target, run_id))
        self._forget_plans()
        # What was found before may not hold any more: its schema is another one.
        self._target.bus.publish(AdviceChanged(self._target.path))
        return row

    def _forget_plans(self) -> None:
        """Have the plans of statements asked for anew: others are better now."""
        self._target.database.monitor.forget_plans()

    async def _find(
        self, actor: Actor, progress: Progress
    ) -> tuple[Advice, tuple[Finding, ...]]:
        at = utc_now()
        facts = await self._collector.facts(actor, progress)
        found = await asyncio.to_thread(findings, facts)
        told = tuple(one.told for one in found)
        version = await self._schema_version()
        return await self._keep(Advice(told, at, _notes(facts), version)), found

    async def _undo_of(self, run_id: int) -> tuple[str, tuple[Undo, ...]]:
        undo: tuple[Undo, ...] = ()
        title = ""
        if await self._target.has_records():
            await end_the_dead(self._target)
            records = await self._target.records()
            async with records.read() as session:
                stored = await RunsRepository(session).get(run_id)
            row = as_row(stored) if stored is not None else None
            if row is not None and row.taken_back:
                raise _taken_back()
            if stored is not None and row is not None and row.task is Task.ADVICE:
                title = row.subject
                undo = read_back(texts(stored.undo)) if row.can_undo else ()
        if not undo or any(self._is_ours(each) for each in undo):
            raise NotFoundError(
                _("This cannot be taken back."),
                hint=_("Nothing was changed. Make the opposite change by hand, if you can."),
            )
        return title, undo

    def _is_ours(self, change: Undo) -> bool:
        """Tell whether a change is one that a recommendation never makes to a workspace."""
        if not self._target.managed:
            return False
        if not isinstance(change, CreateIndex | DropIndex):
            return not isinstance(change, AutoVacuum)
        return change.name.lower() in own_indexes()

    async def _keep(self, advice: Advice) -> Advice:
        self._last = advice
        await to_the_end(asyncio.to_thread(_KEPT.keep, self._last, self._target.folders))
        self._target.bus.publish(AdviceChanged(self._target.path))
        return self._last

    async def _schema_version(self) -> int:
        """Return the number that SQLite counts up at each change; 0 where it cannot be read."""
        try:
            async with self._target.database.read() as session:
                found = await session.execute(text("PRAGMA schema_version"))
                return int(found.scalar_one())
        except DatabaseError:
            return 0


def _notes(facts: Facts) -> tuple[str, ...]:
    notes = []
    if not facts.managed:
        notes.append(
            _(
                "What other programs ask of this file is not seen here, so indexes are judged"
                " by its schema alone. Statements can be explained on the page Statements."
            )
        )
    if facts.keys and facts.violations is None and not facts.unread:
        notes.append(
            _(
                "There are too many rows to check foreign keys meanwhile, and they were not"
                " checked yet; see the page Maintenance."
            )
        )
    if facts.storage is None:
        notes.append(_("Sizes were not measured yet; see the page Storage."))
    elif facts.storage.outdated:
        notes.append(
            _("Sizes were not measured since the file was changed; see the page Storage.")
        )
    if len(facts.rows) < len(facts.tables):
        notes.append(
            _("Not all tables could be counted; nothing is recommended for the others.")
        )
    return tuple(notes)


def _taken_back() -> ConflictError:
    return ConflictError(_("This was taken back already."), hint=_("Nothing was changed."))
