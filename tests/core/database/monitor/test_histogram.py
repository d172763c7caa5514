"""Histograms: percentiles are those of the sorted values, within their error."""

import math

from hypothesis import given
from hypothesis import strategies as st

from core.database.monitor import histogram

durations = st.floats(1e-6, 1e3)


@given(st.lists(durations, min_size=1, max_size=60), st.floats(0, 1))
def test_percentiles_are_within_their_error(values: list[float], share: float) -> None:
    """Seen failing with the lower end of a bucket in the place of its middle."""
    counts = histogram.empty()
    for value in values:
        counts[histogram.bucket(value)] += 1
    (told,) = histogram.percentiles(counts, (share,), longest_s=max(values))
    true = sorted(values)[max(math.ceil(share * len(values)), 1) - 1]
    assert abs(told / true - 1) <= histogram.ERROR + 1e-9
    assert told <= max(values)


@given(st.lists(durations, min_size=1, max_size=60))
def test_higher_percentiles_are_no_shorter(values: list[float]) -> None:
    counts = histogram.empty()
    for value in values:
        counts[histogram.bucket(value)] += 1
    told = histogram.percentiles(counts, (0.5, 0.95, 0.99), longest_s=max(values))
    assert list(told) == sorted(told)


def test_out_of_range_is_in_the_outermost_buckets() -> None:
    assert histogram.bucket(0.0) == histogram.bucket(1e-9) == 0
    assert histogram.bucket(1e9) == len(histogram.empty()) - 1


def test_nothing_has_no_percentiles() -> None:
    assert histogram.percentiles(histogram.empty(), (0.5, 0.99), longest_s=0) == (0.0, 0.0)
