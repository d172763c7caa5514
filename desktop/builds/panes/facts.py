"""Everything that is known of a build besides its log."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.builds.schemas import BuildRow
from core.translation import _, ngettext
from desktop.builds import words
from desktop.builds.panes.pane import Pane
from desktop.figures import exact, number, size
from desktop.theme import FontRole, Metric, Theme
from desktop.widgets.plain_table import plain_table
from desktop.widgets.state_badge import StateBadge, build_badge

_HIDDEN = "•••"
_MOST_ROWS = 8
_WIDTH = 860


class FactsPane(Pane):
    """The page of details: what was run, how it ended, when, and for whom."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.title = _("Details")
        self._theme = theme
        self._build: BuildRow | None = None
        self._paused = False
        self._values: dict[str, QLabel] = {}
        self._labels: dict[str, QLabel] = {}
        self.badge = StateBadge(theme)
        self.command = QPlainTextEdit()
        self.variables = plain_table(_("Variables"), (_("Name"), _("Value")))
        self._no_variables = QLabel(_("No variables of its own."))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(_("Details of the build"))
        area.setWidget(self._make_page())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def show_build(self, build: BuildRow | None) -> None:
        """Show a build."""
        if build is None or build == self._build:
            return
        self._build = build
        self.badge.set_badge(build_badge(build.state, build.reason))
        for name, text in _facts(build).items():
            self._values[name].setText(text)
            self._values[name].setVisible(bool(text))
            self._labels[name].setVisible(bool(text))
        self._say_outcome(build)
        if self.command.toPlainText() != build.command:
            self.command.setPlainText(build.command)
            lines = min(max(build.command.count("\n") + 1, 1), 8)
            self.command.setFixedHeight(self.command.fontMetrics().lineSpacing() * lines + 22)
        self._show_variables(build)

    def tell_queue(self, *, paused: bool) -> None:
        """Say whether a build that waits does so because the queue is paused."""
        self._paused = paused
        if self._build is not None:
            self._say_outcome(self._build)

    def _say_outcome(self, build: BuildRow) -> None:
        outcome = words.state_sentence(build, paused=self._paused)
        self._values["outcome"].setText(outcome)

    def text(self, name: str) -> str:
        """Return what a fact says."""
        return self._values[name].text()

    def _make_page(self) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "pane")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        grid = QGridLayout(inner)
        grid.setContentsMargins(2 * Metric.GRID, 2 * Metric.GRID, 2 * Metric.GRID, 20)
        grid.setHorizontalSpacing(2 * Metric.GRID)
        grid.setVerticalSpacing(10)
        grid.setColumnMinimumWidth(0, 110)
        grid.setColumnStretch(1, 1)
        self._prepare_editors()
        self._add(grid, _("State"), self.badge)
        for name, label in _labels().items():
            value = QLabel()
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setAccessibleName(label)
            self._values[name] = value
            self._labels[name] = self._add(grid, label, value)
            if name == "message":
                self._add(grid, _("Command"), self.command)
            elif name == "directory":
                both = QWidget()
                stack = QVBoxLayout(both)
                stack.setContentsMargins(0, 0, 0, 0)
                stack.addWidget(self._no_variables)
                stack.addWidget(self.variables)
                self._add(grid, _("Variables"), both)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inner)
        outer.addStretch(1)
        return page

    def _prepare_editors(self) -> None:
        self.command.setReadOnly(True)
        self.command.setFont(self._theme.font(FontRole.MONO))
        self.command.setTabChangesFocus(True)
        self.command.setAccessibleName(_("Command"))
        header = self.variables.horizontalHeader()
        header.resizeSection(0, 220)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def _add(self, grid: QGridLayout, label: str, value: QWidget) -> QLabel:
        row = grid.rowCount()
        words_label = QLabel(label)
        words_label.setProperty("kind", "muted")
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(words_label, row, 0, top)
        if isinstance(value, StateBadge):
            grid.addWidget(value, row, 1, top | Qt.AlignmentFlag.AlignLeft)
        else:
            grid.addWidget(value, row, 1)
        return words_label

    def _show_variables(self, build: BuildRow) -> None:
        pairs = sorted(build.environment.items())
        pairs += [(name, _HIDDEN) for name in build.secret_names]
        table = self.variables
        table.setVisible(bool(pairs))
        self._no_variables.setVisible(not pairs)
        table.setRowCount(len(pairs))
        for row, (name, value) in enumerate(pairs):
            table.setItem(row, 0, QTableWidgetItem(name))
            item = QTableWidgetItem(value)
            if name in build.secret_names:
                item.setToolTip(_("A secret: hidden here and in the log."))
            table.setItem(row, 1, item)
        rows = min(len(pairs), _MOST_ROWS)
        table.setFixedHeight(
            table.horizontalHeader().sizeHint().height() + rows * Metric.ROW + 2
        )


