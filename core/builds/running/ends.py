"""How builds end: the final state, the reason, and words for both."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.builds.running.results import DecidingStep, Result
from core.builds.schemas import BuildState, FailureReason
from core.errors import AppError
from core.translation import _

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Steps:
    """The commands that a build runs before and after its own, for the words about them."""

    before: Sequence[str] = ()
    after: Sequence[str] = ()

    def name(self, step: DecidingStep) -> str:
        """Return the command of a step in one line; its number where there is none."""
        commands = {"before": self.before, "after": self.after}.get(step.kind, ())
        text = commands[step.number - 1] if step.number <= len(commands) else ""
        name = " ".join(str(text).split()) or str(step.number)
        return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def final_state(
    state: BuildState, result: Result | None, steps: Steps, *, damaged: bool = False
) -> tuple[BuildState, FailureReason | None, str]:
    """Return final state, reason and words; no result means that the supervisor is lost.

    Args:
        damaged: There is a result, which cannot be read.
    """
    if damaged:
        text = _("Its supervisor left a result that cannot be read.")
        return BuildState.FAILED, FailureReason.LOST, text
    if result is None:
        return (
            BuildState.FAILED,
            FailureReason.LOST,
            _("Its supervisor ended without a result, as after a power cut."),
        )
    if state is BuildState.CANCELLING or result.outcome == "cancelled":
        return BuildState.CANCELLED, None, ""
    if result.outcome == "exited" and result.exit_code == 0:
        return BuildState.SUCCESS, None, ""
    return BuildState.FAILED, _reason(result), _failure_words(result, steps)


def _reason(result: Result) -> FailureReason:
    """Return why a build failed; a step that is not the command is a reason of its own."""
    match result.outcome:
        case "timeout":
            return FailureReason.TIMEOUT
        case "no_output":
            return FailureReason.NO_OUTPUT
    match result.step.kind if result.step else "command":
        case "checkout":
            return FailureReason.CHECKOUT
        case "after":
            return FailureReason.AFTER_STEP
        case "before" if result.outcome == "exited":
            return FailureReason.BEFORE_STEP
    if result.outcome == "start_failed":
        return FailureReason.NOT_STARTED
    return FailureReason.SIGNAL if result.signal is not None else FailureReason.EXIT_CODE


def _failure_words(result: Result, steps: Steps) -> str:
    """Return how a build failed, and which step of it where that is not the command."""
    words = _bare_words(result)
    if result.step is None or result.step.kind not in ("before", "after"):
        return words
    if result.step.kind == "before":
        text = _("The step “{step}” before the command failed.")
    else:
        text = _("The step “{step}” after the command failed.")
    told = text.format(step=steps.name(result.step))
    if result.outcome == "exited" and result.exit_code is not None:
        code = _("It ended with exit code {code}.").format(code=result.exit_code)
        return " ".join(filter(None, (told, code, words)))
    return " ".join(filter(None, (told, words)))


def _bare_words(result: Result) -> str:
    match result.outcome:
        case "timeout":
            return _("It took longer than allowed.")
        case "no_output":
            return _("It printed nothing for longer than allowed.")
        case "start_failed":
            return result.error
    if result.signal is not None:
        return _("A process was ended by signal {number}.").format(number=result.signal)
    return _exit_code_words(result.exit_code)


def _exit_code_words(code: int | None) -> str:
    if code == 127:
        return _("A command was not found; see the end of the log.")
    if code == 126:
        return _("A command may not be executed; see the end of the log.")
    return ""


def damaged_message(error: Exception) -> str:
    """Return words for a running build that cannot be followed as it is stored."""
    if isinstance(error, AppError):
        return error.as_text()
    return _("What is stored about this build is damaged: {error}").format(error=error)


def not_started_message(error: Exception) -> str:
    """Return words for a build whose supervisor could not be started."""
    if isinstance(error, AppError):
        return error.as_text()
    return _("The supervisor could not be started: {error}").format(error=error)
