"""Taking apart what mail programs hand in: bodies, charsets, attachments, names, addresses, and the MIME entity."""

from __future__ import annotations

import base64
import email
import email.policy
import random
import time
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.mime.parse import Attachment, Outgoing, parse, subject_of
from bridge_gui.mime.plaintext import html_to_text, text_to_html
from bridge_gui.model import EmailAddress

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
PNG64 = base64.b64encode(PNG).decode()


def joined(message: Outgoing) -> bytes:
    return b"".join(message.mime_body())


def parsed(text: str | bytes) -> Outgoing:
    """Parse a message written with LF here; `\\n` becomes CRLF."""
    raw = text if isinstance(text, bytes) else text.encode()
    return parse(raw.replace(b"\n", b"\r\n"))


def mixed(*parts: str, kind: str = "mixed", header: str = "From: a@example.org\n") -> str:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return f'{header}Content-Type: multipart/{kind}; boundary="b"\n\n{body}--b--\n'


TEXT = "Content-Type: text/plain; charset=utf-8\n\nHi"
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Hi</p>"
BASE64 = f"Content-Transfer-Encoding: base64\n\n{PNG64}"
FILE = f"Content-Type: image/png\nContent-Disposition: attachment; filename=a.png\n{BASE64}"
INLINE = f"Content-Type: image/png\nContent-ID: <x@y>\nContent-Disposition: inline\n{BASE64}"


# ------------------------------------------------------------------------------------------- bodies


def test_plain() -> None:
    message = parsed("From: a@example.org\nSubject: x\n\nHi\nthere\n")
    assert (message.mime_type, message.body, message.plain_body()) == (
        "text/plain",
        "Hi\r\nthere\r\n",
        "Hi\r\nthere\r\n",
    )


def test_html() -> None:
    message = parsed(f"From: a@example.org\n{HTML}\n")
    assert message.mime_type == "text/html"
    assert message.body == "<p>Hi</p>\r\n"
    assert message.plain_body() == "Hi\r\n"


def test_alternative() -> None:
    message = parsed(mixed(TEXT, HTML, kind="alternative"))
    assert (message.mime_type, message.body, message.plain_body()) == ("text/html", "<p>Hi</p>", "Hi")
    assert message.attachments == ()


def test_alternative_with_calendar_last() -> None:
    calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR"
    message = parsed(mixed(TEXT, HTML, calendar, kind="alternative"))
    assert (message.body, message.plain_body()) == ("<p>Hi</p>", "Hi")
    (file,) = message.attachments
    assert (file.name, file.mime_type, file.read()) == (
        "invite.ics",
        "text/calendar; method=REQUEST",
        b"BEGIN:VCALENDAR",
    )


def test_alternative_of_text_and_calendar_only() -> None:
    calendar = "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"
    message = parsed(mixed(TEXT, calendar, kind="alternative"))
    assert (message.mime_type, message.body) == ("text/plain", "Hi")


def test_related_inside_alternative() -> None:
    related = 'Content-Type: multipart/related; boundary="r"\n\n' + f"--r\n{HTML}\n--r\n{INLINE}\n--r--\n"
    message = parsed(mixed(TEXT, related, kind="alternative"))
    assert (message.body, message.plain_body()) == ("<p>Hi</p>", "Hi")
    (picture,) = message.attachments
    assert (picture.inline, picture.content_id, picture.read()) == (True, "x@y", PNG)


def test_several_texts_are_joined() -> None:
    footer = "Content-Type: text/plain\n\n-- \nlist footer"
    message = parsed(mixed(TEXT, FILE, footer))
    assert message.body == "Hi\r\n-- \r\nlist footer"
    assert len(message.attachments) == 1


def test_text_and_html_are_joined_as_html() -> None:
    message = parsed(mixed("Content-Type: text/plain\n\na < b\nc", HTML))
    assert message.mime_type == "text/html"
    assert message.body == "<p>a &lt; b<br/>\r\nc</p>\r\n<p>Hi</p>"
    assert message.plain_body() == "a < b\r\nc\r\nHi\r\n"


def test_only_a_file() -> None:
    message = parsed(f"From: a@example.org\n{FILE}\n")
    assert (message.mime_type, message.body) == ("text/plain", "")
    assert message.attachments[0].read() == PNG


