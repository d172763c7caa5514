"""How often a supervisor looks at what its processes use, by what looking costs."""

from pathlib import Path

import pytest

from core.builds.running import supervisor


class Clock:
    """The clocks of a thread, which a test sets."""

    def __init__(self) -> None:
        self.passed = self.used = 0.0

    def monotonic(self) -> float:
        """Return the seconds that passed."""
        return self.passed

    def thread_time(self) -> float:
        """Return the seconds of processor time that this thread had."""
        return self.used


@pytest.mark.parametrize(
    ("passed", "used", "pause"),
    [
        (0.005, 0.005, 1.0),
        (0.040, 0.040, 2.0),
        (0.090, 0.010, 1.0),
        (0.300, 0.010, 3.0),
    ],
)
def test_a_busy_machine_does_not_thin_the_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: float, used: float, pause: float
) -> None:
    """Failed where the time that others had the processor counted as that of looking."""
    clock = Clock()

    def look_at_all(_sampler: supervisor.Sampler) -> tuple[int, int, int]:
        clock.passed += passed
        clock.used += used
        return 1_000, 1_000, 1

    folder = supervisor.Folder(str(tmp_path))
    sampler = supervisor.Sampler(folder, supervisor.ProcessTree("none"))
    monkeypatch.setattr(supervisor, "time", clock)
    monkeypatch.setattr(supervisor.Sampler, "_sum", look_at_all)
    for _look in range(len(supervisor.FIRST_LOOKS_SECONDS) + 1):
        sampler.look(folder.started + 5)
    assert sampler.due - folder.started == pytest.approx(5 + pause)
