"""How the page is laid out: what is measured, what came out, and all that was before."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from core.performance.benchmarks.schemas import BenchmarkRow
from core.translation import _
from desktop.performance.benchmarks import words
from desktop.performance.benchmarks.comparing import ComparisonCard
from desktop.performance.benchmarks.history import History
from desktop.performance.benchmarks.profiles import ProfilesPane
from desktop.performance.benchmarks.result import ResultPane
from desktop.performance.benchmarks.settings_form import SettingsCard
from desktop.performance.jobs import JobPlace
from desktop.performance.scroll import GAP, ScrollPage
from desktop.tabs import TabContext
from desktop.widgets.error_panel import ErrorPanel


class BenchmarksView(ScrollPage):
    """The page.

    Args:
        refusal: Why nothing may be run; empty where it may.
    """

    def __init__(self, context: TabContext, refusal: str) -> None:
        super().__init__(_("Benchmarks"))
        theme = context.theme
        self.settings = SettingsCard(refusal, words.place_words(context.workspace.info))
        self.settings.listen_on(self)
        self.place = JobPlace(context)
        self.place.moved.connect(lambda: self.settings.set_busy(self.place.busy))
        self.result = ResultPane(context)
        self.error = ErrorPanel(theme)
        self.profiles = ProfilesPane(theme)
        self.comparison = ComparisonCard(theme)
        self.history = History(theme, refusal)
        right = QVBoxLayout()
        right.setSpacing(GAP)
        right.addWidget(self.place)
        right.addWidget(self.result, 1)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self.settings, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(right, 1)
        self.add(top)
        for part in (self.error, self.comparison, self.profiles, self.history):
            self.add(part)
        self.comparison.hide()
        self.profiles.hide()

    def show_history(self, rows: Sequence[BenchmarkRow]) -> None:
        """Show all benchmarks, and the newest profiles as bars."""
        self.history.show_rows(rows)
        self.profiles.show_profiles(words.newest_profiles(rows))
