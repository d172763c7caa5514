"""Children are as important as the program, whatever thread starts them."""

import os
import subprocess
import sys
import threading

import pytest

from core.priority import at_usual_priority, usual_priority_kept

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have no priorities")


def _nice() -> int:
    return int(subprocess.run(["nice"], check=True, capture_output=True).stdout)


def test_children_of_a_less_important_thread() -> None:
    """Failed where the starter began when it was first needed: it was as low as the thread."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    found: list[int] = []

    def work() -> None:
        with usual_priority_kept():
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(usual + 3, 19))
            found.extend((_nice(), at_usual_priority(_nice)))
        found.append(at_usual_priority(_nice))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    lower = min(usual + 3, 19)
    assert found == [lower, usual, lower]


def test_errors_come_back() -> None:
    with usual_priority_kept(), pytest.raises(FileNotFoundError):
        at_usual_priority(lambda: subprocess.run(["no-such-program-anywhere"], check=True))
