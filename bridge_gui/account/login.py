"""Signing in to one account, as a series of questions and answers.

    start ──> NeedHumanCheck ──verified──┐            every step may end in LoginFailed,
      │ <────────────────────────────────┘            and `cancel` ends it from anywhere
      ├──> NeedTwoFactor ──code──┐  (a wrong code asks again)
      ├──────────────────────────┤
      ├──> NeedMailboxPassword ──mailbox_password──┐  (three tries)
      └────────────────────────────────────────────┴──> SignedIn, and `result` holds all that is to be kept

Nothing is stored here. A sign-in that does not succeed ends its session at the service, so that none is left behind.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from bridge_gui.account.keys import (
    AccountKeys,
    AddressKeysLocked,
    KeysLocked,
    KeysUnsupported,
    derive_key_pass,
    open_keys,
)
from bridge_gui.aio import off_loop
from bridge_gui.answers import LoginFailed, LoginStep, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.errors import BridgeError, CryptoError, Refused, Unreachable
from bridge_gui.model import AccountId, FlowId
from bridge_gui.proton.api import Api
from bridge_gui.proton.auth import Authentication, PasswordMode, TwoFactor, authenticate, confirm_code
from bridge_gui.proton.errors import (
    AccountDisabled,
    AccountRestricted,
    ApiError,
    HumanCheckNeeded,
    Malformed,
    ServerTrouble,
    Throttled,
    WrongCredentials,
    transient,
)
from bridge_gui.proton.http import Transport
from bridge_gui.proton.types import Address, KeySalt, SessionTokens, User
from bridge_gui.secret import Secret
from bridge_gui.state import Problem

log = logging.getLogger(__name__)

MAILBOX_TRIES = 3
LOGOUT_TIME = 10.0
"""Seconds that ending an unwanted session may take; the person waits for it."""


class SecurityKeyNeeded(Refused):
    """The only second factor of the account is a security key."""

    code = "security-key"
    default_title = "Security keys are not supported"
    default_remedy = (
        "Add an authenticator app to the account under account.proton.me, Account and password, Two-factor "
        "authentication. Then sign in here with its code."
    )


@dataclass(frozen=True, slots=True)
class SignInResult:
    """What a sign-in brought: the caller stores tokens and key pass, and starts the account with the rest."""

    user: User
    addresses: tuple[Address, ...]
    tokens: SessionTokens
    key_pass: Secret[bytes]
    keys: AccountKeys


class _At(Enum):
    START = auto()
    HUMAN_CHECK = auto()
    TWO_FACTOR = auto()
    MAILBOX_PASSWORD = auto()
    DONE = auto()


class SignIn:
    """One sign-in. `is_signed_in` says whether an account is in use here already.

    A call that does not belong to the question asked last raises `Refused` and changes nothing.
    """

    def __init__(self, flow: FlowId, transport: Transport, is_signed_in: Callable[[AccountId], bool]) -> None:
        self.flow = flow
        self.result: SignInResult | None = None
        self._transport = transport
        self._is_signed_in = is_signed_in
        self._at = _At.START
        self._busy = False
        self._username = ""
        self._password: Secret[str] = Secret("")
        self._human: HumanCheckNeeded | None = None
        self._auth: Authentication | None = None
        self._confirmed = False
        """The second factor was taken: a check that comes later does not ask for it again."""
        self._api: Api | None = None
        self._user: User | None = None
        self._addresses: tuple[Address, ...] = ()
        self._salts: tuple[KeySalt, ...] = ()
        self._tries_left = MAILBOX_TRIES

    # ------------------------------------------------------------------ the steps

    async def start(self, username: str, password: Secret[str]) -> LoginStep:
        """Begin with user name (or address) and password."""
        username = username.strip()
        if not username or not password.reveal():
            missing = "The user name is missing." if not username else "The password is missing."
            return LoginFailed(Problem("incomplete", "Not complete", missing, "Fill in both fields."))
        self._username, self._password = username, password
        return await self._step(_At.START, self._sign_in)

    async def verified(self) -> LoginStep:
        """Go on after the person solved the task in the browser."""
        return await self._step(_At.HUMAN_CHECK, self._sign_in)

    async def code(self, code: str) -> LoginStep:
        """Give the authenticator's six digits."""
        return await self._step(_At.TWO_FACTOR, lambda: self._confirm("".join(code.split())))

    async def mailbox_password(self, password: Secret[str]) -> LoginStep:
        """Give the second password. It is used on this computer only."""
        return await self._step(_At.MAILBOX_PASSWORD, lambda: self._open(password))

    async def cancel(self) -> None:
        """End the sign-in and leave nothing behind. Calling it again, or after success, does nothing."""
        if self._at is not _At.DONE:
            await self._drop()

    # ------------------------------------------------------------------ inside

    async def _step(self, expected: _At, work: Callable[[], Awaitable[LoginStep]]) -> LoginStep:
        if self._busy or self._at is not expected:
            raise Refused("This sign-in is at another step.", remedy="Start the sign-in again.")
        self._busy = True
        try:
            return await work()
        except HumanCheckNeeded as asked:
            return self._ask_human(asked)
        except BridgeError as error:
            log.info("a sign-in failed: %s", type(error).__name__)
            if again := self._same_question(error):
                return again
            await self._drop()
            return LoginFailed(problem_of(error), retry=_may_retry(error))
        except BaseException:
            await self._drop()
            raise
        finally:
            self._busy = False

    async def _sign_in(self) -> LoginStep:
        """Sign in, from the beginning unless a session stands already."""
        if self._api is None:
            self._auth = await self._authenticate()
            self._api = Api(self._transport, self._auth.tokens, _keep_in_memory)
            self._api.session.extra_headers = self._human_headers()
        assert self._auth is not None
        self._api.session.extra_headers = self._human_headers()
        if self._is_signed_in(self._auth.user_id):
            raise Refused(
                "This account is signed in already.", title="Already signed in", remedy="Nothing needs to be done."
            )
        if self._confirmed:
            return await self._load()
        if self._auth.two_factor & TwoFactor.TOTP:
            self._at = _At.TWO_FACTOR
            return NeedTwoFactor(self.flow)
        if self._auth.two_factor:
            raise SecurityKeyNeeded("This account asks for a security key, which Bridge Manager cannot use.")
        return await self._load()

    async def _authenticate(self) -> Authentication:
        """Try the password as it was typed and, if it is refused, without blanks that were pasted along."""
        typed = self._password.reveal().strip("\r\n")
        headers = self._human_headers()
        try:
            return await authenticate(self._transport, self._username, Secret(typed), headers)
        except WrongCredentials:
            if typed == typed.strip() or not typed.strip():
                raise
            self._password = Secret(typed.strip())
            return await authenticate(self._transport, self._username, self._password, headers)

    async def _confirm(self, code: str) -> LoginStep:
        assert self._api is not None
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            return NeedTwoFactor(self.flow, Problem("wrong-code", "Wrong code", "The code has six digits.", _CODE_HELP))
        try:
            await confirm_code(self._api.session, code)
        except WrongCredentials as error:
            problem = Problem("wrong-code", "Wrong code", "Proton does not accept this code.", _CODE_HELP)
            log.info("a second factor was refused (%s)", error.technical)
            return NeedTwoFactor(self.flow, problem)
        self._confirmed = True
        return await self._load()

    async def _load(self) -> LoginStep:
        """Fetch what is needed of the account. Only a session this fresh may ask for the salts."""
        assert self._api is not None
        assert self._auth is not None
        self._at = _At.START
        self._user = await self._api.user()
        self._salts = await self._api.key_salts()
        self._addresses = await self._api.addresses()
        if self._auth.password_mode is PasswordMode.TWO:
            self._at = _At.MAILBOX_PASSWORD
            return NeedMailboxPassword(self.flow, self._tries_left)
        return await self._unlock(self._password)

    async def _open(self, password: Secret[str]) -> LoginStep:
        try:
            return await self._unlock(password)
        except KeysLocked:
            self._tries_left -= 1
            problem = Problem(
                "wrong-mailbox-password",
                "Wrong mailbox password",
                "This password does not open the mailbox.",
                "It is the second password of the account, not the one for signing in.",
            )
            if self._tries_left > 0:
                return NeedMailboxPassword(self.flow, self._tries_left, problem)
            await self._drop()
            return LoginFailed(problem)

    async def _unlock(self, password: Secret[str]) -> LoginStep:
        assert self._api is not None
        assert self._user is not None
        typed = password.reveal().strip("\r\n")
        try:
            key_pass, keys = await self._try_password(Secret(typed))
        except KeysLocked:
            if typed == typed.strip() or not typed.strip():
                raise
            key_pass, keys = await self._try_password(Secret(typed.strip()))
        await self._api.close()
        self._at = _At.DONE
        self._password = Secret("")
        self.result = SignInResult(self._user, self._addresses, self._api.tokens, key_pass, keys)
        return SignedIn(self._user.id)

    async def _try_password(self, password: Secret[str]) -> tuple[Secret[bytes], AccountKeys]:
        assert self._user is not None
        key_pass = await off_loop(None, derive_key_pass, self._user, self._salts, password)
        return key_pass, await open_keys(self._user, self._addresses, key_pass)

    # ------------------------------------------------------------------ asking again, and ending

    def _human_headers(self) -> tuple[tuple[str, str], ...]:
        return self._human.headers if self._human else ()

    def _ask_human(self, asked: HumanCheckNeeded) -> LoginStep:
        problem = None
        if self._human is not None:
            problem = Problem(
                "human-check-again", "One more check", "Proton asks once more.", "Solve the task in the browser again."
            )
        self._human = asked
        self._at = _At.HUMAN_CHECK
        return NeedHumanCheck(self.flow, asked.url, problem)

    def _same_question(self, error: BridgeError) -> LoginStep | None:
        """Ask the same again after trouble that passes, so that nothing has to be typed twice."""
        if not transient(error):
            return None
        if self._at is _At.TWO_FACTOR:
            return NeedTwoFactor(self.flow, problem_of(error))
        if self._at is _At.HUMAN_CHECK and self._human is not None:
            return NeedHumanCheck(self.flow, self._human.url, problem_of(error))
        return None

    async def _drop(self) -> None:
        """End the session at the service, and forget everything."""
        self._at = _At.DONE
        self._password = Secret("")
        self._human = None
        api, self._api = self._api, None
        if api is None:
            return
        try:
            async with asyncio.timeout(LOGOUT_TIME):
                await api.logout()
        except (BridgeError, TimeoutError) as error:
            log.info("the session of an unfinished sign-in could not be ended: %s", type(error).__name__)
        finally:
            await api.close()


