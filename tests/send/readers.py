"""What recipients find in their mailboxes, opened with nothing of our own OpenPGP: GnuPG and openpgp.js for those
outside, and for a Proton address the message as our core shows it to a mail program."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from bridge_gui.demo.mailbox import INBOX
from bridge_gui.demo.records import Outside
from bridge_gui.mime.build import build
from bridge_gui.proton.api import Api
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret
from bridge_gui.sync.service import meta
from bridge_gui.sync.unseal import SealedAttachment, SealedMessage, unseal, with_signature
from tests.openpgp.oracles import Gpg, OpenPgpJs
from tests.send.post_office import PostOffice


@dataclass(frozen=True)
class File:
    """An attachment. `content_id` is empty for what is only to be saved."""

    name: str
    type: str
    data: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True)
class View:
    """What a person sees of a message; line ends are LF."""

    html: str | None
    plain: str | None
    files: tuple[File, ...]


def view(entity: bytes) -> View:
    """Read a MIME entity with Python's own package."""
    html: list[str] = []
    plain: list[str] = []
    files: list[File] = []
    _walk(email.message_from_bytes(entity, policy=email.policy.SMTP), html, plain, files)
    return View("".join(html) if html else None, "".join(plain) if plain else None, tuple(files))


def _walk(part: EmailMessage, html: list[str], plain: list[str], files: list[File]) -> None:
    kind = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for child in part.iter_parts():
            assert isinstance(child, EmailMessage)
            _walk(child, html, plain, files)
    elif kind in ("text/html", "text/plain") and not part.get_filename():
        (html if kind == "text/html" else plain).append(part.get_content().replace("\r\n", "\n"))
    else:
        files.append(File(part.get_filename() or "", kind, _data(part), (part["Content-ID"] or "").strip("<>")))


def _data(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        (inner,) = part.get_payload()
        return inner.as_bytes(policy=email.policy.SMTP)  # type: ignore[union-attr]
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data


# ------------------------------------------------------------------------------------------- at Proton


async def shown_to(office: PostOffice, username: str) -> tuple[bytes, str]:
    """The newest message of a Proton user as our core builds it for mail programs, and what its signature is worth."""

    async def keep(_: SessionTokens) -> None:
        """The session lives as long as the test."""

    account = office.world.account(username)
    session = office.world.sessions.open(account.number, two_factor=False)
    tokens = SessionTokens(session.uid, Secret(session.access_token), Secret(session.refresh_token))
    api = Api(office.transport, tokens, keep)
    newest = max((each for each in account.mailbox.messages.values() if INBOX in each.labels), key=lambda m: m.number)
    wire = await api.message(newest.id)  # type: ignore[arg-type]
    sealed = SealedMessage(
        meta(wire.meta), wire.headers, wire.mime_type, wire.body,
        [
            SealedAttachment(
                each.name, each.mime_type, each.disposition == "inline", each.headers, each.key_packets,
                await api.attachment(each.id),
            )
            for each in wire.attachments
        ],
    )  # fmt: skip
    keys = [held.unlocked for held in account.keys_of(account.address(newest.address_id))]
    unsealed = unseal(sealed, keys)
    assert unsealed.problem is None
    sender = office.world.find(newest.sender.address)
    assert sender is not None
    certificates = [held.certificate for each in sender.ordered for held in sender.keys_of(each)]
    message = with_signature(unsealed, certificates)
    assert message.signature is not None
    return build(message), message.signature.value


# ------------------------------------------------------------------------------------------- outside


class Correspondent:
    """Somebody outside with an OpenPGP key, and both programs to open what arrives."""

    def __init__(self, office: PostOffice, address: str, gpg: Gpg, js: OpenPgpJs) -> None:
        held = office.world.outsiders[address].key
        assert held is not None
        self._gpg, self._js = gpg, js
        self._key, self._passphrase = held.private_key, base64.b64decode(held.passphrase).decode()
        self._senders = [
            each.public_key for each in office.world.account("anna").kit.address_keys["anna@bridge.example"]
        ]
        gpg.load(self._key, self._passphrase)
        for sender in self._senders:
            gpg.run("--import", data=sender.encode())

    def open(self, sealed: bytes, *, signed: bool = True, in_javascript: bool = True) -> bytes:
        """Decrypt with both, demand that they agree and find a good signature, and return the content."""
        data, status = self._gpg.run("--passphrase", self._passphrase, "--decrypt", data=sealed)
        words = [line.split()[1] for line in status.splitlines()]
        assert "DECRYPTION_OKAY" in words
        assert "GOODMDC" in words
        assert ("GOODSIG" in words and "VALIDSIG" in words) == signed, status
        if in_javascript:
            answer = self._js.ask(
                "decrypt", message=sealed, key=self._key, passphrase=self._passphrase, verify=self._senders
            )
            assert "error" not in answer, answer
            assert answer["signatures"] == (["valid"] if signed else [])
            assert base64.b64decode(answer["data"]) == data
        return data

    def files(self, arrived: Outside, **how: bool) -> Sequence[File]:
        """The attachments of an inline message, each encrypted for itself."""
        names = [(name, kind.partition(";")[0]) for name, kind, _ in arrived.attachments]
        opened = [self.open(sealed, signed=False, **how) for sealed in arrived.sealed_attachments]
        return [File(name, kind, data) for (name, kind), data in zip(names, opened, strict=True)]
