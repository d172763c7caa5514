"""Escape sequences of terminals, which colour a log and hide what it says."""

import re

# Every alternative that starts matches at once and without backtracking, since what may be
# missing at its end is optional: time is linear in the length of the text.
_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]?"
    rb"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"
    rb"|\x1b[ -/]*[0-~]?"
)


def without_escapes(text: bytes) -> bytes:
    """Return the text as it stands on a screen, without colours, titles and links."""
    return _SEQUENCE.sub(b"", text) if b"\x1b" in text else text


def as_shown(raw: bytes) -> bytes:
    """Return lines as valid UTF-8 that holds neither escape sequences nor ends of DOS lines.

    Their number stays as it was.
    """
    text = without_escapes(raw)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    return text if text.isascii() else text.decode("utf-8", "replace").encode()
