"""``backup [FILE]``: makes a backup, restores it for a trial, and prints where it is.

It works beside a window and alone. Exit codes: see ``words``.
"""

from collections.abc import Sequence

from core.performance.amounts import size
from core.performance.terminal.words import parse_backup
from core.performance.terminal.working import Desk, play
from core.terminal.saying import say_wrong
from core.translation import _


def main(argv: Sequence[str]) -> int:
    """Back up what ``argv`` names."""
    return play(argv, parse_backup, _back_up)


async def _back_up(desk: Desk) -> int:
    workspace, actor = await desk.entered()
    making = workspace.performance.backups.make(
        actor, target=desk.words.to, verify=True, progress=desk.line.progress
    )
    backup = await desk.interrupts.breaking_off(making)
    desk.print(str(backup.path))
    if backup.problem:
        say_wrong(_("The backup is no good. {problem}").format(problem=backup.problem))
        return 1
    desk.say(
        _("“{name}” is backed up ({size}); the backup was restored for a trial and is good.")
        .format(name=workspace.info.name, size=size(backup.bytes))
    )  # fmt: skip
    return 0
