from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.answers import Difference
from bridge_gui.mime.compare import differences

SENT = (
    b"From: \xc3\x84nna <anna@example.org>\r\nTo: bo@example.org\r\nSubject: Hi\r\nX-Mailer: mine\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\nGr\xc3\xbc\xc3\x9fe  \r\nAnna\r\n--b\r\n"
    b'Content-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment\r\n\r\nfile\r\n--b--\r\n'
)
PARTS = b"multipart/mixed"


def test_the_same() -> None:
    other = SENT.replace(b"\xc3\x84nna <", b"=?utf-8?q?=C3=84nna?= <").replace(b'"b"', b"b").replace(b"Hi", b" Hi")
    assert differences(SENT, other) == ()


@pytest.mark.parametrize(
    ("old", "new", "what", "known"),
    [
        (b"X-Mailer: mine\r\n", b"", "x-mailer", True),
        (b"Subject: Hi", b"Subject: Ho", "subject", False),
        (b"bo@example.org", b"bo@example.com", "to", False),
        (b"; format=flowed", b"", "format of the text", True),
        (b"\xc3\x9fe  \r\n", b"\xc3\x9fe\r\n", "text", False),
        (b"text/plain", b"text/html", "kind of text", False),
        (b'name="a.pdf"', b'name="b.pdf"', "name of the file a.pdf", False),
        (b"application/pdf", b"application/x-pdf", "type of the file a.pdf", False),
        (b"\r\n\r\nfile", b"\r\n\r\nfiles", "content of the file a.pdf", False),
        (b"Content-Disposition: attachment", b"Content-ID: <x>", "place of the file a.pdf", False),
    ],
)
def test_one_difference(old: bytes, new: bytes, what: str, known: bool) -> None:
    assert old in SENT
    found = differences(SENT, SENT.replace(old, new))
    assert (found[0].what, found[0].known) == (what, known)


def test_what_is_left_out_is_shown_from_where_it_differs() -> None:
    found = differences(SENT, SENT.replace(b"Anna\r\n", b"Ann\r\n"))
    assert found == (Difference("text", "'a'", "''", known=False),)


def test_taken_apart() -> None:
    signed = SENT.replace(PARTS, b"multipart/signed")
    assert differences(signed, SENT)[0].what == "signature or encryption of the author"
    assert differences(SENT, SENT.replace(b'Content-Type: application/pdf; name="a.pdf"\r\n', b""))
    assert differences(SENT, SENT[: SENT.index(b"\r\n--b\r\nContent-Type: application")])[-1].what == "files"


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_anything_can_be_compared(sent: bytes, arrived: bytes) -> None:
    for each in differences(sent, arrived):
        assert isinstance(each.known, bool)
    assert all(each.known for each in differences(sent, sent))
