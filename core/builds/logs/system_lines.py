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
        case "timeout":
            seconds = int(event["seconds"])
            return ngettext(
                "The time limit of {seconds} second is reached; the build is being ended.",
                "The time limit of {seconds} seconds is reached; the build is being ended.",
                seconds,
            ).format(seconds=seconds)
        case "no_output":
            seconds = int(event["seconds"])
            return ngettext(
                "Nothing was printed for {seconds} second; the build is being ended.",
                "Nothing was printed for {seconds} seconds; the build is being ended.",
                seconds,
            ).format(seconds=seconds)
        case "cancelled":
            return _("The build was cancelled and is being ended.")
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
