"""What imports and exports ask of the core, each as one awaitable."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.database.query.schemas import ListQuery
from core.progress import Progress
from core.translation import _
from core.users.transfer.schemas import (
    ExportReport,
    FileFormat,
    FileOptions,
    ImportOptions,
    ImportReport,
    Preview,
)
from desktop.tabs import TabContext

if TYPE_CHECKING:
    from core.app import Core

T = TypeVar("T")
Fields = tuple[tuple[str, str], ...]


class TransferCalls:
    """The calls of services, on behalf of the tab's actor; what takes long runs as a job.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def import_fields(self) -> Fields:
        """Return what columns can be mapped to, with words."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.imports.fields(actor))

    async def export_fields(self) -> Fields:
        """Return what can be exported, with words."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.exports.fields(actor))

    async def preview(self, path: Path, options: FileOptions | None) -> Preview:
        """Return what a file seems to hold."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.imports.preview(actor, path=path, options=options)
        )

    async def dry_run(
        self, path: Path, mapping: Mapping[str, str], options: ImportOptions
    ) -> ImportReport:
        """Return what an import would do."""
        actor, imports = self._actor, self._workspace.workspace.imports
        return await self._job(
            _("Checking {file}").format(file=path.name),
            lambda progress: imports.dry_run(
                actor, path=path, mapping=mapping, options=options, progress=progress
            ),
        )

    async def bring_in(
        self, path: Path, mapping: Mapping[str, str], options: ImportOptions
    ) -> ImportReport:
        """Import people."""
        actor, imports = self._actor, self._workspace.workspace.imports
        return await self._job(
            _("Importing {file}").format(file=path.name),
            lambda progress: imports.run(
                actor, path=path, mapping=mapping, options=options, progress=progress
            ),
        )

    async def save_refusals(self, report: ImportReport, target: Path) -> None:
        """Write what was refused into a file."""
        actor = self._actor
        await self._workspace.run(
            lambda w: w.imports.save_refusals(actor, report=report, target=target)
        )

    async def export(
        self,
        selection: Sequence[int] | ListQuery,
        fields: Sequence[str],
        format_: FileFormat,
        target: Path,
    ) -> ExportReport:
        """Write people into a file."""
        actor, exports = self._actor, self._workspace.workspace.exports
        return await self._job(
            _("Exporting people to {file}").format(file=target.name),
            lambda progress: exports.run(
                actor,
                selection=selection,
                fields=fields,
                format=format_,
                target=target,
                progress=progress,
            ),
        )

    async def _job(self, title: str, work: Callable[[Progress], Awaitable[T]]) -> T:
        async def run(core: "Core") -> T:
            return await core.jobs.run(title, work)

        return await self._workspace.core.run(run)
