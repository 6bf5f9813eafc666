"""What every test gets: asyncio in debug mode, and a failure for each unexpected warning in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "long",
    max_examples=250_000,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""For a night: `pytest --hypothesis-profile=long --hypothesis-seed=N --timeout=0 tests/imap/test_parse.py ...`."""


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which our code logs WARNING or worse, unless it is marked `expects_log`."""
    yield
    if request.node.get_closest_marker("expects_log"):
        return
    loud = [
        record
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING and record.name.startswith("bridge_gui")
    ]
    assert not loud, [f"{record.name}: {record.getMessage()}" for record in loud]
