"""Fixtures of signing in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.app import Core
from tests.core.sign_in.door import Door, opened


@pytest.fixture
async def door(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Door]:
    """Give the door of a new workspace in which nobody is yet.

    What happens there is seen by what is told of it: the look every now and then never comes.
    """
    monkeypatch.setattr("core.sign_in.presence._LOOK_EVERY_S", 3600.0)
    async with opened(core, tmp_path) as found:
        monkeypatch.setattr("core.database.audit_trail.utc_now", lambda: found.time.day)
        yield found
