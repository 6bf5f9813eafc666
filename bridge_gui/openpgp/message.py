"""Messages: encrypt, decrypt, sign, verify. Bytes in, values out; the work is done by `cryptography` without the GIL.

Everything here is binary; `armor` stands apart. An encrypted message is key packets followed by one data packet, and
the service stores and sends the two apart, so each half has its functions. Nothing of a message is handed out before
its integrity is proven, and a data packet that has no integrity check is refused (the EFAIL attacks).
"""

from __future__ import annotations

import bz2
import hashlib
import hmac
import io
import itertools
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import algorithms, armor, certpolicy, modern, packets, session, signature
from bridge_gui.openpgp.algorithms import CIPHERS, PrivateKey, PublicKey
from bridge_gui.openpgp.certpolicy import KeyState
from bridge_gui.openpgp.errors import BadSignature, Malformed, NotIntact, TooLarge, Unsupported
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.openpgp.packets import Cursor, Packet, Tag
from bridge_gui.openpgp.session import SessionKey, new_session_key
from bridge_gui.openpgp.signature import MESSAGE_HASHES, Signature, SignatureState, SignatureType

LIMIT = 128 << 20
"""Octets of plaintext: the service takes up to 70 MB encrypted, while a bomb of 200 KB can unfold to 200 MB."""
_MOST_NESTED = 4
_MOST_SIGNATURES = 32

_CLEARTEXT = b"-----BEGIN PGP SIGNED MESSAGE-----"
_CLEARTEXT_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_ESK = frozenset({Tag.PKESK, Tag.SKESK})
_DATA = frozenset({Tag.SEIPD, Tag.AEAD, Tag.SED})
_IGNORED = frozenset({Tag.MARKER, Tag.PADDING})
_BEFORE_DATA = _ESK | _IGNORED


@dataclass(frozen=True, slots=True)
class SignatureResult:
    """One signature found in a message, and what became of checking it."""

    state: SignatureState
    key_id: str
    """Upper-case hex; empty where the signature names nobody."""
    created: int | None
    hash_name: str
    """As MIME's micalg spells it after "pgp-": sha256, sha512 ..."""
    packet: bytes = field(repr=False)
    """The signature as a detached one, binary."""

    def armored(self) -> str:
        return armor.armor(armor.SIGNATURE, self.packet)


@dataclass(frozen=True, slots=True)
class Decrypted:
    """A message's content, proven intact."""

    content: memoryview = field(repr=False)
    """A view of what was decrypted, as a copy of many megabytes would lie in memory beside it."""
    signatures: tuple[SignatureResult, ...] = ()
    session_key: SessionKey | None = None
    filename: str = ""

    @property
    def data(self) -> bytes:
        """A copy of the content."""
        return self.content.tobytes()

    @property
    def state(self) -> SignatureState:
        """Sum the signatures up: NONE, VALID if one of them is, else the first one's state."""
        states = [item.state for item in self.signatures]
        if SignatureState.VALID in states:
            return SignatureState.VALID
        return states[0] if states else SignatureState.NONE


def split(message: bytes) -> tuple[bytes, bytes]:
    """Cut an encrypted message into its key packets and its data packet."""
    at = _data_offset(message)
    return message[:at], message[at:]


def _data_offset(message: bytes | memoryview) -> int:
    for packet in packets.read(message):
        if packet.tag in _BEFORE_DATA:
            continue
        if packet.tag not in _DATA:
            break
        return packet.start
    raise Malformed("this is not an encrypted message")


# --- decrypting ------------------------------------------------------------------------------------------------------


def decrypt(
    message: bytes,
    keys: Sequence[UnlockedKey],
    *,
    verify: Sequence[Certificate] = (),
    at: int | None = None,
    limit: int = LIMIT,
) -> Decrypted:
    """Open a message with whichever of the keys fits, and check its signatures against the certificates.

    Raise `NoDecryptionKey`, `NotIntact`, `Malformed`, `Unsupported` or `TooLarge`. A bad signature raises nothing: its
    state says so.
    """
    view = memoryview(message)
    found = list(packets.read(view))
    place = next((n for n, packet in enumerate(found) if packet.tag not in _BEFORE_DATA), None)
    if place is None or found[place].tag not in _DATA:
        raise Malformed("this is not an encrypted message")
    session_key = session.open_packets(found[:place], keys)
    return _decrypted(_open_data(found[place:], session_key, limit), session_key, verify, at, limit)


