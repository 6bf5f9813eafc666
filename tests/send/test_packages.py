from __future__ import annotations

import pytest

from bridge_gui.model import AttachmentId
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.session import SessionKey, new_session_key
from bridge_gui.proton.send_routes import PackageType, PlainKey
from bridge_gui.send.packages import SealedBody, forms, packages
from bridge_gui.send.preferences import HTML, MIXED, PLAIN, PublicKey, SendPreference

CERTIFICATE = Certificate.__new__(Certificate)
"""Stands for a key; wrapping is handed in here."""
KEY = PublicKey("AAAA", certificate=CERTIFICATE)
BODIES = {form: SealedBody(form.encode(), new_session_key()) for form in (MIXED, HTML, PLAIN)}
FILES = {AttachmentId("f1"): new_session_key(), AttachmentId("f2"): new_session_key()}

INTERNAL = SendPreference(PackageType.INTERNAL, True, HTML, KEY)
INTERNAL_PLAIN = SendPreference(PackageType.INTERNAL, True, PLAIN, KEY)
CLEAR = SendPreference(PackageType.CLEAR, False, HTML)
CLEAR_SIGNED = SendPreference(PackageType.CLEAR, True, PLAIN)
INLINE = SendPreference(PackageType.PGP_INLINE, True, PLAIN, KEY)
MIME = SendPreference(PackageType.PGP_MIME, True, MIXED, KEY)
CLEAR_MIME = SendPreference(PackageType.CLEAR_MIME, True, MIXED)


def wrap(key: SessionKey, certificate: Certificate) -> bytes:
    assert certificate is CERTIFICATE
    return b"wrapped " + key.key.reveal()


def plain(key: SessionKey) -> PlainKey:
    return PlainKey(key.key, key.algorithm)


def test_internal() -> None:
    (made,) = packages({"a": INTERNAL}, BODIES, FILES, wrap)
    assert (made.mime_type, made.body, made.body_key, made.attachment_keys) == (HTML, b"text/html", None, {})
    recipient = made.recipients["a"]
    assert (recipient.type, recipient.signed) == (PackageType.INTERNAL, True)
    assert recipient.body_key_packet == wrap(BODIES[HTML].session_key, CERTIFICATE)
    assert recipient.attachment_key_packets == {id_: wrap(key, CERTIFICATE) for id_, key in FILES.items()}


def test_clear_gives_the_keys_to_the_service() -> None:
    (made,) = packages({"a": CLEAR}, BODIES, FILES, wrap)
    assert made.body_key == plain(BODIES[HTML].session_key)
    assert made.attachment_keys == {id_: plain(key) for id_, key in FILES.items()}
    assert made.recipients["a"].body_key_packet == b""
    assert not made.recipients["a"].signed


def test_pgp_mime_holds_its_files_inside() -> None:
    (made,) = packages({"a": MIME}, BODIES, FILES, wrap)
    assert (made.mime_type, made.body_key, made.attachment_keys) == (MIXED, None, {})
    assert made.recipients["a"].attachment_key_packets == {}
    assert made.recipients["a"].body_key_packet


def test_clear_mime_gives_the_bodys_key_only() -> None:
    (made,) = packages({"a": CLEAR_MIME}, BODIES, FILES, wrap)
    assert made.body_key == plain(BODIES[MIXED].session_key)
    assert made.attachment_keys == {}


def test_one_package_for_each_form() -> None:
    made = packages(
        {"a": INTERNAL, "b": CLEAR, "c": INLINE, "d": MIME, "e": CLEAR_SIGNED, "f": CLEAR_MIME, "g": INTERNAL_PLAIN},
        BODIES, FILES, wrap,
    )  # fmt: skip
    assert [(each.mime_type, set(each.recipients)) for each in made] == [
        (MIXED, {"d", "f"}),
        (HTML, {"a", "b"}),
        (PLAIN, {"c", "e", "g"}),
    ]
    assert [each.wire()["Type"] for each in made] == [16 | 32, 1 | 4, 8 | 4 | 1]


def test_keys_in_clear_only_where_somebody_gets_clear() -> None:
    made = packages({"a": INTERNAL_PLAIN, "b": CLEAR}, BODIES, FILES, wrap)
    assert [each.body_key is None for each in made] == [False, True]
    assert [len(each.attachment_keys) for each in made] == [2, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        SendPreference(PackageType.INTERNAL, True, HTML),
        SendPreference(PackageType.INTERNAL, True, HTML, PublicKey("AAAA")),
        SendPreference(PackageType.INTERNAL, True, MIXED, KEY),
        SendPreference(PackageType.PGP_MIME, True, HTML, KEY),
        SendPreference(PackageType.PGP_INLINE, True, HTML, KEY),
        SendPreference(PackageType.CLEAR, False, HTML, KEY),
        SendPreference(PackageType.CLEAR, True, HTML),
        SendPreference(PackageType.CLEAR, False, MIXED),
        SendPreference(PackageType.ENCRYPTED_OUTSIDE, True, HTML, KEY),
    ],
)
def test_nonsense_is_no_package(wrong: SendPreference) -> None:
    with pytest.raises(ValueError):
        packages({"a": wrong}, BODIES, {}, wrap)


def test_forms() -> None:
    assert forms([CLEAR, INLINE, INTERNAL, MIME]) == [MIXED, HTML, PLAIN]
    assert forms([]) == []
