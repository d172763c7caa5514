"""``--reset-admin``: gives an administrator a new password, on the terminal.

It is for the owner of the file: whoever may write it, and types this at this computer. It
works while windows have the workspace open; those who were signed in as that administrator
are signed out there.

Exit codes: 0 done, 1 not possible, 2 wrong use, 130 broken off; nothing was changed then.
"""

import asyncio
import getpass
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from core import log, paths, translation
from core.database.database import Database
from core.errors import (
    AppError,
    ConflictError,
    DatabaseOpenError,
    ReadOnlyError,
    ValidationError,
)
from core.events import EventBus
from core.security.actors import Actor, Origin
from core.security.keys import KeyStore
from core.security.permissions import Gate
from core.security.sealing import Sealer
from core.security.system_keyring import SystemKeyring
from core.settings import SettingsStore, load_settings
from core.sign_in.schemas import AdministratorRow
from core.sign_in.service import Passwords, RescueService, Surroundings
from core.translation import _
from core.workspaces.inspection import inspect
from core.workspaces.schemas import WorkspaceKind
from core.workspaces.service import DEFAULT_NAME
from core.workspaces.upgrade import check_revision

_TRIES = 3
_YES = ("y", "yes")

_asking: list[bool] = []


def main(argv: Sequence[str]) -> int:
    """Reset an administrator of the workspace ``argv[0]``, or of the usual one."""
    if len(argv) > 1 or (argv and argv[0].startswith("-")):
        _say_wrong(_("Usage: --reset-admin [WORKSPACE]"))
        return 2
    if sys.stdin is None or sys.stdout is None:
        return 1  # a program without a terminal has nobody to ask
    try:
        settings = load_settings()
        translation.install(paths.resource("locale"), settings.current.language)
        usual = settings.folders.data / DEFAULT_NAME
        path = Path(argv[0]).expanduser().absolute() if argv else usual
        signal.signal(signal.SIGINT, _on_interrupt)
        asyncio.run(_reset(settings, path))
    except EOFError:
        _say_wrong("\n" + _("Broken off; nothing was changed."))
        return 130
    except AppError as error:
        _say_wrong(log.redact(error.as_text()))
        return 1
    return 0


async def _reset(settings: SettingsStore, path: Path) -> None:
    async with _opened(settings, path) as service:
        actor = Actor.of_this_computer(Origin.SCRIPT)
        _say(_("Workspace: {path}").format(path=path))
        chosen = _choose(await service.administrators())
        made_up = await (
            _reset_one(service, actor, chosen) if chosen else _make(service, actor)
        )
    if made_up is not None:
        _say(_("The new password: {password}").format(password=made_up))
        _say(_("It is shown this once, and is to be changed at the next sign-in."))


@asynccontextmanager
async def _opened(settings: SettingsStore, path: Path) -> AsyncIterator[RescueService]:
    """Open the database alone: no builds are started, nothing is watched."""
    found = inspect(path)
    if found.kind is not WorkspaceKind.MANAGED:
        raise DatabaseOpenError(
            _("“{name}” is not a Buildbench workspace.").format(name=path.name),
            hint=_("Name the file of a workspace: --reset-admin WORKSPACE"),
        )
    if found.read_only:
        raise ReadOnlyError(
            _("“{name}” cannot be written.").format(name=path.name),
            detail=found.read_only,
            hint=_("Only who may write the file can reset an administrator."),
        )
    check_revision(found)
    bus = EventBus()
    database = Database.managed(found.path, settings.current.durability, bus)
    keyring = SystemKeyring()
    keys = KeyStore(
        settings.folders.key_file,
        storage=lambda: settings.current.key_storage,
        keyring=keyring,
    )
    try:
        yield RescueService(
            Surroundings(
                database=database,
                gate=Gate(open_here=False),
                bus=bus,
                sealer=Sealer(keys),
                uid=found.uid,
                name=found.path.stem,
                passwords=Passwords(),
                keyring=keyring,
            )
        )
    finally:
        keys.close()
        await database.close()


def _choose(people: Sequence[AdministratorRow]) -> AdministratorRow | None:
    """Ask which administrator; None for a new one."""
    if not people:
        _say(_("There is no active administrator; a new one is made."))
        return None
    for number, one in enumerate(people, 1):
        _say(f"  {number}  {one.username} ({one.display_name})")
    _say("  n  " + _("a new administrator"))
    for _try in range(_TRIES):
        answer = _ask(_("Which one? [1] ")).strip().lower() or "1"
        if answer == "n":
            return None
        if answer.isdecimal() and 1 <= int(answer) <= len(people):
            return people[int(answer) - 1]
        _say(_("Type one of the numbers, or n."))
    raise _gave_up()


async def _reset_one(service: RescueService, actor: Actor, one: AdministratorRow) -> str | None:
    remove = one.second_factor and _ask(
        _("Remove the second factor as well? [y/N] ")
    ).strip().lower() in (*_YES, _("yes"))
    for _try in range(_TRIES):
        try:
            made_up = await service.reset_administrator(
                actor, user_id=one.id, password=_new_password(), remove_second_factor=remove
            )
        except ValidationError as error:
            _say(error.detail)
            continue
        _say(_("“{name}” has a new password; open sessions ended.").format(name=one.username))
        return made_up
    raise _gave_up()


async def _make(service: RescueService, actor: Actor) -> str | None:
    for _try in range(_TRIES):
        username = _ask(_("User name of the new administrator: ")).strip()
        try:
            made_up = await service.make_administrator(
                actor, username=username, password=_new_password()
            )
        except ValidationError as error:
            _say(error.detail)
            continue
        _say(_("“{name}” is an administrator now.").format(name=username))
        return made_up
    raise _gave_up()


def _new_password() -> str | None:
    """Ask twice; None when one is to be made up."""
    for _try in range(_TRIES):
        first = _ask_secretly(_("New password (empty: one is made up): "))
        if not first:
            return None
        if _ask_secretly(_("The same again: ")) == first:
            return first
        _say(_("The two are not the same."))
    raise _gave_up()


def _ask(question: str) -> str:
    sys.stdout.write(question)
    sys.stdout.flush()
    with _broken_off_by_keys():
        line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def _ask_secretly(question: str) -> str:
    if not sys.stdin.isatty():
        return _ask(question)
    with _broken_off_by_keys():
        return getpass.getpass(question)


def _on_interrupt(_number: int, _frame: object) -> None:
    """Break off a question, and nothing else: what is being written is written whole."""
    if _asking:
        raise KeyboardInterrupt


@contextmanager
def _broken_off_by_keys() -> Iterator[None]:
    _asking.append(True)
    try:
        yield
    except KeyboardInterrupt:
        raise EOFError from None
    finally:
        _asking.clear()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say_wrong(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text + "\n")


def _gave_up() -> ConflictError:
    return ConflictError(
        _("Nothing was changed."), hint=_("Start again when you know what to answer.")
    )
