"""One trigger in the list."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.translation import _
from core.triggers.schemas import TriggerRow
from desktop.builds.triggers import words
from desktop.theme import Role, Theme
from desktop.widgets.form.switch import Switch
from desktop.widgets.marks import Mark, icon_button, label
from desktop.widgets.tips import plain_tip


class TriggerCard(QFrame):
    """Switch, what it waits for, what it did, and what can be done with it.

    Args:
        refusal: Why nothing of it may be changed; empty where it may.

    Signals:
        switched: It is to be switched on or off.
        edit_wanted: It is to be changed.
        remove_wanted: It is to be removed.
    """

    switched = Signal(bool)
    edit_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, theme: Theme, trigger: TriggerRow, refusal: str) -> None:
        super().__init__()
        self.trigger = trigger
        self.setProperty("kind", "card")
        title = words.when(trigger)
        self.switch = Switch(theme)
        self.switch.setChecked(trigger.enabled)
        self.switch.setAccessibleName(_("On: {trigger}").format(trigger=title))
        self.switch.clicked.connect(self.switched)
        self.edit_button = icon_button(
            theme, "pencil-simple", _("Edit this trigger"), self.edit_wanted.emit
        )
        self.remove_button = icon_button(
            theme, "trash", _("Remove this trigger"), self.remove_wanted.emit
        )
        for part in (self.switch, self.edit_button, self.remove_button):
            part.setDisabled(bool(refusal))
            if refusal:
                part.setToolTip(plain_tip(refusal))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 8, 10)
        row.setSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        role = Role.ACCENT if trigger.enabled else Role.MUTED
        row.addWidget(self.switch, 0, top)
        row.addWidget(Mark(theme, words.kind_icon(trigger.kind), role, 20), 0, top)
        row.addLayout(self._told(title), 1)
        row.addWidget(self.edit_button, 0, top)
        row.addWidget(self.remove_button, 0, top)

    def _told(self, title: str) -> QVBoxLayout:
        trigger = self.trigger
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(label(title, "heading" if trigger.enabled else "", wrap=True))
        parts = (words.with_what(trigger), words.what_next(trigger), words.what_was(trigger))
        column.addWidget(label(" · ".join(one for one in parts if one), "muted", wrap=True))
        if trigger.error:
            column.addWidget(label(trigger.error, "error", wrap=True))
        return column
