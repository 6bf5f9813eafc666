"""A short run of `fault_run`: with a core that is really killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.send.fault_run import run


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("outbox", [False, True], ids=["outbox off", "outbox on"])
async def test_each_mail_exists_once_or_was_refused(tmp_path: Path, key_cache: Path, outbox: bool) -> None:
    result = await run(tmp_path, seed=3, sends=9, kills=0.3, outbox=outbox, cache=key_cache)
    assert result.wrong == ()
    assert result.kills >= 2
    assert result.hits >= 5
    assert result.sent + result.refused == 9
    assert result.sent >= 5
