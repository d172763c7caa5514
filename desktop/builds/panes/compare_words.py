"""The words and figures in which two builds are set beside each other."""

from core.builds.schemas import BuildRow, BuildState, FailureReason, Problem, TriggerKind
from core.builds.statistics.schemas import ArtifactDifference, Difference, FieldDifference
from core.translation import _
from desktop.builds import words
from desktop.figures import decimal, number, percent, size
from desktop.widgets.state_badge import build_badge

_SIZES = frozenset({"log_bytes", "artifact_bytes", "memory_peak"})
_TIMES = frozenset({"duration_ms", "cpu_ms"})
_AS_THEY_ARE = frozenset({"exit_code", "signal", "attempt"})


def value(name: str, raw: object, build: BuildRow) -> str:
    """Return a value of a field as people read it; a dash where there is none."""
    match raw:
        case None | "" | ():
            return words.NONE
        case bool():
            return _("yes") if raw else _("no")
        case BuildState():
            return build_badge(raw, build.reason).word
        case FailureReason():
            return words.short_reason(build)
        case TriggerKind():
            return words.cause_sentence(build)
        case tuple():
            return "\n".join(str(one) for one in raw)
        case int() | float():
            return _figure(name, raw)
    return str(raw)


def change(field: FieldDifference) -> str:
    """Return by how much a figure changed, empty for what is no figure or the same."""
    first, second = field.first, field.second
    figures = isinstance(first, int | float) and isinstance(second, int | float)
    if not figures or isinstance(first, bool) or field.name in _AS_THEY_ARE:
        return ""
    return signed(float(first), float(second))  # type: ignore[arg-type]


def signed(first: float, second: float) -> str:
    """Return a change in per cent with its sign; empty where there is none to tell."""
    if first == second or not first:
        return ""
    share = second / first - 1
    sign = "+" if share > 0 else "−"
    if abs(share) < 0.005:
        return ""
    return f"{sign}{percent(abs(share))}"


def difference_words(difference: Difference) -> str:
    """Return how something differs."""
    return {
        Difference.SAME: _("same"),
        Difference.CHANGED: _("changed"),
        Difference.ADDED: _("added"),
        Difference.REMOVED: _("gone"),
    }[difference]


def artifact_size(count: int | None) -> str:
    """Return the size of an artifact, a dash where there is none."""
    return words.NONE if count is None else size(count)


def artifact_change(artifact: ArtifactDifference) -> str:
    """Return how an artifact differs, with the change of its size."""
    told = difference_words(artifact.difference)
    if artifact.first_size is None or artifact.second_size is None:
        return told
    by = signed(artifact.first_size, artifact.second_size)
    return f"{told} ({by})" if by else told


def problem_place(problem: Problem) -> str:
    """Return where a problem lies."""
    return f"{problem.file}:{problem.row}" if problem.row is not None else problem.file


def _figure(name: str, raw: float) -> str:
    if name in _SIZES:
        return size(int(raw))
    if name in _TIMES:
        return words.short_duration(raw / 1000)
    if name == "cpu_peak":
        return _("{share} % of a core").format(share=decimal(raw, 0))
    if name in _AS_THEY_ARE:
        return str(int(raw))
    if name == "priority":
        return words.priority_words(int(raw))
    return number(int(raw)) if raw == int(raw) else decimal(raw, 1)
