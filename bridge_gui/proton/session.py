"""One session with the service: its tokens, their refresh, and its end (API document 1.6).

    request --200--> answer
            --401--> the token differs by now?  yes: repeat          no: refresh, then repeat
    refresh --200--> persist the new pair, then use it
            --400, 422--> the session has ended: told once, nothing is asked any more
            --409, 429, 5xx, no answer--> nothing is lost, who asked gets an error that passes

The refresh token is single-use, so a refresh that was sent must not lose its answer: it runs as a task of its own,
which no cancelled request takes with it, and everybody who needs new tokens waits for the same one.

The network may lose the answer all the same. Nobody but the service knows then whether the old token has been used, so
it is kept until a new one is here, and asked with again. Proton's own clients do the same: its Go library repeats a
refresh that got no response, 400 or 422, the web client one that timed out. Whether the token is taken once more is the
service's to say. If it is not, the session is lost and nothing else: the account is signed out, its mail and the
changes that wait stay, and they go on with the next sign-in.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import httpx

from bridge_gui.aio import TaskOwner
from bridge_gui.proton.errors import (
    ApiError,
    DeviceCheckNeeded,
    HumanCheckNeeded,
    HumanCheckRefused,
    Malformed,
    ServerTrouble,
    SessionExpired,
    SignedOut,
    UpdateForced,
    VersionMissing,
    transient,
)
from bridge_gui.proton.http import Answer, Request, Transport
from bridge_gui.proton.retry import RETRIES, backoff
from bridge_gui.proton.types import SessionTokens
from bridge_gui.proton.wire import Fields
from bridge_gui.secret import Secret

log = logging.getLogger(__name__)

REDIRECT = "https://protonmail.ch"
"""Part of the refresh request; its value only has to be this."""

_NOT_THE_SESSION = (UpdateForced, VersionMissing, HumanCheckNeeded, HumanCheckRefused, DeviceCheckNeeded)
"""Refusals of a refresh that speak of the program or the person and say nothing about the session."""

SaveTokens = Callable[[SessionTokens], Awaitable[None]]
Ended = Callable[[ApiError], Awaitable[None]]


class Session:
    """Ask with tokens. `save` persists a new pair before it is used; `ended` is told once when the service ended it."""

    def __init__(
        self, transport: Transport, tokens: SessionTokens, save: SaveTokens, ended: Ended | None = None
    ) -> None:
        self.transport = transport
        self._tokens = tokens
        self._save = save
        self._on_ended = ended
        self._owner = TaskOwner("session")
        self._refreshing: asyncio.Task[Exception | None] | None = None
        self._unsaved: SessionTokens | None = None
        self._over: SignedOut | None = None
        self.extra_headers: tuple[tuple[str, str], ...] = ()
        """Go along with every request: those of a human verification, while an account signs in."""

    @property
    def tokens(self) -> SessionTokens:
        return self._tokens

    @property
    def over(self) -> SignedOut | None:
        """Why the session has ended, if it has."""
        return self._over

    async def request(self, request: Request) -> Answer:
        """Send with the session's tokens; on 401 refresh and repeat once. Raise like `Transport.request`."""
        used = await self._usable()
        try:
            return await self.transport.request(self._signed(request, used))
        except ApiError as error:
            if not _asks_for_refresh(error):
                raise
        await self._renew(used)
        try:
            return await self.transport.request(self._signed(request, self._tokens))
        except SignedOut as error:
            raise _strange(error) from error

    @contextlib.asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[httpx.Response]:
        """Like `request`, with the body read piece by piece."""
        used = await self._usable()
        async with contextlib.AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(self.transport.stream(self._signed(request, used)))
            except ApiError as error:
                if not _asks_for_refresh(error):
                    raise
                await self._renew(used)
                try:
                    again = self.transport.stream(self._signed(request, self._tokens))
                    response = await stack.enter_async_context(again)
                except SignedOut as refused:
                    raise _strange(refused) from refused
            yield response

    async def refresh(self) -> None:
        """Get new tokens now, as at the start of the program."""
        await self._renew(self._tokens)

    async def logout(self) -> None:
        """End the session at the service. Whatever the answer, it is not used here any more."""
        try:
            if self._over is None:
                await self.request(Request("DELETE", "/auth/v4", retries=1, wait_when_throttled=False))
        finally:
            self._over = self._over or SignedOut(401)

    async def close(self) -> None:
        """Let a refresh that is under way end first, for its answer would be lost, and the session with it."""
        if self._refreshing is not None:
            await asyncio.wait([self._refreshing], timeout=5.0)
        await self._owner.close()

    # ------------------------------------------------------------------ tokens

    def _signed(self, request: Request, tokens: SessionTokens) -> Request:
        return replace(request, headers=(*request.headers, *self.extra_headers, *auth_headers(tokens)))

    async def _usable(self) -> SessionTokens:
        if self._over is not None:
            raise self._over
        if not self._tokens.access_token.reveal() or self._unsaved is not None:
            await self._renew(self._tokens)
        return self._tokens

    async def _renew(self, used: SessionTokens) -> None:
        """Refresh unless somebody has done so since `used` was current."""
        if self._over is not None:
            raise self._over
        if self._tokens is not used and self._unsaved is None:
            return
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = self._owner.start(self._refresh(), "refresh")
        if (failure := await asyncio.shield(self._refreshing)) is not None:
            raise failure

    async def _refresh(self) -> Exception | None:
        """Refresh, and return what went wrong, for those who wait: perhaps nobody does any more."""
        try:
            if self._unsaved is None:
                answer = await self._ask_for_tokens()
                self._unsaved = read_tokens(answer.fields())
            await self._save(self._unsaved)
        except ApiError as error:
            if isinstance(error, _NOT_THE_SESSION) or transient(error):
                return error
            if error.status not in (400, 422):
                # 409 is a race of two refreshes; whatever else it is, it does not say that the session has ended.
                return ServerTrouble(error.status, error.api_code, error.text, error.details)
            return await self._end(error)
        except Exception as error:
            log.info("a session could not be refreshed: %s", type(error).__name__)
            return error
        self._tokens, self._unsaved = self._unsaved, None
        return None

    async def _ask_for_tokens(self) -> Answer:
        """Send the refresh. A refusal only counts when it is repeated, as often as any try (API document 1.5); trouble
        in between is not counted, as a service that answers now so and now so is in trouble itself."""
        clock, attempt = self.transport.clock, 0
        while True:
            try:
                return await self.transport.request(refresh_request(self._tokens))
            except ApiError as error:
                if attempt >= RETRIES or isinstance(error, _NOT_THE_SESSION) or error.status not in (400, 422):
                    raise
                log.info("a refresh was refused (%s), and is asked for again", error.technical)
            await clock.sleep(backoff(attempt, clock.random()))
            attempt += 1

    async def _end(self, error: ApiError) -> SignedOut:
        log.info("the service has ended the session (%s)", error.technical)
        self._over = SignedOut(error.status, error.api_code, error.text, error.details)
        if self._on_ended is not None:
            await self._on_ended(self._over)
        return self._over