def decrypt_data(
    data_packet: bytes | memoryview,
    session_key: SessionKey,
    *,
    verify: Sequence[Certificate] = (),
    at: int | None = None,
    limit: int = LIMIT,
) -> Decrypted:
    """Open a data packet with its session key, and check its signatures against the certificates."""
    return _decrypted(_open_data(packets.read(data_packet), session_key, limit), session_key, verify, at, limit)


def _decrypted(
    plain: memoryview, session_key: SessionKey, verify: Sequence[Certificate], at: int | None, limit: int
) -> Decrypted:
    content = _Content(limit)
    content.read(plain, 0)
    literal = content.literal
    if literal is None:
        raise Malformed("the message holds no data")
    results = tuple([_result(item, content.data, verify, at) for item in content.signatures])
    return Decrypted(content.data, results, session_key, content.filename)


def _open_data(read: Iterable[Packet], session_key: SessionKey, limit: int) -> memoryview:
    found: Packet | None = None
    for packet in read:
        if packet.tag in _IGNORED:
            continue
        if found is not None:
            raise Malformed("something follows the encrypted data")
        found = packet
    if found is None:
        raise Malformed("there is no encrypted data")
    if found.tag == Tag.SED:
        raise NotIntact("the message has no integrity check, so anybody may have changed it")
    if not found.body:
        raise Malformed("the encrypted data is cut short")
    if len(found.body) > limit + (limit >> 3) + 65536:
        raise TooLarge("the message is too large")
    match found.tag, found.body[0]:
        case Tag.SEIPD, 1:
            return _open_seipd1(found.body[1:], session_key)
        case Tag.SEIPD, 2:
            return memoryview(modern.open_seipd2(found.body, session_key.key.reveal()))
        case Tag.AEAD, _:
            return memoryview(modern.open_aead(found.body, session_key.key.reveal()))
    raise Unsupported("this kind of encrypted data is not supported")


def _open_seipd1(sealed: memoryview, session_key: SessionKey) -> memoryview:
    """Open version 1 (RFC 9580, 5.13.1): CFB over a random block, two repeated octets, the packets, and their SHA-1."""
    block = CIPHERS[session_key.cipher_id][2]
    if len(sealed) < block + 2 + 22:
        raise Malformed("the encrypted data is cut short")
    decryptor = algorithms.block_cipher(session_key.algorithm, session_key.key.reveal(), bytes(block)).decryptor()
    # Written where it stays: `update` would have it in memory twice.
    room = bytearray(len(sealed) + block - 1)
    plain = memoryview(room)[: decryptor.update_into(sealed, room)]
    digest = hashlib.sha1(plain[:-20], usedforsecurity=False).digest()
    # One verdict for all that can be wrong, so that the answer tells an attacker nothing.
    if not (hmac.compare_digest(digest, plain[-20:]) & hmac.compare_digest(plain[-22:-20], b"\xd3\x14")):
        raise NotIntact("the message was changed or damaged, or the key is wrong")
    return plain[block + 2 : -22]


