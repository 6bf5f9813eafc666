"""The table of API document 7, a row for each test case, and the rules for keys that leave a doubt."""

from __future__ import annotations

import itertools

import pytest

from bridge_gui.proton.send_routes import PackageType
from bridge_gui.send.preferences import (
    HTML,
    MIXED,
    PLAIN,
    AccountSettings,
    ContactSettings,
    PublicKey,
    Reason,
    Recipient,
    Refusal,
    Scheme,
    SendPreference,
    in_one_piece,
    preference,
)

K1, K2, OLD = PublicKey("AAAA"), PublicKey("BBBB"), PublicKey("CCCC", usable=False)
INTERNAL, WKD, BARE = Recipient(True, (K1, K2)), Recipient(False, (K1, K2)), Recipient(False)
NOTHING = ContactSettings()
NEW_ACCOUNT = AccountSettings(scheme=Scheme.MIME)
UNSET = AccountSettings()
"""A service that says nothing: Sign 0, PGPScheme 0."""
SIGNS = AccountSettings(sign=True, scheme=Scheme.MIME)
SIGNS_INLINE = AccountSettings(sign=True, scheme=Scheme.INLINE)
WRITES_PLAIN = AccountSettings(mime_type=PLAIN)

ROWS: list[tuple[str, Recipient, ContactSettings, AccountSettings, str, SendPreference]] = [
    # internal
    ("internal", INTERNAL, NOTHING, NEW_ACCOUNT, HTML, SendPreference(PackageType.INTERNAL, True, HTML, K1)),
    ("internal, plain message", INTERNAL, NOTHING, NEW_ACCOUNT, PLAIN,
     SendPreference(PackageType.INTERNAL, True, PLAIN, K1)),
    ("internal, account writes plain", INTERNAL, NOTHING, WRITES_PLAIN, HTML,
     SendPreference(PackageType.INTERNAL, True, PLAIN, K1)),
    ("internal, contact wants plain", INTERNAL, ContactSettings(mime_type=PLAIN), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.INTERNAL, True, PLAIN, K1)),
    ("internal, contact wants an odd type", INTERNAL, ContactSettings(mime_type=MIXED), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.INTERNAL, True, HTML, K1)),
    ("internal, contact says no to encryption", INTERNAL, ContactSettings(encrypt=False, sign=False), NEW_ACCOUNT,
     HTML, SendPreference(PackageType.INTERNAL, True, HTML, K1)),
    ("internal, inline is for others", INTERNAL, ContactSettings(scheme=Scheme.INLINE), SIGNS_INLINE, HTML,
     SendPreference(PackageType.INTERNAL, True, HTML, K1)),
    ("internal, second key pinned", INTERNAL, ContactSettings(keys=(K2,)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.INTERNAL, True, HTML, K2)),
    ("internal, first key has expired", Recipient(True, (OLD, K1)), NOTHING, NEW_ACCOUNT, HTML,
     SendPreference(PackageType.INTERNAL, True, HTML, K1)),
    # external with keys found on the web
    ("wkd", WKD, NOTHING, NEW_ACCOUNT, HTML, SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("wkd, nothing set anywhere", WKD, NOTHING, UNSET, PLAIN, SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("wkd, contact says yes", WKD, ContactSettings(encrypt_untrusted=True), UNSET, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("wkd, contact wants inline", WKD, ContactSettings(scheme=Scheme.INLINE), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_INLINE, True, PLAIN, K1)),
    ("wkd, contact wants mime before the account's inline", WKD, ContactSettings(scheme=Scheme.MIME), SIGNS_INLINE,
     HTML, SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("wkd, account's inline", WKD, NOTHING, AccountSettings(scheme=Scheme.INLINE), HTML,
     SendPreference(PackageType.PGP_INLINE, True, PLAIN, K1)),
    ("wkd, signing cannot be switched off", WKD, ContactSettings(sign=False), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("wkd, pinned", WKD, ContactSettings(keys=(K2,)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K2)),
    ("wkd switched off", WKD, ContactSettings(encrypt_untrusted=False), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR, False, HTML)),
    ("wkd switched off, plain message", WKD, ContactSettings(encrypt_untrusted=False), NEW_ACCOUNT, PLAIN,
     SendPreference(PackageType.CLEAR, False, PLAIN)),
    ("wkd switched off, signs", WKD, ContactSettings(encrypt_untrusted=False, sign=True), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
    ("wkd switched off, account signs", WKD, ContactSettings(encrypt_untrusted=False), SIGNS, HTML,
     SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
    ("wkd switched off, contact does not sign", WKD, ContactSettings(encrypt_untrusted=False, sign=False), SIGNS, HTML,
     SendPreference(PackageType.CLEAR, False, HTML)),
    ("wkd switched off, signs inline", WKD,
     ContactSettings(encrypt_untrusted=False, sign=True, scheme=Scheme.INLINE), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR, True, PLAIN)),
    ("wkd switched off, inline unsigned is plain", WKD,
     ContactSettings(encrypt_untrusted=False, sign=False, scheme=Scheme.INLINE), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR, False, PLAIN)),
    ("wkd switched off, but a pinned key is asked for", WKD,
     ContactSettings(encrypt=True, encrypt_untrusted=False, keys=(K1,)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("wkd switched off, contact wants plain", WKD, ContactSettings(encrypt_untrusted=False, mime_type=PLAIN),
     NEW_ACCOUNT, HTML, SendPreference(PackageType.CLEAR, False, PLAIN)),
    ("wkd, first key has expired", Recipient(False, (OLD, K1)), NOTHING, NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    # external without keys
    ("external", BARE, NOTHING, NEW_ACCOUNT, HTML, SendPreference(PackageType.CLEAR, False, HTML)),
    ("external, plain message", BARE, NOTHING, NEW_ACCOUNT, PLAIN, SendPreference(PackageType.CLEAR, False, PLAIN)),
    ("external, account writes plain", BARE, NOTHING, WRITES_PLAIN, HTML,
     SendPreference(PackageType.CLEAR, False, PLAIN)),
    ("external, contact wants plain", BARE, ContactSettings(mime_type=PLAIN), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR, False, PLAIN)),
    ("external, contact wants HTML of a plain message", BARE, ContactSettings(mime_type=HTML), NEW_ACCOUNT, PLAIN,
     SendPreference(PackageType.CLEAR, False, PLAIN)),
    ("external, account signs", BARE, NOTHING, SIGNS, HTML, SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
    ("external, account signs inline", BARE, NOTHING, SIGNS_INLINE, HTML,
     SendPreference(PackageType.CLEAR, True, PLAIN)),
    ("external, contact signs", BARE, ContactSettings(sign=True), NEW_ACCOUNT, PLAIN,
     SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
    ("external, contact signs, no scheme anywhere", BARE, ContactSettings(sign=True), UNSET, HTML,
     SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
    ("external, contact signs inline", BARE, ContactSettings(sign=True, scheme=Scheme.INLINE), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR, True, PLAIN)),
    ("external, contact signs as mime", BARE, ContactSettings(sign=True, scheme=Scheme.MIME), SIGNS_INLINE, HTML,
     SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
    ("external, contact does not sign", BARE, ContactSettings(sign=False), SIGNS, HTML,
     SendPreference(PackageType.CLEAR, False, HTML)),
    ("external, encrypts to pinned key", BARE, ContactSettings(encrypt=True, keys=(K1, K2)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("external, encrypts inline", BARE, ContactSettings(encrypt=True, scheme=Scheme.INLINE, keys=(K1,)), NEW_ACCOUNT,
     HTML, SendPreference(PackageType.PGP_INLINE, True, PLAIN, K1)),
    ("external, encrypting signs whatever else is said", BARE,
     ContactSettings(encrypt=True, sign=False, keys=(K1,)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("external, expired pin before a good one", BARE, ContactSettings(encrypt=True, keys=(OLD, K2)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.PGP_MIME, True, MIXED, K2)),
    ("external, key pinned while keys were found", BARE, ContactSettings(encrypt_untrusted=True, keys=(K1,)),
     NEW_ACCOUNT, HTML, SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
    ("external, key pinned while keys were found, encryption off", BARE,
     ContactSettings(encrypt=False, encrypt_untrusted=True, keys=(K1,)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR, False, HTML)),
    ("external, key pinned but encryption not asked for", BARE, ContactSettings(keys=(K1,)), NEW_ACCOUNT, HTML,
     SendPreference(PackageType.CLEAR, False, HTML)),
]  # fmt: skip


@pytest.mark.parametrize(("recipient", "contact", "account", "composed", "expected"), [row[1:] for row in ROWS],
                         ids=[row[0] for row in ROWS])  # fmt: skip
def test_row(
    recipient: Recipient, contact: ContactSettings, account: AccountSettings, composed: str, expected: SendPreference
) -> None:
    assert preference(recipient, contact, account, composed) == expected


@pytest.mark.parametrize(
    ("recipient", "contact", "reason"),
    [
        (Recipient(True), NOTHING, Reason.NO_INTERNAL_KEY),
        (Recipient(True, (OLD,)), NOTHING, Reason.NO_USABLE_KEY),
        (Recipient(False, (OLD,)), NOTHING, Reason.NO_USABLE_KEY),
        (INTERNAL, ContactSettings(keys=(PublicKey("DDDD"),)), Reason.NOT_PINNED),
        (WKD, ContactSettings(keys=(PublicKey("DDDD"),)), Reason.NOT_PINNED),
        (Recipient(True, (PublicKey("CCCC", usable=False), K1)), ContactSettings(keys=(OLD,)), Reason.NO_USABLE_KEY),
        (BARE, ContactSettings(encrypt=True), Reason.MISSING_KEY),
        (BARE, ContactSettings(encrypt=True, keys=(OLD,)), Reason.NO_USABLE_KEY),
    ],
)
def test_a_doubt_about_keys_is_a_refusal(recipient: Recipient, contact: ContactSettings, reason: Reason) -> None:
    assert preference(recipient, contact, NEW_ACCOUNT, HTML) == Refusal(reason)


def test_whatever_is_said_the_outcome_is_sound() -> None:
    """All combinations: a key whenever encrypted, never clear when encryption is asked for, forms that fit."""
    recipients = [INTERNAL, WKD, BARE, Recipient(True), Recipient(False, (OLD,))]
    booleans = [None, True, False]
    contacts = [
        ContactSettings(encrypt, untrusted, sign, scheme, mime, keys)
        for encrypt, untrusted, sign, scheme, mime, keys in itertools.product(
            booleans, booleans, booleans, [None, *Scheme], [None, HTML, PLAIN, MIXED], [(), (K1,), (OLD,)]
        )
    ]
    accounts = [AccountSettings(*each) for each in itertools.product([True, False], [None, *Scheme], [HTML, PLAIN])]
    seen = set()
    for recipient, contact, account, composed in itertools.product(recipients, contacts, accounts, [HTML, PLAIN]):
        way = preference(recipient, contact, account, composed)
        if isinstance(way, Refusal):
            assert recipient != INTERNAL or contact.keys == (OLD,)
            continue
        seen.add((way.type, way.signed, way.mime_type))
        encrypted = way.type in (PackageType.INTERNAL, PackageType.PGP_INLINE, PackageType.PGP_MIME)
        assert encrypted == (way.key is not None)
        if encrypted:
            assert way.signed
            assert way.key is not None
            assert way.key.usable
        if recipient.internal or (contact.encrypt and contact.keys):
            assert encrypted
        if recipient.keys and contact.encrypt_untrusted is not False:
            assert encrypted
        if composed == PLAIN and way.mime_type != MIXED:
            assert way.mime_type == PLAIN
    assert seen == {
        (PackageType.INTERNAL, True, HTML),
        (PackageType.INTERNAL, True, PLAIN),
        (PackageType.CLEAR, False, HTML),
        (PackageType.CLEAR, False, PLAIN),
        (PackageType.CLEAR, True, PLAIN),
        (PackageType.CLEAR_MIME, True, MIXED),
        (PackageType.PGP_INLINE, True, PLAIN),
        (PackageType.PGP_MIME, True, MIXED),
    }


@pytest.mark.parametrize(
    ("way", "whole"),
    [
        (SendPreference(PackageType.INTERNAL, True, HTML, K1), SendPreference(PackageType.INTERNAL, True, HTML, K1)),
        (SendPreference(PackageType.PGP_MIME, True, MIXED, K1), SendPreference(PackageType.PGP_MIME, True, MIXED, K1)),
        (
            SendPreference(PackageType.PGP_INLINE, True, PLAIN, K1),
            SendPreference(PackageType.PGP_MIME, True, MIXED, K1),
        ),
        (SendPreference(PackageType.CLEAR, False, HTML), SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
        (SendPreference(PackageType.CLEAR, True, PLAIN), SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
        (SendPreference(PackageType.CLEAR_MIME, True, MIXED), SendPreference(PackageType.CLEAR_MIME, True, MIXED)),
    ],
)
def test_what_its_author_has_signed_stays_in_one_piece(way: SendPreference, whole: SendPreference) -> None:
    assert in_one_piece(way) == whole
