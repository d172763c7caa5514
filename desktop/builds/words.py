"""What this tab says: states, reasons, durations and counts in words."""

from datetime import datetime

from core.builds.schemas import (
    BuildRow,
    BuildState,
    FailureReason,
    LogSummary,
    TriggerKind,
)
from core.projects.schemas import ProjectRow, ProjectType
from core.security.actors import Origin
from core.translation import _, ngettext
from desktop.builds.exit_words import exit_code_words, signal_words
from desktop.figures import duration, exact, locale, number, percent

NONE = "—"


def origin_words(origin: str) -> str:
    """Return through what a build was asked for; what a newer Buildbench stored, as it is."""
    known: dict[str, str] = {
        Origin.DESKTOP: _("the window"),
        Origin.SCRIPT: _("a script"),
        Origin.TRIGGER: _("a trigger"),
        Origin.PLUGIN: _("a plug-in"),
    }
    return known.get(origin, origin)


def type_words(kind: ProjectType) -> str:
    """Return the name of a type of project."""
    return {
        ProjectType.GENERIC: _("Generic"),
        ProjectType.MAKE: _("Make"),
        ProjectType.CMAKE: _("CMake"),
        ProjectType.MESON: _("Meson"),
        ProjectType.PYTHON: _("Python"),
        ProjectType.NODE: _("Node.js"),
        ProjectType.GRADLE: _("Gradle"),
        ProjectType.MAVEN: _("Maven"),
        ProjectType.ANDROID: _("Android"),
        ProjectType.CARGO: _("Cargo (Rust)"),
        ProjectType.GO: _("Go"),
    }[kind]


def priority_words(priority: int) -> str:
    """Return the name of a priority."""
    if priority > 0:
        return _("High")
    return _("Low") if priority < 0 else _("Normal")


def project_line(project: ProjectRow) -> str:
    """Return type and success rate of a project, the type alone before any build has ended."""
    kind = type_words(project.type)
    if project.success_rate is None:
        return kind
    return _("{type} · {rate} successful").format(type=kind, rate=percent(project.success_rate))


def project_tip(project: ProjectRow) -> str:
    """Return what the list has no room for."""
    lines = [project.name, project.path]
    if project.description:
        lines.append(project.description)
    if project.success_rate is not None:
        lines.append(
            ngettext(
                "{count} build, {rate} of the finished ones successful",
                "{count} builds, {rate} of the finished ones successful",
                project.builds,
            ).format(count=number(project.builds), rate=percent(project.success_rate))
        )
    return "\n".join(lines)


def build_name(build: BuildRow) -> str:
    """Return the number of a build as people write it."""
    return f"#{build.number}"


def commit_line(build: BuildRow) -> str:
    """Return short hash and subject of what was built, NONE where that is not known."""
    if not build.commit_hash:
        return build.branch or NONE
    return f"{build.commit_hash[:7]}  {build.commit_subject}"


def commit_tip(build: BuildRow) -> str:
    """Return the whole commit, one fact a line."""
    if not build.commit_hash:
        return _("No commit is known.")
    lines = [build.commit_hash, build.commit_subject, build.commit_author]
    if build.commit_at is not None:
        lines.append(exact(build.commit_at))
    if build.branch:
        lines.append(build.branch)
    if build.dirty:
        lines.append(_("with changes that were not committed"))
    return "\n".join(line for line in lines if line)


def cause_words(build: BuildRow) -> str:
    """Return who or what queued a build, in a word."""
    known = {
        TriggerKind.SCHEDULE: _("schedule"),
        TriggerKind.COMMITS: _("new commits"),
        TriggerKind.AFTER_PROJECT: build.trigger_detail or _("a project"),
        TriggerKind.AUTOMATIC_RETRY: _("retry"),
        TriggerKind.UNKNOWN: build.trigger_detail,
    }
    return known.get(build.trigger, build.requested_by)


def cause_sentence(build: BuildRow) -> str:
    """Return who or what queued a build."""
    detail = build.trigger_detail
    match build.trigger:
        case TriggerKind.SCHEDULE:
            return _("Queued by the schedule “{detail}”.").format(detail=detail)
        case TriggerKind.COMMITS:
            return _("Queued as the commit {commit} was found.").format(commit=detail[:12])
        case TriggerKind.AFTER_PROJECT:
            return _("Queued as “{project}” succeeded.").format(project=detail)
        case TriggerKind.AUTOMATIC_RETRY:
            return _("Attempt {number}, queued as the one before failed.").format(
                number=number(build.attempt)
            )
        case TriggerKind.RETRY:
            return _("Attempt {number}, asked for by {user}.").format(
                number=number(build.attempt), user=build.requested_by
            )
        case TriggerKind.TERMINAL:
            return _("Asked for by {user} on a terminal.").format(user=build.requested_by)
        case TriggerKind.UNKNOWN:
            return _("Queued by “{word}”, which is not known here.").format(word=detail)
    return _("Asked for by {user}, through {origin}.").format(
        user=build.requested_by, origin=origin_words(build.origin)
    )


def elapsed_s(build: BuildRow, now: datetime) -> float | None:
    """Return how long a build ran, or has run by now, in seconds; None before its start."""
    if build.duration_ms is not None:
        return build.duration_ms / 1000
    if build.started_at is None:
        return None
    return max((build.finished_at or now).timestamp() - build.started_at.timestamp(), 0.0)


