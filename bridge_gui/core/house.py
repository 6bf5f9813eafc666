"""What the gate asks of the core, and tells it: which passwords there are, whose mail they open, who was refused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bridge_gui.core.gate import Door, Refusal
from bridge_gui.core.notices import Notices, of_refusal
from bridge_gui.core.opened import Opened
from bridge_gui.errors import BridgeError
from bridge_gui.model import AccountId, ClientId, Protocol
from bridge_gui.state import AccountState, NoticeKind
from bridge_gui.vault.records import ClientRecord

log = logging.getLogger(__name__)


class Household:
    """`core.gate.House`. `opened` is what there is while the vault is open, `locked` the error of a closed one."""

    def __init__(
        self,
        opened: Callable[[], Opened | None],
        locked: Callable[[], BridgeError],
        notices: Notices,
        changed: Callable[[], None],
    ) -> None:
        self._opened = opened
        self._locked = locked
        self._notices = notices
        self._changed = changed

    def client_records(self) -> list[ClientRecord]:
        opened = self._opened()
        return opened.clients.records() if opened is not None else []

    def account_states(self) -> Mapping[AccountId, AccountState]:
        opened = self._opened()
        return opened.accounts.states() if opened is not None else {}

    def door(self, account: AccountId) -> Door:
        return self._open.accounts[account]

    def used(self, client: ClientId, protocol: Protocol, now: float) -> None:
        clients = self._open.clients
        clients.used(client, protocol, now)
        self._notices.drop(f"password {client}")
        self._notices.drop(f"sign-in {clients.record(client).account}")
        self._changed()

    def named(self, client: ClientId, program: str) -> None:
        """A mail program told its name: the service gets to know it, as from its own bridge."""
        opened = self._open
        opened.clients.named(client, program)
        name, _, version = program.rpartition(" ")
        opened.service.use_client_name(name or program, version if name else "")

    def refused(self, client: ClientId | None, username: str, reason: Refusal, now: float) -> None:
        """Show it where it belongs: at the program whose password it was or must be, else at the account it named."""
        log.info("a mail program was refused: %s", reason.name)
        opened = self._opened()
        if opened is None:
            return
        if client is None:
            self._unknown(opened, username, reason, now)
        else:
            opened.clients.failed(client, now)
            self._tell(f"password {client}", reason, opened.clients.record(client).label)
        self._changed()

    def _unknown(self, opened: Opened, username: str, reason: Refusal, now: float) -> None:
        """A password that is none of ours: the user name says whose mail was meant, and perhaps which program."""
        name = username.strip().casefold()
        named = [record for record in opened.clients.records() if record.username.casefold() == name]
        if len(named) == 1:
            opened.clients.failed(named[0].id, now)
            self._tell(f"password {named[0].id}", reason, named[0].label)
            return
        for id in opened.accounts.states():
            if name in (email.casefold() for email in opened.accounts.emails(id)):
                self._tell(f"sign-in {id}", reason, "A mail program", id)

    def _tell(self, key: str, reason: Refusal, label: str, account: AccountId | None = None) -> None:
        problem = of_refusal(reason, label)
        if problem is not None:
            self._notices.give(key, NoticeKind.ATTENTION, problem, account)

    @property
    def _open(self) -> Opened:
        opened = self._opened()
        if opened is None:
            raise self._locked()
        return opened
