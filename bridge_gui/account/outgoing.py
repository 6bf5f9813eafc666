"""An account's mail on its way out: what sends it, what waits in the outbox, who is told that it went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bridge_gui.account.append import Append, Known
from bridge_gui.account.identity import Identity
from bridge_gui.account.outbox import Outbox
from bridge_gui.account.shown import outbox_items
from bridge_gui.errors import BridgeError
from bridge_gui.model import MessageId
from bridge_gui.proton.api import Api
from bridge_gui.proton.retry import Clock
from bridge_gui.send.pipeline import Sending
from bridge_gui.state import OutboxItem
from bridge_gui.store.db import Store


@dataclass(frozen=True, slots=True)
class Host:
    """What is asked of the account around it."""

    online: Callable[[], bool]
    keeps: Callable[[], bool]
    """The outbox may take what cannot be sent now."""
    not_connected: Callable[[], BridgeError]
    sent: Callable[[Sequence[str]], None]
    """Told the recipients of each mail that went."""
    publish: Callable[[tuple[OutboxItem, ...]], None]


class Outgoing:
    """The outbox is there while the local copy is open; mail is sent while there is a session with unlocked keys."""

    def __init__(self, identity: Identity, clock: Clock, host: Host) -> None:
        self._identity, self._clock, self._host = identity, clock, host
        self._outbox: Outbox | None = None
        self._sending: Sending | None = None

    async def open(self, store: Store) -> None:
        self._outbox = Outbox(
            store,
            lambda: self._sending if self._host.online() else None,
            self._host.keeps,
            known_addresses=lambda: [state.email for state in self._identity.states if state.can_send],
            on_changed=self._changed,
            on_sent=self._host.sent,
            clock=self._clock,
        )
        await self._outbox.start()

    async def close(self) -> None:
        outbox, self._outbox = self._outbox, None
        if outbox is not None:
            await outbox.close()

    def use(self, api: Api) -> None:
        """Send with the keys and addresses of this moment, from now on."""
        user, keys = self._identity.user, self._identity.keys
        if keys is None:
            return
        self._sending = Sending(
            api,
            self._identity.addresses,
            keys.addresses,
            keys.user_certificates,
            user.max_upload if user is not None else 0,
        )
        self.nudge()

    def pause(self) -> None:
        """There is no session any more."""
        self._sending = None

    def nudge(self) -> None:
        """Something may be possible now that was not before."""
        if self._outbox is not None:
            self._outbox.nudge()

    @property
    def ready(self) -> bool:
        """Whether mail can be sent now."""
        return self._sending is not None and self._host.online()

    @property
    def outbox(self) -> Outbox:
        """Raise what keeps the account from having one."""
        if self._outbox is None:
            raise self._host.not_connected()
        return self._outbox

    def appender(self, known: Known, arrived: Callable[[MessageId], Awaitable[None]]) -> Append:
        """What puts messages into mailboxes at the service: it shares the outbox's memory of what was sent."""
        return Append(known, lambda: self._sending, self.outbox.recorder, arrived)

    def _changed(self) -> None:
        if self._outbox is not None:
            self._host.publish(outbox_items(self._outbox.waiting))
