"""How a job stands, in words and as a bar, wherever one is shown."""

from PySide6.QtWidgets import QProgressBar

from core.progress import JobState
from core.translation import _
from desktop import figures


def state_words(state: JobState) -> str:
    """Return the word for where a job stands."""
    return {
        JobState.RUNNING: _("Running"),
        JobState.CANCELLING: _("Cancelling"),
        JobState.SUCCEEDED: _("Done"),
        JobState.FAILED: _("Failed"),
        JobState.CANCELLED: _("Cancelled"),
    }[state]


def clock_words(elapsed_s: float, left_s: float | None) -> str:
    """Return seconds that passed and, where it can be told, seconds that are left."""
    elapsed = figures.duration(elapsed_s)
    if left_s is None:
        return elapsed
    return _("{elapsed} · about {left} left").format(
        elapsed=elapsed, left=figures.duration(left_s)
    )


def show_progress(bar: QProgressBar, fraction: float | None) -> None:
    """Show a fraction, or that nobody knows how far it is."""
    if fraction is None:
        bar.setRange(0, 0)
    else:
        bar.setRange(0, 1000)
        bar.setValue(round(fraction * 1000))
