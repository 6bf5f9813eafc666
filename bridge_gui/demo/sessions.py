"""Sessions: access tokens with a life, refresh tokens that rotate and work once, scopes (API document 1.6, 2.5)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge_gui.demo.errors import REFRESH_TOKEN_INVALID, ApiError

FULL = "full"
TWO_FACTOR = "twofactor"
LOCKED = "locked"
"""The scope that key salts need; a session has it for a while after its password was given."""
MISSING_SCOPE = 9101
ACCESS_LIFE = 3600.0
LOCKED_LIFE = 600.0


@dataclass(slots=True)
class Session:
    uid: str
    account: int
    access_token: str
    refresh_token: str
    access_until: float
    created: float
    locked_until: float
    scopes: set[str] = field(default_factory=set)
    previous_refresh: str = ""
    refreshed: int = 0
    """How often its tokens were rotated."""


class Sessions:
    """All live sessions, by uid."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._refused: set[str] = set()
        self.access_life = ACCESS_LIFE
        self.locked_life = LOCKED_LIFE
        self.grace = False
        """Accept the previous refresh token until its successor's access token was used: for runs in which answers
        get lost. Off, a refresh token works once and a second use ends the session."""

    def open(self, account: int, *, two_factor: bool, access_life: float | None = None) -> Session:
        now = self._clock()
        session = Session(
            uid=secrets.token_hex(16),
            account=account,
            access_token=_token(),
            refresh_token=_token(),
            access_until=now + (self.access_life if access_life is None else access_life),
            created=now,
            locked_until=now + self.locked_life,
            scopes={TWO_FACTOR} if two_factor else {FULL},
        )
        self._sessions[session.uid] = session
        return session

    def check(self, uid: str, authorization: str) -> Session:
        """Return the session of a request, or refuse with 401 and no body."""
        session = self._sessions.get(uid)
        scheme, _, token = authorization.partition(" ")
        if session is None or scheme != "Bearer" or not secrets.compare_digest(token, session.access_token):
            raise ApiError(401, empty=True)
        if self._clock() >= session.access_until or uid in self._refused:
            raise ApiError(401, empty=True)
        session.previous_refresh = ""
        return session

    def scoped(self, session: Session, scope: str) -> None:
        """Refuse with 403 a session that lacks a scope."""
        has_locked = self._clock() < session.locked_until
        if FULL not in session.scopes or (scope == LOCKED and not has_locked):
            missing = scope if FULL in session.scopes else FULL
            raise ApiError(
                403, MISSING_SCOPE, "Access token does not have sufficient scope", {"MissingScopes": [missing]}
            )

    def refresh(self, uid: str, refresh_token: str) -> Session:
        """Rotate a session's tokens. A refresh token works once; using an old one ends the session."""
        session = self._sessions.get(uid)
        if session is None:
            raise ApiError(422, REFRESH_TOKEN_INVALID, "Invalid refresh token")
        current = secrets.compare_digest(refresh_token, session.refresh_token)
        repeated = self.grace and session.previous_refresh != "" and refresh_token == session.previous_refresh
        if not current and not repeated:
            del self._sessions[uid]
            raise ApiError(422, REFRESH_TOKEN_INVALID, "Invalid refresh token")
        session.previous_refresh = refresh_token
        session.refresh_token = _token()
        session.access_token = _token()
        session.access_until = self._clock() + self.access_life
        session.refreshed += 1
        return session

    def of(self, account: int) -> list[Session]:
        return [session for session in self.all() if session.account == account]

    def close(self, uid: str) -> None:
        self._sessions.pop(uid, None)

    def close_all(self, account: int, keep: str = "") -> None:
        """End the sessions of an account (but one): what `signed out everywhere` does."""
        for session in self.of(account):
            if session.uid != keep:
                self.close(session.uid)

    def expire_access(self, account: int | None = None) -> None:
        """Let access tokens be too old from now on; refresh tokens stay good."""
        for session in self.all():
            if account is None or session.account == account:
                session.access_until = 0.0

    def lock(self, account: int) -> None:
        """Let key salts be refused until the next sign-in."""
        for session in self.of(account):
            session.locked_until = 0.0

    def refuse(self, account: int) -> None:
        """Let the access tokens of an account's sessions be refused however often they are renewed, as a service in
        disorder does; a new sign-in helps."""
        self._refused.update(session.uid for session in self.of(account))

    def narrow(self, account: int) -> None:
        """Take the scope for everything from an account's sessions: only a new sign-in gets it."""
        for session in self.of(account):
            session.scopes.discard(FULL)

    def all(self) -> list[Session]:
        return list(self._sessions.values())

    def restore(self, session: Session) -> None:
        self._sessions[session.uid] = session


def _token() -> str:
    return secrets.token_hex(16)
