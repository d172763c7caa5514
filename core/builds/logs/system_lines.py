"""The lines that Buildbench itself adds to a log, out of the events of a supervisor."""

import json
from typing import Any

from core.translation import _, ngettext


def system_line(payload: bytes) -> str:
    """Return the words for an event of the supervisor; unknown ones are shown as they are."""
    try:
        event: dict[str, Any] = json.loads(payload)
        return _words(event)
    except (ValueError, AttributeError, TypeError, KeyError, OverflowError, RecursionError):
        return payload.decode("utf-8", "replace").replace("\n", " ")


def dropped_line(count: int) -> str:
    """Return the line that stands in a saved log for lines that were dropped."""
    words = ngettext(
        "[{count} line was dropped here, because the log passed its limit]",
        "[{count} lines were dropped here, because the log passed its limit]",
        count,
    )
    return "\n" + words.format(count=count) + "\n"


def _words(event: dict[str, Any]) -> str:
    match event.get("event"):
        case "step" | "step_failed" as name:
            return _words_of_step(name, event)
        case "timeout" | "no_output" | "after_timeout" as name:
            return _words_of_limit(name, int(event["seconds"]))
        case "cancelled":
            return _("The build was cancelled and is being ended.")
        case "cancelled_again":
            return _("It was cancelled again; the steps after the command end as well.")
        case "killed":
            count = int(event["processes"])
            return ngettext(
                "{count} process that was left over was ended.",
                "{count} processes that were left over were ended.",
                count,
            ).format(count=count)
        case "start_failed":
            return _("The command could not be started: {error}").format(error=event["error"])
        case "drain_timeout":
            return _(
                "A process that was left over kept the output open; it was not waited for."
            )
        case "disk_full":
            return _("The disk was full; the build waited until there was room.")
        case _:
            return json.dumps(event)


def _words_of_limit(name: str, seconds: int) -> str:
    match name:
        case "timeout":
            words = ngettext(
                "The time limit of {seconds} second is reached; the build is being ended.",
                "The time limit of {seconds} seconds is reached; the build is being ended.",
                seconds,
            )
        case "no_output":
            words = ngettext(
                "Nothing was printed for {seconds} second; the build is being ended.",
                "Nothing was printed for {seconds} seconds; the build is being ended.",
                seconds,
            )
        case _:
            words = ngettext(
                "The steps after the command took {seconds} second; they are being ended.",
                "The steps after the command took {seconds} seconds; they are being ended.",
                seconds,
            )
    return words.format(seconds=seconds)


def _words_of_step(name: str, event: dict[str, Any]) -> str:
    if name == "step_failed":
        return _failed_step_words(str(event["kind"]), int(event["code"]))
    return _step_words(event)


def _step_words(event: dict[str, Any]) -> str:
    text = " ".join(str(event["text"]).split())
    match event["kind"]:
        case "before":
            words = _("Step {number} of {count} before the command: {text}")
        case "after":
            words = _("Step {number} of {count} after the command: {text}")
        case _:
            words = _("The command: {text}")
    return words.format(number=int(event["number"]), count=int(event["of"]), text=text)


def _failed_step_words(kind: str, code: int) -> str:
    if code < 0:
        told = _("It was ended by signal {number}.").format(number=-code)
    else:
        told = _("It ended with exit code {code}.").format(code=code)
    if kind != "before":
        return told
    return told + " " + _("The command is not run.")
