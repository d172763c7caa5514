"""Where things lie: what travels with the program, and what belongs to the person."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from core.errors import AppError, Category, Severity
from core.translation import _

HOME_VARIABLE = "BUILDBENCH_HOME"


_REPARSE_POINT = 0x400  # how Windows marks links and junctions


class UnsafeFolderError(AppError):
    """A folder of builds that is not surely one: nothing is written, read or deleted there."""

    code = "unsafe_folder"
    category = Category.SYSTEM
    severity = Severity.HIGH


def program_folder() -> Path:
    """Return the folder that holds ``resources`` and ``migrations``, also when frozen."""
    frozen: str | None = getattr(sys, "_MEIPASS", None)
    return Path(frozen) if frozen else Path(__file__).resolve().parent.parent


def real(path: Path, *, strict: bool = False) -> Path:
    """Return the absolute path without links; what is no more there is left as it stands.

    ``Path.resolve`` does not tell of a link to itself as the system does before Python 3.13.

    Raises:
        OSError: It cannot be reached, and that is asked for by ``strict``.
    """
    return Path(os.path.realpath(path, strict=strict))


def resource(*parts: str) -> Path:
    """Return a file or folder below ``resources``."""
    return program_folder().joinpath("resources", *parts)


def migrations() -> Path:
    """Return the folder of the Alembic environment."""
    return program_folder() / "migrations"


@dataclass(frozen=True, slots=True)
class UserFolders:
    """The folders of one person on this machine.

    ``config`` holds settings, keys and trust; ``data`` the default workspaces;
    ``logs`` what the program wrote about itself.
    """

    config: Path
    data: Path
    logs: Path

    @classmethod
    def of_this_user(cls) -> "UserFolders":
        """Return the platform's folders, or those below ``$BUILDBENCH_HOME`` where set."""
        home = os.environ.get(HOME_VARIABLE)
        if home:
            root = Path(home).absolute()
            return cls(config=root / "config", data=root / "data", logs=root / "logs")
        dirs = platformdirs.PlatformDirs("buildbench", appauthor=False)
        return cls(
            config=dirs.user_config_path, data=dirs.user_data_path, logs=dirs.user_log_path
        )

    def create(self) -> None:
        """Make the folders, readable by this person alone."""
        for folder in (self.config, self.data, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def settings_file(self) -> Path:
        """The settings of this machine."""
        return self.config / "settings.json"

    @property
    def trust_file(self) -> Path:
        """Which workspaces this person trusts on this machine."""
        return self.config / "trust.json"

    @property
    def open_file(self) -> Path:
        """Which workspaces open without sign-in on this machine."""
        return self.config / "open.json"

    @property
    def recent_file(self) -> Path:
        """The workspaces opened last, newest first."""
        return self.config / "recent.json"

    @property
    def companions(self) -> Path:
        """What is known of the databases that are not to be written to themselves."""
        return self.data / "companions"

    @property
    def window_file(self) -> Path:
        """Geometry, splitters and chosen tabs."""
        return self.config / "window.ini"

    @property
    def key_file(self) -> Path:
        """The keys that seal secret values."""
        return self.config / "keys.json"

    @property
    def log_file(self) -> Path:
        """What the program wrote about itself."""
        return self.logs / "buildbench.log"


@dataclass(frozen=True, slots=True)
class WorkspaceFolders:
    """The database file of a workspace and the folder ``NAME.buildbench`` beside it."""

    database: Path

    @property
    def root(self) -> Path:
        """The folder that holds all others."""
        return self.database.with_name(self.database.stem + ".buildbench")

    @property
    def builds(self) -> Path:
        """One folder a build that is running or not yet taken in: the supervisor's border."""
        return self.root / "builds"

    @property
    def artifacts(self) -> Path:
        """One folder a build that left something: its files, under generated names."""
        return self.root / "artifacts"

    @property
    def backups(self) -> Path:
        """Whole copies of the database, each with a manifest."""
        return self.root / "backups"

    @property
    def benchmarks(self) -> Path:
        """One folder a benchmark that runs, with the file that is measured."""
        return self.root / "benchmarks"

    @property
    def locks(self) -> Path:
        """Files whose locks say who must be alone on the database."""
        return self.root / "locks"

    @property
    def trees(self) -> Path:
        """Clean work trees of repositories: a folder for each project, numbers in it."""
        return self.root / "trees"

    def tree(self, project_uid: str, slot: int) -> Path:
        """Return a work tree of a project, which need not be there.

        Raises:
            UnsafeFolderError: As ``build``.
        """
        if not _is_uuid(project_uid):
            raise UnsafeFolderError(
                _("A project has an identifier that names no folder."),
                detail=repr(project_uid[:80]),
                hint=_("The file was changed by something else than Buildbench."),
            )
        tree = self.trees / project_uid / str(slot)
        refuse_links(self.root, self.trees, tree.parent, tree)
        return tree

    def build(self, uid: str) -> Path:
        """Return the folder of a build, which need not be there.

        The ``uid`` comes from the database, and that may come from anybody.

        Raises:
            UnsafeFolderError: It is no UUID in its usual form, or the folder, or one above it,
                is a link to somewhere else.
        """
        return self._of_build(self.builds, uid)

    def artifacts_of(self, uid: str) -> Path:
        """Return the folder of the artifacts of a build, which need not be there.

        Raises:
            UnsafeFolderError: As ``build``.
        """
        return self._of_build(self.artifacts, uid)

    def artifact(self, build_uid: str, uid: str) -> Path:
        """Return the file of an artifact, which need not be there.

        Raises:
            UnsafeFolderError: As ``build``, or the file is a link.
        """
        return self._of_build(self.artifacts_of(build_uid), uid)

    def _of_build(self, parent: Path, uid: str) -> Path:
        if not _is_uuid(uid):
            raise UnsafeFolderError(
                _("A build has an identifier that names no folder."),
                detail=repr(uid[:80]),
                hint=_("The file was changed by something else than Buildbench."),
            )
        folder = parent / uid
        refuse_links(self.root, parent, folder)
        return folder

    def create(self, *more: Path) -> None:
        """Make the folders that are in use, and more of them, readable by this person alone.

        Raises:
            UnsafeFolderError: One of them is a link to somewhere else.
        """
        for folder in (self.root, self.builds, *more):
            refuse_links(folder)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def is_there(path: Path) -> bool:
    """Tell whether there is something; a name that is too long for a disk names nothing."""
    return os.path.exists(path)  # noqa: PTH110  # ``Path.exists`` raises there


def is_text(path: str | Path) -> bool:
    """Tell whether a path is text: the system takes bytes of any kind for a name."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: str | Path) -> str:
    r"""Return a path for people to read; bytes that are no text become ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def refuse_links(*folders: Path) -> None:
    """Make sure that folders are where they seem to be; they may be missing.

    Raises:
        UnsafeFolderError: One is a link.
    """
    for folder in folders:
        try:
            info = folder.lstat()
        except FileNotFoundError:
            return
        attributes = getattr(info, "st_file_attributes", 0)
        if stat.S_ISLNK(info.st_mode) or attributes & _REPARSE_POINT:
            raise UnsafeFolderError(
                _("The folder “{name}” is a link to somewhere else.").format(name=folder.name),
                detail=str(folder),
                hint=_("Put a real folder in its place."),
            )


def _is_uuid(text: str) -> bool:
    import uuid  # not before the first paint, for which all of this module is loaded

    try:
        return str(uuid.UUID(text)) == text
    except (ValueError, AttributeError, TypeError):
        return False
