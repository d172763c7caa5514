"""Profiles of PRAGMAs side by side: how fast each is here, and what each risks."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.performance.benchmarks.schemas import BenchmarkRow
from core.translation import _
from desktop.performance.benchmarks import words
from desktop.performance.scroll import GAP
from desktop.performance.words import milliseconds, per_second
from desktop.theme import Theme
from desktop.widgets.charts import Bar, BarChart
from desktop.widgets.marks import label

_LEAST = 2


class ProfilesPane(QWidget):
    """The newest comparison of profiles; nothing is seen of it before there is one.

    Signals:
        chosen: A bar was clicked; carries the id of its benchmark.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.throughput = BarChart(
            theme, _("Operations a second"), heads=(_("Profile"), _("Operations a second")),
            axes=_("longer is better"), words=per_second,
        )  # fmt: skip
        self.p95 = BarChart(
            theme, _("p95"), heads=(_("Profile"), _("p95")),
            axes=_("shorter is better"), words=milliseconds,
        )  # fmt: skip
        self.title = label("", "title", wrap=True)
        self.risks = label("", wrap=True)
        card = QFrame()
        card.setProperty("kind", "card")
        told = QVBoxLayout(card)
        told.setContentsMargins(16, 12, 16, 12)
        told.addWidget(label(_("What a power cut may cost"), "heading"))
        told.addWidget(self.risks)
        bars = QHBoxLayout()
        bars.setSpacing(GAP)
        for chart in (self.throughput, self.p95):
            chart.chosen.connect(self.chosen)
            chart.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            bars.addWidget(chart, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.title)
        column.addLayout(bars)
        column.addWidget(card)
        self.hide()

    def show_profiles(self, rows: Sequence[BenchmarkRow]) -> None:
        """Show benchmarks that came to their end, in the order they were run."""
        self.setVisible(len(rows) >= _LEAST)
        if len(rows) < _LEAST:
            return
        kind = words.kind_words(rows[0].kind)
        self.title.setText(_("Profiles: {kind}").format(kind=kind))
        results = [(row, row.result) for row in rows if row.result is not None]
        self.throughput.show_bars([_bar(row, found.throughput) for row, found in results])
        self.p95.show_bars([_bar(row, found.p95_ms) for row, found in results])
        modes = {(row.settings.journal_mode, row.settings.synchronous): None for row in rows}
        self.risks.setText("\n".join(_risk(*mode) for mode in modes))


def _bar(row: BenchmarkRow, value: float) -> Bar:
    return Bar(words.pragmas_words(row.settings), value, row.id)


def _risk(journal_mode: str, synchronous: str) -> str:
    return _("{journal}, synchronous {synchronous}: {risk}").format(
        journal=journal_mode.upper(),
        synchronous=synchronous,
        risk=words.risk_words(journal_mode, synchronous),
    )
