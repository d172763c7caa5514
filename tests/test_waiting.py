"""Who waits in vain is told for what."""

import re

import pytest

from tests.waiting import eventually, until


async def test_what_comes_is_returned() -> None:
    async def given() -> str:
        return "given"

    numbers = iter((0, 0, 3))
    assert await until(given) == "given"
    assert await until(lambda: next(numbers)) == 3
    numbers = iter((0, 0, 3))
    assert eventually(lambda: next(numbers)) == 3


async def test_what_never_happens_is_said() -> None:
    """Seen failing: a bare TimeoutError said nothing."""
    with pytest.raises(AssertionError, match="never happened: rain"):
        await until(bool, "rain", seconds=0.01)
    with pytest.raises(AssertionError, match=re.escape("until(lambda: 1 > 2")):
        await until(lambda: 1 > 2, seconds=0.01)
    with pytest.raises(AssertionError, match="never happened: <class 'bool'>"):
        eventually(bool, seconds=0.01)
