from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.openpgp import armor, keys, message
from bridge_gui.proton.types import Card
from bridge_gui.secret import Secret
from bridge_gui.send.contacts import UnusableCard, contact_settings, read_card
from bridge_gui.send.preferences import ContactSettings, Scheme

NOW = 1_800_000_000
SECRET = Secret(b"x")


@pytest.fixture(scope="module")
def user() -> keys.UnlockedKey:
    return keys.unlock(keys.generate("Me", "me@example.org", SECRET, created=NOW - 1000), SECRET)


@pytest.fixture(scope="module")
def theirs() -> keys.Certificate:
    return keys.Certificate.from_armor(
        keys.public_armor(keys.generate("You", "you@example.org", SECRET, created=NOW - 1000))
    )


def card(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:4.0", "FN:You", *lines, "END:VCARD", ""])


def signed(text: str, key: keys.UnlockedKey) -> Card:
    return Card(2, text, armor.armor(armor.SIGNATURE, message.sign_detached(text.encode(), key, at=NOW)))


def test_everything(theirs: keys.Certificate) -> None:
    data = base64.b64encode(theirs.raw).decode()
    text = card(
        "item2.EMAIL:other@example.org", "item2.X-PM-SIGN:false", "ITEM1.EMAIL;TYPE=home:You@Example.org",
        "ITEM1.X-PM-ENCRYPT:true", "ITEM1.X-PM-ENCRYPT-UNTRUSTED:false", "ITEM1.X-PM-SIGN:TRUE",
        "ITEM1.X-PM-SCHEME:pgp-inline", "ITEM1.X-PM-MIMETYPE:text/plain",
        f"ITEM1.KEY;PREF=1:data:application/pgp-keys;base64,{data[:40]}\r\n {data[40:]}",
    )  # fmt: skip
    found = read_card(text, "you@example.org", NOW)
    assert found == ContactSettings(True, False, True, Scheme.INLINE, "text/plain", found.keys)
    assert [key.fingerprint for key in found.keys] == [theirs.fingerprint]
    assert found.keys[0].usable
    assert read_card(text, "other@example.org", NOW) == ContactSettings(sign=False)
    assert read_card(text, "nobody@example.org", NOW) == ContactSettings()


def test_keys_by_preference(user: keys.UnlockedKey, theirs: keys.Certificate) -> None:
    lines = [
        f"ITEM1.KEY{pref}:data:application/pgp-keys;base64,{base64.b64encode(each.raw).decode()}"
        for pref, each in (("", user.certificate), (";PREF=2", user.certificate), (";PREF=1", theirs))
    ]
    found = read_card(card("ITEM1.EMAIL:a@b", *lines), "a@b", NOW)
    assert [key.fingerprint for key in found.keys] == [
        theirs.fingerprint, user.certificate.fingerprint, user.certificate.fingerprint,
    ]  # fmt: skip


def test_an_armored_key_in_a_card(theirs: keys.Certificate) -> None:
    data = base64.b64encode(theirs.armored().encode()).decode()
    found = read_card(card("I.EMAIL:a@b", f"I.KEY:data:application/pgp-keys;base64,{data}"), "a@b", NOW)
    assert found.keys[0].fingerprint == theirs.fingerprint


def test_a_key_that_is_not_valid_yet_is_not_usable(theirs: keys.Certificate) -> None:
    text = card("I.EMAIL:a@b", f"I.KEY:data:application/pgp-keys;base64,{base64.b64encode(theirs.raw).decode()}")
    assert not read_card(text, "a@b", NOW - 10_000_000).keys[0].usable


@pytest.mark.parametrize("key", ["data:application/pgp-keys;base64,AAAA", "data:,", "!!!"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(UnusableCard):
        read_card(card("I.EMAIL:a@b", f"I.KEY:{key}"), "a@b", NOW)


def test_the_signed_card_counts(user: keys.UnlockedKey) -> None:
    cards = [Card(0, card("I.EMAIL:a@b", "I.X-PM-SIGN:false")), signed(card("I.EMAIL:a@b", "I.X-PM-SIGN:true"), user),
             Card(3, "-----BEGIN PGP MESSAGE-----", "x")]  # fmt: skip
    assert contact_settings(cards, "a@b", [user.certificate], NOW).sign is True
    assert contact_settings(cards[:1], "a@b", [user.certificate], NOW) == ContactSettings()
    assert contact_settings([], "a@b", [user.certificate], NOW) == ContactSettings()


def test_signatures_that_are_not_good(user: keys.UnlockedKey, theirs: keys.Certificate) -> None:
    good = signed(card("I.EMAIL:a@b", "I.X-PM-ENCRYPT:true"), user)
    bad = [
        Card(2, good.data, ""),
        Card(2, good.data, "no signature"),
        Card(2, good.data.replace("true", "false"), good.signature),
        Card(2, good.data + " ", good.signature),
    ]
    for each in bad:
        with pytest.raises(UnusableCard):
            contact_settings([each], "a@b", [user.certificate], NOW)
    for others in ([theirs], []):
        with pytest.raises(UnusableCard):
            contact_settings([good], "a@b", others, NOW)


@given(st.text(max_size=200))
def test_any_text_gives_settings_or_our_error(text: str) -> None:
    for source in (text, card(f"I.EMAIL:a@b\r\nI.KEY:{text}"), card(f"I.EMAIL:a@b\r\nI.{text}")):
        try:
            assert isinstance(read_card(source, "a@b", NOW), ContactSettings)
        except UnusableCard as error:
            assert error.message  # noqa: PT017
