"""`mime.build`: one golden file for each shape, the standard library's parser as a second opinion, and properties."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge_gui.mime import build as build_module
from bridge_gui.mime.build import base64_lines, build
from bridge_gui.mime.envelope import format_date
from bridge_gui.mime.headers import parse_addresses
from bridge_gui.mime.message import SignatureState, Undecryptable, substitute
from bridge_gui.model import EmailAddress, MessageId
from tests.mime.messages import ALICE, ARMORED, BOB, ENTITY, INLINE, SHAPES, attachment, message

GOLDEN = Path(__file__).parent / "golden"


def parsed(literal: bytes) -> EmailMessage:
    return email.message_from_bytes(literal, policy=email.policy.default)  # type: ignore[arg-type, return-value]


def header_lines(literal: bytes) -> list[str]:
    return literal.partition(b"\r\n\r\n")[0].decode().split("\r\n")


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_equals_its_golden_file(shape: str) -> None:
    assert build(SHAPES[shape]) == (GOLDEN / f"{shape}.eml").read_bytes()


def test_there_is_no_golden_file_without_its_shape() -> None:
    assert {path.stem for path in GOLDEN.glob("*.eml")} == set(SHAPES)


@pytest.mark.parametrize("shape", SHAPES)
def test_building_again_gives_the_same_bytes(shape: str) -> None:
    assert build(SHAPES[shape]) == build(SHAPES[shape])


@pytest.mark.parametrize("shape", sorted(SHAPES.keys() - {"latin1"}))
def test_another_parser_finds_no_defect(shape: str) -> None:
    for part in parsed(build(SHAPES[shape])).walk():
        assert not part.defects


# ---------------------------------------------------------------------------------------- header


def test_what_agrees_with_the_metadata_stays_as_the_sender_wrote_it() -> None:
    header = (("SUBJECT", "=?iso-8859-1?q?Gr=FC=DFe?="), ("from", "Alice   Example <alice@example.com> (work)"))
    lines = header_lines(build(message(header=header, subject="Grüße")))
    assert "SUBJECT: =?iso-8859-1?q?Gr=FC=DFe?=" in lines
    assert "from: Alice   Example <alice@example.com> (work)" in lines


def test_what_differs_is_replaced_where_it_stood() -> None:
    header = (("Subject", "wrong"), ("X-Between", "1"), ("From", "mallory@example.com"), ("From", "second@example.com"))
    lines = header_lines(build(message(header=header)))
    assert lines[:3] == ["Subject: The plan", "X-Between: 1", "From: Alice Example <alice@example.com>"]
    assert not any("mallory" in line or "second@" in line for line in lines)


def test_order_and_repeats_are_kept() -> None:
    header = (("Received", "3"), ("X-A", "1"), ("Received", "2"), ("X-A", "2"), ("Received", "1"))
    lines = header_lines(build(message(header=header)))
    assert lines[:5] == ["Received: 3", "X-A: 1", "Received: 2", "X-A: 2", "Received: 1"]


def test_no_header_field_can_bring_another_with_it() -> None:
    literal = build(message(header=(("X-A", "1\r\nBcc: victim@example.com\r\n\r\nbody"),), subject="a\r\nX-Evil: 1"))
    found = parsed(literal)
    assert found["Bcc"] is None
    assert found["X-Evil"] is None
    assert found["Subject"] == "a X-Evil: 1"


def test_the_senders_own_signature_field_is_not_believed() -> None:
    header = (("X-Bridge-Signature", "valid"), ("x-bridge-signature", "valid"))
    assert parsed(build(message(header=header)))["X-Bridge-Signature"] is None
    assert parsed(build(message(header=header, signature=SignatureState.INVALID))).get_all("X-Bridge-Signature") == [
        "invalid"
    ]


@pytest.mark.parametrize(
    ("present", "time", "date", "original"),
    [
        ("Tue, 02 Jan 2024 04:04:05 +0100", 0, "Tue, 02 Jan 2024 04:04:05 +0100", None),
        (None, 1704164645, "Tue, 02 Jan 2024 03:04:05 +0000", None),
        (None, 0, "Fri, 13 Aug 1982 00:00:00 +0000", None),
        (None, -5, "Fri, 13 Aug 1982 00:00:00 +0000", None),
        ("nonsense", 1704164645, "Tue, 02 Jan 2024 03:04:05 +0000", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", 1, "Thu, 01 Jan 1970 00:00:00 +0000", None),
        (
            "Wed, 31 Dec 1969 23:59:59 +0000",
            1704164645,
            "Tue, 02 Jan 2024 03:04:05 +0000",
            "Wed, 31 Dec 1969 23:59:59 +0000",
        ),
        (
            "Thu, 01 Jan 1970 00:30:00 +0100",
            1704164645,
            "Tue, 02 Jan 2024 03:04:05 +0000",
            "Wed, 31 Dec 1969 23:30:00 +0000",
        ),
        ("Mon, 99 Foo 99999999999 99:99:99 +9999", 1704164645, "Tue, 02 Jan 2024 03:04:05 +0000", None),
    ],
)
def test_date_is_mended(present: str | None, time: int, date: str, original: str | None) -> None:
    header = (("Date", present),) if present else ()
    found = parsed(build(message(header=header, time=time)))
    assert (found["Date"], found["X-Original-Date"]) == (date, original)


def test_an_original_date_that_is_there_already_is_kept() -> None:
    header = (("Date", "Mon, 01 Jan 1968 00:00:00 +0000"), ("X-Original-Date", "long ago"))
    assert parsed(build(message(header=header))).get_all("X-Original-Date") == ["long ago"]


@pytest.mark.parametrize(
    ("external_id", "header", "expected"),
    [
        ("x@example.com", (), "<x@example.com>"),
        ("", (), "<mNq0-7_kd1XbQ==@protonmail.internalid>"),
        ("x@example.com", (("Message-ID", "<own@example.com>"),), "<own@example.com>"),
        ("x@example.com", (("Message-ID", "  "),), "<x@example.com>"),
        ("x>\r\nEvil: 1@example.com", (), "<xEvil:1@example.com>"),
    ],
)
def test_message_id(external_id: str, header: tuple[tuple[str, str], ...], expected: str) -> None:
    lines = header_lines(build(message(external_id=external_id, header=header)))
    assert [line.partition(": ")[2] for line in lines if line.lower().startswith("message-id:")] == [expected]


def test_addresses_survive_the_way() -> None:
    people = (
        EmailAddress('Smith, "Joe" \\', "joe@example.com"),
        EmailAddress("Größe 🦆 und ein langer Name, der in mehrere Wörter zerfällt", "g@example.com"),
        EmailAddress("=?utf-8?q?not_decoded?=", "x@example.com"),
        EmailAddress("", "bare@example.com"),
    )
    value = email.message_from_bytes(build(message(header=(), to=people)))["To"]
    found = [(str(make_header(decode_header(name))), address) for name, address in getaddresses([value])]
    assert found == [(person.name, person.address) for person in people]
    assert parse_addresses(value.replace("\n", "")) == people


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
        (951782400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        (10**15, "Fri, 31 Dec 9999 23:59:59 +0000"),
        (-(10**15), "Mon, 01 Jan 0001 00:00:00 +0000"),
    ],
)
def test_format_date(seconds: int, text: str) -> None:
    assert format_date(seconds) == text


# ---------------------------------------------------------------------------------------- bodies


def test_boundaries_are_a_chain_of_hashes_of_the_id() -> None:
    first = sha256(b"mNq0-7_kd1XbQ==").hexdigest()
    second = sha256(first.encode()).hexdigest()
    found = parsed(build(SHAPES["inline"]))
    assert found.get_boundary() == first
    assert found.get_payload()[0].get_boundary() == second  # type: ignore[index, union-attr]


def test_inline_parts_are_related_to_the_text_and_the_rest_follows_in_order() -> None:
    found = parsed(build(message(attachments=(attachment(name="1"), INLINE, attachment(name="2")))))
    assert found.get_content_type() == "multipart/mixed"
    related, first, second = found.iter_parts()
    assert related.get_content_type() == "multipart/related"
    assert [part.get_content_type() for part in related.iter_parts()] == ["text/plain", "image/png"]  # type: ignore[union-attr]
    assert [first.get_filename(), second.get_filename()] == ["1", "2"]  # type: ignore[union-attr]


def test_an_enclosed_message_is_neither_encoded_nor_changed() -> None:
    literal = build(SHAPES["attachments"])
    enclosed = b"From: carol@example.net\r\nSubject: enclosed\r\n\r\nHello.\r\n"
    before, found, _ = literal.partition(enclosed)
    assert found
    part_header = before.rpartition(b"--")[2].lower()
    assert b"message/rfc822" in part_header
    assert b"content-transfer-encoding" not in part_header


def test_a_signed_entity_is_kept_to_the_byte() -> None:
    shape = SHAPES["entity_signed"]
    literal = build(shape)
    assert isinstance(shape.body, bytes)
    assert b"\r\n" + shape.body + b"\r\n--" in literal
    assert "micalg=pgp-sha512" in literal.decode()


def test_the_inner_header_of_an_entity_adds_and_never_replaces() -> None:
    found = parsed(build(message(mime_type="multipart/mixed", body=ENTITY)))
    assert found["Subject"] == "The plan"
    assert found["X-Inner"] == "tabbed"
    assert found.get_content_type() == "multipart/alternative"
    assert [part.get_content().strip() for part in found.iter_parts()] == ["Hello from within."]  # type: ignore[union-attr]


def test_an_undecryptable_body_can_still_be_opened_by_who_has_the_key() -> None:
    found = parsed(build(SHAPES["body_undecryptable"]))
    (part,) = found.iter_parts()
    text = part.get_content()  # type: ignore[union-attr]
    assert part.get_content_type() == "text/html"
    assert text.splitlines()[:2] == [
        "-----BEGIN PGP MESSAGE-----",
        "Comment: This message could not be decrypted: no key of ours",
    ]
    assert "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("Comment: ")) == ARMORED


def test_a_reason_cannot_leave_its_comment() -> None:
    literal = build(message(body=Undecryptable("a\n\nb: ü", ARMORED)))
    assert b"not be decrypted: a b: ?" in literal.replace(b"=\r\n", b"")


def test_substitute_names_what_is_missing() -> None:
    found = parsed(build(substitute(message(subject="Grüße"), "no key for this address")))
    text = found.get_content().replace("\r\n", "\n")
    assert "Subject: Grüße\n" in text
    assert "Error: no key for this address\n" in text
    assert found["X-Pm-Internal-Id"] == "mNq0-7_kd1XbQ=="


def test_a_hostile_content_type_takes_no_time() -> None:
    for mime_type in (
        "text/plain" + ";a=b" * 100_000,
        'text/plain; a="' + "\\" * 100_000,
        "a/b;" + " " * 100_000 + "x",
    ):
        build(message(attachments=(attachment(mime_type=mime_type),)))
    for value in ("<" * 100_000, '"' * 100_001, "(" * 100_000, "=?" * 50_000, "a" * 100_000 + ":"):
        build(message(header=(("To", value), ("Subject", value), ("Date", value))))


# ---------------------------------------------------------------------------------------- properties

texts = st.text(max_size=60)
names = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=40)


@settings(max_examples=40, deadline=None)
@given(
    subject=texts,
    name=texts,
    header=st.lists(st.tuples(texts, texts), max_size=6),
    body=st.binary(max_size=300),
    time=st.integers(-(2**40), 2**40),
    content=st.binary(max_size=200),
    filename=texts,
    mime_type=st.sampled_from(["text/plain", "text/html", "multipart/mixed"]) | texts,
)
def test_any_message_is_one_header_and_one_body(
    subject: str,
    name: str,
    header: list[tuple[str, str]],
    body: bytes,
    time: int,
    content: bytes,
    filename: str,
    mime_type: str,
) -> None:
    value = message(
        subject=subject,
        sender=EmailAddress(name, "a@example.com"),
        header=tuple(header),
        body=body,
        time=time,
        mime_type=mime_type,
        attachments=(attachment(name=filename, content=content),),
    )
    literal = build(value)
    head, _, rest = literal.partition(b"\r\n\r\n")
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert all(line[:1] in (b" ", b"\t") or b":" in line for line in head.split(b"\r\n"))
    assert b"\nX-Pm-Internal-Id: mNq0-7_kd1XbQ==\r\n" in head + b"\r\n"
    assert base64_lines(content) in rest
    assert b"\n" not in rest.replace(b"\r\n", b"")


@settings(max_examples=40, deadline=None)
@given(body=st.text(max_size=400).map(lambda text: text.replace("\r\n", "\n")))
def test_any_text_comes_back(body: str) -> None:
    encoded = body.encode("utf-8", "replace")
    found = parsed(build(message(body=encoded)))
    assert found.get_payload(decode=True).replace(b"\r\n", b"\n") == encoded  # type: ignore[union-attr]
    assert all(
        len(line) <= 76 for line in build(message(header=(), body=encoded)).split(b"\r\n\r\n", 1)[1].split(b"\r\n")
    )


@settings(max_examples=40, deadline=None)
@given(subject=names)
def test_any_subject_comes_back(subject: str) -> None:
    found = parsed(build(message(header=(), subject=subject)))
    assert (found["Subject"] or "") == subject


def test_ids_of_two_messages_never_share_a_boundary() -> None:
    one, other = (parsed(build(message(id=MessageId(id), attachments=(attachment(),)))) for id in ("a", "b"))
    assert one.get_boundary() != other.get_boundary()
    assert ALICE != BOB


@pytest.mark.parametrize("text", [b"a\r\nb\n", b"\n", b"\r\r\n", b"\r\r\r", b"x\r"])
def test_line_ends_of_a_large_entity(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it is cut, a line end stays one."""
    whole = text * 7
    for size in range(1, 9):
        monkeypatch.setattr(build_module, "_PIECE", size)
        assert b"".join(build_module._crlf_pieces(memoryview(whole))) == build_module._crlf(whole)