@pytest.mark.parametrize("disposition", ["attachment; filename=p.html", "attachment", "inline; filename=p.html"])
def test_html_file_does_not_decide_the_body(disposition: str) -> None:
    """Hard-won 42: nor is it changed."""
    page = '<meta charset="iso-8859-1"><p>\xe4</p>'
    part = f"Content-Type: text/html; charset=iso-8859-1\nContent-Disposition: {disposition}\n\n{page}"
    message = parsed(mixed(TEXT, part).encode("latin-1"))
    assert (message.mime_type, message.body) == ("text/plain", "Hi")
    (file,) = message.attachments
    assert file.read() == page.encode("latin-1")
    assert file.mime_type == "text/html; charset=iso-8859-1"


def test_multipart_that_cannot_be_taken_apart_is_shown() -> None:
    message = parsed("From: a@example.org\nContent-Type: multipart/mixed\n\nHello?\n")
    assert (message.mime_type, message.body) == ("text/plain", "Hello?\r\n")


def test_closing_dot_is_cut() -> None:
    assert parse(b"Subject: x\r\n\r\nHi\r\n.\r\n").body == "Hi\r\n"


def test_apple_images_without_content_id() -> None:
    """Apple Mail writes text, picture, text, and means a picture within the text."""
    picture = f"Content-Type: image/png; name=a.png\nContent-Disposition: inline; filename=a.png\n{BASE64}"
    message = parsed(mixed("Content-Type: text/plain\n\nbefore", picture, "Content-Type: text/plain\n\nafter"))
    (file,) = message.attachments
    assert file.inline
    assert file.content_id
    assert message.mime_type == "text/html"
    assert message.body == (
        f'<html><body><p>before</p>\r\n<img src="cid:{file.content_id}"/>\r\n<p>after</p></body></html>'
    )
    assert message.plain_body() == "before\r\nafter"


# ------------------------------------------------------------------------------------------- charsets