class _Content:
    """Gather what an opened message holds (RFC 9580, 10.3): one literal, under compression or not, and signatures."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.literal: Packet | None = None
        self.data = memoryview(b"")
        self.filename = ""
        self.signatures: list[Signature | bytes] = []

    def read(self, plain: bytes | memoryview, depth: int) -> None:
        if depth > _MOST_NESTED:
            raise TooLarge("the message is nested too deeply")
        for packet in packets.read(plain):
            if packet.tag == Tag.LITERAL:
                self._literal(packet)
            elif packet.tag == Tag.COMPRESSED:
                self.read(self._inflate(packet.body), depth + 1)
            elif packet.tag == Tag.SIGNATURE:
                self._signature(packet.body)
            elif packet.tag != Tag.ONE_PASS and packet.tag not in _IGNORED:
                raise Malformed("the message holds a packet that does not belong there")

    def _literal(self, packet: Packet) -> None:
        if self.literal is not None:
            raise Malformed("the message holds more than one content")
        at = Cursor(packet.body)
        at.take(1)  # the format: data is data, whatever it calls itself
        self.filename = at.take(at.number(1)).decode("utf-8", "replace")
        at.take(4)
        self.literal, self.data = packet, at.rest()
        if len(self.data) > self._limit:
            raise TooLarge("the message is too large")

    def _signature(self, body: memoryview) -> None:
        if len(self.signatures) == _MOST_SIGNATURES:
            raise TooLarge("the message has too many signatures")
        try:
            self.signatures.append(signature.read(body))
        except CryptoError:
            self.signatures.append(bytes(body))

    def _inflate(self, body: memoryview) -> bytes:
        if not body:
            raise Malformed("the compressed data is empty")
        kind, data = body[0], body[1:]
        try:
            match kind:
                case 0:
                    return bytes(data)
                case 1:
                    plain = zlib.decompressobj(-15).decompress(data, self._limit + 1)
                case 2:
                    plain = zlib.decompressobj().decompress(data, self._limit + 1)
                case 3:
                    plain = bz2.BZ2Decompressor().decompress(data, self._limit + 1)
                case _:
                    raise Unsupported("this kind of compression is not supported")
        except (zlib.error, OSError, EOFError) as error:
            raise Malformed("the compressed data is damaged") from error
        if len(plain) > self._limit:
            raise TooLarge("the message unfolds to more than is allowed")
        return plain


# --- checking signatures ---------------------------------------------------------------------------------------------


def verify_detached(
    data: bytes | memoryview, signed: bytes, certificates: Sequence[Certificate], *, at: int | None = None
) -> SignatureState:
    """Check a detached signature over `data`; of several in one, VALID if one of them is, else the first one's
    state."""
    states = [state for item in _signatures(signed) if (state := _judge(item, data, certificates, at))]
    if SignatureState.VALID in states:
        return SignatureState.VALID
    return states[0] if states else SignatureState.NONE


def verify_cleartext(text: str | bytes, certificates: Sequence[Certificate], *, at: int | None = None) -> bytes:
    """Return the text of a cleartext-signed message (RFC 9580, 7), or raise `BadSignature`.

    Strict: nothing stands before or after, the only header is Hash, and the signature must be good.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    raw = raw.replace(b"\r\n", b"\n").strip()
    if not raw.startswith(_CLEARTEXT + b"\n"):
        raise Malformed("this is not a signed text")
    start = raw.find(b"\n" + _CLEARTEXT_SIGNATURE)
    head, blank, body = raw[len(_CLEARTEXT) + 1 : start + 1].partition(b"\n\n")
    if head.startswith(b"\n"):
        head, blank, body = b"", b"\n", raw[len(_CLEARTEXT) + 2 : start + 1]
    if start < 0 or not blank:
        raise Malformed("this is not a signed text")
    if any(not line.startswith(b"Hash: ") for line in head.split(b"\n") if line):
        raise Malformed("a signed text may have no header but Hash")
    if armor.block_end(raw, start, armor.SIGNATURE) != len(raw):
        raise Malformed("something follows the signature")
    lines = [_undash(line) for line in body.removesuffix(b"\n").split(b"\n")]
    state = verify_detached(b"\r\n".join(lines), armor.dearmor(raw[start:], armor.SIGNATURE), certificates, at=at)
    if state is not SignatureState.VALID:
        raise BadSignature(f"the signature of this text is not good ({state})")
    return b"\n".join(lines)


def _undash(line: bytes) -> bytes:
    if line.startswith(b"- "):
        line = line[2:]
    elif line.startswith(b"-----"):
        raise Malformed("a signed text holds an armor line")
    return line.rstrip(b" \t")


def _signatures(signed: bytes) -> Iterable[Signature | bytes]:
    found: list[Signature | bytes] = []
    for packet in packets.read(signed, most=_MOST_SIGNATURES):
        if packet.tag in _IGNORED:
            continue
        if packet.tag != Tag.SIGNATURE:
            raise Malformed("this is not a signature")
        try:
            found.append(signature.read(packet.body))
        except Unsupported:
            found.append(bytes(packet.body))
    return found


def _result(
    item: Signature | bytes, data: memoryview, certificates: Sequence[Certificate], at: int | None
) -> SignatureResult:
    state = _judge(item, data, certificates, at)
    if isinstance(item, bytes):
        return SignatureResult(state, "", None, "", packets.write(Tag.SIGNATURE, item))
    issuer = item.issuers[-1][-16:] if item.issuers else ""
    return SignatureResult(state, issuer, item.created, item.hash_name.replace("_", "-"), item.packet)


def _judge(
    item: Signature | bytes, data: bytes | memoryview, certificates: Sequence[Certificate], at: int | None
) -> SignatureState:
    """Check one signature: first that it is the key's own, then what the certificate says of that key at that time."""
    if isinstance(item, bytes):
        return SignatureState.INVALID
    outcome = SignatureState.UNKNOWN_KEY
    for certificate in certificates:
        for key in (certificate.primary, *(sub.key for sub in certificate.subkeys)):
            if key.algorithm != item.algorithm or not item.matches(key):
                continue
            judged = _judge_by(item, data, certificate, key, at)
            if judged is SignatureState.VALID:
                return judged
            if judged is not None and outcome in (SignatureState.UNKNOWN_KEY, SignatureState.INVALID):
                outcome = judged
    return outcome


