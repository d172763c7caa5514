"""Which scheduled backups go, by the rules."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.performance.backups.schemas import Backup, BackupOrigin, BackupRules


def to_remove(
    backups: Iterable[Backup], rules: BackupRules, now: datetime
) -> tuple[Backup, ...]:
    """Return the backups that go: scheduled ones beyond the number, and beyond the age.

    What a person, an upgrade or a restore made stays. So does the newest good scheduled one,
    whatever the rules say, and whatever is dated in the future.
    """
    if not rules.keep_days:
        return ()
    scheduled = sorted(
        (one for one in backups if one.origin is BackupOrigin.SCHEDULED),
        key=lambda one: (one.made_at, one.name),
        reverse=True,
    )
    last_good = next((one for one in scheduled if one.good), None)
    before = now - timedelta(days=rules.keep_days)
    return tuple(
        one
        for one in scheduled[max(rules.keep_last, 1) :]
        if one.made_at < before and one is not last_good
    )
