"""What the page of artifacts says: columns, changes, states and totals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from core.builds.schemas import ArtifactRow, BuildRow
from core.database.fields.file_paths import shown_path
from core.translation import _, ngettext
from desktop.figures import decimal, exact, locale, number, size
from desktop.widgets.paged_table import Column
from desktop.widgets.state_badge import Badge, Tone

SHORT_HASH: Final = 12
_MUCH: Final = 0.1
_TENFOLD: Final = 10


def name_of(row: ArtifactRow) -> str:
    """Return the last part of the path, with what would hide or reorder it written out."""
    return shown_path(row.path.rpartition("/")[2])


def folder_of(row: ArtifactRow) -> str:
    """Return the folder within that of the build; a dot for that itself."""
    return shown_path(row.path.rpartition("/")[0]) or "."


def exact_size(count: int) -> str:
    """Return a number of bytes with all its digits."""
    return ngettext("{count} byte", "{count} bytes", count).format(count=number(count))


def change_badge(row: ArtifactRow) -> Badge:
    """Return how the size changed against the last successful build before."""
    before = row.size_before
    if before is None:
        return Badge(_("New"), "plus-bold", Tone.ACCENT)
    if before == row.size:
        return Badge(_("Same size"), "equals-bold", Tone.QUIET)
    larger = row.size > before
    much = before == 0 or abs(row.size - before) / before >= _MUCH
    words = _("{change} larger") if larger else _("{change} smaller")
    return Badge(
        words.format(change=_signed(row.size, before)),
        "arrow-up-bold" if larger else "arrow-down-bold",
        Tone.WARNING if larger and much else Tone.QUIET,
    )


def change_tip(row: ArtifactRow) -> str:
    """Return the sizes that a change is between."""
    if row.size_before is None:
        return _("The last successful build before has no file of this path.")
    return _("{now} now, {before} in the last successful build before").format(
        now=exact_size(row.size), before=exact_size(row.size_before)
    )


def state_badge(row: ArtifactRow, started_at: datetime | None) -> Badge:
    """Return whether a file is kept, and whether the build itself made it."""
    if row.removed_at is not None:
        return Badge(_("Removed"), "trash", Tone.QUIET)
    if started_at is not None and row.modified_at < started_at:
        return Badge(_("Kept, older"), "clock-counter-clockwise", Tone.WARNING)
    return Badge(_("Kept"), "check-bold", Tone.SUCCESS)


def state_tip(row: ArtifactRow, started_at: datetime | None) -> str:
    """Return what the state means."""
    changed = _("Last changed {moment}.").format(moment=exact(row.modified_at))
    if row.removed_at is not None:
        removed = _("Removed {moment}, as the rules for builds say.")
        return removed.format(moment=exact(row.removed_at)) + "\n" + changed
    if started_at is not None and row.modified_at < started_at:
        return changed + "\n" + _("That was before this build: it left the file as it was.")
    return changed


def columns(started_at: "Moment") -> tuple[Column[ArtifactRow], ...]:
    """Return the columns of the table.

    Args:
        started_at: Knows when the build that is shown began.
    """
    return (
        Column("name", _("Name"), name_of, tip=lambda r: shown_path(r.path),
            value=lambda r: r.path, strong=True, width=250, sort="name", fixed=True),
        Column("folder", _("Folder"), folder_of, muted=True, width=190, sort="folder"),
        Column("size", _("Size"), lambda r: size(r.size), tip=lambda r: exact_size(r.size),
            value=lambda r: r.size, right=True, width=96, sort="size"),
        Column("change", _("Against the build before"), lambda r: change_badge(r).word,
            tip=change_tip, badge=change_badge, value=lambda r: r.size_before, width=186,
            sort="change"),
        Column("sha256", _("SHA-256"), lambda r: r.sha256[:SHORT_HASH],
            tip=lambda r: r.sha256, value=lambda r: r.sha256, muted=True, width=126),
        Column("state", _("State"), lambda r: state_badge(r, started_at.value).word,
            tip=lambda r: state_tip(r, started_at.value),
            badge=lambda r: state_badge(r, started_at.value), width=130, sort="state"),
        Column("modified", _("Changed"), lambda r: exact(r.modified_at),
            value=lambda r: r.modified_at, width=210, sort="modified", shown=False),
    )  # fmt: skip


class Moment:
    """A moment that is known later, or another one."""

    def __init__(self) -> None:
        self.value: datetime | None = None


def total(rows: Sequence[ArtifactRow]) -> str:
    """Return how many files there are, how large together, and how much of them is kept."""
    if not rows:
        return ""
    files = ngettext("{count} file", "{count} files", len(rows)).format(count=number(len(rows)))
    kept = [row for row in rows if row.removed_at is None]
    parts = [files, size(sum(row.size for row in rows))]
    if len(kept) < len(rows):
        parts.append(
            _("{count} kept").format(count=number(len(kept))) if kept else _("removed")
        )
    return " · ".join(parts)


def nothing_words(build: BuildRow) -> tuple[str, str]:
    """Return title and text that say why a build has no artifacts."""
    patterns = ", ".join(shown_path(pattern) for pattern in build.artifact_patterns)
    if not build.artifact_patterns:
        return _("No artifact patterns"), _(
            "Patterns such as dist/*.whl or **/build/libs/*.jar say which files are kept after"
            " each build, with sizes and hashes. ** stands for any folders. Add them to the"
            " project."
        )
    if not build.state.finished:
        return _("Nothing collected yet"), _(
            "When the build ends, whatever its end, these are kept: {patterns}"
        ).format(patterns=patterns)
    if build.started_at is None:
        return _("No artifacts"), _("The build never ran, so it made nothing.")
    return _("No artifacts"), _(
        "Nothing was kept of {patterns}. The end of the log says why."
    ).format(patterns=patterns)


def _signed(now: int, before: int) -> str:
    """Return a change in per cent; of nothing, in bytes."""
    sign = "+" if now > before else "−"  # as wide as the plus
    if before == 0:
        return sign + size(now)
    share = 100 * abs(now - before) / before
    if share >= _TENFOLD * 100:
        times = locale().toString(round(now / before))
        return _("×{times}").format(times=times)
    if share < 0.05:
        return sign + exact_size(abs(now - before))
    return _("{share} %").format(share=sign + decimal(share, 1 if share < _TENFOLD else 0))