@pytest.mark.parametrize(
    ("declared", "data", "text"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "Grüße".encode("latin-1"), "Grüße"),
        ("ISO-8859-1", b"\x80 \x93x\x94", "€ “x”"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("", "Grüße".encode(), "Grüße"),
        ("", "Grüße".encode("latin-1"), "Grüße"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("shift_jis", "①".encode("cp932"), "①"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("utf-7", b"Gr+APwA3w-e", "Grüße"),
        ("x-made-up", "Grüße".encode(), "Grüße"),
        ("base64", b"Gr", "Gr"),
        ("utf-8", b"\xef\xbb\xbfx", "x"),
    ],
)
def test_charsets(declared: str, data: bytes, text: str) -> None:
    parameter = f"; charset={declared}".encode() if declared else b""
    assert parse(b"Content-Type: text/plain" + parameter + b"\r\n\r\n" + data).body == text


def test_utf16_in_base64() -> None:
    body = base64.b64encode("Grüße".encode("utf-16"))
    header = b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert parse(header + body).body == "Grüße"


def test_html_that_names_its_charset_itself() -> None:
    data = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Привет</p>'.encode("koi8-r")
    message = parse(b"Content-Type: text/html\r\n\r\n" + data)
    assert message.body == '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><p>Привет</p>'


@pytest.mark.parametrize("spelled", ["UTF-8", "utf-8", "Utf8"])
def test_html_meta_is_left_alone_when_it_is_right(spelled: str) -> None:
    source = f'<html><head><META charset = "{spelled}"><title>charset=latin1</title></head><body ID=x>charset=latin1'
    assert parse(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + source.encode()).body == source


def test_quoted_printable_and_odd_encodings() -> None:
    assert parsed("Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=\n=C3=9Fe\n").body == "Grüße\r\n"
    assert parsed("Content-Transfer-Encoding: =?utf-8?q?quoted-printable?=\n\n=C3=BC\n").body == "ü\r\n"
    assert parsed("Content-Transfer-Encoding: 8bit; x=y\n\nü\n").body == "ü\r\n"
    assert parsed("Content-Transfer-Encoding: x-made-up\n\nas it is\n").body == "as it is\r\n"


# ------------------------------------------------------------------------------------------- attachments


@pytest.mark.parametrize(
    ("header", "name", "mime_type", "inline", "content_id"),
    [
        ("Content-Type: image/png\nContent-Disposition: attachment; filename=a.png", "a.png", "image/png", False, ""),
        ("Content-Type: image/png; name=b.png\nContent-Disposition: attachment", "b.png", "image/png", False, ""),
        ("Content-Type: image/png; name=b.png", "b.png", "image/png", False, ""),
        ("Content-Type: image/png", "attachment.png", "image/png", False, ""),
        ("Content-Type: application/x-odd", "attachment.bin", "application/x-odd", False, ""),
        ("Content-Type: image/png\nContent-ID: <i@x>", "attachment.png", "image/png", True, "i@x"),
        ("Content-Type: image/png\nContent-ID: <i@x>\nContent-Disposition: inline", "attachment.png", "image/png", True,
         "i@x"),
        ("Content-Type: image/png\nContent-ID: <i@x>\nContent-Disposition: attachment", "attachment.png", "image/png",
         False, ""),
        ("Content-Type: image/png\nContent-ID: <i@x>\nContent-Disposition: odd", "attachment.png", "image/png", True,
         "i@x"),
        ("Content-Type: application/pdf\nContent-Disposition: inline", "attachment.pdf", "application/pdf", False, ""),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%C3%9Cber%20uns.pdf",
         "Über uns.pdf", "application/pdf", False, ""),
        ("Content-Type: a/b\nContent-Disposition: attachment; filename*0*=iso-8859-1''%DCb; filename*1=er.pdf",
         "Über.pdf", "a/b", False, ""),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"=?utf-8?b?w5xiZXIucGRm?=\"",
         "Über.pdf", "application/pdf", False, ""),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename=two words.pdf", "two words.pdf",
         "application/pdf", False, ""),
        ("Content-Type: application/pdf; name=two  more words.pdf ; x=y", "two  more words.pdf", "application/pdf; x=y",
         False, ""),
        ("Content-Type: application/pdf; name=\"a\" b.pdf", "a", "application/pdf", False, ""),
        ("Content-Type: application/pdf; name=\"a b.pdf\"; x-mac-type=1; name=c.pdf", "a b.pdf",
         "application/pdf; x-mac-type=1", False, ""),
        ("Content-Type: text/plain; charset=iso-8859-1; charset=utf-8\nContent-Disposition: attachment; filename=a.txt",
         "a.txt", "text/plain; charset=iso-8859-1", False, ""),
        ("Content-Type: text/plain\nContent-Disposition: inline; filename=notes.txt", "notes.txt", "text/plain", False,
         ""),
        ("Content-Type: message/rfc822", "message.eml", "message/rfc822", False, ""),
        ("Content-Type: text/calendar; method=REPLY; name=x.ics", "x.ics", "text/calendar; method=REPLY", False, ""),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"a\r\n b\"", "a b",
         "application/pdf", False, ""),
    ],
)  # fmt: skip
def test_attachments(header: str, name: str, mime_type: str, inline: bool, content_id: str) -> None:
    message = parsed(mixed(TEXT, f"{header}\n\ndata").replace("\r", ""))
    (file,) = message.attachments
    assert (file.name, file.mime_type, file.inline, file.content_id) == (name, mime_type, inline, content_id)
    assert file.read() == b"data"
    assert message.body == "Hi"


def test_embedded_message_is_not_decoded() -> None:
    inner = "From: x@example.org\nSubject: inner\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+"
    message = parsed(mixed(TEXT, f"Content-Type: message/rfc822\n\n{inner}"))
    assert (message.mime_type, message.body) == ("text/plain", "Hi")
    assert message.attachments[0].read() == inner.replace("\n", "\r\n").encode()


def test_broken_base64_gives_what_there_is() -> None:
    file = Attachment("a", "x/y", False, "", b"AAEC*\r\nAw", b"base64")
    assert file.read() == b"\0\1\2\3"


# ------------------------------------------------------------------------------------------- header


