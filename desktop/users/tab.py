"""The tab itself: a row of sections, each made when it is first shown."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from core.database.query.schemas import ListQuery
from core.events import Event
from core.security.operations import Operation, may
from core.translation import _
from desktop.tabs import TabContext
from desktop.users.sections import ListsPeople, Section, ShowPeople
from desktop.widgets.empty_state import EmptyState


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the table of sections; ``needs`` is what may be done there by whom."""

    key: str
    words: Callable[[], str]
    needs: Operation
    create: Callable[[TabContext, ShowPeople], Section]


def _people(context: TabContext, _show_people: ShowPeople) -> Section:
    from desktop.users.people import PeopleSection

    return PeopleSection(context)


def _insights(context: TabContext, show_people: ShowPeople) -> Section:
    from desktop.users.insights import InsightsSection

    return InsightsSection(context, show_people)


def _rights(context: TabContext, _show_people: ShowPeople) -> Section:
    from desktop.users.rights import RightsSection

    return RightsSection(context)


def _security(context: TabContext, _show_people: ShowPeople) -> Section:
    from desktop.users.security import SecuritySection

    return SecuritySection(context)


_SECTIONS = (
    _Entry("people", lambda: _("People"), Operation.USERS_READ, _people),
    _Entry("insights", lambda: _("Insights"), Operation.USERS_INSIGHTS, _insights),
    _Entry("rights", lambda: _("Rights"), Operation.RIGHTS_REVIEW, _rights),
    _Entry("security", lambda: _("Sessions and audit"), Operation.AUDIT_READ, _security),
)


class UsersTab:
    """People and what is known of them."""

    def __init__(self, context: TabContext) -> None:
        self._context = context
        self.sections: dict[str, Section] = {}
        self._loaded: set[str] = set()
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setAccessibleName(_("Sections of the tab of users"))
        self.pages = QStackedWidget()
        self._widget = QWidget()
        self._widget.setProperty("kind", "page")
        layout = QVBoxLayout(self._widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.pages, 1)
        for entry in _SECTIONS:
            self.bar.addTab(entry.words())
            self.pages.addWidget(QWidget())
        # Its actions stand in the menus whichever section is shown.
        self._make(0)
        self.bar.currentChanged.connect(self._show)

    # The protocol of a tab

    @property
    def widget(self) -> QWidget:
        """What the tab shows."""
        return self._widget

    @property
    def title(self) -> str:
        """The words in the tab row."""
        return _("Users")

    @property
    def icon(self) -> str:
        """The icon in the tab row."""
        return "users"

    async def load(self) -> None:
        """Show the section that was shown last, if this person may see it."""
        kept = str(self._context.settings.value("section", _SECTIONS[0].key))
        actor = self._context.actor
        keys = [entry.key if may(actor, entry.needs) else None for entry in _SECTIONS]
        place = keys.index(kept) if kept in keys else 0
        with QSignalBlocker(self.bar):
            self.bar.setCurrentIndex(place)
        section = self._turn_to(place)
        if section is not None:
            await section.load()

    async def close(self) -> None:
        """End what the sections have under way."""
        for section in self.sections.values():
            section.close()

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        for section in self.sections.values():
            section.on_event(event)

    def save_state(self) -> None:
        """Keep which section is shown, and what each keeps."""
        self._context.settings.setValue("section", self._entry.key)
        for section in self.sections.values():
            section.save_state()

    def focus_main(self) -> None:
        """Give the keyboard to the section that is shown."""
        section = self.sections.get(self._entry.key)
        if section is not None:
            section.focus_main()

    def choose(self, key: str) -> None:
        """Show a section."""
        keys = [entry.key for entry in _SECTIONS]
        self.bar.setCurrentIndex(keys.index(key))

    def show_people(self, query: ListQuery) -> None:
        """Go to the people and list those whom a query finds."""
        self.choose("people")
        people = self.sections.get("people")
        if isinstance(people, ListsPeople):
            people.show(query)

    @property
    def _entry(self) -> _Entry:
        return _SECTIONS[self.bar.currentIndex()]

    def _show(self, place: int) -> None:
        section = self._turn_to(place)
        if section is not None:
            self._context.tasks.run(section.load())

    def _turn_to(self, place: int) -> Section | None:
        """Show a section; return it when it is shown for the first time."""
        entry = _SECTIONS[place]
        self._make(place)
        self.pages.setCurrentIndex(place)
        if entry.key in self._loaded:
            return None
        self._loaded.add(entry.key)
        return self.sections.get(entry.key)

    def _make(self, place: int) -> None:
        """Make a section, or what says why it is not shown."""
        entry = _SECTIONS[place]
        if entry.key in self.sections:
            return
        if may(self._context.actor, entry.needs):
            section = entry.create(self._context, self.show_people)
            self.sections[entry.key] = section
            self._put(place, section.widget)
        else:
            self._refuse(place)

    def _refuse(self, place: int) -> None:
        empty = EmptyState(
            self._context.theme,
            icon="lock",
            title=_("Only administrators see this"),
            text=_("Ask an administrator of this workspace for what you need from here."),
        )
        self._put(place, empty)

    def _put(self, place: int, widget: QWidget) -> None:
        old = self.pages.widget(place)
        assert old is not None
        self.pages.insertWidget(place, widget)
        self.pages.removeWidget(old)
        old.deleteLater()
