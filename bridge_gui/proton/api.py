"""`Api`: one signed-in session with all routes that the bridge uses.

The routes lie in one module for each group; this is where they meet the session.
"""

from __future__ import annotations

from bridge_gui.proton.account_routes import AccountRoutes
from bridge_gui.proton.contact_routes import ContactRoutes
from bridge_gui.proton.http import Transport
from bridge_gui.proton.label_routes import LabelRoutes
from bridge_gui.proton.message_routes import MessageRoutes
from bridge_gui.proton.send_routes import SendRoutes
from bridge_gui.proton.session import Ended, SaveTokens, Session
from bridge_gui.proton.types import SessionTokens


class Api(AccountRoutes, LabelRoutes, MessageRoutes, SendRoutes, ContactRoutes):
    """Ask the service as one signed-in user.

    `on_tokens` persists a new pair of tokens before it is used. `on_signed_out` is told once when the service has ended
    the session; from then on every call raises `SignedOut` without asking.
    """

    def __init__(
        self, transport: Transport, tokens: SessionTokens, on_tokens: SaveTokens, on_signed_out: Ended | None = None
    ) -> None:
        super().__init__(Session(transport, tokens, on_tokens, on_signed_out))

    @property
    def transport(self) -> Transport:
        return self._session.transport

    @property
    def session(self) -> Session:
        return self._session

    @property
    def tokens(self) -> SessionTokens:
        return self._session.tokens

    def now(self) -> int:
        """The service's clock, for signatures and for judging keys."""
        return self._session.transport.now()

    async def refresh(self) -> None:
        """Get new tokens now, as at the start of the program (API document 1.6, rule 1)."""
        await self._session.refresh()

    async def logout(self) -> None:
        """End the session at the service."""
        await self._session.logout()

    async def close(self) -> None:
        """Stop asking; the session itself lives on."""
        await self._session.close()
