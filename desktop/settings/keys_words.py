"""The sentences of the section of the keys."""

from core.security.schemas import KeyInfo, KeyStatus, RotationReport, SealedCounts
from core.settings import KeyStorage
from core.translation import _, ngettext
from desktop.figures import brief, number


def place(status: KeyStatus) -> str:
    """Return where the keys lie."""
    if status.home is KeyStorage.KEYRING:
        return _("In the system's keyring")
    if status.home is KeyStorage.FILE:
        return _("In a file of your configuration folder")
    return _("Nowhere yet")


def explanation(status: KeyStatus) -> str:
    """Return what the place means."""
    if status.home is KeyStorage.KEYRING:
        text = _("The system protects them with your sign-in; back them up by exporting them.")
        if status.file_exists:
            text += " " + _("There are keys in {file} as well; move them.").format(
                file=status.file
            )
        return text
    if status.home is KeyStorage.FILE:
        return _(
            "{file} — readable by your account alone. Back it up, but never together with a"
            " workspace."
        ).format(file=status.file)
    return _("There is no keyring. You will be asked when something is to be sealed.")


def warning(status: KeyStatus) -> str:
    """Return what is wrong with the place; empty where nothing is."""
    if status.problem:
        return status.problem
    if any(not key.genuine for key in status.keys):
        return _(
            "A key that is kept is not the one that its name says. Import the keys from an"
            " export, or restore them from a backup."
        )
    if status.was_exposed:
        return _(
            "Others could read the key file until Buildbench looked at it just now. Make a"
            " new key."
        )
    return ""


def move_target(status: KeyStatus) -> KeyStorage:
    """Return where the keys may be moved to: the other place, or on to the same."""
    if status.home is KeyStorage.KEYRING and not status.file_exists:
        return KeyStorage.FILE
    return KeyStorage.FILE if status.home is None else KeyStorage.KEYRING


def moved(target: KeyStorage) -> str:
    """Return what is said once the keys are in another place."""
    if target is KeyStorage.FILE:
        return _("The keys are kept in a file now.")
    return _("The keys are kept in the system's keyring now.")


def move_refusal(status: KeyStatus) -> str:
    """Return why the keys cannot be moved; empty where they can."""
    if status.fixed:
        return _("The environment variable BUILDBENCH_KEY_STORAGE says where they lie.")
    if move_target(status) is KeyStorage.KEYRING and status.keyring_problem:
        return _("The system's keyring cannot be used: {why}").format(
            why=status.keyring_problem
        )
    return ""


def key_line(key: KeyInfo) -> str:
    """Return a key as one line: its short name, when it was made, and how it stands."""
    made = brief(key.made_at) if key.made_at else _("date not known")
    if not key.genuine:
        state = _("damaged")
    elif key.seals:
        state = _("in use")
    else:
        state = _("older")
    return f"{key.id[:8]}  ·  {made}  ·  {state}"


def sealed(counts: SealedCounts) -> str:
    """Return how much is sealed in a workspace."""
    if not counts.total:
        return _("Nothing is sealed in it.")
    total = ngettext("{count} sealed value", "{count} sealed values", counts.total).format(
        count=number(counts.total)
    )
    if not counts.older:
        return _("{sealed}, all under the present key.").format(sealed=total)
    return _("{sealed}, {older} of them under older keys.").format(
        sealed=total, older=number(counts.older)
    )


def rotated(report: RotationReport) -> tuple[str, str]:
    """Return title and detail of what a rotation did."""
    title = ngettext(
        "{count} value is sealed anew.", "{count} values are sealed anew.", report.resealed
    ).format(count=number(report.resealed))
    parts = []
    if report.unreadable_count:
        lines = "\n".join(
            f"{value.table}.{value.column} {value.uid}: {value.why}"
            for value in report.unreadable
        )
        parts.append(
            ngettext(
                "{count} value cannot be opened and was left as it is:",
                "{count} values cannot be opened and were left as they are:",
                report.unreadable_count,
            ).format(count=number(report.unreadable_count))
            + f"\n{lines}"
        )
    if report.left:
        parts.append(
            _("Others changed {count} values meanwhile; seal anew once more.").format(
                count=number(report.left)
            )
        )
    return title, "\n".join(parts)
