"""Each thing that can be wrong, and what the doctor says about it."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from bridge_gui.answers import CheckResult
from bridge_gui.core.attempts import Attempts
from bridge_gui.core.doctor import Facts, judge, size_text, span_text
from bridge_gui.core.listeners import problem_of
from bridge_gui.core.probe import Probe, Reach
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
    SetupPhase,
    SetupProgress,
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


FACTS = Facts(NOW, 10**10, KeyPlace.KEYCHAIN, certificate(400), 0.5)
ACCOUNT = AccountState(ANNA, "anna", AccountPhase.CONNECTED)
CLIENT = ClientState(ClientId("c"), "Mail", ANNA, "other", Access.FULL, "anna@p.test", last_used=NOW - 60)
IMAP = ListenerState(Protocol.IMAP, "127.0.0.1", 1143, ListenerPhase.LISTENING)
SMTP = ListenerState(Protocol.SMTP, "127.0.0.1", 1025, ListenerPhase.LISTENING)


def tried(trouble: str) -> Attempts:
    return Attempts(Protocol.IMAP, trouble, CLIENT.id, count=3, last=NOW - 60)


def unknown(trouble: str) -> Attempts:
    return Attempts(Protocol.IMAP, trouble, count=3, last=NOW - 60)


STATE = BridgeState(CoreState(phase=CorePhase.RUNNING), (ACCOUNT,), (IMAP, SMTP), (CLIENT,))


def test_when_all_is_well() -> None:
    checks = list(judge(STATE, FACTS))
    assert [check.key for check in checks] == [
        "vault",
        "certificate",
        "port-imap",
        "port-smtp",
        "disk",
        "clock",
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
        ("disk", "attention", "Only 10 MB are free", STATE, replace(FACTS, free_bytes=10**7)),
        ("disk", "good", "81 GB are free", STATE, replace(FACTS, free_bytes=81 * 10**9)),
        ("clock", "attention", "is 7 min slow.", STATE, replace(FACTS, clock_offset=425.0)),
        ("clock", "bad", "is 3 h fast.", STATE, replace(FACTS, clock_offset=-10_000.0)),
        ("clock", "bad", "was set back", STATE, replace(FACTS, clock_offset=None, now=NOW - DAY)),
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
        *(
            ("port-imap", "bad", words, STATE, replace(FACTS, probes={Protocol.IMAP: met}))
            for words, met in (
                ("connections to it are refused", Probe(Reach.REFUSED)),
                ("nothing comes back", Probe(Reach.SILENT)),
                ("Another program answers at port 1143 in the place of IMAP: Dovecot.", Probe(Reach.OTHER, "Dovecot")),
                ("takes the encryption away", Probe(Reach.PLAIN)),
                ("its certificate was issued by Shield Corp.", Probe(Reach.OTHER_CERTIFICATE, "Shield Corp")),
                ("does not stand the checks", Probe(Reach.UNVERIFIED)),
                ("cannot start the encryption", Probe(Reach.BROKEN)),
            )
        ),
        ("port-smtp", "good", "SMTP listens", STATE, replace(FACTS, probes={Protocol.SMTP: Probe(Reach.GOOD)})),
        *(
            (key, result, words, STATE, replace(FACTS, attempts=(attempts,)))
            for key, result, words, attempts in (
                (
                    "client-c",
                    "bad",
                    "Mail signs in to IMAP with a wrong password (refused: 3).",
                    tried("wrong-password"),
                ),
                ("client-c", "bad", "a password that was replaced", tried("old-password")),
                ("client-c", "bad", "a user name that is not its own", tried("wrong-name")),
                ("client-c", "bad", "wants to read mail, and may only send", tried("send-only")),
                ("client-c", "bad", "wants to send mail, and may only read", tried("read-only")),
                ("client-c", "bad", "wants to use IMAP without encryption", tried("unencrypted")),
                ("sign-in-imap-untrusted", "attention", "does not trust the certificate", unknown("untrusted")),
                ("sign-in-imap-old-tls", "attention", "only old versions of TLS", unknown("old-tls")),
                ("sign-in-imap-other-protocol", "attention", "speaks SMTP at the port", unknown("other-protocol")),
                ("sign-in-imap-left-unencrypted", "attention", "left again", unknown("left-unencrypted")),
                ("sign-in-imap-unencrypted", "attention", "without encryption", unknown("unencrypted")),
                ("sign-in-imap-wrong-password", "attention", "a wrong password", unknown("wrong-password")),
            )
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
        (
            "account-u",
            "attention",
            "Title. What happened.",
            replace(STATE, accounts=(replace(ACCOUNT, problem=TROUBLE),)),
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


def test_a_program_that_was_set_up_is_repaired() -> None:
    made = replace(STATE, setups=(SetupProgress(ANNA, "thunderbird", "/p", SetupPhase.SIGNED_IN, CLIENT.id),))
    for trouble, cure in (
        ("old-password", "repair-set-up"),
        ("unencrypted", "repair-set-up"),
        ("send-only", "show-program"),
    ):
        found = {check.key: check for check in judge(made, replace(FACTS, attempts=(tried(trouble),)))}["client-c"]
        assert found.cure == cure


def test_what_strangers_did_is_forgotten_after_an_hour() -> None:
    facts = replace(FACTS, attempts=(replace(unknown("untrusted"), last=NOW - 3700),))
    assert not [check for check in judge(STATE, facts) if check.key.startswith("sign-in")]


def test_a_busy_port_offers_the_free_one() -> None:
    busy = replace(IMAP, phase=ListenerPhase.BUSY, problem=problem_of(1143, 1144, "Dovecot"), suggested_port=1144)
    found = {check.key: check for check in judge(replace(STATE, listeners=(busy, SMTP)), FACTS)}["port-imap"]
    assert found.sentence == "Port 1143 is used by Dovecot."
    assert found.remedy == "Use port 1144 instead, or close Dovecot."
    assert found.cure == "use-port"


@pytest.mark.parametrize(
    ("count", "step", "text"),
    [
        (81 * 10**9, 1000, "81 GB"),
        (80 * 2**30, 1024, "80 GB"),
        (10**10 - 1, 1000, "10 GB"),
        (8_400_000, 1000, "8.4 MB"),
        (0, 1000, "0.0 KB"),
        (3 * 10**15, 1000, "3000 TB"),
    ],
)
def test_sizes_are_said_in_a_unit_that_fits(count: int, step: int, text: str) -> None:
    assert size_text(count, step) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(61, "1 min"), (119 * 60, "119 min"), (7200, "2 h"), (47 * 3600, "47 h"), (9 * DAY, "9 d")]
)
def test_spans_are_said_in_a_unit_that_fits(seconds: float, text: str) -> None:
    assert span_text(seconds) == text
