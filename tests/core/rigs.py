"""What tests of a whole core do with it: wait, sign mail programs in, send."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
import socket
import ssl
from collections.abc import Callable

from bridge_gui.answers import Credentials
from bridge_gui.bridge import Bridge
from bridge_gui.model import AccountId
from bridge_gui.secret import Secret
from bridge_gui.state import BridgeState
from tests.core.fakes import Rig

ANNA = AccountId("id-anna")


async def until(bridge: Bridge, true: Callable[[BridgeState], object]) -> BridgeState:
    async with asyncio.timeout(10):
        async for state in bridge.state.watch():
            if true(state):
                return state
    raise AssertionError


def trust(rig: Rig) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(rig.profile.certificate_file))


def port(rig: Rig, number: int) -> int:
    return rig.bridge.state.value.listeners[number].port


async def imap_login(rig: Rig, username: str, password: Secret[str]) -> imaplib.IMAP4_SSL:
    def connect() -> imaplib.IMAP4_SSL:
        client = imaplib.IMAP4_SSL("127.0.0.1", port(rig, 0), ssl_context=trust(rig), timeout=10)
        try:
            client.login(username, password.reveal())
        except imaplib.IMAP4.error:
            client.shutdown()
            raise
        return client

    return await asyncio.to_thread(connect)


async def smtp_send(rig: Rig, made: Credentials) -> None:
    def send() -> None:
        with smtplib.SMTP("localhost", port(rig, 1), timeout=10) as client:
            client.starttls(context=trust(rig))
            client.login(made.username, made.password.reveal())
            client.sendmail(made.username, ["x@y.test"], b"Subject: s\r\n\r\nhello\r\n")

    await asyncio.to_thread(send)


def occupied(number: int = 0) -> socket.socket:
    taken = socket.create_server(("127.0.0.1", number))
    return taken
