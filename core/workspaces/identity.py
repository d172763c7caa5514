"""Which file it is that was opened before, wherever it lies now.

A name says little: files are moved, renamed and replaced. What stays through a write, a VACUUM
and a new name is where a file lies on its disk together with when it was made (as aliases of
macOS have it): a number alone is given to the next file once the first is gone.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import Path
from typing import Self
from urllib.parse import quote_from_bytes, unquote_to_bytes

from core.database.presence import born_ns

# How much of the smaller schema is in the other one, where a file was replaced by its like.
_ALIKE = 0.5


class Kinship(IntEnum):
    """How surely a file is the one that was known; the higher the surer."""

    OTHER = 0
    REPLACED = 1
    """Another file in its place, but with the same tables."""
    SAME = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """A database file as it was seen.

    ``place`` is its path, percent-encoded. ``mount`` is where its disk is, ``number`` that of
    the file on this disk; ``born_ns`` when it was made, in nanoseconds since 1970, 0 where the
    system does not tell. ``uid`` is that of a workspace; ``tables`` the names of its tables.
    """

    place: str
    mount: str
    number: int
    born_ns: int
    application_id: int
    uid: str
    tables: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, *, application_id: int, uid: str, tables: Iterable[str]) -> Self:
        """Return that of a file by its resolved path; blocks.

        Raises:
            OSError: It is not there any more.
        """
        own = sorted(name for name in tables if not name.startswith("sqlite_"))
        return cls(
            place=quote_from_bytes(os.fsencode(path)),
            mount=quote_from_bytes(os.fsencode(_mount_of(path))),
            number=path.stat().st_ino,
            born_ns=born_ns(path),
            application_id=application_id,
            uid=uid,
            tables=tuple(own),
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what ``as_json`` made.

        Raises:
            ValueError: It makes no sense.
        """
        try:
            values = json.loads(text)
            names = [str(name) for name in values.pop("tables")]
            found = cls(tables=tuple(names), **values)
        except (TypeError, AttributeError, KeyError, RecursionError) as error:
            raise ValueError(str(error)) from error
        texts = (found.place, found.mount, found.uid)
        numbers = (found.number, found.born_ns, found.application_id)
        if not all(isinstance(one, str) for one in texts):
            raise ValueError("texts are none")
        if not all(isinstance(one, int) for one in numbers):
            raise ValueError("numbers are none")
        return found

    def as_json(self) -> str:
        """Return it as text, for ``from_json``."""
        return json.dumps(asdict(self), indent=2)

    @property
    def path(self) -> Path:
        """Where it lay."""
        return Path(os.fsdecode(unquote_to_bytes(self.place)))

    def kinship(self, now: "Identity") -> Kinship:
        """Tell whether a file that is there now is this one; blocks.

        In doubt it is another one, unless it lies in the same place.
        """
        same_file = self._is_file(now)
        if same_file and self._shared(now) > 0:
            moved = self.place == now.place or not self._still_there()
            return Kinship.SAME if moved else Kinship.OTHER
        if self.place != now.place or same_file or self._shared(now) < _ALIKE:
            return Kinship.OTHER
        return Kinship.REPLACED if self._was_replaced(now) else Kinship.SAME

    def _is_file(self, now: "Identity") -> bool:
        known = (self.mount, self.number, self.born_ns)
        return bool(self.born_ns) and known == (now.mount, now.number, now.born_ns)

    def _was_replaced(self, now: "Identity") -> bool:
        # Some disks, such as those with FAT, number their files anew each time.
        if self.born_ns and now.born_ns:
            return self.born_ns != now.born_ns
        return self.number != now.number

    def _shared(self, now: "Identity") -> float:
        """Return how much of the smaller schema is in the other one, from 0 to 1."""
        if self.uid and now.uid:
            return float(self.uid == now.uid)
        ids = {self.application_id, now.application_id} - {0}
        if len(ids) > 1:
            return 0.0
        smaller = min(len(self.tables), len(now.tables))
        return len({*self.tables} & {*now.tables}) / smaller if smaller else 1.0

    def _still_there(self) -> bool:
        """Tell whether it has its old name as well; what cannot be told counts as yes."""
        path = self.path
        try:
            status = path.stat()
            by_a_link = Path(os.path.realpath(path)) != path
        except (FileNotFoundError, NotADirectoryError):
            return False
        except (OSError, ValueError):
            return True
        return not by_a_link and status.st_ino == self.number


def _mount_of(path: Path) -> Path:
    return next(one for one in path.parents if os.path.ismount(one) or one == one.parent)
