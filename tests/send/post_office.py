"""An account signed in at the demo service, and eyes on what arrives there and outside."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from bridge_gui.demo.account import Account
from bridge_gui.demo.mailbox import DRAFTS, INBOX, SENT
from bridge_gui.demo.records import Flag, Message, Outside, Stored
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.model import AddressId
from bridge_gui.openpgp import armor, message
from bridge_gui.proton.api import Api
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret
from bridge_gui.send import pipeline
from bridge_gui.send.duplicates import Recorder
from bridge_gui.send.outcome import NotSent, Outcome, Sent
from bridge_gui.send.pipeline import Mail, Sending

ANNA, BO = "anna@bridge.example", "bo@bridge.example"
CARLA, DIETER, ERIN, FRANK = (
    "carla@outside.example",
    "dieter@wkd.example",
    "erin@wkd.example",
    "frank@pinned.example",
)


class Dictionary:
    """`duplicates.Values` in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def set(self, values: Mapping[str, str | None]) -> None:
        for key, value in values.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value


@dataclass(frozen=True)
class Opened:
    """One message as its reader sees it."""

    id: str
    subject: str
    sender: str
    mime_type: str
    body: str
    attachments: tuple[tuple[str, str, str, str, bytes], ...]
    """Name, type, disposition, Content-ID, content."""
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    signed: bool
    flags: int
    record: Message = field(repr=False)


@dataclass
class PostOffice:
    demo: DemoServer
    transport: Transport
    sending: Sending
    values: Dictionary = field(default_factory=Dictionary)
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.values)

    @property
    def world(self) -> World:
        return self.demo.world

    async def send(self, raw: bytes | EmailMessage, *recipients: str, sender: str = ANNA) -> Outcome:
        if isinstance(raw, EmailMessage):
            raw = raw.as_bytes(policy=raw.policy.clone(linesep="\r\n"))
        return await pipeline.send(self.sending, self.recorder, Mail(sender, recipients, raw))

    async def sent(self, raw: bytes | EmailMessage, *recipients: str, sender: str = ANNA) -> Opened:
        """Send, and return the copy in Sent."""
        outcome = await self.send(raw, *recipients, sender=sender)
        assert isinstance(outcome, Sent), outcome
        return next(each for each in self.folder("anna", SENT) if each.id == outcome.message_id)

    async def refused(self, raw: bytes | EmailMessage, *recipients: str, sender: str = ANNA) -> NotSent:
        outcome = await self.send(raw, *recipients, sender=sender)
        assert isinstance(outcome, NotSent), outcome
        return outcome

    def folder(self, username: str, label: str = INBOX) -> list[Opened]:
        """What this test has put into a mailbox, oldest first."""
        account = self.world.account(username)
        found = [each for each in account.mailbox.messages.values() if label in each.labels]
        return [
            self._open(account, each)
            for each in sorted(found, key=lambda each: each.number)
            if isinstance(each.content, Stored)
        ]

    def drafts(self) -> list[Opened]:
        return self.folder("anna", DRAFTS)

    def outside(self, recipient: str) -> list[Outside]:
        return [each for each in self.world.outside if each.recipient == recipient]

    def _open(self, account: Account, record: Message) -> Opened:
        content = record.content
        assert isinstance(content, Stored)
        keys = [held.unlocked for held in account.keys_of(account.address(record.address_id))]
        sender = self.world.find(record.sender.address)
        verify = (
            [held.certificate for each in sender.ordered for held in sender.keys_of(each)] if sender is not None else []
        )
        opened = message.decrypt(armor.dearmor(content.body), keys, verify=verify)
        return Opened(
            record.id,
            record.subject,
            record.sender.address,
            record.mime_type,
            opened.data.decode(),
            tuple(
                (
                    each.name,
                    each.mime_type,
                    each.disposition,
                    each.content_id,
                    message.decrypt(each.key_packets + each.data, keys).data,
                )
                for each in content.attachments
            ),
            tuple(each.address for each in record.to),
            tuple(each.address for each in record.cc),
            tuple(each.address for each in record.bcc),
            opened.state == "valid",
            record.flags,
            record,
        )


@contextlib.asynccontextmanager
async def post_office(cache: Path, username: str = "anna") -> AsyncIterator[PostOffice]:
    """A demo service with `username` signed in. Signing in itself has its own tests elsewhere."""

    async def no_wait(_: float) -> None:
        """Waits between tries are not what is tested here."""

    async def keep(_: SessionTokens) -> None:
        """Tokens live as long as the test."""

    async with DemoServer(cache_folder=cache) as demo, Transport(demo.url, clock=Clock(sleep=no_wait)) as transport:
        account = demo.world.account(username)
        session = demo.world.sessions.open(account.number, two_factor=False)
        tokens = SessionTokens(session.uid, Secret(session.access_token), Secret(session.refresh_token))
        api = Api(transport, tokens, keep)
        yield PostOffice(demo, transport, await sending_of(api, account))


async def sending_of(api: Api, account: Account) -> Sending:
    return Sending(
        api,
        await api.addresses(),
        {AddressId(each.id): [held.unlocked for held in account.keys_of(each)] for each in account.ordered},
        [held.certificate for held in account.kit.user_keys],
        (await api.user()).max_upload,
    )


def letter(text: str = "Dear friend,\n", subject: str = "A letter", to: str = BO, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"Anna Lindqvist <{ANNA}>"
    if to:
        made["To"] = to
    made["Subject"] = subject
    made["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
    made["Message-ID"] = "<letter@client.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


__all__ = ["ANNA", "BO", "CARLA", "DIETER", "ERIN", "FRANK", "Flag"]