def _asks_for_refresh(error: ApiError) -> bool:
    """Whether the tokens are to blame. Only the refresh itself can say that the session has ended."""
    return error.status == 401 or isinstance(error, SignedOut | SessionExpired)


def _strange(error: ApiError) -> ApiError:
    """The tokens are new and yet refused, though the refresh went well: trouble of the service."""
    return ServerTrouble(error.status, error.api_code, error.text, error.details)


def auth_headers(tokens: SessionTokens) -> tuple[tuple[str, str], ...]:
    return (("x-pm-uid", tokens.uid), ("Authorization", f"Bearer {tokens.access_token.reveal()}"))


def refresh_request(tokens: SessionTokens) -> Request:
    """The expired access token goes along (API document 12, item 2)."""
    body = {
        "UID": tokens.uid,
        "RefreshToken": tokens.refresh_token.reveal(),
        "ResponseType": "token",
        "GrantType": "refresh_token",
        "RedirectURI": REDIRECT,
        "State": secrets.token_urlsafe(24),
    }
    if access := tokens.access_token.reveal():
        body["AccessToken"] = access
    return Request("POST", "/auth/v4/refresh", json=body)


def read_tokens(fields: Fields) -> SessionTokens:
    """Read the answer of a sign-in or refresh."""
    tokens = SessionTokens(
        fields.identity("UID"), Secret(fields.identity("AccessToken")), Secret(fields.identity("RefreshToken"))
    )
    if any(char < "!" or char > "~" for text in (tokens.uid, tokens.access_token.reveal()) for char in text):
        raise Malformed("A token of the answer cannot stand in a header.")
    return tokens
