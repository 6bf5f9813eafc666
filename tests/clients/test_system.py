"""The system's tools: how they are called, and what becomes of those that are not there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge_gui.clients import system
from bridge_gui.errors import Refused


def test_a_tool_is_run_and_its_exit_code_returned() -> None:
    assert system.run((sys.executable, "-c", "raise SystemExit(3)")) == 3


def test_a_missing_tool_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not there"):
        system.run((str(tmp_path / "none"),))


def test_a_question_that_nobody_answers_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "QUESTION_SECONDS", 0.2)
    with pytest.raises(Refused, match="did not come to an end"):
        system.run((sys.executable, "-c", "import time; time.sleep(30)"))


def test_a_certificate_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        system.thumbprint(tmp_path / "none.pem")