def test_header_fields() -> None:
    message = parsed(
        "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>, second@example.org\n"
        'To: Bo <bo@example.org>, "Last, First" <f@example.org>,\n c@example.org\n'
        "Cc: Friends: x@example.org, y@example.org;\nBcc: hidden@example.org\nReply-To: r@example.org\n"
        "Subject: =?utf-8?b?R3LDvMOfZQ==?=\n =?utf-8?q?_x?=\nMessage-ID: <id@x>\nIn-Reply-To: <parent@x>\n"
        "References: <a@x>,<b@x>\n <c@x>\nX-Forwarded-Message-Id: <parent@x>\nDate: now\n\nHi\n"
    )
    assert message.sender == EmailAddress("Jürgen", "j@example.org")
    assert message.to == (
        EmailAddress("Bo", "bo@example.org"),
        EmailAddress("Last, First", "f@example.org"),
        EmailAddress("", "c@example.org"),
    )
    assert [each.address for each in message.cc] == ["x@example.org", "y@example.org"]
    assert [each.address for each in message.bcc] == ["hidden@example.org"]
    assert message.subject == "Grüße x"
    assert (message.external_id, message.in_reply_to, message.forwarded_id) == ("id@x", "parent@x", "parent@x")
    assert message.references == ("a@x", "b@x", "c@x")
    assert message.has_date
    assert message.malformed == ()


@pytest.mark.parametrize("value", ["Bo", "bo at example.org", "<bo@>", "bo@example.org, <@x>"])
def test_unreadable_addresses_are_named(value: str) -> None:
    assert parsed(f"From: a@example.org\nTo: {value}\n\nHi\n").malformed == ("To",)


@pytest.mark.parametrize("value", ["", "undisclosed-recipients:;", "(nobody)"])
def test_no_addresses(value: str) -> None:
    message = parsed(f"From: a@example.org\nTo: {value}\n\nHi\n")
    assert message.to == ()
    assert message.malformed in ((), ("To",)) if value == "(nobody)" else message.malformed == ()


def test_nothing_gets_out_of_a_field() -> None:
    message = parsed(
        'From: a@example.org\nSubject: =?utf-8?q?a=0D=0ABcc:_x?=\nTo: "=?utf-8?q?=0A?=" <b@example.org>\n\n'
    )
    assert message.subject == "a Bcc: x"
    assert "\n" not in message.to[0].name


# ------------------------------------------------------------------------------------------- the MIME entity


