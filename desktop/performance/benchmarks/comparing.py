"""Two benchmarks side by side."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from core.performance.benchmarks.schemas import Change, Comparison
from core.translation import _
from desktop.performance.benchmarks import words
from desktop.performance.table_card import TableCard
from desktop.theme import Theme
from desktop.widgets.marks import button, label
from desktop.widgets.paged_table import Column


class ComparisonCard(TableCard[Change]):
    """Each figure of the first and the second, and whether it became better."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme, _("Comparison"), _columns(), key=lambda one: one.name,
            empty=_("One of them did not come to its end, so there is nothing to compare."),
        )  # fmt: skip
        self.names = label("", wrap=True)
        self.notes = label("", "warning", wrap=True)
        self.chance = label("", "muted", wrap=True)
        self.head.addWidget(button(_("Put away"), self.hide, "quiet"))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        for place, words_ in enumerate((self.names, self.notes, self.chance), 1):
            row = QHBoxLayout()
            row.setContentsMargins(14, 0, 14, 0)
            row.addWidget(words_)
            layout.insertLayout(place, row)

    def show_comparison(self, found: Comparison) -> None:
        """Show two benchmarks."""
        lines = (
            _("First: {title}, {settings}").format(
                title=words.title_of(found.first),
                settings=words.pragmas_words(found.first.settings),
            ),
            _("Second: {title}, {settings}").format(
                title=words.title_of(found.second),
                settings=words.pragmas_words(found.second.settings),
            ),
        )
        self.names.setText("\n".join(lines))
        self.notes.setText(" ".join(found.notes))
        self.notes.setVisible(bool(found.notes))
        self.chance.setText(found.about_chance)
        self.chance.setVisible(bool(found.changes))
        self.show_rows(found.changes)
        self.show()


def _columns() -> tuple[Column[Change], ...]:
    return (
        Column("name", _("Figure"), lambda one: words.figure_words(one.name), width=0,
            strong=True),
        Column("first", _("First"), lambda one: words.value_words(one.first, one.unit),
            right=True, width=130, value=lambda one: one.first),
        Column("second", _("Second"), lambda one: words.value_words(one.second, one.unit),
            right=True, width=130, value=lambda one: one.second),
        Column("change", _("Change"), lambda one: words.change_badge(one).word, width=264,
            badge=words.change_badge, value=lambda one: one.ratio),
    )  # fmt: skip
