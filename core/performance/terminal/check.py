"""``check [FILE]``: looks for damage and broken keys in a database, or verifies a backup.

It works beside a window and alone. Exit codes: see ``words``.
"""

from collections.abc import Sequence

from core.performance.maintenance.schemas import MaintenanceRow, Task
from core.performance.terminal.words import parse_check
from core.performance.terminal.working import Desk, play
from core.terminal.saying import say_wrong
from core.translation import _, ngettext


def main(argv: Sequence[str]) -> int:
    """Check what ``argv`` names."""
    return play(argv, parse_check, _check)


async def _check(desk: Desk) -> int:
    progress = desk.line.progress
    backup = await desk.interrupts.breaking_off(
        desk.core.workspaces.verify_backup(desk.path, progress=progress)
    )
    if backup is not None:
        return _told(desk, [backup.problem] if backup.problem else [], is_backup=True)
    workspace, actor = await desk.entered()

    async def run(task: Task) -> MaintenanceRow:
        checking = workspace.performance.maintenance.run(actor, task=task, progress=progress)
        return await desk.interrupts.breaking_off(checking)

    if damaged := _told(desk, (await run(Task.INTEGRITY_CHECK)).findings, is_backup=False):
        return damaged
    return _told_of_keys(desk, await run(Task.FOREIGN_KEY_CHECK))


def _told(desk: Desk, problems: Sequence[str], *, is_backup: bool) -> int:
    for problem in problems:
        desk.print(problem)
    name = desk.path.name
    if not problems:
        good = _("The backup “{name}” is good: it was restored for a trial and looked through.")
        whole = _("“{name}” is whole.")
        desk.say((good if is_backup else whole).format(name=name))
        return 0
    count = len(problems)
    text = ngettext(
        "“{name}” has {count} problem. Restore a good backup.",
        "“{name}” has {count} problems. Restore a good backup.",
        count,
    )
    if is_backup:
        text = _("The backup “{name}” is no good. Take another one, and keep the database.")
    say_wrong(text.format(name=name, count=count))
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
