"""Each row of the table of preferences (API document 7) with a real contact, real keys and real settings: what the
service is given for the recipient is what the table says."""

from __future__ import annotations

import pytest

from bridge_gui.demo.keyring import HeldKey
from bridge_gui.demo.world import PublicKeys
from bridge_gui.openpgp import keys, packets
from bridge_gui.openpgp.keys import UnlockedKey
from bridge_gui.secret import Secret
from bridge_gui.send.preferences import HTML, AccountSettings, ContactSettings, PublicKey, Recipient, SendPreference
from tests.send.post_office import BO, CARLA, PostOffice, letter
from tests.send.test_pipeline import add_contact, key_line, vcard
from tests.send.test_preferences import ROWS

LONG_AGO = 1_705_320_000


def _key() -> UnlockedKey:
    return keys.unlock(keys.generate("Somebody", "somebody@x.example", Secret(b"x"), created=LONG_AGO), Secret(b"x"))


@pytest.fixture(scope="module")
def ring() -> dict[str, UnlockedKey]:
    """The keys that the table names by their fingerprints; the unusable one lacks its subkey."""
    return {"AAAA": _key(), "BBBB": _key(), "CCCC": _key()}


def _armored(ring: dict[str, UnlockedKey], key: PublicKey) -> str:
    certificate = ring[key.fingerprint].certificate
    if key.usable:
        return certificate.armored()
    return keys.Certificate.from_bytes(_without_subkeys(certificate.raw)).armored()


def _without_subkeys(raw: bytes) -> bytes:
    kept = []
    for packet in packets.read(raw):
        if packet.tag == packets.Tag.PUBLIC_SUBKEY:
            break
        kept.append(packets.write(packet.tag, packet.body))
    return b"".join(kept)


def _lines(contact: ContactSettings, ring: dict[str, UnlockedKey]) -> list[str]:
    said = {
        "X-PM-ENCRYPT": contact.encrypt,
        "X-PM-ENCRYPT-UNTRUSTED": contact.encrypt_untrusted,
        "X-PM-SIGN": contact.sign,
        "X-PM-SCHEME": contact.scheme.value if contact.scheme else None,
        "X-PM-MIMETYPE": contact.mime_type,
    }
    lines = [f"{name}:{str(value).lower()}" for name, value in said.items() if value is not None]
    for place, key in enumerate(contact.keys, 1):
        certificate = keys.Certificate.from_armor(_armored(ring, key))
        lines.append(key_line(certificate).replace("PREF=1", f"PREF={place}"))
    return lines


@pytest.mark.parametrize(("recipient", "contact", "account", "composed", "expected"), [row[1:] for row in ROWS],
                         ids=[row[0] for row in ROWS])  # fmt: skip
async def test_row(
    office: PostOffice,
    ring: dict[str, UnlockedKey],
    recipient: Recipient,
    contact: ContactSettings,
    account: AccountSettings,
    composed: str,
    expected: SendPreference,
) -> None:
    who = BO if recipient.internal else CARLA
    scheme = {"pgp-inline": 8, "pgp-mime": 16}[account.scheme.value] if account.scheme else 0
    office.world.account("anna").change_mail_settings(
        Sign=int(account.sign), PGPScheme=scheme, DraftMIMEType=account.mime_type
    )
    told = tuple((3, _armored(ring, key)) for key in recipient.keys)
    office.world.options.public_keys[who] = PublicKeys(recipient.internal, told)
    if contact != ContactSettings():
        add_contact(office, vcard(who, *_lines(contact, ring)))
    held = HeldKey("", "")
    held.__dict__["unlocked"] = ring[expected.key.fingerprint if expected.key else "AAAA"]
    if recipient.internal:
        office.world.account("bo").kit.address_keys[BO] = [held]
    else:
        office.world.outsiders[CARLA].__dict__["key"] = held
    message = letter("text\n", to=who)
    if composed == HTML:
        message.add_alternative("<p>text</p>", subtype="html")
    await office.sent(message, who)
    if recipient.internal:
        (arrived,) = office.folder("bo")
        assert arrived.mime_type == expected.mime_type
        assert arrived.signed
        return
    (left,) = office.outside(who)
    assert (left.package_type, left.mime_type, left.encrypted) == (
        expected.type, expected.mime_type, expected.key is not None,
    )  # fmt: skip
    # A body in clear is signed inside in any case; what counts is what the service was told to do with it.
    assert left.signed or not expected.signed
