"""All benchmarks, newest first; two of them can be compared."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from core.performance.benchmarks.schemas import BenchmarkResult, BenchmarkRow
from core.translation import _
from desktop.figures import brief, exact, number
from desktop.performance.benchmarks import words
from desktop.performance.table_card import TableCard
from desktop.performance.words import NONE, milliseconds, per_second
from desktop.theme import Metric, Theme
from desktop.widgets.marks import button
from desktop.widgets.paged_table import Column
from desktop.widgets.paged_table.columns import ROW_ROLE
from desktop.widgets.tips import explain

_MOST_ROWS = 10


class History(TableCard[BenchmarkRow]):
    """The benchmarks.

    Args:
        refusal: Why none may be deleted; empty where they may.

    Signals:
        compare_wanted: Carries the ids of two, the older one first.
        delete_wanted: Carries the ids of those chosen.
    """

    compare_wanted = Signal(int, int)
    delete_wanted = Signal(object)

    def __init__(self, theme: Theme, refusal: str) -> None:
        super().__init__(
            theme, _("History"), _columns(), key=lambda row: row.id, most=_MOST_ROWS,
            empty=_("No benchmark was run yet."),
        )  # fmt: skip
        self._refusal = refusal
        self.compare_button = button(_("Compare two"), self._compare)
        self.delete_button = button(_("Delete…"), self._delete, "danger")
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 2, 14, 4)
        foot.setSpacing(Metric.GRID)
        foot.addWidget(self.compare_button)
        foot.addWidget(self.delete_button)
        foot.addStretch(1)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertLayout(layout.count() - 1, foot)
        self.table.selectionModel().selectionChanged.connect(lambda *_some: self._follow())
        self.table.list_model.modelReset.connect(self._follow)
        self._follow()

    @property
    def marked(self) -> list[BenchmarkRow]:
        """The rows that are chosen, the older ones first."""
        indexes = self.table.selectionModel().selectedRows()
        rows = [index.data(ROW_ROLE) for index in indexes]
        return sorted((row for row in rows if row is not None), key=lambda row: int(row.id))

    def _compare(self) -> None:
        marked = self.marked
        if len(marked) == 2:
            self.compare_wanted.emit(marked[0].id, marked[1].id)

    def _delete(self) -> None:
        self.delete_wanted.emit([row.id for row in self.marked])

    def _follow(self) -> None:
        count = len(self.marked)
        two = "" if count == 2 else _("Choose two with Ctrl or Shift held.")
        one = self._refusal or ("" if count else _("Choose a benchmark first."))
        for part, why, tip in (
            (self.compare_button, two, _("Show both side by side")),
            (self.delete_button, one, _("Forget what was measured")),
        ):
            part.setDisabled(bool(why))
            explain(part, why or tip)


def _columns() -> tuple[Column[BenchmarkRow], ...]:
    return (
        Column("started_at", _("Run"), lambda row: brief(row.started_at), muted=True,
            width=146, tip=lambda row: exact(row.started_at), value=lambda row: row.started_at),
        Column("kind", _("Kind"), lambda row: words.kind_words(row.kind), width=0, strong=True,
            value=lambda row: row.kind.value, tip=_about),
        Column("pragmas", _("Settings"), lambda row: words.pragmas_words(row.settings),
            width=186, value=lambda row: row.settings.model_dump(mode="json")),
        Column("throughput", _("Per second"), _throughput, right=True, width=92,
            value=lambda row: row.result and row.result.throughput),
        _time("p95_ms", _("p95")),
        _time("p99_ms", _("p99")),
        Column("errors", _("Errors"), _errors, right=True, width=66,
            tip=lambda row: row.result.error_text if row.result else "",
            value=lambda row: row.result and row.result.errors),
        Column("sqlite", _("SQLite"), lambda row: row.sqlite_version or NONE, muted=True,
            width=72),
        Column("state", _("State"), lambda row: words.state_badge(row).word, width=112,
            badge=words.state_badge, tip=lambda row: row.message),
    )  # fmt: skip


def _errors(row: BenchmarkRow) -> str:
    return NONE if row.result is None else number(row.result.errors)


def _time(name: str, heading: str) -> Column[BenchmarkRow]:
    def value(row: BenchmarkRow) -> float | None:
        result: BenchmarkResult | None = row.result
        return None if result is None else float(getattr(result, name))

    def text(row: BenchmarkRow) -> str:
        found = value(row)
        return NONE if found is None else milliseconds(found)

    return Column(name, heading, text, right=True, width=74, value=value)


def _about(row: BenchmarkRow) -> str:
    return f"{words.kind_words(row.kind)}: {words.amount_words(row.settings)}"


def _throughput(row: BenchmarkRow) -> str:
    return NONE if row.result is None else per_second(row.result.throughput)
