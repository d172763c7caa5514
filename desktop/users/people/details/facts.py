"""What is known of a person: contact, standing, times, and the note."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from core.database.fields.addresses import show_address
from core.security.operations import Operation, may
from core.translation import _
from core.users.schemas import UserDetails, UserRow
from desktop.figures import exact, locale, number
from desktop.tabs import TabContext
from desktop.theme import FontRole, Role, Theme
from desktop.users.people import words
from desktop.users.people.presenter import PeoplePresenter
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.flow_layout import FlowLayout
from desktop.widgets.marks import Mark, copy_text, icon_button, label
from desktop.widgets.paged_table.delegate import paint_chip
from desktop.widgets.tips import explain

_LABEL_WIDTH = 96
_CHIP_HEIGHT = 20
_CHIP_PADDING = 7
_WIDEST_CHIP = 220


class Facts(QWidget):
    """The page "Profile"."""

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.texts: dict[str, str] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 14, 12, 16)
        self._layout.setSpacing(14)
        self._layout.addStretch(1)
        self._shown: UserDetails | None = None

    def show_person(self, details: UserDetails) -> None:
        """Show a person."""
        if details == self._shown:
            return
        self._shown = details
        while self._layout.count() > 1:
            item = self._layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.texts = {}
        row = details.row
        parts = [self._contact(row), self._standing(row), self._times(row)]
        if self._may_read_notes():
            parts.append(self._note(details))
        for place, part in enumerate(parts):
            self._layout.insertWidget(place, part)

    def _may_read_notes(self) -> bool:
        return may(self._context.actor, Operation.USERS_READ_NOTE)

    def _contact(self, row: UserRow) -> QWidget:
        group = _Group(self._context.theme, self.texts)
        number_ = row.phone or ""
        if row.phone and not row.masked:
            number_ = words.phone(row.phone, self._presenter.region)
        group.add("email", _("E-mail"), row.email or "", copy=not row.masked)
        group.add("phone", _("Phone"), number_, copy=not row.masked)
        if row.address is not None:
            text = show_address(row.address, locale().name())
            group.add("address", _("Address"), text, copy=True)
        elif row.masked:
            group.add("address", _("Address"), _("hidden"))
        if row.masked:
            group.add_hint("eye-slash", words.masked_hint())
        return group

    def _standing(self, row: UserRow) -> QWidget:
        group = _Group(self._context.theme, self.texts)
        if row.tags:
            group.add_tags(_("Tags"), row.tags)
        group.add("balance", _("Balance"), words.money(row.balance))
        group.add("builds", _("Builds"), number(row.builds))
        group.add("password", _("Password"), _("set") if row.has_password else _("none yet"))
        group.add("second_factor", _("Two-step"), words.second_factor(row))
        return group

    def _times(self, row: UserRow) -> QWidget:
        group = _Group(self._context.theme, self.texts)
        for name, heading, at in (
            ("last_active_at", _("Last active"), row.last_active_at),
            ("last_sign_in_at", _("Last sign-in"), row.last_sign_in_at),
            ("created_at", _("Created"), row.created_at),
            ("updated_at", _("Changed"), row.updated_at),
        ):
            group.add(name, heading, words.moment(at), tip=words.moment_tip(at))
        if row.deleted_at is not None:
            group.add("deleted_at", _("Deleted"), words.moment(row.deleted_at),
                tip=exact(row.deleted_at))  # fmt: skip
        return group

    def _note(self, details: UserDetails) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(_("Note"), "heading"))
        if details.note_problem:
            text = label(details.note_problem, "error", wrap=True)
        elif details.note:
            text = label(details.note, wrap=True)
        else:
            # The list knows that there is a note; its text comes a moment later.
            waiting = details.row.has_note
            text = label("…" if waiting else _("There is no note."), "muted", wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.texts["note"] = text.text()
        column.addWidget(text)
        return part


class TagChip(QWidget):
    """A tag as the list paints it."""

    def __init__(self, theme: Theme, tag: str) -> None:
        super().__init__()
        self._theme, self._tag = theme, tag
        self.setAccessibleName(tag)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the room of the words."""
        words_ = QFontMetrics(self._theme.font(FontRole.MUTED)).horizontalAdvance(self._tag)
        return QSize(min(words_ + 2 * _CHIP_PADDING, _WIDEST_CHIP), _CHIP_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the chip."""
        painter = QPainter(self)
        place = QRect(0, (self.height() - _CHIP_HEIGHT) // 2, self.width(), _CHIP_HEIGHT)
        paint_chip(painter, place, self._tag, self._theme)
        painter.end()


class _Group(QWidget):
    """Lines of a name and a value."""

    def __init__(self, theme: Theme, texts: dict[str, str]) -> None:
        super().__init__()
        self._theme, self._texts = theme, texts
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)

    def add(
        self, name: str, heading: str, text: str, *, copy: bool = False, tip: str = ""
    ) -> None:
        line = self._grid.rowCount()
        top = Qt.AlignmentFlag.AlignTop
        self._head(line, heading)
        # What has no blanks cannot be wrapped: it is shortened, and copied by its button.
        one_line = copy and bool(text) and "\n" not in text and " " not in text
        shown: QLabel = ElidedLabel(text) if one_line else label(text or words.NONE, wrap=True)
        if not one_line:
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shown.setMinimumHeight(26)
        shown.setAccessibleName(f"{heading}: {text or words.NONE}")
        if tip:
            explain(shown, tip)
        self._grid.addWidget(shown, line, 1, top)
        self._texts[name] = text or words.NONE
        if copy and text:
            said = _("Copy: {what}").format(what=heading)
            made = icon_button(self._theme, "copy", said, lambda: copy_text(text))
            self._grid.addWidget(made, line, 2, top)

    def add_tags(self, heading: str, tags: tuple[str, ...]) -> None:
        line = self._grid.rowCount()
        self._head(line, heading)
        place = QWidget()
        flow = FlowLayout(place, 4)
        flow.setContentsMargins(0, 3, 0, 3)
        for tag in tags:
            flow.addWidget(TagChip(self._theme, tag))
        self._grid.addWidget(place, line, 1, 1, 2)
        self._texts["tags"] = ", ".join(tags)

    def add_hint(self, icon: str, text: str) -> None:
        line = self._grid.rowCount()
        hint = QWidget()
        row = QGridLayout(hint)
        row.setContentsMargins(0, 2, 0, 0)
        row.setHorizontalSpacing(6)
        row.addWidget(Mark(self._theme, icon, Role.MUTED, 14), 0, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label(text, "muted", wrap=True), 0, 1)
        row.setColumnStretch(1, 1)
        self._grid.addWidget(hint, line, 0, 1, 3)
        self._texts["hint"] = text

    def _head(self, line: int, heading: str) -> None:
        head = label(heading, "muted")
        head.setMinimumHeight(26)
        self._grid.addWidget(head, line, 0, Qt.AlignmentFlag.AlignTop)
