"""Files that are either old or new, never half."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace a file so that a crash or a full disk leaves the old one whole.

    Raises:
        OSError: The data could not be written; nothing changed and nothing is left over.
    """
    with _written_beside(path, data, mode) as partial:
        partial.replace(path)
    sync_folder(path.parent)


def create_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Make a file that is whole from its first moment on, and never replace one.

    Raises:
        FileExistsError: There is a file already; it was left alone.
        OSError: The data could not be written; nothing is left over.
    """
    with _written_beside(path, data, mode) as partial:
        name_for_good(partial, path)


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
def _written_beside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Several threads and processes may write the same file at the same time.
    name = f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.partial"
    partial = path.with_name(name)
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder outlast a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
