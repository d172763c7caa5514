"""``check [FILE]``: looks for damage and broken keys in a database, or verifies a backup.

It works beside a window and alone. Exit codes: see ``words``.
"""

from collections.abc import Sequence

from core.performance.maintenance.schemas import MaintenanceRow, Task
from core.performance.terminal.words import parse_check
from core.performance.terminal.working import Desk, play
from core.terminal.saying import say_wrong
from core.translation import _


def main(argv: Sequence[str]) -> int:
    """Check what ``argv`` names."""
    return play(argv, parse_check, _check)


async def _check(desk: Desk) -> int:
    progress = desk.line.progress
    backup = await desk.interrupts.breaking_off(
        desk.core.workspaces.verify_backup(desk.path, progress=progress)
    )
    if backup is not None:
        return _told_of_backup(desk, backup.problem)
    workspace, actor = await desk.entered()

    async def run(task: Task) -> MaintenanceRow:
        checking = workspace.performance.maintenance.run(actor, task=task, progress=progress)
        return await desk.interrupts.breaking_off(checking)

    if damaged := _told_of_damage(desk, await run(Task.INTEGRITY_CHECK)):
        return damaged
    return _told_of_keys(desk, await run(Task.FOREIGN_KEY_CHECK))


def _told_of_backup(desk: Desk, problem: str) -> int:
    name = desk.path.name
    if not problem:
        good = _("The backup “{name}” is good: it was restored for a trial and looked through.")
        desk.say(good.format(name=name))
        return 0
    desk.print(problem)
    bad = _("The backup “{name}” is no good. Take another one, and keep the database.")
    say_wrong(bad.format(name=name))
    return 1


def _told_of_damage(desk: Desk, run: MaintenanceRow) -> int:
    name = desk.path.name
    if not run.findings:
        desk.say(_("“{name}” is whole.").format(name=name))
        return 0
    for problem in run.findings:
        desk.print(problem)
    damaged = _("“{name}” is damaged. {told} Restore a good backup.")
    say_wrong(damaged.format(name=name, told=run.message))
    return 1


def _told_of_keys(desk: Desk, run: MaintenanceRow) -> int:
    """Tell of rows that refer to none, which SQLite holds apart from damage."""
    for problem in run.findings:
        desk.print(problem)
    words = _("Foreign keys: {told}").format(told=run.message)
    if not run.findings:
        desk.say(words)
        return 0
    say_wrong(" ".join((words, _("Put these rows right, or restore a good backup."))))
    return 1
