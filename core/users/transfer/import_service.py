"""Imports people from CSV and JSON of strangers."""

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from core.completion import to_the_end
from core.database.database import Database
from core.errors import AppError, ConflictError, ExternalError, NotFoundError, ValidationError
from core.files import write_atomically
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _
from core.users.schemas import RefusedRow, RowsRefusedError
from core.users.transfer.errors import UnreadableFileError
from core.users.transfer.fields import IMPORTED, words
from core.users.transfer.plan import Batch, Changed, New, Plan
from core.users.transfer.refusals import Tally, as_csv
from core.users.transfer.schemas import (
    FileOptions,
    ImportMode,
    ImportOptions,
    ImportReport,
    Preview,
    RefusedLine,
)
from core.users.transfer.source import Row, Source
from core.users.writing import Edit, Writer

BATCH = 500
MOST_IN_ONE_TRANSACTION = 50_000
"""The write lock is held for all of them, and all are in memory at once."""

Batches = AsyncGenerator[Batch, None]

_log = logging.getLogger(__name__)


class UserImports:
    """Imports people; passwords are never taken from a file.

    Args:
        phone_region: Gives where telephone numbers without a country code are from.
    """

    def __init__(
        self, database: Database, gate: Gate, writer: Writer, phone_region: Callable[[], str]
    ) -> None:
        self.gate = gate
        self._database = database
        self._writer = writer
        self._phone_region = phone_region

    @permitted(Operation.USERS_IMPORT)
    async def fields(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Return the fields that columns can be mapped to, with their words."""
        return tuple((name, words()[name]()) for name in IMPORTED)

    @permitted(Operation.USERS_IMPORT)
    async def preview(
        self, actor: Actor, *, path: Path, options: FileOptions | None = None
    ) -> Preview:
        """Return what a file seems to hold; nothing is stored.

        Raises:
            UnreadableFileError: It holds nothing that could be people.
            ExternalError: The system does not let it be read.
        """
        return await to_the_end(asyncio.to_thread(_preview, path, options or FileOptions()))

    @permitted(Operation.USERS_IMPORT)
    async def dry_run(
        self,
        actor: Actor,
        *,
        path: Path,
        mapping: Mapping[str, str],
        options: ImportOptions,
        progress: Progress,
    ) -> ImportReport:
        """Return what an import would do; nothing is stored.

        Raises:
            ValidationError: The mapping names a field twice, or none for the user name.
            UnreadableFileError: The file holds nothing that could be people.
        """
        tally = Tally()
        async with aclosing(self._batches(path, mapping, options, progress, tally)) as batches:
            async for batch in batches:
                tally.take(batch)
        return tally.report(stored=False)

    @permitted(Operation.USERS_IMPORT)
    async def run(
        self,
        actor: Actor,
        *,
        path: Path,
        mapping: Mapping[str, str],
        options: ImportOptions,
        progress: Progress,
    ) -> ImportReport:
        """Import people.

        Row by row, what was stored before a cancellation stays; ``progress`` says how many.

        Raises:
            ValidationError: The mapping names a field twice, or none for the user name.
            UnreadableFileError: The file holds nothing that could be people.
            ConflictError: There are too many rows for one transaction.
        """
        tally = Tally()
        async with aclosing(self._batches(path, mapping, options, progress, tally)) as batches:
            if options.mode is ImportMode.ROW_BY_ROW:
                async for batch in batches:
                    await self._store_good(actor, batch)
                    tally.take(batch)
                report = tally.report(stored=bool(tally.created or tally.updated))
            else:
                report = await self._store_all(actor, batches, tally, progress)
        _log.info(
            "Imported people: %d created, %d updated, %d refused",
            report.created if report.stored else 0,
            report.updated if report.stored else 0,
            report.refused,
        )
        return report

    @permitted(Operation.USERS_IMPORT)
    async def save_refusals(self, actor: Actor, *, report: ImportReport, target: Path) -> None:
        """Write what was refused, and why, into a CSV file; whole or not at all.

        Raises:
            ExternalError: The file could not be written.
        """
        try:
            await to_the_end(
                asyncio.to_thread(write_atomically, target, as_csv(report.refusals))
            )
        except OSError as error:
            raise ExternalError(
                _("The refused rows could not be saved."),
                detail=str(error),
                hint=_("Choose another folder, or make room on the disk."),
            ) from error

    async def _batches(
        self,
        path: Path,
        mapping: Mapping[str, str],
        options: ImportOptions,
        progress: Progress,
        tally: Tally,
    ) -> Batches:
        """Give what is to be done, some hundreds of rows at a time."""
        _check_mapping(mapping)
        source = await to_the_end(asyncio.to_thread(Source, path, options.file))
        plan = Plan(self._database, mapping, options.existing, self._phone_region())
        rows = source.rows()
        try:
            while some := await to_the_end(asyncio.to_thread(_next, rows, tally)):
                yield await plan.batch(some)
                progress.report(source.read_bytes / max(source.size, 1), tally.in_words())
        finally:
            await to_the_end(asyncio.to_thread(_close, rows))

    async def _store_good(self, actor: Actor, batch: Batch) -> None:
        """Store what can be; what meanwhile cannot goes over to the refusals."""
        while batch.new:
            try:
                await self._writer.create_many(actor, [one.data for one in batch.new])
                break
            except RowsRefusedError as error:
                bad = {one.row for one in error.refused}
                batch.refused += len(bad)
                batch.refusals += _refused_lines(batch.new, error.refused)
                batch.new = [one for row, one in enumerate(batch.new) if row not in bad]
        done = []
        for one in batch.changed:
            try:
                await self._writer.edit(
                    actor, one.stored.id, one.stored.version, one.data,
                    Operation.USERS_EDIT, None,
                )  # fmt: skip
                done.append(one)
            except (ValidationError, ConflictError, NotFoundError) as error:
                batch.refused += 1
                batch.refusals.append(_refused(one.line, error))
        batch.changed = done

    async def _store_all(
        self,
        actor: Actor,
        batches: AsyncGenerator[Batch, None],
        tally: Tally,
        progress: Progress,
    ) -> ImportReport:
        """Store all rows, or none where one of them is refused."""
        new: list[New] = []
        changed: list[Changed] = []
        async for batch in batches:
            tally.take(batch)
            if not tally.refusals:
                new += batch.new
                changed += batch.changed
            if len(new) + len(changed) > MOST_IN_ONE_TRANSACTION:
                raise _too_many()
        if tally.refusals:
            return tally.report(stored=False)
        progress.report(1.0, _("Storing all people in one transaction"))
        edits = [Edit(one.stored.id, one.stored.version, one.data) for one in changed]
        try:
            if new or edits:
                await self._writer.store_all(actor, [one.data for one in new], edits)
        except RowsRefusedError as error:
            tally.created -= len({one.row for one in error.refused if one.row < len(new)})
            tally.updated -= len({one.row for one in error.refused if one.row >= len(new)})
            bad = {one.row for one in error.refused}
            tally.refuse(len(bad), _refused_lines([*new, *changed], error.refused))
            return tally.report(stored=False)
        return tally.report(stored=bool(new or edits))


def _preview(path: Path, options: FileOptions) -> Preview:
    return Source(path, options).preview()


def _next(rows: Iterator[Row], tally: Tally) -> list[Row]:
    """Return the next rows; where the file cannot be read on, the last of them says so."""
    found: list[Row] = []
    try:
        for row in itertools.islice(rows, BATCH):
            found.append(row)  # noqa: PERF402  # what comes before an error is kept
    except UnreadableFileError as error:
        line = found[-1].line + 1 if found else tally.last_line + 1
        found.append(Row(line, {}, " ".join(error.as_text().split())))
    if found:
        tally.last_line = found[-1].line
    return found


def _close(rows: Iterator[Row]) -> None:
    rows.close()  # type: ignore[attr-defined]


def _check_mapping(mapping: Mapping[str, str]) -> None:
    problems = {}
    fields = list(mapping.values())
    for field in fields:
        if field not in IMPORTED:
            problems[field] = _("There is no field “{field}”.").format(field=field)
        elif fields.count(field) > 1:
            problems[field] = _("Two columns are mapped to “{field}”.").format(
                field=words()[field]()
            )
    if "username" not in fields:
        problems["username"] = _("Choose the column that holds the user names.")
    if problems:
        raise ValidationError(_("The columns cannot be imported so."), fields=problems)


def _refused_lines(
    people: Sequence[New | Changed], refused: Iterable[RefusedRow]
) -> list[RefusedLine]:
    return [RefusedLine(people[one.row].line, one.field, "", one.message) for one in refused]


def _refused(line: int, error: AppError) -> RefusedLine:
    if isinstance(error, ValidationError) and error.fields:
        field, reason = next(iter(error.fields.items()))
        return RefusedLine(line, field, "", reason)
    return RefusedLine(line, "", "", error.title)


def _too_many() -> ConflictError:
    return ConflictError(
        _("There are more than {count} people for one transaction.").format(
            count=MOST_IN_ONE_TRANSACTION
        ),
        detail=_("Nobody else could write to the workspace meanwhile. Nothing was stored."),
        hint=_("Import them row by row, or split the file."),
    )
