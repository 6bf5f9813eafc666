"""The exact figures of repeating."""

from __future__ import annotations

import pytest

from bridge_gui.proton.retry import backoff, parse_retry_after, task_wait, throttle_wait


@pytest.mark.parametrize(
    ("attempt", "least", "most"), [(0, 0.05, 0.1), (1, 0.1, 0.2), (2, 0.2, 0.4), (9, 25.6, 51.2), (20, 30, 60)]
)
def test_backoff_doubles_from_100_ms_to_60_s(attempt: int, least: float, most: float) -> None:
    assert backoff(attempt, 0.0) == pytest.approx(least)
    assert backoff(attempt, 1.0) == pytest.approx(most)


@pytest.mark.parametrize(
    ("header", "dice", "wait"),
    [("5", 0.0, 5), ("5", 0.99, 14), (None, 0.0, 10), ("Wed, 21 Oct", 0.5, 15), ("-3", 0, 10)],
)
def test_throttled_waits_as_told_and_some_seconds_more(header: str | None, dice: float, wait: float) -> None:
    assert throttle_wait(parse_retry_after(header), dice) == wait


def test_tasks_wait_longer_each_time() -> None:
    assert [task_wait(n, 0.0) for n in range(1, 9)] == [20, 40, 80, 160, 300, 600, 600, 600]
    assert task_wait(1, 0.999) == 29
