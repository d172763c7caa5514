"""What the child says of its phases is true; looked at in a process of its own, with apsw."""

import asyncio
import itertools
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.core.performance.files import make_large, make_plain

_TOLD = """
import json, os, sys
from pathlib import Path
import core
from core.performance.child import opening
from core.performance.child.conversation import Conversation
from core.performance.child.operations import checks, vacuum
from core.performance.child.protocol import Request

operation, path = sys.argv[1], Path(sys.argv[2])
files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-journal"))]

def sizes():
    return [file.stat().st_size if file.exists() else 0 for file in files]

class Told(Conversation):
    fractions, steps, steps_before, before, at_once = [], 0, 0, sizes(), None

    def progress(self, fraction, phase=None):
        self.fractions.append(fraction)

    def no_return(self, phase):
        super().no_return(phase)
        self.steps_before, self.at_once = len(self.fractions), sizes()
        self.cancel()

tell = Told(os.open(os.devnull, os.O_WRONLY))
module = vacuum if operation == "vacuum" else checks
getattr(module, operation)(Request(operation, str(path), {}), tell)
print(json.dumps({"fractions": tell.fractions, "before": tell.before, "at_once": tell.at_once,
                  "cancelled": tell.cancelled, "after": sizes()}))
"""


async def _told(operation: str, path: Path) -> dict[str, Any]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _TOLD, operation, str(path), stdout=asyncio.subprocess.PIPE
    )
    output, _errors = await child.communicate()
    assert child.returncode == 0
    told: dict[str, Any] = json.loads(output)
    return told


@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_nothing_is_written_before_it_is_too_late_to_cancel(
    tmp_path: Path, journal: str
) -> None:
    """Seen failing when it is told once VACUUM is over; a later cancellation is not heard."""
    path = make_plain(tmp_path / "a.db", journal=journal)
    told = await _told("vacuum", path)
    assert told["at_once"] == told["before"]
    assert told["after"][0] < told["before"][0]
    assert not told["cancelled"]


@pytest.mark.parametrize("operation", ["quick_check", "integrity_check", "vacuum"])
async def test_progress_goes_from_nothing_to_nearly_all(tmp_path: Path, operation: str) -> None:
    """Seen failing with the pages alone: all was done when the second pass began."""
    path = make_large(tmp_path / "a.db", rows=60_000)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE INDEX by_content ON t (x)")
        connection.commit()
    fractions = (await _told(operation, path))["fractions"]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert 0.8 <= fractions[-1] < 1
    assert len([one for one in fractions if 0.2 < one < 0.8]) >= 2
    # Nor does it stand still for long at its end.
    assert fractions.count(fractions[-1]) <= max(3, len(fractions) // 4)
    # No more than half of it is said in the last step.
    steps = [later - one for one, later in itertools.pairwise(fractions)]
    assert max(steps) < 0.5
