"""A process of its own that guesses passwords, see ``test_guessing``.

``python -m tests.faults.guesser DATABASE COUNT`` prints ``open``, waits for a line, tries
COUNT wrong passwords for “ada” at once and prints how many were verified, and how many ended
how. With COUNT 0 it stops between reserving one attempt and verifying it, for ever.
"""

import asyncio
import sys
from pathlib import Path

from core.app import open_core
from core.security.actors import Origin
from core.settings import load_settings
from core.sign_in.schemas import SignInFailedError, TooManyAttemptsError
from core.sign_in.service import SignInService


def _tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def _stuck(_password: str, _stored: str | None) -> bool:
    _tell("reserved")
    await asyncio.Event().wait()
    return True


async def _guess(service: SignInService, count: int) -> None:
    found = await asyncio.gather(
        *(
            service.sign_in("ada", f"guess {n}", origin=Origin.DESKTOP, device="attack")
            for n in range(count)
        ),
        return_exceptions=True,
    )
    failed = sum(isinstance(one, SignInFailedError) for one in found)
    refused = sum(isinstance(one, TooManyAttemptsError) for one in found)
    _tell("guessed", service._passwords.verified, failed, refused)


async def main(database: Path, count: int) -> None:
    """Serve until the guesses are made."""
    async with open_core(load_settings()) as core:
        service = (await core.workspaces.open(database)).sign_in
        _tell("open")
        await asyncio.to_thread(sys.stdin.readline)
        if not count:
            setattr(service._passwords, "verify", _stuck)  # noqa: B010
            await service.sign_in("ada", "x", origin=Origin.DESKTOP, device="attack")
        await _guess(service, count)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
