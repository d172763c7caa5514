"""What is said on a terminal: never what it would obey."""

import re
import sys

SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?"
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")


def harmless(text: str) -> str:
    """Return text without what a terminal would obey; newlines and tabs stay."""
    return CONTROL.sub("", SEQUENCE.sub("", text))


def say_wrong(text: str) -> None:
    """Say on standard error why something was not done; a window has none."""
    if sys.stderr is not None:
        sys.stderr.write(harmless(text) + "\n")
        sys.stderr.flush()
