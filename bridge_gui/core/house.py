"""What the gate asks of the core, and tells it: which passwords there are, whose mail they open, who was refused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bridge_gui.core.attempts import AttemptBook, Attempts
from bridge_gui.core.gate import Door, Refusal
from bridge_gui.core.notices import Notices, of_refusal
from bridge_gui.core.opened import Opened
from bridge_gui.errors import BridgeError
from bridge_gui.mishap import Mishap
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
        self.attempts = AttemptBook()

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
        if self.attempts.succeeded(client, protocol):
            self._notices.drop(f"password {client}")
        self._notices.drop(f"sign-in {clients.record(client).account}")
        self._changed()

    def named(self, client: ClientId, program: str) -> None:
        """A mail program told its name: the service gets to know it, as from its own bridge."""
        opened = self._open
        opened.clients.named(client, program)
        name, _, version = program.rpartition(" ")
        opened.service.use_client_name(name or program, version if name else "")

    def refused(self, client: ClientId | None, username: str, reason: Refusal, protocol: Protocol, now: float) -> None:
        """Show it where it belongs: at the program whose password it was or must be, else at the account it named."""
        log.info("a mail program was refused: %s", reason.name)
        opened = self._opened()
        problem = of_refusal(reason, "")
        if opened is None or problem is None:
            return
        account = None
        if client is None:
            client, account = self._meant(opened, username)
        if client is None and account is None:
            return
        self.attempts.note(Attempts(protocol, problem.code, client, account, last=now))
        if client is not None:
            opened.clients.failed(client, now)
            self._tell(f"password {client}", reason, opened.clients.record(client).label)
        elif account is not None:
            self._tell(f"sign-in {account}", reason, "A mail program", account)
        self._changed()

    def mishap(self, mishap: Mishap, username: str, protocol: Protocol, now: float) -> None:
        log.info("a mail program could not sign in to %s: %s", protocol, mishap.value)
        opened = self._opened()
        client, account = self._meant(opened, username) if opened is not None and username else (None, None)
        self.attempts.note(Attempts(protocol, mishap.value, client, account, last=now))

    @staticmethod
    def _meant(opened: Opened, username: str) -> tuple[ClientId | None, AccountId | None]:
        """Whose mail a user name means: the one program that has it, else the account."""
        name = username.strip().casefold()
        named = [record for record in opened.clients.records() if record.username.casefold() == name]
        if len(named) == 1:
            return named[0].id, None
        found = [
            id for id in opened.accounts.states() if name in (email.casefold() for email in opened.accounts.emails(id))
        ]
        return None, found[-1] if found else None

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
