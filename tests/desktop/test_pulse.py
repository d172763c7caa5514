"""What the window measures of itself: how late it is, and how long it took no event."""

import asyncio
import time

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop.frame.pulse import EVERY_MS, Pulse


async def measured(pulse: Pulse) -> tuple[float, float]:
    """Return the next report."""
    told: asyncio.Future[tuple[float, float]] = asyncio.get_running_loop().create_future()

    def tell(lag_ms: float, gap_ms: float) -> None:
        if not told.done():
            told.set_result((lag_ms, gap_ms))

    pulse.measured.connect(tell)
    async with asyncio.timeout(30):
        return await told


def reports(passes_ms: list[float], qtbot: QtBot) -> list[tuple[float, float]]:
    """Return what is told of ticks after these times, with a clock that nothing else moves."""
    now = 0.0
    pulse = Pulse(clock=lambda: now)
    told: list[tuple[float, float]] = []
    pulse.measured.connect(lambda lag, gap: told.append((lag, gap)))
    pulse.start()
    timer = pulse.findChild(QTimer)
    assert timer is not None
    for passed in passes_ms:
        now += passed / 1000
        timer.timeout.emit()
    pulse.stop()
    return told


async def test_what_holds_the_window_up_is_seen(qtbot: QtBot) -> None:
    """Seen failing with the signals of Qt's loop, which tell nothing of a round with GLib."""
    pulse = Pulse()
    pulse.start()
    await asyncio.sleep(0)
    time.sleep(0.12)  # what the window must not do  # noqa: ASYNC251
    lag, gap = await measured(pulse)
    pulse.stop()
    assert gap >= 120 - EVERY_MS
    assert 0 < lag < gap


def test_a_window_that_waits_for_events_is_not_told_as_held_up(qtbot: QtBot) -> None:
    """Seen failing with rounds of Qt's loop: rest was told as a pause of 250 ms."""
    (report,) = reports([EVERY_MS] * 51, qtbot)
    assert report == pytest.approx((0, 0), abs=1e-6)


def test_the_longest_pause_is_told_once_and_the_lag_is_the_mean(qtbot: QtBot) -> None:
    first, second = reports([EVERY_MS, EVERY_MS + 300, *[EVERY_MS] * 90], qtbot)
    assert first[1] == pytest.approx(300)
    assert 0 < first[0] < 20
    assert second == pytest.approx((0, 0), abs=1e-6)


async def test_it_rests_when_stopped_and_starts_anew(qtbot: QtBot) -> None:
    pulse = Pulse()
    pulse.start()
    pulse.start()
    pulse.stop()
    assert not pulse.running
    pulse.start()
    lag, gap = await measured(pulse)
    assert gap >= lag >= 0
    pulse.stop()
    pulse.stop()
