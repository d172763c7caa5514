"""Work in stages: a cancellation that comes too late for one ends the whole after it."""

import asyncio

import pytest

from core.completion import although_cancelled
from core.performance.backups.stages import Part, stage
from core.progress import Progress


async def test_a_stage_that_takes_a_cancellation_back_is_the_last() -> None:
    """Seen failing when the stage was awaited as it is: what came next was done as well."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def deaf() -> str:
        begun.set()
        await although_cancelled(go_on.wait())
        done.append("stage")
        return "done"

    async def whole() -> None:
        await stage(deaf())
        done.append("the next")

    task = asyncio.create_task(whole())
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["stage"]


async def test_a_stage_returns_and_fails_as_its_work_does() -> None:
    async def fails() -> None:
        raise ValueError("so")

    async def seven() -> int:
        return 7

    assert await stage(seven()) == 7
    with pytest.raises(ValueError, match="so"):
        await stage(fails())


def test_a_part_is_told_of_the_whole() -> None:
    whole = Progress(lambda: None)
    part = Part(whole, 0.25, 0.75)
    part.report(0.5, "half")
    assert (whole.fraction, whole.text) == (0.5, "half")
    part.report(7)
    assert whole.fraction == 0.75
    part.report(text="words")
    assert (whole.fraction, whole.text) == (0.75, "words")
    part.no_return("too late")
    assert not whole.cancellable
