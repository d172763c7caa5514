"""Files that are either old or new, never half."""

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from io import BufferedWriter
from pathlib import Path

from core.completion import to_the_end
from core.errors import ExternalError, why_refused
from core.translation import _

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)

_log = logging.getLogger(__name__)


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


class NewFile:
    """A file that is being written and has no name yet, as ``replacing`` gives it.

    Attributes:
        bytes: How many were written by now.
    """

    def __init__(self, file: BufferedWriter) -> None:
        self.bytes = 0
        self._file = file

    async def write(self, data: bytes) -> None:
        """Write more, on a thread; a cancellation waits until it is written."""
        await to_the_end(asyncio.to_thread(self._file.write, data))
        self.bytes += len(data)


@asynccontextmanager
async def replacing(target: Path, *, refusal: str, mode: int = 0o600) -> AsyncIterator[NewFile]:
    """Write what a person wants to have in a file; it takes its name once it is whole.

    Where it fails or is cancelled, the file that was there stays, and nothing is left over.

    Args:
        target: The file, in a folder that exists; one that is there is replaced.
        refusal: What a person is told where it cannot be written, one sentence.
        mode: Who may read it, less what the process denies to all; by default its owner.

    Raises:
        ExternalError: It could not be written; why is in its detail.
    """
    partial = _Partial(target, mode)
    try:
        yield NewFile(await to_the_end(asyncio.to_thread(partial.create)))
        await to_the_end(asyncio.to_thread(partial.put_in_place))
    except OSError as error:
        raise ExternalError(
            refusal,
            detail=_why_not(error, target),
            hint=_("Choose another folder, or make room on the disk."),
        ) from error
    finally:
        await to_the_end(asyncio.to_thread(partial.discard))


def _why_not(error: OSError, target: Path) -> str:
    """Return why a file could not be written: most reasons are about its folder."""
    own = error.errno in (errno.EISDIR, errno.ENAMETOOLONG)
    return why_refused(error, target if own else target.parent)


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
def _written_beside(path: Path, data: bytes, mode: int) -> Iterator["_Partial"]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = _Partial(path, mode)
    try:
        partial.create().write(data)
        yield partial
    finally:
        partial.discard()


class _Partial:
    """A file beside its target, until it is whole; its calls block."""

    def __init__(self, target: Path, mode: int) -> None:
        self.path = name_beside(target)
        self._target = target
        self._mode = mode
        self._file: BufferedWriter | None = None

    def create(self) -> BufferedWriter:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._file = os.fdopen(os.open(self.path, flags, self._mode), "wb")
        return self._file

    def end(self) -> None:
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def put_in_place(self) -> None:
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
            _log.warning("%s is left over: %s", self.path, error)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder outlast a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
