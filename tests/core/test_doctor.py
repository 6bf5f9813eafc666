"""Each thing that can be wrong, and what the doctor says about it."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from bridge_gui.answers import CheckResult
from bridge_gui.core.doctor import Facts, judge
from bridge_gui.model import Access, AccountId, ClientId, Protocol, SessionId
from bridge_gui.state import (
    AccountPhase,
    AccountState,
    BridgeState,
    ClientState,
    CorePhase,
    CoreState,
    ListenerPhase,
    ListenerState,
    Problem,
    SessionState,
)
from bridge_gui.vault.certificate import CertificateInfo
from bridge_gui.vault.vault import KeyPlace

NOW = 1_800_000_000.0
DAY = 86400.0
ANNA = AccountId("u")
TROUBLE = Problem("x", "Title", "What happened.", "What to do.")


def certificate(days: float) -> CertificateInfo:
    end = datetime.datetime.fromtimestamp(NOW + days * DAY, datetime.UTC)
    return CertificateInfo("AA", "BB", end, ("127.0.0.1",))


FACTS = Facts(NOW, 10**10, KeyPlace.KEYCHAIN, certificate(400))
ACCOUNT = AccountState(ANNA, "anna", AccountPhase.CONNECTED)
CLIENT = ClientState(ClientId("c"), "Mail", ANNA, "other", Access.FULL, "anna@p.test", last_used=NOW - 60)
IMAP = ListenerState(Protocol.IMAP, "127.0.0.1", 1143, ListenerPhase.LISTENING)
SMTP = ListenerState(Protocol.SMTP, "127.0.0.1", 1025, ListenerPhase.LISTENING)
STATE = BridgeState(CoreState(phase=CorePhase.RUNNING), (ACCOUNT,), (IMAP, SMTP), (CLIENT,))


def test_when_all_is_well() -> None:
    checks = list(judge(STATE, FACTS))
    assert [check.key for check in checks] == [
        "vault",
        "certificate",
        "port-imap",
        "port-smtp",
        "disk",
        "account-u",
        "client-c",
    ]
    assert all(check.result is CheckResult.GOOD and check.sentence.endswith(".") for check in checks)
    assert all(not check.remedy for check in checks)


@pytest.mark.parametrize(
    ("key", "result", "words", "state", "facts"),
    [
        ("certificate", "attention", "ends on", STATE, replace(FACTS, certificate=certificate(10))),
        ("certificate", "bad", "cannot be read", STATE, replace(FACTS, certificate=None)),
        ("disk", "attention", "Only 9 MB", STATE, replace(FACTS, free_bytes=10**7)),
        (
            "vault",
            "bad",
            "What happened.",
            replace(STATE, core=CoreState(phase=CorePhase.LOCKED, problem=TROUBLE)),
            replace(FACTS, key_place=None),
        ),
        (
            "port-imap",
            "bad",
            "What happened.",
            replace(STATE, listeners=(replace(IMAP, phase=ListenerPhase.BUSY, problem=TROUBLE), SMTP)),
            FACTS,
        ),
        ("accounts", "attention", "No account", replace(STATE, accounts=(), clients=()), FACTS),
        (
            "account-u",
            "attention",
            "is offline",
            replace(STATE, accounts=(replace(ACCOUNT, phase=AccountPhase.OFFLINE),)),
            FACTS,
        ),
        (
            "account-u",
            "bad",
            "signed out",
            replace(STATE, accounts=(replace(ACCOUNT, phase=AccountPhase.SIGNED_OUT),)),
            FACTS,
        ),
        (
            "account-u",
            "bad",
            "What happened.",
            replace(STATE, accounts=(replace(ACCOUNT, phase=AccountPhase.ERROR, problem=TROUBLE),)),
            FACTS,
        ),
        ("client-c", "attention", "never signed in", replace(STATE, clients=(replace(CLIENT, last_used=None),)), FACTS),
        (
            "client-c",
            "bad",
            "was refused",
            replace(STATE, clients=(replace(CLIENT, last_failure=NOW),)),
            FACTS,
        ),
        (
            "client-c",
            "attention",
            "for 40 days",
            replace(STATE, clients=(replace(CLIENT, last_used=NOW - 40 * DAY),)),
            FACTS,
        ),
        (
            "client-c",
            "good",
            "is connected",
            replace(STATE, sessions=(SessionState(SessionId("s"), ClientId("c"), Protocol.IMAP, NOW),)),
            FACTS,
        ),
    ],
)
def test_what_is_wrong_is_said(key: str, result: str, words: str, state: BridgeState, facts: Facts) -> None:
    found = {check.key: check for check in judge(state, facts)}[key]
    assert found.result.value == result
    assert words in found.sentence
    assert found.remedy or result == "good" or "offline" in found.sentence
