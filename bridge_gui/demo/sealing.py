"""Encryption of seeded letters for their owner, when they are asked for.

Session keys come from the message's id, so that what is made again (the cache is bounded) opens with the key packets
that were given out before: the body and each attachment stay the same mail for ever.
"""

from __future__ import annotations

import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bridge_gui.demo.keyring import HeldKey
from bridge_gui.demo.letters import Enclosure, Letter, Shape, mime_entity
from bridge_gui.demo.records import Attachment
from bridge_gui.openpgp import armor, keys, message, session
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.secret import Secret

CACHE_BYTES = 48 * 2**20


@dataclass(frozen=True, slots=True)
class Sealed:
    """A letter as the service hands it out."""

    body: str
    mime_type: str
    attachments: tuple[Attachment, ...]

    @property
    def weight(self) -> int:
        return len(self.body) + sum(len(each.data) for each in self.attachments) + 2_000


class Sealer:
    """Seal letters and keep the last ones, bounded in bytes."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Sealed] = OrderedDict()
        self._weight = 0

    def get(self, message_id: str, make: Callable[[], Sealed]) -> Sealed:
        kept = self._kept.get(message_id)
        if kept is not None:
            self._kept.move_to_end(message_id)
            return kept
        made = make()
        self._kept[message_id] = made
        self._weight += made.weight
        while self._weight > self._limit and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._weight -= oldest.weight
        return made

    def keep_all(self) -> None:
        """Forget nothing from now on, however much it is."""
        self._limit = sys.maxsize

    def clear(self) -> None:
        """Forget everything made so far; what is asked for again is made again."""
        self._kept.clear()
        self._weight = 0


def seal(
    letter: Letter, message_id: str, owner: HeldKey, attachment_id: Callable[[int], str], signer: UnlockedKey | None
) -> Sealed:
    """Encrypt a letter to its owner's key; `signer` signs inside."""
    certificate = owner.certificate
    name = letter.shared_key or message_id
    if letter.shape is Shape.LOST:
        certificate = _lost_key()
    if letter.shape in (Shape.MIME, Shape.SIGNED_MIME):
        boundary = "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:24]
        body = _message(mime_entity(letter, boundary), name, certificate, signer, letter.time)
        return Sealed(body, "multipart/mixed", ())
    body = _message(letter.body.encode(), name, certificate, signer, letter.time)
    attachments = tuple(
        _attachment(each, attachment_id(n), certificate, signer, letter.time)
        for n, each in enumerate(letter.enclosures)
    )
    return Sealed(body, letter.mime_type, attachments)


def _message(data: bytes, name: str, to: Certificate, signer: UnlockedKey | None, at: int) -> str:
    key = session_key(name)
    at = max(at, to.created)
    return armor.armor(armor.MESSAGE, _wrapped(key, name, to, at) + message.encrypt_data(data, key, sign=signer, at=at))


def _attachment(each: Enclosure, id_: str, to: Certificate, signer: UnlockedKey | None, at: int) -> Attachment:
    key = session_key(id_)
    at = max(at, to.created)
    signature = None
    if signer is not None:
        signature = armor.armor(armor.SIGNATURE, message.sign_detached(each.data, signer, at=at))
    return Attachment(
        id=id_,
        name=each.name,
        mime_type=each.mime_type,
        disposition=each.disposition,
        key_packets=session.wrap(key, to, at),
        data=message.encrypt_data(each.data, key, at=at),
        size=len(each.data),
        content_id=each.content_id,
        signature=signature,
        headers=attachment_headers(each.disposition, each.name, each.content_id),
    )


def attachment_headers(disposition: str, name: str, content_id: str) -> tuple[tuple[str, str], ...]:
    """Return an attachment's `Headers` (4.1): lower-case names, the Content-Id in its brackets."""
    plain = name if name.isascii() else name.encode("ascii", "replace").decode()
    fields = [("content-disposition", f'{disposition}; filename="{plain}"'), ("content-transfer-encoding", "base64")]
    if content_id:
        fields.append(("content-id", f"<{content_id}>"))
    return tuple(fields)


_WRAPPED: dict[tuple[str, str], bytes] = {}
"""Key packets of shared session keys, by name and key; some thousand of a hundred bytes at most."""


def _wrapped(key: session.SessionKey, name: str, to: Certificate, at: int) -> bytes:
    if not name.startswith("shared "):
        return session.wrap(key, to, at)
    known = _WRAPPED.get((name, to.fingerprint))
    if known is None:
        known = _WRAPPED[name, to.fingerprint] = session.wrap(key, to, at)
    return known


def session_key(name: str) -> session.SessionKey:
    """Return the session key that belongs to a name; for the demo's own letters only."""
    return session.SessionKey("aes256", Secret(hashlib.sha256(b"demo session key " + name.encode()).digest()))


@cache
def _lost_key() -> Certificate:
    """Return a key whose private part was thrown away."""
    armored = keys.generate("Nobody", "nobody@lost.example", Secret(b"thrown away"), created=1_705_320_000)
    return Certificate.from_armor(keys.public_armor(armored))
