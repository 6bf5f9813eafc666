"""From a message as the service has it, encrypted, to the value that `mime.build` makes a literal of.

What cannot be decrypted is a value too (`Undecryptable`), with one of few fixed sentences as its reason, so that
building again gives the same bytes. CPU work only; big messages are unsealed in a thread, where `cryptography` releases
the GIL.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bridge_gui.errors import CryptoError
from bridge_gui.mime.message import Attachment, DetachedSignature, HeaderFields, Message, SignatureState, Undecryptable
from bridge_gui.openpgp import armor, errors, message, session
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.openpgp.message import SignatureResult
from bridge_gui.openpgp.signature import SignatureState as Checked
from bridge_gui.store.records import MessageMeta

_STATES = {
    Checked.NONE: SignatureState.UNKNOWN_KEY,
    Checked.VALID: SignatureState.VALID,
    Checked.INVALID: SignatureState.INVALID,
    Checked.UNKNOWN_KEY: SignatureState.UNKNOWN_KEY,
    Checked.KEY_EXPIRED: SignatureState.UNTRUSTED_KEY,
    Checked.KEY_REVOKED: SignatureState.UNTRUSTED_KEY,
    Checked.SIG_EXPIRED: SignatureState.UNTRUSTED_KEY,
}


@dataclass(frozen=True, slots=True)
class SealedAttachment:
    name: str
    mime_type: str
    inline: bool
    header: HeaderFields
    key_packets: bytes
    data: bytes | None
    """The data packet; None when the service no longer has it."""


@dataclass(slots=True)
class SealedMessage:
    """Everything of one message, as downloaded."""

    meta: MessageMeta
    header: HeaderFields
    mime_type: str
    body: str | io.BytesIO
    """An armored PGP message; octets when it is large."""
    attachments: list[SealedAttachment]
    """`unseal` takes the body and these out one by one, so that none is in memory encrypted when it is open."""

    @property
    def weight(self) -> int:
        """Bytes of its encrypted parts."""
        body = len(self.body) if isinstance(self.body, str) else self.body.getbuffer().nbytes
        return body + sum(len(part.data or b"") for part in self.attachments)


@dataclass(frozen=True, slots=True)
class Unsealed:
    message: Message
    problem: str | None
    """Why a part of it is shown encrypted; None when everything was opened."""
    signatures: tuple[SignatureResult, ...] = ()
    """Those within the encryption of the body, not checked yet."""


def unseal(sealed: SealedMessage, ring: Sequence[UnlockedKey]) -> Unsealed:
    """Decrypt a message with the keys of its address. Signatures are kept, and checked by `with_signature`."""
    problems: list[str] = []
    meta = sealed.meta
    body, signatures = _body(sealed, ring)
    if isinstance(body, Undecryptable):
        problems.append(body.reason)
    return Unsealed(
        Message(
            id=meta.id,
            external_id=meta.external_id,
            subject=meta.subject,
            sender=meta.sender,
            reply_to=meta.reply_to,
            to=meta.to,
            cc=meta.cc,
            bcc=meta.bcc,
            time=meta.time,
            is_draft=meta.is_draft,
            header=sealed.header,
            mime_type=sealed.mime_type,
            body=body,
            attachments=_attachments(sealed.attachments, ring, problems.append),
            entity_signature=_detached(signatures),
        ),
        problems[0] if problems else None,
        signatures,
    )


def _body(
    sealed: SealedMessage, ring: Sequence[UnlockedKey]
) -> tuple[bytes | Undecryptable, tuple[SignatureResult, ...]]:
    armored, sealed.body = sealed.body, ""
    packets = b""
    try:
        # A large one does not stay for being shown: it is written anew when it cannot be opened.
        packets = armor.dearmor(armored) if isinstance(armored, str) else armor.dearmor_in_place(armored)
        opened = message.decrypt(packets, ring)
    except CryptoError as error:
        if not isinstance(armored, str):
            armored = armor.armor(armor.MESSAGE, packets) if packets else armored.getvalue().decode("utf-8", "replace")
        return Undecryptable(_reason(error), armored), ()
    del armored, packets
    return opened.data, opened.signatures


def with_signature(unsealed: Unsealed, certificates: Sequence[Certificate]) -> Message:
    """Check the signatures of the body against its sender's certificates: one that is valid is enough."""
    built = unsealed.message
    if not unsealed.signatures or isinstance(built.body, Undecryptable):
        return built
    states = [_checked(built.body, signature, certificates) for signature in unsealed.signatures]
    return replace(built, signature=SignatureState.VALID if SignatureState.VALID in states else states[0])


def _checked(body: bytes, signature: SignatureResult, certificates: Sequence[Certificate]) -> SignatureState:
    try:
        return _STATES[message.verify_detached(body, signature.packet, certificates)]
    except CryptoError:  # a signature that cannot even be read
        return SignatureState.INVALID


def _detached(signatures: Sequence[SignatureResult]) -> DetachedSignature | None:
    if not signatures:
        return None
    return DetachedSignature(signatures[0].armored(), f"pgp-{signatures[0].hash_name}")


def _attachments(
    parts: list[SealedAttachment], ring: Sequence[UnlockedKey], failed: Callable[[str], None]
) -> tuple[Attachment, ...]:
    found = []
    parts.reverse()
    while parts:
        found.append(_attachment(parts.pop(), ring, failed))
    return tuple(found)


def _attachment(part: SealedAttachment, ring: Sequence[UnlockedKey], failed: Callable[[str], None]) -> Attachment:
    content: memoryview | Undecryptable
    if part.data is None:
        failed("the service no longer has an attachment")
        content = Undecryptable("the service no longer has it", armor.armor(armor.MESSAGE, part.key_packets))
    else:
        try:
            content = message.decrypt_data(part.data, session.open_pkesk(part.key_packets, ring)).content
        except CryptoError as error:
            failed(_reason(error))
            content = Undecryptable(_reason(error), armor.armor(armor.MESSAGE, part.key_packets + part.data))
    return Attachment(part.name, part.mime_type, part.inline, part.header, content)


def _reason(error: CryptoError) -> str:
    match error:
        case errors.NoDecryptionKey():
            return "no key of this account opens it"
        case errors.NotIntact():
            return "it was changed on its way"
        case errors.TooLarge():
            return "it is too large"
        case errors.Unsupported():
            return "its kind of encryption is not supported"
        case _:
            return "it is damaged"
