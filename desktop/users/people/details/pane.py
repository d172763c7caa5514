"""The pane at the right: who is chosen, and four pages about them."""

from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from core.users.schemas import UserDetails
from desktop.tabs import TabContext
from desktop.users import roles
from desktop.users.people import words
from desktop.users.people.details.facts import Facts
from desktop.users.people.details.projects import ProjectRoles
from desktop.users.people.details.sessions import PersonSessions
from desktop.users.people.details.timeline import Timeline
from desktop.users.people.presenter import PeoplePresenter
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import icon_button
from desktop.widgets.state_badge import StateBadge

_LEAST_WIDTH = 300


class DetailsPane(QFrame):
    """Shows one person; how many where several are chosen; or what to do."""

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self.setProperty("kind", "pane")
        self.setMinimumWidth(_LEAST_WIDTH)
        self.nobody = EmptyState(context.theme, icon="user", title="", width=_LEAST_WIDTH - 40)
        self.name = ElidedLabel()
        self.name.setProperty("kind", "title")
        self.username = ElidedLabel()
        self.username.setProperty("kind", "muted")
        self.role = StateBadge(context.theme)
        self.state = StateBadge(context.theme)
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(True)
        self.bar.setAccessibleName(_("About the person"))
        self.facts = Facts(context, presenter)
        self.history = Timeline(context, presenter)
        self.projects = ProjectRoles(context, presenter)
        self.sessions = PersonSessions(context, presenter)
        self.error = ErrorPanel(context.theme)
        self._stack = QStackedWidget()
        self._pages = QStackedWidget()
        self._lay_out()
        self.bar.currentChanged.connect(self._show_page)
        presenter.chosen.connect(self._show_choice)
        presenter.changed.connect(self._refresh)
        presenter.details_failed.connect(self.error.show_error)
        self._show_choice()

    def show_person(self, details: UserDetails | None) -> None:
        """Show somebody, or nobody."""
        self.error.clear()
        if details is not None:
            row = details.row
            self.name.setText(row.display_name)
            self.username.setText(row.username)
            self.role.set_badge(roles.role_badge(row.role))
            self.state.set_badge(words.state_badge(row))
            self.facts.show_person(details)
            for page in (self.history, self.projects, self.sessions):
                page.show_person(row)
            self._show_page(self.bar.currentIndex())
        self._show_choice()

    def tab_stops(self) -> list[QWidget]:
        """Return what Tab goes through, in this order."""
        pages = [self._pages.widget(place) for place in range(self._pages.count())]
        return [self.edit_button, self.hide_button, self.bar, *(p for p in pages if p)]

    def _show_choice(self) -> None:
        count = self._presenter.choice.count
        if count > 1:
            self.nobody.say(
                icon="users",
                title=_("{people} chosen").format(people=words.people(count)),
                text=_("What you do now is done to all of them."),
            )
        elif self._presenter.current is None:
            self.nobody.say(
                icon="user",
                title=_("Nobody chosen"),
                text=_("Choose somebody in the list to see more of them here."),
            )
        one = count <= 1 and self._presenter.current is not None
        self._stack.setCurrentIndex(1 if one else 0)

    def _refresh(self) -> None:
        page = self._pages.currentWidget()
        if isinstance(page, Timeline | ProjectRoles | PersonSessions) and self.isVisible():
            page.refresh()

    def _show_page(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        page = self._pages.currentWidget()
        if isinstance(page, Timeline | ProjectRoles | PersonSessions):
            page.load()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 12, 8, 0)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self.name)
        names.addWidget(self.username)
        top.addLayout(names, 1)
        edit = self._context.actions["user.edit"]
        self.edit_button = icon_button(
            self._context.theme, "pencil-simple", _("Edit"), edit.trigger
        )
        edit.changed.connect(self._follow_edit)
        top.addWidget(self.edit_button)
        hide = self._context.actions["user.details"]
        self.hide_button = icon_button(
            self._context.theme, "x", _("Hide the details"), hide.trigger
        )
        top.addWidget(self.hide_button)
        badges = QHBoxLayout()
        badges.setContentsMargins(16, 8, 16, 6)
        badges.setSpacing(6)
        badges.addWidget(self.role)
        badges.addWidget(self.state)
        badges.addStretch(1)
        person = QWidget()
        whole = QVBoxLayout(person)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addLayout(badges)
        whole.addWidget(self.error)
        whole.addWidget(self.bar)
        whole.addWidget(self._line())
        whole.addWidget(self._pages, 1)
        for title, page in (
            (_("Profile"), _scrolled(self.facts)),
            (_("History"), self.history),
            (_("Projects"), self.projects),
            (_("Sessions"), self.sessions),
        ):
            self.bar.addTab(title)
            page.setAccessibleName(title)
            self._pages.addWidget(page)
        self._stack.addWidget(self.nobody)
        self._stack.addWidget(person)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _line(self) -> QFrame:
        line = QFrame()
        line.setProperty("kind", "separator")
        line.setFixedHeight(1)
        return line

    def _follow_edit(self) -> None:
        action = self._context.actions["user.edit"]
        self.edit_button.setEnabled(action.isEnabled())
        self.edit_button.setToolTip(action.toolTip())


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    return area
