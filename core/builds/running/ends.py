"""How builds end: the final state, the reason, and words for both."""

from core.builds.running.supervision import Result
from core.builds.schemas import BuildState, FailureReason
from core.errors import AppError
from core.translation import _


def final_state(
    state: BuildState, result: Result | None, *, damaged: bool = False
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
    match result.outcome:
        case "timeout":
            return BuildState.FAILED, FailureReason.TIMEOUT, _("It took longer than allowed.")
        case "no_output":
            text = _("It printed nothing for longer than allowed.")
            return BuildState.FAILED, FailureReason.NO_OUTPUT, text
        case "start_failed":
            return BuildState.FAILED, FailureReason.NOT_STARTED, result.error
    if result.exit_code == 0:
        return BuildState.SUCCESS, None, ""
    if result.signal is not None:
        text = _("A process was ended by signal {number}.").format(number=result.signal)
        return BuildState.FAILED, FailureReason.SIGNAL, text
    return BuildState.FAILED, FailureReason.EXIT_CODE, _exit_code_words(result.exit_code)


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
