"""The cryptography of one message going out: body for the draft, attachments, forms for the packages.

Each function is plain and slow; the pipeline runs it off the loop. Only the sender's first key is used (hard-won 37).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bridge_gui.mime.parse import Attachment, Outgoing
from bridge_gui.model import AttachmentId
from bridge_gui.openpgp import armor, message, session
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.proton import mail_types
from bridge_gui.proton.send_routes import Upload
from bridge_gui.send.packages import SealedBody
from bridge_gui.send.preferences import MIXED, PLAIN

KEY_TYPE = "application/pgp-keys"


@dataclass(frozen=True, slots=True)
class Signer:
    """The sender's first key and the moment, as the service's clock has it."""

    key: UnlockedKey = field(repr=False)
    now: int

    def wrap(self, session_key: SessionKey, certificate: Certificate) -> bytes:
        """Encrypt a session key to somebody."""
        return session.wrap(session_key, certificate, self.now)


def draft_body(outgoing: Outgoing, signer: Signer) -> str:
    """The draft's body, to ourselves, unsigned (API document 4.4)."""
    sealed = message.encrypt(outgoing.body.encode(), [signer.key.certificate], at=signer.now)
    return armor.armor(armor.MESSAGE, sealed)


def seal_attachment(attachment: Attachment, signer: Signer) -> Upload:
    """An attachment to ourselves, with a detached signature over its content."""
    data = attachment.pieces()
    session_key = session.new_session_key()
    return Upload(
        attachment.name,
        attachment.mime_type or PLAIN,
        session.wrap(session_key, signer.key.certificate, signer.now),
        message.encrypt_data(data, session_key),
        message.sign_detached(data, signer.key, at=signer.now),
        attachment.inline and bool(attachment.content_id),
        attachment.content_id,
    )


def attachment_keys(
    attachments: Iterable[mail_types.Attachment], keys: Sequence[UnlockedKey]
) -> Mapping[AttachmentId, SessionKey]:
    """The session keys of uploaded attachments, read back from what the service has (hard-won 46)."""
    return {each.id: session.open_pkesk(each.key_packets, keys) for each in attachments}


def seal_bodies(outgoing: Outgoing, wanted: Iterable[str], signer: Signer) -> Mapping[str, SealedBody]:
    """The body in each form, encrypted with a session key of its own and signed inside."""
    sealed: dict[str, SealedBody] = {}
    for form in wanted:
        session_key = session.new_session_key()
        content = _content(outgoing, form)
        sealed[form] = SealedBody(
            message.encrypt_data(content, session_key, sign=signer.key, at=signer.now), session_key
        )  # fmt: skip
    return sealed


def _content(outgoing: Outgoing, form: str) -> bytes | Sequence[bytes | memoryview]:
    if form == MIXED:
        return outgoing.mime_body()
    return (outgoing.plain_body() if form == PLAIN else outgoing.body).encode()


def key_attachment(certificate: Certificate, email: str) -> Attachment:
    """The sender's public key as a file, named as hard-won 45 says."""
    name = f"publickey - {email} - 0x{certificate.fingerprint[:8]}.asc"
    return Attachment(name, KEY_TYPE, inline=False, content_id="", source=certificate.armored().encode())