def _labels() -> dict[str, str]:
    return {
        "outcome": _("Outcome"),
        "end": _("Ended with"),
        "message": _("Message"),
        "steps": _("Steps"),
        "source": _("Source"),
        "commit": _("Commit"),
        "directory": _("Folder"),
        "by": _("Queued by"),
        "type": _("Build type"),
        "queued": _("Queued"),
        "started": _("Started"),
        "finished": _("Finished"),
        "duration": _("Duration"),
        "used": _("Used"),
        "log": _("Log"),
        "artifacts": _("Artifacts"),
        "kept": _("Kept"),
        "note": _("Note"),
    }


def _facts(build: BuildRow) -> dict[str, str]:
    """Return what is told of a build; what is empty is left out."""
    duration = words.NONE
    if build.duration_ms is not None:
        duration = words.short_duration(build.duration_ms / 1000)
    return {
        "outcome": words.state_sentence(build),
        "end": _end(build),
        "message": build.message,
        "steps": _steps(build),
        "source": _source(build),
        "commit": words.commit_tip(build) if build.commit_hash else "",
        "directory": build.directory,
        "by": words.cause_sentence(build),
        "type": build.build_type,
        "queued": exact(build.queued_at),
        "started": exact(build.started_at) if build.started_at else words.NONE,
        "finished": exact(build.finished_at) if build.finished_at else words.NONE,
        "duration": duration,
        "used": _used(build),
        "log": _log(build),
        "artifacts": _artifacts(build),
        "kept": _("Pinned: its log and artifacts are kept.") if build.pinned else "",
        "note": build.note,
    }


def _end(build: BuildRow) -> str:
    if build.signal is not None:
        return _("Signal {number}").format(number=build.signal)
    if build.exit_code is not None:
        return _("Exit code {code}").format(code=build.exit_code)
    return words.NONE


def _steps(build: BuildRow) -> str:
    """Return the commands before and after the command of the build."""
    before = [_("before: {command}").format(command=one) for one in build.before_steps]
    after = [_("after: {command}").format(command=one) for one in build.after_steps]
    return "\n".join([*before, *after])


def _source(build: BuildRow) -> str:
    parts = (build.repository_url, build.branch)
    return " · ".join(part for part in parts if part)


def _used(build: BuildRow) -> str:
    """Return what its processes used, as far as it was measured."""
    parts = []
    if build.cpu_ms is not None:
        time = words.short_duration(build.cpu_ms / 1000)
        parts.append(_("{time} of processor time").format(time=time))
    if build.cpu_peak is not None:
        share = number(round(build.cpu_peak))
        parts.append(_("at most {share} % of a core").format(share=share))
    if build.memory_peak is not None:
        parts.append(_("at most {size} of memory").format(size=size(build.memory_peak)))
    return ", ".join(parts)


def _log(build: BuildRow) -> str:
    if build.log_removed_at is not None:
        return _("Removed on {time} by the rules of the workspace.").format(
            time=exact(build.log_removed_at)
        )
    parts = (
        words.line_count(build.log_lines),
        words.error_count(build.errors),
        words.warning_count(build.warnings),
        size(build.log_bytes),
    )
    return ", ".join(parts)


def _artifacts(build: BuildRow) -> str:
    if build.artifacts_removed_at is not None:
        return _("Removed on {time} by the rules of the workspace.").format(
            time=exact(build.artifacts_removed_at)
        )
    if not build.artifact_count:
        return ""
    return ngettext(
        "{count} file, {size}", "{count} files, {size}", build.artifact_count
    ).format(count=number(build.artifact_count), size=size(build.artifact_bytes))
