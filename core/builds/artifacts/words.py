"""What the log of a build says about the collecting of its artifacts."""

from core.builds.artifacts.collecting import Collection, Halt, Skip
from core.builds.artifacts.limits import Limits
from core.translation import _, ngettext

_STEP = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB")


def log_lines(found: Collection) -> list[str]:
    """Return how many files were kept, how many not and why, a line each."""
    lines = [_halt_words(found)] if found.halt else []
    if found.kept:
        lines.append(
            ngettext(
                "{count} artifact was kept ({size}).",
                "{count} artifacts were kept ({size}).",
                len(found.kept),
            ).format(count=len(found.kept), size=size(found.bytes))
        )
    elif not found.halt and not found.skipped:
        lines.append(_("No file matches the artifact patterns; no artifact was kept."))
    elif not found.halt:
        lines.append(_("No artifact was kept."))
    lines += [_skip_words(skip, count, found.limits) for skip, count in _sorted(found)]
    return lines


def size(count: int) -> str:
    """Return a number of bytes in powers of ten, such as ``12.4 MB``."""
    value, unit = float(count), 0
    while value >= _STEP and unit + 1 < len(_UNITS):
        value, unit = value / _STEP, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{count} B"


def _sorted(found: Collection) -> list[tuple[Skip, int]]:
    return sorted((skip, count) for skip, count in found.skipped.items() if count)


def _halt_words(found: Collection) -> str:
    limits = found.limits
    match found.halt:
        case Halt.FILES:
            return _("Collecting artifacts ended at the limit of {count} files.").format(
                count=limits.files
            )
        case Halt.BYTES:
            return _("Collecting artifacts ended at the limit of {size} a build.").format(
                size=size(limits.bytes)
            )
        case Halt.LOOKED_AT:
            return _(
                "Collecting artifacts ended after {count} names in folders were looked at."
            ).format(count=limits.looked_at)
        case Halt.STOPPED:
            return _("Collecting artifacts was stopped on request.")
        case Halt.NO_ROOM:
            return _("The disk has no room for the artifacts; none of them was kept.")
        case Halt.NO_FOLDER:
            return _(
                "The folder of the build could not be opened for artifacts: {error}"
            ).format(error=found.detail)
    return _("The artifacts could not be collected: {error}").format(error=found.detail)


def _skip_words(skip: Skip, count: int, limits: Limits) -> str:
    match skip:
        case Skip.LINK:
            words = ngettext(
                "{count} symbolic link was skipped.",
                "{count} symbolic links were skipped.",
                count,
            )
        case Skip.SPECIAL:
            words = ngettext(
                "{count} pipe, socket or device was skipped.",
                "{count} pipes, sockets or devices were skipped.",
                count,
            )
        case Skip.OWN:
            words = ngettext(
                "{count} file that Buildbench itself uses was skipped.",
                "{count} files that Buildbench itself uses were skipped.",
                count,
            )
        case Skip.TOO_LARGE:
            words = ngettext(
                "{count} file of more than {size} was skipped.",
                "{count} files of more than {size} were skipped.",
                count,
            )
        case Skip.CHANGED:
            words = ngettext(
                "{count} file was skipped, because it changed while it was copied.",
                "{count} files were skipped, because they changed while they were copied.",
                count,
            )
        case Skip.UNREADABLE:
            words = ngettext(
                "{count} file or folder could not be read and was skipped.",
                "{count} files or folders could not be read and were skipped.",
                count,
            )
        case Skip.LONG_PATH:
            words = ngettext(
                "{count} file was skipped, because its path is too long.",
                "{count} files were skipped, because their paths are too long.",
                count,
            )
        case Skip.DEEP:
            words = ngettext(
                "{count} folder more than {depth} levels deep was skipped.",
                "{count} folders more than {depth} levels deep were skipped.",
                count,
            )
    return words.format(count=count, size=size(limits.file_bytes), depth=limits.depth)
