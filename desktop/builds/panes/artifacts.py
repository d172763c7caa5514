"""What the chosen build made: a table of files, and what can be done with them."""

from collections.abc import Sequence

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from core.builds.schemas import ArtifactRow, BuildRow
from core.database.query.schemas import ListQuery
from core.translation import _, ngettext
from desktop.builds.panes import artifacts_words as words
from desktop.builds.panes.artifacts_deeds import ArtifactCalls, ArtifactDeeds
from desktop.builds.panes.artifacts_rows import ArtifactList
from desktop.builds.panes.pane import Pane
from desktop.figures import number
from desktop.tabs import TabContext
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.marks import label
from desktop.widgets.paged_table import PagedModel, PagedTable, TablePane
from desktop.widgets.tips import plain_tip

_FILTER_WIDTH = 180


class ArtifactsPane(Pane):
    """The page of artifacts."""

    def __init__(self, context: TabContext) -> None:
        super().__init__()
        self.title = _("Artifacts")
        self._context = context
        self._build: BuildRow | None = None
        self._in_front = False
        self._stale = True
        self._started_at = words.Moment()
        calls = ArtifactCalls(context)
        self.deeds = ArtifactDeeds(context, calls, self)
        self.list = ArtifactList(calls.list_of)
        self.model: PagedModel[ArtifactRow] = PagedModel(
            context.tasks,
            words.columns(self._started_at),
            key=lambda row: row.id,
            fetch=self.list.slice,
            count=self.list.count,
        )
        self.table = PagedTable(
            context.theme,
            context.tasks,
            self.model,
            name=_("Artifacts of the build"),
            settings=_group(context.settings),
        )
        self.empty = EmptyState(context.theme, icon="package", title=_("No artifacts"))
        self.pane = TablePane(context.theme, self.table, self.empty, _files)
        self.totals = label("", "muted")
        self.totals.setAccessibleName(_("Size of all artifacts"))
        self.search = QLineEdit()
        self.save_button = QPushButton(_("Save as…"))
        self._actions = self._make_actions()
        self._lay_out()
        self._connect()
        self._allow()

    # The protocol of a pane

    @property
    def tools(self) -> Sequence[QWidget]:
        """Totals, a filter, and saving."""
        return (self.totals, self.search, self.save_button)

    def show_build(self, build: BuildRow | None) -> None:
        """Take another build, or the same one once its artifacts may be others."""
        old, self._build = self._build, build
        self.badge_changed.emit(_badge(build))
        if old is not None and build is not None and _made(old) == _made(build):
            return
        self._stale = True
        if build is None or old is None or build.id != old.id:
            self.search.clear()
        if self._in_front:
            self._show()

    def bring_forward(self) -> None:
        """Fetch what is out of date."""
        self._in_front = True
        if self._stale:
            self._show()

    def put_back(self) -> None:
        """Fetch nothing from here on."""
        self._in_front = False

    # What is shown

    def _show(self) -> None:
        self._stale = False
        build = self._build
        self._started_at.value = build.started_at if build is not None else None
        self._explain_nothing(build)
        self.list.show(build.id if build is not None else None)
        self._list()

    def _list(self) -> None:
        search = self.search.text().strip()
        self.table.show_query(ListQuery(search=search, order=("folder", "name")))

    def _explain_nothing(self, build: BuildRow | None) -> None:
        if build is None:
            self.empty.say(icon="package", title="")
            return
        title, text = words.nothing_words(build)
        edit = self._context.actions["project.edit"]
        offered = not build.artifact_patterns and edit.isEnabled()
        action = _("Edit project…") if offered else ""
        self.empty.say(icon="package", title=title, text=text, action=action)

    def _tell(self) -> None:
        self.totals.setText(words.total(self.list.known))
        anything = bool(self.list.known)
        self.search.setEnabled(anything)
        self._allow()

    # What can be done

    def chosen(self) -> list[ArtifactRow]:
        """Return the rows chosen, in their order, those out of sight too."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return self.list.at(sorted(rows))

    def _make_actions(self) -> dict[str, QAction]:
        tasks, deeds = self._context.tasks, self.deeds

        def one(deed: str) -> None:
            rows = self.chosen()
            if len(rows) == 1:
                tasks.run(getattr(deeds, deed)(rows[0]))

        return {
            "open": self._action(_("Open"), lambda: one("open")),
            "reveal": self._action(_("Show in folder"), lambda: one("show_in_folder")),
            "save": self._action(
                _("Save as…"), lambda: tasks.run(deeds.save(self.chosen())), "Ctrl+Shift+S"
            ),
            "path": self._action(_("Copy path"), lambda: deeds.copy_path(self.chosen())),
            "hash": self._action(
                _("Copy SHA-256"), lambda: deeds.copy_hash(self.chosen()), "Ctrl+Shift+C"
            ),
        }

    def _action(self, text: str, do: object, keys: str = "") -> QAction:
        action = QAction(text, self)
        assert callable(do)
        action.triggered.connect(lambda _checked=False: do())
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        return action

    def _allow(self) -> None:
        rows = self.chosen()
        kept = [row for row in rows if row.removed_at is None]
        none = _("Choose an artifact first.") if not rows else ""
        gone = _("It was removed.") if len(kept) < len(rows) else ""
        several = _("Choose one artifact.") if len(rows) > 1 else ""
        reasons = {
            "open": none or several or gone,
            "reveal": none or several or gone,
            "save": none or gone,
            "path": none,
            "hash": none,
        }
        tips = _tips()
        for name, reason in reasons.items():
            action = self._actions[name]
            action.setEnabled(not reason)
            action.setToolTip(plain_tip("\n".join(filter(None, (tips[name], reason)))))
        save = self._actions["save"]
        self.save_button.setEnabled(save.isEnabled())
        self.save_button.setToolTip(save.toolTip())

    # How it is joined

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(_("Filter artifacts"))
        self.search.setAccessibleName(_("Filter artifacts by path or SHA-256"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(_FILTER_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pane)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._list)
        self.pane.clear_filters.connect(self.search.clear)
        self.empty.triggered.connect(self._context.actions["project.edit"].trigger)
        self.table.activated_row.connect(lambda _row: self._actions["open"].trigger())
        self.table.menu_wanted.connect(self._fill_menu)
        self.table.notice.connect(self._context.notifications.notify)
        self.table.chosen.changed.connect(self._allow)
        self.table.selectionModel().selectionChanged.connect(self._allow)
        self.model.state_changed.connect(self._tell)
        self.model.restarted.connect(self._tell)
        self.model.count_changed.connect(self._tell)
        self.save_button.clicked.connect(self._actions["save"].trigger)

    def _fill_menu(self, menu: QMenu) -> None:
        self._allow()
        menu.addActions([self._actions[name] for name in ("open", "reveal", "save")])
        menu.addSeparator()
        menu.addActions([self._actions[name] for name in ("path", "hash")])


def _tips() -> dict[str, str]:
    return {
        "open": _("Open a copy that cannot be changed; it goes when Buildbench closes."),
        "reveal": _("Show a copy in the file manager; it goes when Buildbench closes."),
        "save": _("Write a copy, checked against its SHA-256, where you want it."),
        "path": _("Copy the path within the folder of the build."),
        "hash": _("Copy the SHA-256 of the file, all 64 digits."),
    }


def _group(settings: QSettings) -> QSettings:
    """Return settings of their own for the columns: a group is a state of the object."""
    kept = QSettings(settings.fileName(), settings.format())
    kept.beginGroup("/".join(filter(None, (settings.group(), "artifacts"))))
    return kept


def _made(build: BuildRow) -> tuple[object, ...]:
    """Return what changes when the artifacts of a build may be others."""
    return (
        build.id,
        build.state.finished,
        build.artifact_count,
        build.artifact_bytes,
        build.artifacts_removed_at,
        build.artifact_patterns,
    )


def _badge(build: BuildRow | None) -> str:
    return number(build.artifact_count) if build is not None and build.artifact_count else ""


def _files(count: int) -> str:
    return ngettext("{count} file", "{count} files", count).format(count=number(count))