def _judge_by(
    item: Signature, data: bytes | memoryview, certificate: Certificate, key: PublicKey, at: int | None
) -> SignatureState | None:
    made = item.created
    state = certpolicy.signing_state(certificate, key, made, timed=at is not None)
    if state is KeyState.UNUSABLE:
        # A subkey that the primary key does not vouch for is a stranger's, even inside this certificate.
        return None
    if item.type not in (SignatureType.BINARY, SignatureType.TEXT) or made is None:
        return SignatureState.INVALID
    if not signature.check(item, key, (signature.data_part(item.type, data),), MESSAGE_HASHES):
        return SignatureState.INVALID
    if state is KeyState.REVOKED:
        return SignatureState.KEY_REVOKED
    if state is KeyState.EXPIRED:
        return SignatureState.KEY_EXPIRED
    if at is not None:
        if made > at + certpolicy.SKEW:
            return SignatureState.INVALID
        if item.expires and made + item.expires <= at:
            return SignatureState.SIG_EXPIRED
    return SignatureState.VALID


# --- encrypting and signing ------------------------------------------------------------------------------------------


Plaintext = bytes | Iterable[bytes | memoryview]
"""One of many megabytes may come in pieces, which are gone through several times and never put together."""


def encrypt(plaintext: bytes, to: Sequence[Certificate], *, at: int, sign: UnlockedKey | None = None) -> bytes:
    """Encrypt, and sign if asked, for every certificate of `to`; return key packets and data packet in one.

    Raise `NoEncryptionKey` if one of them cannot be encrypted to at that moment.
    """
    return b"".join(encrypt_pieces(plaintext, to, at=at, sign=sign))


def encrypt_pieces(
    plaintext: Plaintext, to: Sequence[Certificate], *, at: int, sign: UnlockedKey | None = None
) -> Iterator[bytes]:
    """`encrypt`, piece by piece."""
    session_key = new_session_key()
    yield from [session.wrap(session_key, certificate, at) for certificate in to]
    yield from _data_packet(plaintext, session_key, sign, at)


_AT_ONCE = 1 << 20
"""Octets that are encrypted at a time, so that a large message is not in memory twice."""


def encrypt_data(
    plaintext: Plaintext, session_key: SessionKey, *, sign: UnlockedKey | None = None, at: int | None = None
) -> bytes:
    """Return the data packet (version 1) of `plaintext`, signed inside if asked; signing needs the time."""
    sealed = io.BytesIO()
    sealed.writelines(_data_packet(plaintext, session_key, sign, at))
    return sealed.getvalue()


def _data_packet(
    plaintext: Plaintext, session_key: SessionKey, sign: UnlockedKey | None, at: int | None
) -> Iterator[bytes]:
    content = (plaintext,) if isinstance(plaintext, bytes) else plaintext
    opening = closing = b""
    if sign is not None:
        if at is None:
            raise ValueError("a signature needs its time")
        signer = _signer(sign, at)
        body = signature.make(signer, SignatureType.BINARY, at, content)
        opening = signature.one_pass(signer.public, body)
        closing = packets.write(Tag.SIGNATURE, body)
    literal = b"b\0" + bytes(4)
    size = sum(map(len, content))
    block = CIPHERS[session_key.cipher_id][2]
    random = os.urandom(block)
    before = random + random[-2:] + opening + packets.header(Tag.LITERAL, len(literal) + size) + literal
    after = closing + b"\xd3\x14"
    hasher = hashlib.sha1(usedforsecurity=False)
    encryptor = algorithms.block_cipher(session_key.algorithm, session_key.key.reveal(), bytes(block)).encryptor()
    length = 1 + len(before) + size + len(after) + hasher.digest_size
    yield packets.header(Tag.SEIPD, length) + b"\x01"
    for piece in itertools.chain((before,), content, (after,)):
        view = memoryview(piece)
        for start in range(0, len(view), _AT_ONCE):
            part = view[start : start + _AT_ONCE]
            hasher.update(part)
            yield encryptor.update(part)
    yield encryptor.update(hasher.digest())


def sign_detached(data: bytes | memoryview | Iterable[bytes], key: UnlockedKey, *, at: int) -> bytes:
    """Return a detached binary signature over `data`, whole or in pieces, made at that moment."""
    content = (data,) if isinstance(data, bytes | memoryview) else data
    return packets.write(Tag.SIGNATURE, signature.make(_signer(key, at), SignatureType.BINARY, at, content))


def _signer(key: UnlockedKey, at: int) -> PrivateKey:
    for public in certpolicy.signing_keys(key.certificate, at):
        private = key.private.get(public.key_id)
        if private is not None:
            return private
    raise Unsupported("this key has no part that may sign now")
