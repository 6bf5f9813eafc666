"""Signing in: who asks what in which order, without doing it (API document 2.1 to 2.6).

`sign_in` is a generator: it yields a request, is sent the answer, and returns an `Authentication` in the end. What it
does between two requests takes time (bcrypt, big powers), so `authenticate` runs each step off the loop.
"""

from __future__ import annotations

import base64
from collections.abc import Generator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from bridge_gui.aio import off_loop
from bridge_gui.model import AccountId
from bridge_gui.proton import passwords, srp
from bridge_gui.proton.http import Answer, Request, Transport
from bridge_gui.proton.modulus import read_modulus
from bridge_gui.proton.session import Session, read_tokens
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret

Headers = tuple[tuple[str, str], ...]


class TwoFactor(IntFlag):
    NONE = 0
    TOTP = 1
    SECURITY_KEY = 2


class PasswordMode(IntEnum):
    SINGLE = 1
    TWO = 2


@dataclass(frozen=True, slots=True)
class Authentication:
    """A sign-in that the service accepted, and what it still asks for."""

    user_id: AccountId
    tokens: SessionTokens
    two_factor: TwoFactor
    password_mode: PasswordMode


Flow = Generator[Request, Answer, Authentication]


def sign_in(username: str, password: Secret[str], headers: Headers = ()) -> Flow:
    """Sign in. `headers` are those of a human verification that was solved."""
    info = (
        yield Request("POST", "/auth/v4/info", json={"Username": username}, headers=headers, wait_when_throttled=False)
    ).fields()
    modulus = read_modulus(info.text("Modulus"))
    # The old versions salt with the account's own name, which need not be what the person typed.
    hashed = passwords.hash_password(
        info.number("Version"), password, info.text("Username") or username, info.binary("Salt"), modulus
    )
    proofs = srp.prove(modulus, info.binary("ServerEphemeral"), hashed)
    body = {
        "Username": username,
        "ClientEphemeral": base64.b64encode(proofs.ephemeral).decode(),
        "ClientProof": base64.b64encode(proofs.client).decode(),
        "SRPSession": info.text("SRPSession"),
    }
    answer = (yield Request("POST", "/auth/v4", json=body, headers=headers, wait_when_throttled=False)).fields()
    proofs.check_server(answer.binary("ServerProof"))
    return Authentication(
        AccountId(answer.identity("UserID")),
        read_tokens(answer),
        TwoFactor(answer.fields("2FA").number("Enabled") & 3),
        PasswordMode.TWO if answer.number("PasswordMode") == PasswordMode.TWO else PasswordMode.SINGLE,
    )


async def authenticate(
    transport: Transport, username: str, password: Secret[str], headers: Headers = ()
) -> Authentication:
    """Run `sign_in` against the service."""
    flow = sign_in(username, password, headers)
    answer: Answer | None = None
    while True:
        step = await off_loop(None, _advance, flow, answer)
        if isinstance(step, Authentication):
            return step
        answer = await transport.request(step)


def _advance(flow: Flow, answer: Answer | None) -> Request | Authentication:
    try:
        return next(flow) if answer is None else flow.send(answer)
    except StopIteration as end:
        result: Authentication = end.value
        return result


async def confirm_code(session: Session, code: str) -> None:
    """Give the six digits of the authenticator. Raise `WrongCredentials` if they are not right."""
    await session.request(Request("POST", "/auth/v4/2fa", json={"TwoFactorCode": code}, wait_when_throttled=False))
