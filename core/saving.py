"""Files that a person wants to have, written beside other work and never half."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BufferedWriter
from pathlib import Path

from core.completion import to_the_end
from core.errors import ExternalError, why_refused
from core.files import Partial
from core.translation import _


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
    partial = Partial(target, mode)
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
