"""A file that people are read from: how it is written is found out, its rows are streamed."""

import codecs
import io
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.translation import _
from core.users.transfer import csv_files, json_files
from core.users.transfer.errors import UnreadableFileError
from core.users.transfer.fields import is_password, proposed
from core.users.transfer.json_files import ExactNumber
from core.users.transfer.schemas import FileFormat, FileOptions, Preview
from core.users.transfer.text_files import ENCODINGS, encoding_of, name_of_encoding, opened

PREVIEW_ROWS = 20
_SAMPLE_CHARACTERS = 4_096
_SURE = ("utf-8", "utf-8-sig", "utf-16")
_LONGEST_SHOWN = 200
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its values by column, or what is wrong; ``line`` as ``RefusedLine``."""

    line: int
    values: Mapping[str, object]
    problem: str = ""


class Source:
    """A file of people; everything about it blocks.

    Args:
        options: How to read it; what is left open is found out.

    Raises:
        UnreadableFileError: It holds nothing that could be people.
        ExternalError: The system does not let it be read.
    """

    def __init__(self, path: Path, options: FileOptions) -> None:
        self.path = path
        self.format = FileFormat.CSV
        self.columns: tuple[str, ...] = ()
        self.encoding = _checked_encoding(options.encoding) or encoding_of(path)
        self._options = options
        self._delimiter = ","
        self._header = False
        self.read_bytes = 0
        with opened(path, self.encoding) as file:
            self.size = path.stat().st_size
            if json_files.is_json(file.read(_SAMPLE_CHARACTERS)):
                self.format = FileFormat.JSON
            file.seek(0)
            self.columns = self._find_columns(file)

    @property
    def found(self) -> FileOptions:
        """How the file is read, nothing left open."""
        return FileOptions(self.encoding, self._delimiter, self._header)

    def rows(self) -> Iterator[Row]:
        """Give the rows, one after the other.

        Raises:
            UnreadableFileError: The rest of the file cannot be read.
        """
        with opened(self.path, self.encoding) as file:
            found = self._objects(file) if self.format is FileFormat.JSON else self._lines(file)
            raw = cast("io.BufferedReader", file.buffer)
            for row in found:
                self.read_bytes = raw.tell()
                yield row

    def preview(self) -> Preview:
        """Return what was found, with the first rows."""
        first = itertools.islice(self.rows(), PREVIEW_ROWS)
        guessed = self.encoding not in _SURE and self._options.encoding is None
        return Preview(
            format=self.format,
            encoding=name_of_encoding(self.encoding),
            encoding_is_guessed=guessed,
            file=self.found,
            columns=self.columns,
            rows=tuple(
                tuple(shown(row.values.get(column)) for column in self.columns)
                for row in first
                if not row.problem
            ),
            mapping=proposed(self.columns),
            notices=tuple(self._notices(guessed=guessed)),
        )

    def _notices(self, *, guessed: bool) -> Iterator[str]:
        yield _(
            "People are imported without a password: give them one, or let them set it, before"
            " they sign in."
        )
        left_out = [column for column in self.columns if is_password(column)]
        if left_out:
            yield _("Passwords are never imported; the column “{column}” is left out.").format(
                column=left_out[0]
            )
        if guessed:
            yield _(
                "The file does not say how it is encoded; it is read as {encoding}. Choose"
                " another encoding if letters look wrong."
            ).format(encoding=name_of_encoding(self.encoding))

    def _find_columns(self, file: io.TextIOWrapper) -> tuple[str, ...]:
        if self.format is FileFormat.JSON:
            return self._keys(file)
        self._delimiter = _checked_delimiter(self._options.delimiter)
        if not self._delimiter:
            self._delimiter = csv_files.delimiter_of(file)
            file.seek(0)
        _line, first = next(csv_files.rows(file, self._delimiter), (0, None))
        if first is None:
            raise _holds_nobody(self.path)
        header = self._options.header
        if header is None:
            header = csv_files.looks_like_names(first, proposed(first))
        self._header = header
        return tuple(csv_files.column_names(first, header=header))

    def _keys(self, file: io.TextIOWrapper) -> tuple[str, ...]:
        first = itertools.islice(json_files.objects(file), PREVIEW_ROWS)
        keys = dict.fromkeys(
            key
            for _line, found in first
            if isinstance(found, dict)
            for key in found
            if not _SURROGATES.search(key)
        )
        if not keys:
            raise _holds_nobody(self.path)
        return tuple(itertools.islice(keys, csv_files.MOST_COLUMNS))

    def _lines(self, file: io.TextIOWrapper) -> Iterator[Row]:
        for number, (line, cells) in enumerate(csv_files.rows(file, self._delimiter)):
            if number == 0 and self._header:
                continue
            if len(cells) == len(self.columns):
                yield Row(line, dict(zip(self.columns, cells, strict=True)))
                continue
            problem = _("The row has {cells} cells, and there are {columns} columns.").format(
                cells=len(cells), columns=len(self.columns)
            )
            yield Row(line, {}, problem)

    def _objects(self, file: io.TextIOWrapper) -> Iterator[Row]:
        for line, found in json_files.objects(file):
            if isinstance(found, dict):
                yield Row(line, found)
            else:
                yield Row(line, {}, found)


def shown(value: object) -> str:
    """Return a value as a short text on one line, for people to look at."""
    if value is None:
        return ""
    if isinstance(value, ExactNumber):
        return value.text
    text = value if isinstance(value, str) else repr(value)
    line = "".join(c if c.isprintable() else "\ufffd" for c in text[: _LONGEST_SHOWN + 1])
    return line if len(text) <= _LONGEST_SHOWN else line[:_LONGEST_SHOWN] + "…"


def _checked_encoding(name: str | None) -> str:
    if name is None:
        return ""
    try:
        known = {codecs.lookup(one).name for one in (*ENCODINGS, "utf-8-sig")}
        known |= {"utf-16-le", "utf-16-be"}
        if codecs.lookup(name).name in known:
            return name
    except LookupError:
        pass
    raise UnreadableFileError(
        _("The encoding “{name}” is not known.").format(name=name),
        hint=_("Possible are: {names}").format(names=", ".join(ENCODINGS)),
    )


def _checked_delimiter(sign: str | None) -> str:
    if sign is None:
        return ""
    if len(sign) == 1 and sign.isascii() and sign not in '"\r\n\0 ':
        return sign
    raise UnreadableFileError(
        _("“{sign}” cannot stand between cells.").format(sign=sign),
        hint=_("Choose one character, such as a comma."),
    )


def _holds_nobody(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        _("“{name}” holds no people.").format(name=path.name),
        hint=_("Choose a file of CSV or JSON with one person on a row."),
    )
