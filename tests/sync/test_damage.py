"""The short version of `python -m tests.sync.damage_run`: each kind of damage once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync import damage_run


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_damage_of_every_kind_is_noticed_and_mended(key_cache: Path, tmp_path: Path) -> None:
    report = damage_run.Report(seed=3, cases=len(damage_run.DAMAGES), messages=40)
    await damage_run.damage_run(report, tmp_path, key_cache)
    assert report.wrong == []
    assert set(report.ends) == set(damage_run.DAMAGES)
