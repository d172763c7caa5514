"""What is said of backups."""

from core.performance.backups.schemas import Backup, BackupOrigin, BackupRules, Loss
from core.translation import _, ngettext
from desktop.figures import ago, brief, exact, number, size
from desktop.widgets.state_badge import Badge, Tone


def origin_words(origin: BackupOrigin) -> str:
    """Return why a backup was made."""
    return {
        BackupOrigin.MANUAL: _("By hand"),
        BackupOrigin.SCHEDULED: _("On schedule"),
        BackupOrigin.UPGRADE: _("Before an upgrade"),
        BackupOrigin.RESTORE: _("Before a restore"),
        BackupOrigin.UNKNOWN: _("Not known"),
    }[origin]


def state_badge(backup: Backup) -> Badge:
    """Return how far a backup can be relied on."""
    if backup.problem:
        return Badge(_("No good"), "x-bold", Tone.FAILURE)
    if backup.verified_at is not None:
        return Badge(_("Verified"), "check-bold", Tone.SUCCESS)
    return Badge(_("Not verified"), "circle", Tone.QUIET)


def state_tip(backup: Backup) -> str:
    """Return what is known of a backup's state."""
    if backup.problem:
        return backup.problem
    if backup.verified_at is not None:
        return _("Restored for a trial on {when}, and looked through").format(
            when=exact(backup.verified_at)
        )
    return _("It was not restored for a trial yet; Verify does so.")


def rules_words(rules: BackupRules, *, managed: bool) -> str:
    """Return when backups are made by themselves and how long they are kept."""
    if not managed:
        return _("They lie in your own data folder; none is made by itself.")
    if not rules.enabled:
        return _("None is made by itself.")
    when = presets().get(rules.expression, rules.expression)
    kept = ngettext("the last {count} is kept", "the last {count} are kept", rules.keep_last)
    parts = [when, kept.format(count=number(rules.keep_last))]
    if rules.keep_days:
        days = ngettext("older than {count} day go", "older than {count} days go",
                        rules.keep_days)  # fmt: skip
        parts.append(days.format(count=number(rules.keep_days)))
    else:
        parts.append(_("older ones stay"))
    if rules.verify:
        parts.append(_("each is verified"))
    return " · ".join(parts)


def presets() -> dict[str, str]:
    """Return cron expressions that are wanted often, each with its words."""
    return {
        "30 3 * * *": _("Each day at 3:30"),
        "0 */6 * * *": _("Every six hours"),
        "0 * * * *": _("Each hour"),
        "30 3 * * 1-5": _("On working days at 3:30"),
        "30 3 * * 0": _("On Sundays at 3:30"),
    }


def made_words(backup: Backup) -> str:
    """Return how the making of a backup ended."""
    if backup.problem:
        words = _("The backup “{name}” is made, but it is no good: {problem}")
    elif backup.verified_at is not None:
        words = _("The backup “{name}” is made and verified.")
    else:
        words = _("The backup “{name}” is made; it was not verified.")
    return words.format(name=backup.name, problem=backup.problem)


def restore_title(backup: Backup) -> str:
    """Return the question before a restore."""
    return _("Restore the backup of {when}?").format(when=brief(backup.made_at))


def restore_text(backup: Backup | None, loss: Loss | None, *, managed: bool) -> str:
    """Return what a restore does, what is lost by it, and what is not.

    Args:
        backup: None for a file that is not in the list.
        loss: What came after the backup; None where that cannot be told.
    """
    lost = lost_words(backup)
    kept = _("The present database is kept as a backup first, so that you can go back.")
    parts = [lost, *_loss_words(loss), kept]
    if managed:
        parts.append(_("Everybody, you as well, must sign in again."))
    return "\n\n".join(parts)


def lost_words(backup: Backup | None) -> str:
    """Return what is lost by any restore; ``backup`` is None for a file not in the list."""
    if backup is None:
        return _("The whole content of the database is replaced by that of the backup.")
    return _(
        "The whole content of the database is replaced by that of the backup, made {ago}: all"
        " that was added or changed since then is not in it."
    ).format(ago=ago(backup.made_at))


def _loss_words(loss: Loss | None) -> list[str]:
    if loss is None:
        return [_("How many builds that are cannot be told: the database does not answer.")]
    said = []
    if loss.builds:
        text = ngettext(
            "{count} build that was queued since then goes away, with its log.",
            "{count} builds that were queued since then go away, with their logs.",
            loss.builds,
        )
        said.append(text.format(count=number(loss.builds)))
    if loss.artifacts:
        text = ngettext(
            "{count} artifact of theirs ({size}) is deleted for good: no backup has its file."
            " Save it first if you need it.",
            "{count} artifacts of theirs ({size}) are deleted for good: no backup has their"
            " files. Save first those that you need.",
            loss.artifacts,
        )
        said.append(text.format(count=number(loss.artifacts), size=size(loss.artifact_bytes)))
    return [" ".join(said)] if said else []
