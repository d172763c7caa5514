"""What is to be measured, and with which settings of SQLite."""

import contextlib

from pydantic import ValidationError
from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from core.performance.benchmarks.schemas import (
    MOST_ROWS,
    USUAL,
    BenchmarkKind,
    BenchmarkSettings,
)
from core.translation import _
from desktop.performance.benchmarks.words import explanation, kind_words, risk_words
from desktop.theme import Metric
from desktop.widgets.form import ChoiceField, Form, NumberField
from desktop.widgets.marks import button, label
from desktop.widgets.tips import explain

_JOURNALS = ("wal", "delete", "truncate", "persist")
_SYNCHRONOUS = ("off", "normal", "full", "extra")
_WIDTH = 344
_BY_COUNT, _BY_TIME = "operations", "seconds"
_SETTINGS, _MORE = "benchmarks/settings", "benchmarks/more"
_FOLDED = ("warm_up", "cache_kib", "journal_mode", "synchronous")


class SettingsCard(QFrame):
    """Asks what is to be measured.

    Args:
        refusal: Why nothing may be run; empty where it may.
        place: Where the file lies that is measured, in a sentence.

    Signals:
        run_wanted: Carries the ``BenchmarkSettings``.
        profiles_wanted: The same with each profile; carries the ``BenchmarkSettings``.
    """

    run_wanted = Signal(object)
    profiles_wanted = Signal(object)

    def __init__(self, refusal: str, place: str) -> None:
        super().__init__()
        self._refusal = refusal
        self.setProperty("kind", "card")
        self.setAccessibleName(_("What is measured"))
        self.setFixedWidth(_WIDTH)
        self.form = Form()
        self.about = label("", "muted", wrap=True)
        self.risk = label("", "muted", wrap=True)
        self.more_button = button(_("More settings"), self._fold, "quiet")
        self.more_button.setCheckable(True)
        self._add_fields()
        self.form.add_widget(label(place, "muted", wrap=True))
        self.run_button = button(
            _("Run"), lambda: self.run_wanted.emit(self.settings), "primary"
        )
        self.profiles_button = button(
            _("Compare PRAGMA profiles"), lambda: self.profiles_wanted.emit(self.settings)
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        column.addWidget(label(_("What is measured"), "heading"))
        column.addWidget(self.form)
        column.addWidget(self.run_button)
        column.addWidget(self.profiles_button)
        column.addStretch(1)
        self.form.changed.connect(self._edited)
        self.show_settings(USUAL[BenchmarkKind.READS])
        self._fold()
        self.set_busy(False)

    def listen_on(self, page: QWidget) -> None:
        """Run by Ctrl+Return anywhere on a page."""
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.run_button.click)

    @property
    def settings(self) -> BenchmarkSettings:
        """What was chosen."""
        return BenchmarkSettings.model_validate(self.form.values())

    def show_settings(self, settings: BenchmarkSettings) -> None:
        """Show settings."""
        self.form.set_values(settings.model_dump())
        self._follow()

    def save(self, settings: QSettings) -> None:
        """Keep what was chosen."""
        with contextlib.suppress(ValidationError):  # what is half typed is not kept
            settings.setValue(_SETTINGS, self.settings.model_dump_json())
        settings.setValue(_MORE, self.more_button.isChecked())

    def restore(self, settings: QSettings) -> None:
        """Show what was kept; what cannot be understood any more is left out."""
        with contextlib.suppress(ValidationError):
            kept = str(settings.value(_SETTINGS, ""))
            self.show_settings(BenchmarkSettings.model_validate_json(kept))
        self.more_button.setChecked(bool(settings.value(_MORE, False, type=bool)))
        self._fold()

    def set_busy(self, busy: bool) -> None:
        """Take no orders while something is measured, or where it may not be."""
        why = self._refusal or (_("It is running.") if busy else "")
        for part, tip in (
            (self.run_button, _("Measure once with these settings (Ctrl+Return)")),
            (self.profiles_button, _(
                "Measure the same with several journal modes, levels of synchronous and caches"
            )),
        ):  # fmt: skip
            part.setDisabled(bool(why))
            explain(part, why or tip)

    def _add_fields(self) -> None:
        add = self.form.add
        add(
            "kind", _("Kind"), ChoiceField([(kind, kind_words(kind)) for kind in BenchmarkKind])
        )
        self.form.add_widget(self.about)
        add("concurrency", _("At once"), NumberField(least=1, most=1_000))
        add("operations", _("Operations"), NumberField(least=1, most=1_000_000), beside=True)
        add("seconds", _("For seconds"), NumberField(least=1, most=600), beside=True)
        add("rows", _("Rows of the table"), NumberField(least=1_000, most=MOST_ROWS))
        self.form.add_widget(self.more_button)
        add("warm_up", _("Warm-up"), NumberField(least=0, most=100_000))
        add("cache_kib", _("Cache"), NumberField(least=64, most=1_048_576, suffix=_(" KiB")),
            beside=True)  # fmt: skip
        add("journal_mode", _("Journal mode"), ChoiceField(
            [(mode, mode.upper()) for mode in _JOURNALS]))  # fmt: skip
        add("synchronous", _("Synchronous"), ChoiceField(
            [(level, level) for level in _SYNCHRONOUS]), beside=True)  # fmt: skip
        self.form.add_widget(self.risk)
        layout = self.form.layout()
        if layout is not None:
            layout.setSpacing(Metric.GRID + 4)

    def _edited(self, name: str) -> None:
        if name == "kind":
            kind = BenchmarkKind(self.form.field("kind").value())
            self.show_settings(USUAL[kind])
        else:
            self._follow()

    def _fold(self) -> None:
        shown = self.more_button.isChecked()
        for name in _FOLDED:
            row = self.form.field(name).parentWidget()
            if row is not None:
                row.setVisible(shown)
        self.risk.setVisible(shown)
        self.more_button.setText(_("Fewer settings") if shown else _("More settings"))

    def _follow(self) -> None:
        kind = BenchmarkKind(self.form.field("kind").value())
        self.about.setText(explanation(kind))
        values = self.form.values()
        self.risk.setText(risk_words(values["journal_mode"], values["synchronous"]))
        timed = kind is BenchmarkKind.MIXED
        for name, shown in ((_BY_COUNT, not timed), (_BY_TIME, timed)):
            row = self.form.field(name).parentWidget()
            if row is not None:
                row.setVisible(shown)
