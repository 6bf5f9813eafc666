"""The bridge: what it says of itself and how it reports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.errors import Refused
from bridge_gui.state import AccountPhase, Mails, OutboxItem, Problem, TakenBack
from tests.core.fakes import Rig
from tests.core.rigs import ANNA


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "profile") as made:
        yield made


async def test_a_report_is_what_is_sent(rig: Rig, tmp_path: Path) -> None:
    account = await rig.signed_in()
    waiting = OutboxItem("o1", "a secret subject", 1, 0.0)
    refused = TakenBack(Problem("change-refused", "A change was taken back"), 1.0, Mails(("a secret subject",), 2))
    account.change(outbox=(waiting,), taken_back=(refused,))
    assert rig.bridge.now().notices[0].messages == refused.messages
    assert "secret" not in repr(rig.bridge.now().notices)
    parts = await rig.bridge.report("sync", "It hangs", "since noon", logs=False)
    assert [part.name for part in parts] == ["report.txt", "system.json", "state.json", "doctor.json", "settings.json"]
    assert all("a secret subject" not in part.text and "anna@proton.test" not in part.text for part in parts[1:])
    await rig.bridge.send_report(parts)
    fields, files = rig.service.report
    assert (fields["Username"], fields["Email"], fields["Title"]) == ("anna", "anna@proton.test", "It hangs")
    assert "since noon" in fields["Description"]
    assert set(files) == {part.name for part in parts[1:]}
    await rig.bridge.save_report(parts, tmp_path / "report.zip")
    assert (tmp_path / "report.zip").stat().st_size > 500
    with pytest.raises(Refused):
        await rig.bridge.save_report(parts, tmp_path / "no" / "report.zip")
    await rig.bridge.outbox_retry(ANNA, "o1")
    await rig.bridge.outbox_cancel(ANNA, "o1")
    assert account.calls[-2:] == [("retry", "o1"), ("cancel", "o1")]


async def test_the_doctor_speaks_in_sentences(rig: Rig) -> None:
    account = await rig.signed_in()
    await rig.bridge.add_client("Mail", ANNA)
    checks: dict[str, Any] = {check.key: check for check in await rig.bridge.doctor()}
    assert checks["vault"].result.value == "good"
    assert checks["port-imap"].result.value == "good"
    assert checks["account-id-anna"].result.value == "good"
    account.change(phase=AccountPhase.SIGNED_OUT)
    checks = {check.key: check for check in await rig.bridge.doctor()}
    assert checks["account-id-anna"].result.value == "bad"
    assert all(check.sentence.endswith(".") for check in checks.values())
