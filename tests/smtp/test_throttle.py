from __future__ import annotations

from bridge_gui.smtp import throttle
from bridge_gui.smtp.throttle import LoginThrottle


def test_delays_double_up_to_a_limit() -> None:
    watch = LoginThrottle()
    assert [watch.failed("x", 0.0) for _ in range(8)] == [0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_origins_do_not_hold_up_each_other_and_success_forgets() -> None:
    watch = LoginThrottle()
    for _ in range(4):
        watch.failed("x", 0.0)
    assert watch.failed("y", 0.0) == 0.0
    watch.succeeded("x")
    assert watch.failed("x", 0.0) == 0.0


def test_a_quiet_time_forgets() -> None:
    watch = LoginThrottle()
    watch.failed("x", 0.0)
    watch.failed("x", 0.0)
    assert watch.failed("x", throttle.FORGET_AFTER + 1) == 0.0


def test_made_up_names_cost_no_memory() -> None:
    watch = LoginThrottle()
    for number in range(5 * throttle.MAX_ORIGINS):
        watch.failed(number, 0.0)
    assert len(watch._failures) == throttle.MAX_ORIGINS
