"""The self-test: letters of many kinds to oneself, on the way that a mail program's mail takes, compared with what a
mail program finds in its INBOX then. They are deleted again at the end.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, localtime

from bridge_gui.aio import off_loop
from bridge_gui.answers import LetterResult
from bridge_gui.errors import BridgeError
from bridge_gui.mime.compare import differences
from bridge_gui.model import MessageId, SystemLabel
from bridge_gui.proton.api import Api
from bridge_gui.proton.mail_types import MessageFlag
from bridge_gui.proton.retry import Clock
from bridge_gui.smtp.backend import Reply, Submission

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds to wait for a letter."""
LOOK_EVERY = 0.5
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6364f8cf500f0003860180"
    "5a347d6b0000000049454e44ae426082"
)
_BLANKS = "Trailing blanks  \n\ttab first\n.\n.dot first\n>From here\nÄöü ß € ☂\n\n-- \nBridge Manager\n"


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    message_id: str
    raw: bytes


def letters(address: str, token: str) -> tuple[Letter, ...]:
    """The letters of one test. `token` makes them others than those of the last one."""
    return tuple(_letter(make, address, token) for make in (_plain, _flowed, _rich, _files, _signed))


def _letter(make: Callable[[EmailMessage], str], address: str, token: str) -> Letter:
    made = EmailMessage()
    made["From"] = f"Self-test ☂ <{address}>"
    made["To"] = f'"Me, myself" <{address}>'
    made["Date"] = format_datetime(localtime())
    made["Message-ID"] = f"<{secrets.token_hex(8)}.{token}@{address.rpartition('@')[2]}>"
    made["X-Self-Test"] = token
    name = make(made)
    made["Subject"] = f"Self-test {token}: {name} – ☂"
    raw = made.as_bytes(policy=made.policy.clone(linesep="\r\n"))
    return Letter(name, made["Message-ID"].strip("<>"), raw)


def _plain(made: EmailMessage) -> str:
    made.set_content(_BLANKS)
    return "plain text"


def _flowed(made: EmailMessage) -> str:
    made.set_content("One paragraph goes \non and ends.\n> quoted \n> text\n", params={"format": "flowed"})
    return "flowed text"


def _rich(made: EmailMessage) -> str:
    made.set_content("Plain words.\n")
    made.add_alternative('<p>Rich <b>words</b> ☂ <img src="cid:dot@self-test"></p>\n', subtype="html")
    html = made.get_payload()[1]  # type: ignore[index]
    html.add_related(_PICTURE, "image", "png", cid="<dot@self-test>", filename="dot.png", disposition="inline")  # type: ignore[union-attr]
    return "HTML with a picture"


def _files(made: EmailMessage) -> str:
    made.set_content("See the files.\n")
    made.add_attachment(bytes(range(256)) * 100, maintype="application", subtype="pdf", filename="Größe – 寸法.pdf")
    made.add_attachment(b"<meta charset=iso-8859-1>\n", maintype="text", subtype="html", filename="page.html")
    entry = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    made.add_attachment(
        entry, maintype="text", subtype="calendar", filename="invite.ics", params={"method": "REQUEST"}, cte="base64"
    )  # fmt: skip
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "somebody@example.org", "Enclosed"
    inner.set_content("Enclosed text.\n")
    made.add_attachment(inner)
    return "files, an invitation and an enclosed message"


def _signed(made: EmailMessage) -> str:
    made.set_content("Signed text.\n")
    made.make_mixed()
    made.add_attachment(b"not a real one", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    made.replace_header("Content-Type", 'multipart/signed; micalg="sha-256"; protocol="application/pkcs7-signature"')
    return "signed by its author"


class SelfTest:
    """`submit` is where mail programs hand in; `take_in` brings a message into the local copy, `literal` reads it."""

    def __init__(
        self,
        api: Api,
        submit: Callable[[Submission], Awaitable[Reply]],
        take_in: Callable[[MessageId], Awaitable[None]],
        literal: Callable[[MessageId], Awaitable[bytes | None]],
        clock: Clock,
    ) -> None:
        self._api, self._submit, self._take_in, self._literal = api, submit, take_in, literal
        self._clock = clock

    async def run(self, address: str) -> tuple[LetterResult, ...]:
        """Send each letter and compare; what was sent is deleted whatever happens."""
        made = letters(address, secrets.token_hex(4))
        try:
            return tuple([await self._one(letter, address) for letter in made])
        finally:
            await self._delete([letter.message_id for letter in made])

    async def _one(self, letter: Letter, address: str) -> LetterResult:
        began = self._clock.monotonic()
        reply = await self._submit(Submission(address, (address,), letter.raw))
        if not reply.accepted:
            return LetterResult(letter.name, None, problem=f"{reply.code} {reply.text}")
        try:
            found = await self._arrival(letter, began + PATIENCE)
            if found is None:
                return LetterResult(letter.name, None, problem=f"It did not arrive within {PATIENCE:.0f} seconds.")
            seconds = self._clock.monotonic() - began
            await self._take_in(found)
            literal = await self._literal(found)
        except BridgeError as error:
            return LetterResult(letter.name, None, problem=error.message)
        if literal is None:
            return LetterResult(letter.name, None, problem="It arrived, and could not be downloaded.")
        return LetterResult(letter.name, round(seconds, 2), await off_loop(None, differences, letter.raw, literal))

    async def _arrival(self, letter: Letter, deadline: float) -> MessageId | None:
        while True:
            for meta in (await self._api.message_page(external_id=letter.message_id)).messages:
                if meta.external_id == letter.message_id and meta.flags & MessageFlag.RECEIVED:
                    return meta.id
            if self._clock.monotonic() >= deadline:
                return None
            await self._clock.sleep(LOOK_EVERY)

    async def _delete(self, message_ids: Sequence[str]) -> None:
        """By way of Trash, from where the service deletes for good."""
        try:
            for message_id in message_ids:
                page = await self._api.message_page(external_id=message_id)
                found = [meta.id for meta in page.messages if meta.external_id == message_id]
                if found:
                    await self._api.label(found, SystemLabel.TRASH)
                    await self._api.delete(found, SystemLabel.TRASH)
        except BridgeError as error:
            log.info("letters of the self-test stay: %s", type(error).__name__)
