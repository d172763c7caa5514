"""What is asked of the core about files of projects."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.projects.transfer.schemas import Existing, ProjectImportPlan, ProjectImportReport
from core.translation import _
from desktop.tabs import TabContext

if TYPE_CHECKING:
    from core.app import Core


class TransferCalls:
    """The calls of the transfer of projects, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def export(self, ids: Sequence[int], target: Path, *, triggers: bool) -> int:
        """Write projects into a file, as a job that people see; return how many they were."""
        actor, workspace = self._actor, self._workspace.workspace

        async def write(core: "Core") -> int:
            return await core.jobs.run(
                _("Exporting projects"),
                lambda progress: workspace.project_transfer.export(
                    actor,
                    project_ids=ids,
                    target=target,
                    progress=progress,
                    triggers=triggers,
                ),
            )

        return await self._workspace.core.run(write)

    async def examine(self, source: Path) -> ProjectImportPlan:
        """Return what a file holds; nothing is stored."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.project_transfer.examine(actor, source=source)
        )

    async def run(
        self, plan: ProjectImportPlan, chosen: Mapping[int, Existing], *, triggers: bool
    ) -> ProjectImportReport:
        """Import the entries whose places are given, all or none.

        Args:
            chosen: By place of an entry, what becomes of it where its name is taken.
        """
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.project_transfer.run(
                actor,
                plan=plan,
                existing=chosen,
                places=tuple(chosen),
                triggers=triggers,
            )
        )
