"""Who is let in, as a table; and how long refusals take."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bridge_gui.core.gate import Admitted, Door, Gate, Refusal, Refused, Throttle, judge
from bridge_gui.core.sessions import Sessions
from bridge_gui.model import Access, AccountId, AddressId, AddressMode, ClientId, Protocol
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, AccountState, AddressState
from bridge_gui.vault import passwords
from bridge_gui.vault.records import ClientRecord

ANNA = AccountId("u1")
PASSWORD = passwords.new_password()


def client(**changes: object) -> ClientRecord:
    record = ClientRecord(
        ClientId("c1"), "Mail", ANNA, "other", Access.FULL, "anna@proton.test", PASSWORD, created_at=0.0
    )
    return replace(record, **changes)


def account(mode: AddressMode = AddressMode.COMBINED) -> dict[AccountId, AccountState]:
    addresses = (
        AddressState(AddressId("a1"), "anna@proton.test"),
        AddressState(AddressId("a2"), "other@proton.test"),
        AddressState(AddressId("a3"), "off@proton.test", enabled=False),
    )
    return {ANNA: AccountState(ANNA, "Anna", AccountPhase.CONNECTED, addresses, mode)}


COMBINED, SPLIT = account(), account(AddressMode.SPLIT)
IMAP, SMTP = Protocol.IMAP, Protocol.SMTP


@pytest.mark.parametrize(
    ("what", "record", "accounts", "username", "protocol", "expected"),
    [
        ("its own address", client(), COMBINED, "anna@proton.test", IMAP, None),
        ("letters' case does not count", client(), COMBINED, " ANNA@Proton.Test ", SMTP, None),
        ("another address of the account", client(), COMBINED, "other@proton.test", IMAP, None),
        ("the account's name", client(), COMBINED, "anna", IMAP, None),
        ("a disabled address", client(), COMBINED, "off@proton.test", IMAP, Refusal.NAME),
        ("a plus suffix", client(), COMBINED, "anna+x@proton.test", IMAP, Refusal.NAME),
        ("somebody else", client(), COMBINED, "bo@proton.test", IMAP, Refusal.NAME),
        ("split, its own tree", client(), SPLIT, "anna@proton.test", IMAP, "a1"),
        ("split, another tree", client(), SPLIT, "other@proton.test", IMAP, Refusal.NAME),
        ("split, its address is gone", client(username="old@p.test"), SPLIT, "old@p.test", IMAP, Refusal.NAME),
        ("send-only reads", client(access=Access.SEND_ONLY), COMBINED, "anna", IMAP, Refusal.SEND_ONLY),
        ("send-only sends", client(access=Access.SEND_ONLY), COMBINED, "anna", SMTP, None),
        ("read-only sends", client(access=Access.READ_ONLY), COMBINED, "anna", SMTP, Refusal.READ_ONLY),
        ("read-only reads", client(access=Access.READ_ONLY), COMBINED, "anna", IMAP, None),
        ("the account is gone", client(), {}, "anna@proton.test", IMAP, Refusal.NO_ACCOUNT),
        ("a password it had before", passwords.renewed(client()), COMBINED, "anna", IMAP, Refusal.FORMER),
        ("a password of nobody", client(password=passwords.new_password()), COMBINED, "anna", IMAP, Refusal.UNKNOWN),
    ],
)
def test_verdicts(
    what: str,
    record: ClientRecord,
    accounts: Mapping[AccountId, AccountState],
    username: str,
    protocol: Protocol,
    expected: Refusal | str | None,
) -> None:
    verdict = judge([record], accounts, username, PASSWORD, protocol)
    if isinstance(expected, Refusal):
        assert isinstance(verdict, Refused), what
        assert verdict.reason is expected, what
        assert verdict.client == (None if expected is Refusal.UNKNOWN else record.id)
    else:
        assert verdict == Admitted(record, AddressId(expected) if expected else None), what


def test_delays_grow_for_one_origin_and_end() -> None:
    throttle = Throttle()
    origin, other = ("127.0.0.1", "anna"), ("127.0.0.1", "bo")
    assert [throttle.failed(origin, float(at)) for at in range(7)] == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert throttle.failed(other, 7.0) == 0.0
    throttle.succeeded(origin)
    assert throttle.failed(origin, 8.0) == 0.0
    assert throttle.failed(origin, 9.0) == 0.5
    assert throttle.failed(origin, 9.0 + Throttle.MEMORY + 1) == 0.0


def test_memory_of_origins_is_bounded() -> None:
    throttle = Throttle()
    for number in range(Throttle.ORIGINS * 2):
        throttle.failed(("127.0.0.1", str(number)), 0.0)
    assert throttle.failed(("127.0.0.1", "0"), 0.0) == 0.0


class House:
    """What the gate asks."""

    def __init__(self) -> None:
        self.log: list[object] = []

    def client_records(self) -> list[ClientRecord]:
        return [client()]

    def account_states(self) -> Mapping[AccountId, AccountState]:
        return COMBINED

    def door(self, account: AccountId) -> Door:
        raise AssertionError

    def used(self, client: ClientId, protocol: Protocol, now: float) -> None: ...

    def refused(self, client: ClientId | None, username: str, reason: Refusal, protocol: Protocol, now: float) -> None:
        self.log.append((client, reason))


async def test_a_right_password_never_waits_for_wrong_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Throttle, "FIRST", 3600.0)
    monkeypatch.setattr(Throttle, "MOST", 3600.0)
    house = House()
    gate = Gate(house, Sessions(lambda: None, lambda *_: None), {}, lambda: 0.0)
    wrong = [asyncio.create_task(gate.admit("anna", Secret("wrong"), "127.0.0.1", Protocol.IMAP)) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert [task.done() for task in wrong] == [True, False, False, False, False]
    async with asyncio.timeout(1):
        verdict = await gate.admit("anna", PASSWORD, "127.0.0.1", Protocol.IMAP)
    assert isinstance(verdict, Admitted)
    assert house.log == [(None, Refusal.UNKNOWN)] * 5
    for task in wrong:
        task.cancel()
