"""Asks where the log of a build is saved, and whether as printed or as plain text."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from core.builds.schemas import BuildRow
from core.translation import _
from desktop.async_dialogs import choose_file


async def choose_target(parent: QWidget, build: BuildRow) -> tuple[Path, bool] | None:
    """Return the file, and whether it is to be plain text; None when it was given up."""
    printed, plain = _("As it was printed (*.log)"), _("Plain text, without colours (*.txt)")
    chosen = [printed]
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in build.project)
    target = await choose_file(
        parent,
        title=_("Save log"),
        filter_text=";;".join((printed, plain, _("All files (*)"))),
        save=True,
        start=f"{name}-{build.number}.log",
        suffix="log",
        on_filter=chosen.append,
    )
    if target is None:
        return None
    return _named(Path(target), plain=chosen[-1] == plain), chosen[-1] == plain


def _named(target: Path, *, plain: bool) -> Path:
    """Return the path: what was proposed as ``.log`` is text by its name, too, where it is."""
    renamed = target.with_suffix(".txt")
    if plain and target.suffix == ".log" and not renamed.exists():
        return renamed
    return target
