"""The short version of `python -m tests.sync.fault_run`, and that its plan can be done again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.sync import fault_run


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.expects_log
async def test_forty_faults_lose_nothing_and_double_nothing(key_cache: Path, tmp_path: Path) -> None:
    report = fault_run.new_report(seed=7, faults=40, messages=120)
    await fault_run.fault_run(report, tmp_path, key_cache)
    assert report.wrong == []
    assert sum(report.met.values()) == 40
    assert report.literals >= 120


def test_a_report_holds_the_whole_plan() -> None:
    report = fault_run.new_report(seed=3, faults=200, messages=10)
    kept = json.loads(json.dumps(asdict(report)))
    assert [fault_run.read(each) for each in kept["plan"]] == fault_run.plan(3, 200)
    assert fault_run.plan(3, 200) != fault_run.plan(4, 200)
