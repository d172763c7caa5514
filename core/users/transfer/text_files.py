"""Text files of strangers: how they are encoded, and their lines, none of them endless."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ExternalError
from core.translation import _
from core.users.transfer.errors import UnreadableFileError

LARGEST_FILE = 1024**3
LONGEST_LINE = 1024**2
"""Characters; a cell has far fewer."""

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "latin-1", "gb18030")
"""Those that people can choose; the first four are found by themselves."""

_BLOCK = 1024**2
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path) -> str:
    """Return the encoding that a file is in; blocks while it reads all of it.

    A mark at its beginning tells; else it is UTF-8 if all of it can be read so. Files of
    older programs can be told from no other: they are taken for Windows-1252, or for
    Latin-1 where they hold bytes that Windows-1252 has no character for.

    Raises:
        UnreadableFileError: It is no file, or larger than 1 GiB.
        ExternalError: The system does not let it be read.
    """
    with _readable(path), path.open("rb") as file:
        beginning = file.read(4096)
        for mark, name in _MARKS:
            if beginning.startswith(mark):
                return name
        half = len(beginning) // 2
        if half and beginning[1::2].count(0) > half * 0.4:
            return "utf-16-le"
        if half and beginning[::2].count(0) > half * 0.4:
            return "utf-16-be"
        return next(name for name in ("utf-8", "cp1252", "latin-1") if _fits(file, name))


def name_of_encoding(encoding: str) -> str:
    """Return how people call an encoding."""
    names = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
    return names.get(encoding, encoding.upper())


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Open a file as text, line ends as they are; blocks.

    Raises:
        UnreadableFileError: It is larger than 1 GiB, or not in this encoding.
        ExternalError: The system does not let it be read.
    """
    try:
        with _readable(path), path.open("r", encoding=encoding, newline="") as file:
            yield file
    except UnicodeError as error:
        raise UnreadableFileError(
            _("“{name}” is not all in the encoding {encoding}.").format(
                name=path.name, encoding=name_of_encoding(encoding)
            ),
            hint=_("Choose another encoding."),
        ) from error


def lines(file: io.TextIOWrapper) -> Iterator[str]:
    """Give the lines of a file with their ends.

    Raises:
        UnreadableFileError: A line is longer than a megabyte.
    """
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            raise UnreadableFileError(
                _("Line {line} is too long.").format(line=number),
                hint=_("The file may not be a text file with one person on a line."),
            )
        yield line


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        # A pipe would be waited for without end.
        if path.exists() and not path.is_file():
            raise UnreadableFileError(_("“{name}” is no file.").format(name=path.name))
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableFileError(
                _("“{name}” is larger than {size} GiB.").format(
                    name=path.name, size=LARGEST_FILE // 1024**3
                ),
                hint=_("Split it into several files."),
            )
        yield
    except OSError as error:
        raise ExternalError(
            _("“{name}” cannot be read.").format(name=path.name), detail=str(error)
        ) from error


def _fits(file: io.BufferedReader, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
