"""Lists what builds made, and hands it out: checked against what was stored of it."""

import asyncio
import hashlib
import os
from pathlib import Path

from core.builds.artifacts.limits import BLOCK_BYTES
from core.builds.artifacts.repository import ArtifactRepository, StoredFile
from core.builds.running.border import DamagedBorderError, open_regular
from core.builds.schemas import ArtifactRow
from core.completion import to_the_end
from core.database.database import Database
from core.database.fields.file_paths import shown_path
from core.errors import AppError, ExternalError, NotFoundError, why_refused
from core.paths import WorkspaceFolders
from core.progress import Progress
from core.saving import replacing
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _


class ArtifactService:
    """The artifacts of the builds of a workspace."""

    def __init__(self, *, database: Database, folders: WorkspaceFolders, gate: Gate) -> None:
        self.gate = gate
        self._database = database
        self._folders = folders

    @permitted(Operation.BUILDS_READ)
    async def list_of(self, actor: Actor, *, build_id: int) -> tuple[ArtifactRow, ...]:
        """Return the artifacts of a build by path; none where the build is gone.

        ``size_before`` is of the last successful build before of the same project.
        """
        async with self._database.read(snapshot=True) as session:
            return tuple(await ArtifactRepository(session).of_build(build_id))

    @permitted(Operation.BUILDS_READ)
    async def path_of(self, actor: Actor, *, artifact_id: int) -> Path:
        """Return where the file lies, once it was read and found to be as it was stored.

        Nobody must write it: what is to be opened is saved elsewhere before.

        Raises:
            NotFoundError: The file, or all that is known of it, is gone.
            ExternalError: It is not what was stored, or cannot be read.
        """
        stored = await self._stored(artifact_id)
        path = self._path(stored)
        reader = await to_the_end(asyncio.to_thread(_Reader, path, stored))
        try:
            while await to_the_end(asyncio.to_thread(reader.read)):
                pass
        finally:
            reader.close()
        return path

    @permitted(Operation.BUILDS_READ)
    async def save_as(
        self, actor: Actor, *, artifact_id: int, target: Path, progress: Progress
    ) -> int:
        """Write a copy of an artifact, whole and checked or not at all; return its bytes.

        What the build could run can be run again.

        Raises:
            NotFoundError: The file, or all that is known of it, is gone.
            ExternalError: It is not what was stored, or could not be read or written.
        """
        stored = await self._stored(artifact_id)
        path = self._path(stored)
        reader = await to_the_end(asyncio.to_thread(_Reader, path, stored))
        try:
            # Who may read it is for the person to say, as of all that they make.
            refusal = _("The artifact could not be saved.")
            mode = 0o777 if stored.executable else 0o666
            async with replacing(target, refusal=refusal, mode=mode) as file:
                while block := await to_the_end(asyncio.to_thread(reader.read)):
                    await file.write(block)
                    progress.report(file.bytes / max(stored.size, 1))
        finally:
            reader.close()
        return file.bytes

    async def _stored(self, artifact_id: int) -> StoredFile:
        async with self._database.read() as session:
            stored = await ArtifactRepository(session).file(artifact_id)
        if stored is None:
            raise NotFoundError(
                _("This artifact is gone."), hint=_("It may have been deleted with its build.")
            )
        if stored.removed_at is not None:
            raise NotFoundError(
                _("“{path}” was not kept.").format(path=shown_path(stored.path)),
                hint=_("The rules for builds say how long artifacts are kept."),
            )
        return stored

    def _path(self, stored: StoredFile) -> Path:
        return self._folders.artifact(stored.build_uid, stored.uid)


class _Reader:
    """Reads the file of an artifact and, at its end, makes sure that it is what was stored.

    Raises:
        NotFoundError: There is no file.
        ExternalError: It is something else, or cannot be read.
    """

    def __init__(self, path: Path, stored: StoredFile) -> None:
        self._stored = stored
        self._digest = hashlib.sha256()
        try:
            descriptor = open_regular(path)
        except OSError as error:
            raise self._unreadable(why_refused(error, path)) from error
        except DamagedBorderError as error:
            raise self._unreadable(str(error)) from error
        if descriptor is None:
            raise NotFoundError(
                _("The file of “{path}” is gone.").format(path=shown_path(stored.path)),
                detail=str(path),
                hint=_("Something else than Buildbench deleted it. Run the build again."),
            )
        self._descriptor = descriptor

    def read(self) -> bytes:
        """Return the next bytes, none at the end; blocks.

        Raises:
            ExternalError: It is not what was stored, or cannot be read.
        """
        try:
            block = os.read(self._descriptor, BLOCK_BYTES)
        except OSError as error:
            raise self._unreadable(why_refused(error)) from error
        self._digest.update(block)
        if not block and self._digest.hexdigest() != self._stored.sha256:
            raise self._changed()
        return block

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _changed(self) -> AppError:
        path = shown_path(self._stored.path)
        return ExternalError(
            _("“{path}” is not what the build made.").format(path=path),
            detail=_("Its SHA-256 is {found} now, and was {stored}.").format(
                found=self._digest.hexdigest(), stored=self._stored.sha256
            ),
            hint=_("Something else than Buildbench changed it. Run the build again."),
        )

    def _unreadable(self, why: str) -> AppError:
        path = shown_path(self._stored.path)
        return ExternalError(
            _("“{path}” cannot be read.").format(path=path),
            detail=why,
            hint=_("Look at the folder of the workspace, and run the build again."),
        )
