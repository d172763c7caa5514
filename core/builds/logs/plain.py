"""A log as plain text, chunk by chunk: what is split over two chunks is put together first."""

from core.builds.logs.escapes import as_shown

_LONGEST_LINE = 1024 * 1024
_LONGEST_SEQUENCE = 4096
_ASCII = 0x80


class PlainText:
    """Takes raw bytes and gives them without escape sequences, whole lines at a time.

    A line of more than a MiB is given in parts, cut where no sequence or character is.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, raw: bytes) -> bytes:
        """Take more of a log and return what can be said by now."""
        text = self._rest + raw
        end = text.rfind(b"\n") + 1
        if not end and len(text) > _LONGEST_LINE:
            end = _safe_cut(text)
        self._rest = text[end:]
        return as_shown(text[:end])

    def finish(self) -> bytes:
        """Return what is left at the end."""
        rest, self._rest = self._rest, b""
        return as_shown(rest)


def _safe_cut(text: bytes) -> int:
    escape = text.rfind(b"\x1b", len(text) - _LONGEST_SEQUENCE)
    if escape > 0:
        return escape
    end = len(text)
    while end > len(text) - 4 and text[end - 1] >= _ASCII:
        end -= 1
    return end
