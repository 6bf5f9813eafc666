"""What a set-up is to be, and how far it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bridge_gui.answers import ServerAddress, SetupOptions
from bridge_gui.clients.base import Certificate
from bridge_gui.core.setup_plan import Serving, accounts_of, progress_of
from bridge_gui.errors import Refused, UsageError
from bridge_gui.model import Access, AccountId, AddressId, AddressMode, ClientId
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, AccountState, AddressState
from bridge_gui.vault.records import ClientRecord, SetupRecord

ANNA = AccountId("anna")
SERVING = Serving(ServerAddress("127.0.0.1", 1143), ServerAddress("127.0.0.1", 1025), Certificate("AA", Path("ca.pem")))


def address(email: str, name: str = "", *, enabled: bool = True, can_send: bool = True) -> AddressState:
    return AddressState(AddressId(email), email, name, enabled, can_send)


ADDRESSES = (
    address("anna@p.test", "Anna"),
    address("work@p.test"),
    address("off@p.test", enabled=False),
    address("in@p.test", can_send=False),
)


def account(mode: AddressMode, addresses: tuple[AddressState, ...] = ADDRESSES) -> AccountState:
    return AccountState(ANNA, "anna", AccountPhase.CONNECTED, addresses, mode)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(
            account(AddressMode.COMBINED), [["anna@p.test Anna", "work@p.test Anna"]], id="combined: one for all"
        ),
        pytest.param(
            account(AddressMode.SPLIT),
            [["anna@p.test Anna"], ["work@p.test Anna"], ["in@p.test Anna"]],
            id="split: one for each that is on",
        ),
        pytest.param(
            account(AddressMode.COMBINED, ADDRESSES[2:] + ADDRESSES[1:2]),
            [["in@p.test ", "work@p.test "]],
            id="the first that is on, even if it only receives",
        ),
    ],
)
def test_what_accounts_a_program_gets(state: AccountState, expected: list[list[str]]) -> None:
    made = accounts_of(state, SERVING, Access.FULL, SetupOptions("TLS"))
    assert [[f"{one.email} {one.name}" for one in entry.identities] for entry in made] == expected
    assert all(entry.username == entry.identities[0].email for entry in made)
    assert {entry.imap.security for entry in made} == {"TLS"}


def test_no_address_and_no_such_security_are_refused() -> None:
    with pytest.raises(Refused, match="not known"):
        accounts_of(account(AddressMode.COMBINED, ()), SERVING, Access.FULL, SetupOptions())
    with pytest.raises(UsageError):
        accounts_of(account(AddressMode.COMBINED), SERVING, Access.FULL, SetupOptions("SSL"))


WRITTEN = SetupRecord("id", "/p", SERVING.imap, SERVING.smtp, "AA", written_at=100.0)
CLIENT = ClientRecord(ClientId("c"), "Mail", ANNA, "other", Access.FULL, "anna@p.test", Secret("x"), 100.0)
SEND_ONLY = replace(CLIENT, access=Access.SEND_ONLY)
ELSEWHERE = ServerAddress("127.0.0.1", 1999)


@pytest.mark.parametrize(
    ("record", "made", "now", "phase", "problem"),
    [
        pytest.param(CLIENT, replace(WRITTEN, written_at=None), 101, "writing", "", id="begun"),
        pytest.param(CLIENT, WRITTEN, 101, "waiting", "", id="just written"),
        pytest.param(CLIENT, WRITTEN, 161, "waiting", "setup-silent", id="nothing within a minute"),
        pytest.param(replace(CLIENT, last_failure=105.0), WRITTEN, 110, "waiting", "setup-refused", id="refused"),
        pytest.param(replace(CLIENT, last_failure=95.0), WRITTEN, 110, "waiting", "", id="refused long ago"),
        pytest.param(CLIENT, replace(WRITTEN, imap_at=120.0), 500, "signed-in", "", id="signed in"),
        pytest.param(CLIENT, replace(WRITTEN, smtp_at=120.0), 130, "waiting", "", id="has only sent"),
        pytest.param(SEND_ONLY, replace(WRITTEN, smtp_at=120.0), 500, "signed-in", "", id="only sends"),
        pytest.param(CLIENT, replace(WRITTEN, imap=ELSEWHERE), 101, "repair", "setup-ports", id="another port"),
        pytest.param(CLIENT, replace(WRITTEN, fingerprint="BB"), 101, "repair", "setup-certificate", id="renewed"),
        pytest.param(CLIENT, replace(WRITTEN, renewed=True), 101, "repair", "setup-password", id="new password"),
    ],
)
def test_how_far_a_set_up_is(record: ClientRecord, made: SetupRecord, now: float, phase: str, problem: str) -> None:
    shown = progress_of(record, made, SERVING, now)
    assert (shown.phase, shown.problem.code if shown.problem else "") == (phase, problem)
