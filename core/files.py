"""Files that are either old or new, never half."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace a file so that a crash or a full disk leaves the old one whole.

    Raises:
        OSError: The data could not be written; nothing changed and nothing is left over.
    """
    with _written_beside(path, data, mode) as partial:
        partial.put_in_place()


def create_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Make a file that is whole from its first moment on, and never replace one.

    Raises:
        FileExistsError: There is a file already; it was left alone.
        OSError: The data could not be written; nothing is left over.
    """
    with _written_beside(path, data, mode) as partial:
        partial.end()
        name_for_good(partial.path, path)


def name_beside(target: Path) -> Path:
    """Return a name in the same folder, for what is to be the target once it is whole.

    It is another one each time: several threads and processes may write the same file.
    """
    return target.with_name(f".{target.name}.{os.urandom(4).hex()}.partial")


def name_for_good(partial: Path, path: Path) -> None:
    """Give a finished file its name, never over another file.

    Raises:
        FileExistsError: There is a file of that name already; it was left alone.
        OSError: The name could not be given.
    """
    try:
        os.link(partial, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links, such as FAT: the name is taken first, then filled.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        partial.replace(path)
    partial.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextmanager
def _written_beside(path: Path, data: bytes, mode: int) -> Iterator["Partial"]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = Partial(path, mode)
    try:
        partial.create().write(data)
        yield partial
    finally:
        partial.discard()


class Partial:
    """A file beside its target, until it is whole; its calls block.

    Attributes:
        path: Where it lies until then.
    """

    def __init__(self, target: Path, mode: int) -> None:
        self.path = name_beside(target)
        self._target = target
        self._mode = mode
        self._file: BufferedWriter | None = None

    def create(self) -> BufferedWriter:
        """Make it and return it, open for writing."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._file = os.fdopen(os.open(self.path, flags, self._mode), "wb")
        return self._file

    def end(self) -> None:
        """See that all of it is on the disk."""
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def put_in_place(self) -> None:
        """End it, and let it take the place of its target."""
        self.end()
        self.path.replace(self._target)
        sync_folder(self._target.parent)

    def discard(self) -> None:
        """Remove what is there; where it was put in place, that is nothing."""
        if self._file is None:
            return
        # What found no room before finds none now either.
        with suppress(OSError):
            self._file.close()
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            import logging  # not for a child, which starts sooner without

            logging.getLogger(__name__).warning("%s is left over: %s", self.path, error)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder outlast a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
