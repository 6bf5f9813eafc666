"""The doctor's page: which button stands beside which check, and what it does."""

from __future__ import annotations

import pytest

from bridge_gui.answers import Check, CheckResult
from bridge_gui.ui.doctor_page import Advice, Cure, advice, advice_text
from bridge_gui.ui.remedies import Remedy
from tests.ui import snapshots

BAD, ATTENTION = CheckResult.BAD, CheckResult.ATTENTION


@pytest.mark.parametrize(
    ("key", "result", "cure", "expected"),
    [
        ("vault", BAD, "", Advice(Cure.UNLOCK)),
        ("certificate", ATTENTION, "", Advice(Cure.RENEW)),
        ("port-imap", BAD, "port", Advice(Cure.PORT, "imap")),
        ("port-smtp", BAD, "use-port", Advice(Cure.USE_PORT, "smtp")),
        ("port-smtp", BAD, "none", None),
        ("port-imap", BAD, "renew", Advice(Cure.RENEW, "imap")),
        ("disk", ATTENTION, "", Advice(Cure.SPACE)),
        ("clock", BAD, "none", None),
        ("accounts", ATTENTION, "", Advice(Cure.FIRST_SIGN_IN)),
        ("account-nobody", BAD, "", None),
        ("client-c1", BAD, "", Advice(Cure.COPY_LOGIN, "c1")),
        ("client-c1", ATTENTION, "", Advice(Cure.SHOW_PROGRAM, "c1")),
        ("client-c1", BAD, "copy-name", Advice(Cure.COPY_NAME, "c1")),
        ("client-c1", BAD, "repair-set-up", Advice(Cure.REPAIR_SET_UP, "c1")),
        ("sign-in-imap-untrusted", ATTENTION, "renew", Advice(Cure.RENEW, "in-imap-untrusted")),
        ("sign-in-imap-left-unencrypted", ATTENTION, "none", None),
        ("client-c1", CheckResult.GOOD, "copy-name", None),
    ],
)
def test_each_check_has_at_most_one_button(key: str, result: CheckResult, cure: str, expected: Advice | None) -> None:
    found = advice(Check(key, result, "What is wrong.", "What helps.", cure), snapshots.USUAL)
    assert found == expected
    assert found is None or advice_text(found)


def test_each_button_has_words() -> None:
    assert all(advice_text(Advice(cure)) for cure in Cure)
    assert advice_text(Advice(Remedy.SIGN_IN)) == "Sign in again"