def entity(message: Outgoing) -> EmailMessage:
    made = email.message_from_bytes(joined(message), policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


def test_entity_is_verbatim_where_it_can_be() -> None:
    raw = mixed(TEXT, FILE, header="From: a@example.org\nBcc: hidden@example.org\nX-Mailer: y\nMIME-Version: 1.0\n")
    body = joined(parsed(raw))
    assert body == raw[raw.index("Content-Type") :].replace("\n", "\r\n").encode()


def test_entity_of_8_bit_and_long_lines() -> None:
    raw = mixed(TEXT.replace("Hi", "Grüße"), "Content-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe").encode(
        "latin-1"
    )
    raw = raw.replace("Grüße".encode("latin-1"), "Grüße".encode(), 1)
    message = parsed(raw)
    made = joined(message)
    assert made.isascii()
    texts = [part.get_content() for part in entity(message).iter_parts()]
    assert [each.strip() for each in texts] == ["Grüße", "Grüße"]
    long_line = parsed(mixed(TEXT.replace("Hi", "x" * 5000)))
    assert max(map(len, joined(long_line).split(b"\r\n"))) <= 998
    assert next(entity(long_line).iter_parts()).get_content().strip() == "x" * 5000


def test_entity_of_bare_8_bit_text() -> None:
    message = parsed("From: a@example.org\nSubject: x\n\nGrüße\n")
    assert joined(message).isascii()
    assert entity(message).get_content().splitlines() == ["Grüße"]


def test_entity_of_binary_part() -> None:
    part = b"Content-Type: a/b\nContent-Transfer-Encoding: binary\nContent-Disposition: attachment\n\n\0\1\xff"
    message = parse(
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' + part.replace(b"\n", b"\r\n") + b"\r\n--b--\r\n"
    )
    (file,) = entity(message).iter_attachments()
    assert file.get_payload(decode=True) == b"\0\1\xff"


def test_entity_keeps_own_signature_to_the_byte() -> None:
    signed = mixed(
        "Content-Type: text/plain\n\nGrüße ", "Content-Type: application/pgp-signature\n\nSIG", kind="signed"
    )
    message = parsed(signed)
    assert "Grüße ".encode() in joined(message)


def test_added_attachment_is_in_the_entity() -> None:
    message = parsed(mixed(TEXT)).with_attachment(Attachment("kéy.asc", "application/pgp-keys", False, "", b"KEY"))
    parts = list(entity(message).iter_parts())
    assert [part.get_content_type() for part in parts] == ["multipart/mixed", "application/pgp-keys"]
    assert parts[1].get_filename() == "kéy.asc"
    assert parts[1].get_content() == b"KEY"
    assert joined(message) == joined(message)


# ------------------------------------------------------------------------------------------- hostile input


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(data: bytes) -> None:
    for prefix in (
        b"",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        b"Content-Type: text/html\r\n\r\n",
    ):
        message = parse(prefix + data)
        message.plain_body()
        joined(message)
        for file in message.attachments:
            file.read()
            assert "\n" not in file.name + file.mime_type + file.content_id


@pytest.mark.parametrize(
    "raw",
    [
        b"To: " + b"(" * 100_000,
        b"To: " + b"<a@b>," * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<" * 200_000,
        b"Content-Type: text/html\r\n\r\n" + b"<blockquote>" * 5_000,
        b"Content-Type: text/html\r\n\r\n" + b"<meta " * 30_000,
        b"Content-Type: text/html\r\n\r\n" + b"<a href=x>" * 20_000,
        b"Subject: " + b"=?utf-8?q?" * 20_000,
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 20_000,
        b"Content-Disposition: attachment; " + b"a=b; " * 20_000,
    ],
    ids=range(9),
)
def test_time_is_bounded(raw: bytes) -> None:
    started = time.perf_counter()
    message = parse(raw)
    message.plain_body()
    joined(message)
    assert time.perf_counter() - started < 5


# ------------------------------------------------------------------------------------------- HTML and text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two &amp; three</p>", "One\n\nTwo & three\n"),
        ("a<br>b<br/>c", "a\nb\nc\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b\n"),
        ('<a href="https://example.org/x">here</a>', "here <https://example.org/x>\n"),
        ('<a href="https://example.org/">https://example.org/</a>', "https://example.org/\n"),
        ('<a href="javascript:x">here</a>', "here\n"),
        ("<style>p{}</style><script>x()</script><p>a", "a\n"),
        ("a<script>never closed <p>b", "a\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc\n"),
        ('<img alt="A  picture" src=x>', "[A picture]\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
        ("", "\n"),
    ],
)
def test_html_to_text(source: str, text: str) -> None:
    assert html_to_text(source) == text


def test_text_to_html() -> None:
    assert text_to_html("a < b\r\nc & d\r\n") == "<p>a &lt; b<br/>\r\nc &amp; d</p>"


LARGE = random.Random(3).randbytes(2_500_001)


@pytest.mark.parametrize("width", [76, 72, 61, 3_000_000])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_a_large_file_decodes_in_pieces(width: int, line_end: bytes) -> None:
    encoded = base64.b64encode(LARGE)
    source = line_end.join(encoded[at : at + width] for at in range(0, len(encoded), width)) + line_end
    file = Attachment("a", "application/zip", False, "", memoryview(source), b"base64")
    for _ in range(2):
        pieces = list(file.pieces())
        assert b"".join(pieces) == LARGE
        assert len(pieces) > 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda source: source[:1_000_000] + b"==" + source[1_000_000:],
        lambda source: source[:1_000_000] + b" !\t" + source[1_000_000:],
        lambda source: source[:-10],
        lambda source: source + b"\r\n--\r\n",
    ],
)
def test_a_damaged_large_file_is_read_as_a_whole(damage: Callable[[bytes], bytes]) -> None:
    source = damage(base64.encodebytes(LARGE))
    file = Attachment("a", "application/zip", False, "", source, b"base64")
    assert list(file.pieces()) == [file.read()]


@pytest.mark.parametrize(
    "header",
    [
        "Subject: plain\n",
        "X: y\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n and more\n",
        "Subject:\n",
        "From: a@example.org\n",
    ],
)
def test_the_subject_alone_is_the_one_of_the_whole(header: str) -> None:
    raw = f"{header}\nSubject: not this\n".replace("\n", "\r\n").encode()
    assert subject_of(raw) == parse(raw).subject