async def _keep_in_memory(tokens: SessionTokens) -> None:
    """Until a sign-in is complete there is no account whose tokens could be stored."""


_CODE_HELP = "Wait for the next code of the authenticator app, and check that this computer's clock is right."


def _may_retry(error: BridgeError) -> bool:
    """Whether the same form, filled in again, may lead further."""
    return isinstance(error, WrongCredentials | KeysLocked) or transient(error)


def problem_of(error: BridgeError) -> Problem:
    """Put an error of the service, the network or the keys into a person's words."""
    message, remedy = error.message, error.remedy
    detail = error.technical if isinstance(error, ApiError) else ""
    match error:
        case Throttled():
            message, remedy = "Proton received too many requests, or is overloaded.", _wait_remedy(error.retry_after)
        case ServerTrouble() | Malformed():
            message, remedy = type(error).default_message or message, "Wait some minutes, then try again."
        case AccountDisabled() | AccountRestricted():
            pass  # the service says why, in words for people
        case ApiError() if type(error).default_message:
            message = type(error).default_message
        case ApiError():
            remedy = remedy or "Try again later. If it stays so, look at proton.me/status."
        case Unreachable():
            remedy = "Check the internet connection, then try again." if error.code == "offline" else remedy
        case KeysLocked():
            message = "The password is right, and yet it does not open the mailbox. Was it reset not long ago?"
            remedy = "Sign in at proton.me, reactivate the keys under Encryption and keys, then try again here."
        case KeysUnsupported() | AddressKeysLocked():
            pass
        case CryptoError():
            message = "The account's keys cannot be read."
    return Problem(error.code, error.title, message, remedy, detail)


def _wait_remedy(seconds: float | None) -> str:
    if seconds is None:
        return "Wait some minutes, then try again."
    if seconds < 60:
        return f"Wait {max(1, math.ceil(seconds))} seconds, then try again."
    minutes = math.ceil(seconds / 60)
    return f"Wait {minutes} minutes, then try again." if minutes > 1 else "Wait a minute, then try again."