def short_duration(seconds: float) -> str:
    """Return a duration as a clock shows it; a short one in seconds or milliseconds."""
    if seconds < 1:
        return _("{count} ms").format(count=round(seconds * 1000))
    if seconds < 10:
        return _("{seconds} s").format(seconds=locale().toString(seconds, "f", 1))
    return duration(seconds)


def build_duration(build: BuildRow, now: datetime) -> tuple[str, str]:
    """Return how long a build took, and "of ~1:10" while it runs and can be estimated."""
    seconds = elapsed_s(build, now)
    if seconds is None:
        return NONE, ""
    if build.state.finished:
        return short_duration(seconds), ""
    expected = ""
    if build.estimate_ms is not None:
        expected = _("of ~{time}").format(time=duration(build.estimate_ms / 1000))
    return duration(seconds), expected


def overdue(build: BuildRow, now: datetime) -> bool:
    """Whether a running build takes longer than nine of ten took."""
    seconds = elapsed_s(build, now)
    return (
        build.state.active
        and seconds is not None
        and build.late_after_ms is not None
        and seconds * 1000 > build.late_after_ms
    )


def trend(build: BuildRow, *, paused: bool = False) -> str:
    """Return how a build compares to those before it, or why it did not succeed.

    Args:
        paused: Whether the queue is: what waits then waits for that.
    """
    if build.state is BuildState.SUCCESS:
        return _against_median(build)
    if build.state is BuildState.FAILED:
        parts = [short_reason(build)]
        if build.errors:
            parts.insert(0, error_count(build.errors))
        return ", ".join(parts)
    if build.state is BuildState.CANCELLED:
        return _("never started") if build.started_at is None else _("stopped on request")
    if build.state is BuildState.PENDING:
        return _("queue is paused") if paused else _("waits for its turn")
    return ""


def _against_median(build: BuildRow) -> str:
    if not build.estimate_ms or build.duration_ms is None:
        return ""
    if build.duration_ms == build.estimate_ms:
        return ""  # the only success so far, or the median itself: there is nothing to tell
    share = round(100 * (build.duration_ms / build.estimate_ms - 1))
    if share == 0:
        return _("as usual")
    # A typographic minus, as wide as the plus.
    figure = f"{'+' if share > 0 else '−'}{number(abs(share))}"
    return _("{share} % to median").format(share=figure)


def short_reason(build: BuildRow) -> str:
    """Return why a build failed, in a few words."""
    match build.reason:
        case FailureReason.EXIT_CODE if build.exit_code is not None:
            return exit_code_words(build.exit_code)
        case FailureReason.SIGNAL if build.signal is not None:
            return signal_words(build.signal)
        case FailureReason.TIMEOUT:
            return _("timed out")
        case FailureReason.NO_OUTPUT:
            return _("no output for too long")
        case FailureReason.NOT_STARTED:
            return _("could not be started")
        case FailureReason.CHECKOUT:
            return _("sources could not be fetched")
        case FailureReason.BEFORE_STEP:
            return _("a step before the command failed")
        case FailureReason.AFTER_STEP:
            return _("a step after the command failed")
        case FailureReason.LOST:
            return _("lost, log kept to line {line}").format(line=number(build.log_lines))
    return _("no reason known")


def state_sentence(build: BuildRow, *, paused: bool = False) -> str:
    """Return state and reason as a sentence, and where the queue is paused the way on."""
    match build.state:
        case BuildState.PENDING if paused:
            return _(
                "Waiting: the queue is paused, so no build starts. “Resume the queue” lets them"
                " start again."
            )
        case BuildState.PENDING:
            return _("Waiting for its turn.")
        case BuildState.RUNNING:
            return _("Running.")
        case BuildState.CANCELLING:
            return _("Being cancelled: its processes are asked to end, then made to.")
        case BuildState.SUCCESS:
            return _("Successful.")
        case BuildState.CANCELLED if build.started_at is None:
            return _("Cancelled before it started.")
        case BuildState.CANCELLED:
            return _("Cancelled; nothing of it is left running.")
    return _("Failed: {reason}.").format(reason=short_reason(build))


def error_count(count: int) -> str:
    """Return a number of errors."""
    return ngettext("{count} error", "{count} errors", count).format(count=number(count))


def warning_count(count: int) -> str:
    """Return a number of warnings."""
    return ngettext("{count} warning", "{count} warnings", count).format(count=number(count))


def line_count(count: int) -> str:
    """Return a number of lines."""
    return ngettext("{count} line", "{count} lines", count).format(count=number(count))


def waiting_count(count: int) -> str:
    """Return how many builds wait."""
    return ngettext("{count} waits", "{count} wait", count).format(count=number(count))


def log_counts(summary: LogSummary) -> str:
    """Return lines, errors and warnings of a log."""
    parts = [line_count(summary.lines)]
    if summary.errors:
        parts.append(error_count(summary.errors))
    if summary.warnings:
        parts.append(warning_count(summary.warnings))
    return " · ".join(parts)


def ended(build: BuildRow) -> str:
    """Return the sentence that a notification says of a build."""
    name = _("{project} #{number}").format(project=build.project, number=build.number)
    if build.state is BuildState.SUCCESS:
        return _("{build} succeeded").format(build=name)
    if build.state is BuildState.CANCELLED:
        return _("{build} was cancelled").format(build=name)
    if build.reason is FailureReason.LOST:
        return _("{build} was lost").format(build=name)
    return _("{build} failed").format(build=name)
