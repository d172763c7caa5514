"""What the tab says of builds and projects."""

from datetime import timedelta

import pytest

from core.builds.schemas import BuildState, FailureReason, TriggerKind
from desktop.builds import words
from tests.desktop.builds.samples import NOW, a_build, a_project, failed, running


@pytest.mark.parametrize(
    ("reason", "values", "text"),
    [
        (FailureReason.EXIT_CODE, {"exit_code": 1, "errors": 2}, "2 errors, exit code 1"),
        (FailureReason.EXIT_CODE, {"exit_code": 2}, "exit code 2"),
        (FailureReason.EXIT_CODE, {"exit_code": 126}, "exit code 126 (command not executable)"),
        (FailureReason.EXIT_CODE, {"exit_code": 127}, "exit code 127 (command not found)"),
        (FailureReason.EXIT_CODE, {"exit_code": 128}, "exit code 128"),
        (FailureReason.EXIT_CODE, {"exit_code": 137}, "exit code 137 (killed)"),
        (FailureReason.EXIT_CODE, {"exit_code": 139}, "exit code 139 (segmentation fault)"),
        (FailureReason.EXIT_CODE, {"exit_code": 143}, "exit code 143 (asked to end)"),
        (FailureReason.EXIT_CODE, {"exit_code": 255}, "exit code 255"),
        (FailureReason.EXIT_CODE, {"exit_code": 3_221_225_477}, "exit code 3221225477"),
        (FailureReason.SIGNAL, {"signal": 9}, "ended by signal 9 (killed)"),
        (FailureReason.SIGNAL, {"signal": 40}, "ended by signal 40"),
        (FailureReason.TIMEOUT, {}, "timed out"),
        (FailureReason.NO_OUTPUT, {}, "no output for too long"),
        (FailureReason.NOT_STARTED, {}, "could not be started"),
        (FailureReason.CHECKOUT, {"exit_code": 1}, "sources could not be fetched"),
        (FailureReason.BEFORE_STEP, {"exit_code": 2}, "a step before the command failed"),
        (FailureReason.AFTER_STEP, {"exit_code": 2}, "a step after the command failed"),
        (FailureReason.LOST, {"log_lines": 4112}, "lost, log kept to line 4,112"),
    ],
)
def test_the_trend_of_a_failed_build_is_its_reason(
    reason: FailureReason, values: dict[str, int], text: str
) -> None:
    assert words.trend(failed(reason, **values)) == text


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (68_000, "−3 % to median"),
        (70_000, ""),
        (70_200, "as usual"),
        (77_000, "+10 % to median"),
    ],
)
def test_the_trend_of_a_success_is_its_distance_to_the_median(
    duration_ms: int, text: str
) -> None:
    assert words.trend(a_build(duration_ms=duration_ms)) == text


def test_cancelled_builds_say_whether_they_ever_ran() -> None:
    assert words.trend(a_build(state=BuildState.CANCELLED)) == "stopped on request"
    waiting = a_build(state=BuildState.CANCELLED, started_at=None, duration_ms=None)
    assert words.trend(waiting) == "never started"


def test_durations_run_on_and_are_set_against_the_estimate() -> None:
    later = NOW + timedelta(seconds=42)
    assert words.build_duration(running(), later) == ("0:42", "of ~1:10")
    assert words.build_duration(running(estimate_ms=None), later) == ("0:42", "")
    assert words.build_duration(a_build(), later) == ("1:08", "")
    assert words.build_duration(a_build(duration_ms=340), later) == ("340 ms", "")
    assert words.build_duration(a_build(duration_ms=3_440), later) == ("3.4 s", "")
    pending = running(state=BuildState.PENDING, started_at=None)
    assert words.build_duration(pending, later) == ("—", "")


def test_a_clock_that_was_set_back_gives_no_negative_time() -> None:
    assert words.build_duration(running(), NOW - timedelta(hours=1))[0] == "0:00"


def test_only_a_running_build_beyond_nine_of_ten_is_overdue() -> None:
    assert not words.overdue(running(), NOW + timedelta(seconds=89))
    assert words.overdue(running(), NOW + timedelta(seconds=91))
    assert not words.overdue(running(late_after_ms=None), NOW + timedelta(days=1))
    assert not words.overdue(a_build(duration_ms=99_000), NOW)


def test_a_project_without_finished_builds_has_no_rate() -> None:
    assert words.project_line(a_project(success_rate=None)) == "Make"
    assert words.project_line(a_project()) == "Make · 88 % successful"


def test_what_was_built_and_why_it_was_queued() -> None:
    assert words.commit_line(a_build()) == "—"
    assert words.commit_line(a_build(branch="main")) == "main"
    built = a_build(commit_hash="9f3c2e1aa", commit_subject="Retry", dirty=True)
    assert words.commit_line(built) == "9f3c2e1  Retry"
    assert "not committed" in words.commit_tip(built)
    nightly = a_build(trigger=TriggerKind.SCHEDULE, trigger_detail="0 3 * * *")
    assert words.cause_words(nightly) == "schedule"
    assert "0 3 * * *" in words.cause_sentence(nightly)
    again = a_build(trigger=TriggerKind.RETRY, attempt=2)
    assert words.cause_words(again) == "ada"
    assert words.cause_sentence(again) == "Attempt 2, asked for by ada."
