"""The card with the backups: the list, what is done with one of them, and the schedule."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from core.performance.backups.schemas import Backup
from core.translation import _
from desktop.figures import brief, exact, number, size
from desktop.performance.backups import words
from desktop.performance.backups.calls import BackupCalls, Kept
from desktop.performance.jobs import JobPlace
from desktop.tabs import TabContext
from desktop.theme import Metric
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.marks import button, label
from desktop.widgets.paged_table import Column
from desktop.widgets.tips import explain

_MOST_ROWS = 8
_SIDE = 14


class BackupsCard(QFrame):
    """The backups.

    Signals:
        make_wanted: A backup is to be made in the usual folder.
        make_at_wanted: One is to be made as a file that is chosen.
        verify_wanted: Carries the ``Backup``.
        restore_wanted: Carries the ``Backup``.
        restore_file_wanted: One that is not in the list is to be restored.
        delete_wanted: Carries the ``Backup``.
        rules_wanted: The schedule is to be seen and changed.
    """

    make_wanted = Signal()
    make_at_wanted = Signal()
    verify_wanted = Signal(object)
    restore_wanted = Signal(object)
    restore_file_wanted = Signal()
    delete_wanted = Signal(object)
    rules_wanted = Signal()

    def __init__(self, context: TabContext, calls: BackupCalls) -> None:
        super().__init__()
        self._calls = calls
        self.setProperty("kind", "card")
        self.setAccessibleName(_("Backups"))
        self.rules = label("", "muted", wrap=True)
        self.make_button = button(_("Back up now"), self.make_wanted.emit, "primary")
        self.make_at_button = button(_("Back up to…"), self.make_at_wanted.emit)
        self.verify_new = QCheckBox(_("Verify afterwards"))
        self.verify_new.setChecked(True)
        explain(
            self.verify_new, _("Restore each new backup into a temporary file, for a trial")
        )
        self.rules_button = button(_("Schedule…"), self.rules_wanted.emit)
        self.verify_button = self._of_chosen(_("Verify"), self.verify_wanted.emit)
        self.restore_button = self._of_chosen(_("Restore…"), self.restore_wanted.emit)
        self.delete_button = self._of_chosen(_("Delete…"), self.delete_wanted.emit, "danger")
        self.restore_file_button = button(
            _("Restore a file…"), self.restore_file_wanted.emit, "quiet"
        )
        self.empty = label(
            _("There is no backup yet. One is made while you go on working."),
            "muted",
            wrap=True,
        )
        self.table = FigureTable[Backup](
            context.theme, columns(), name=_("Backups"), key=lambda one: one.name,
            most=_MOST_ROWS,
        )  # fmt: skip
        self.table.chosen.connect(lambda _one: self._follow())
        self.place = JobPlace(context)
        self.place.moved.connect(self._follow)
        self.result = label("", "success", wrap=True)
        self._lay_out()
        self.table.hide()
        self.result.hide()
        self._follow()

    def show_kept(self, kept: Kept) -> None:
        """Show the backups and the rules."""
        self.rules.setText(words.rules_words(kept.rules, managed=self._calls.managed))
        self.table.show_rows(kept.backups)
        self.table.setVisible(bool(kept.backups))
        self.empty.setVisible(not kept.backups)
        self._follow()

    def say(self, text: str, tip: str = "") -> None:
        """Say what came of the last deed; nothing when empty."""
        self.result.setText(text)
        explain(self.result, tip)
        self.result.setVisible(bool(text))

    def _of_chosen(
        self, text: str, tell: Callable[[Backup], object], kind: str = ""
    ) -> QPushButton:
        def act() -> None:
            if self.table.current is not None:
                tell(self.table.current)

        return button(text, act, kind)

    def _follow(self) -> None:
        """Let be done what can be, and say why the rest cannot."""
        calls = self._calls
        busy = _("Something is done with backups already.") if self.place.busy else ""
        none = "" if self.table.current is not None else _("Choose a backup first.")
        for part, why, tip in (
            (self.make_button, calls.make_refusal or busy, _("Made beside your work")),
            (self.make_at_button, calls.make_refusal or busy, _("As a file of your choice")),
            (self.verify_button, calls.make_refusal or busy or none,
                _("Restore it into a temporary file, and look that through")),
            (self.restore_button, calls.restore_refusal or busy or none,
                _("Put its content in the place of that of the database")),
            (self.restore_file_button, calls.restore_refusal or busy,
                _("Restore a backup that lies elsewhere")),
            (self.delete_button, calls.delete_refusal or busy or none, _("For good")),
            (self.rules_button, calls.rules_refusal, _("When backups are made by themselves")),
        ):  # fmt: skip
            part.setDisabled(bool(why))
            explain(part, why or tip)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, _SIDE, 0)
        head.setSpacing(Metric.GRID)
        head.addWidget(label(_("Backups"), "title"))
        head.addStretch(1)
        for part in (
            self.verify_new, self.rules_button, self.make_at_button, self.make_button
        ):  # fmt: skip
            head.addWidget(part)
        foot = QHBoxLayout()
        foot.setContentsMargins(_SIDE, 2, _SIDE, 0)
        foot.setSpacing(Metric.GRID)
        for part in (self.verify_button, self.restore_button, self.delete_button):
            foot.addWidget(part)
        foot.addStretch(1)
        foot.addWidget(self.restore_file_button)
        for text in (self.rules, self.empty, self.result):
            text.setContentsMargins(16, 0, _SIDE, 0)
        self.place.setContentsMargins(16, 0, _SIDE, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 12, 1, 12)
        column.setSpacing(Metric.GRID)
        column.addLayout(head)
        for row in (self.rules, self.place, self.result, self.empty, self.table):
            column.addWidget(row)
        column.addLayout(foot)


def columns() -> tuple[Column[Backup], ...]:
    """Return what is shown of each backup."""
    return (
        Column("made_at", _("Made"), lambda one: brief(one.made_at), width=164, strong=True,
            tip=lambda one: exact(one.made_at), value=lambda one: one.made_at),
        Column("state", _("State"), lambda one: words.state_badge(one).word, width=126,
            badge=words.state_badge, tip=words.state_tip),
        Column("origin", _("Why"), lambda one: words.origin_words(one.origin), width=136,
            value=lambda one: one.origin.value),
        Column("bytes", _("Size"), lambda one: size(one.bytes), right=True, width=92,
            tip=lambda one: _("{count} bytes").format(count=number(one.bytes)),
            value=lambda one: one.bytes),
        Column("name", _("File"), lambda one: one.name, width=0, muted=True,
            tip=lambda one: str(one.path), value=lambda one: str(one.path)),
    )  # fmt: skip
