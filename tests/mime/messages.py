"""One message value for each shape that `mime.build` makes; the golden files hold what each becomes."""

from __future__ import annotations

from bridge_gui.mime.message import Attachment, DetachedSignature, Message, SignatureState, Undecryptable
from bridge_gui.model import EmailAddress, MessageId

ALICE = EmailAddress("Alice Example", "alice@example.com")
BOB = EmailAddress("Bob", "bob@example.org")

ARMORED = """-----BEGIN PGP MESSAGE-----

wV4DAAAAAAAAAAASAQdAexampleexampleexampleexampleexampleexample
=abcd
-----END PGP MESSAGE-----
"""

SIGNATURE = """-----BEGIN PGP SIGNATURE-----

wnUEABYIAB0WIQTexampleexampleexample
=wxyz
-----END PGP SIGNATURE-----
"""

USUAL_HEADER = (
    ("Return-Path", "<alice@example.com>"),
    ("Received", "from a.example.com by b.example.org; Tue, 02 Jan 2024 03:04:06 +0000"),
    ("Received", "from c.example.com by a.example.com;\r\n Tue, 02 Jan 2024 03:04:05 +0000"),
    ("From", "Alice Example <alice@example.com>"),
    ("To", "Bob <bob@example.org>"),
    ("Subject", "The plan"),
    ("Date", "Tue, 02 Jan 2024 04:04:05 +0100"),
    ("Message-Id", "<first@example.com>"),
    ("Mime-Version", "1.0"),
    ("Content-Type", "text/plain; charset=iso-8859-15"),
    ("Content-Transfer-Encoding", "7bit"),
    ("X-Custom", "kept as it is,   spaces and all"),
)


def message(**changes: object) -> Message:
    """A plain message; each test changes what it is about."""
    values: dict[str, object] = {
        "id": MessageId("mNq0-7_kd1XbQ=="),
        "external_id": "first@example.com",
        "subject": "The plan",
        "sender": ALICE,
        "reply_to": (ALICE,),
        "to": (BOB,),
        "cc": (),
        "bcc": (),
        "time": 1704164645,
        "is_draft": False,
        "header": USUAL_HEADER,
        "mime_type": "text/plain",
        "body": b"Dear Bob,\nthe plan stands.\n",
    }
    return Message(**(values | changes))  # type: ignore[arg-type]


def attachment(**changes: object) -> Attachment:
    values: dict[str, object] = {
        "name": "report.pdf",
        "mime_type": "application/pdf",
        "inline": False,
        "header": (
            ("content-disposition", 'attachment; filename="old.pdf"'),
            ("content-description", "the report"),
            ("content-transfer-encoding", "7bit"),
        ),
        "content": b"%PDF-1.7\n" + bytes(range(256)),
    }
    return Attachment(**(values | changes))  # type: ignore[arg-type]


INLINE = attachment(
    name="logo.png",
    mime_type="image/png",
    inline=True,
    header=(("content-id", "<logo@example.com>"), ("content-disposition", "inline")),
    content=b"\x89PNG\r\n\x1a\n",
)

ENCLOSED = attachment(
    name="message.eml",
    mime_type="message/rfc822",
    header=(("content-transfer-encoding", "base64"),),
    content=b"From: carol@example.net\r\nSubject: enclosed\r\n\r\nHello.\r\n",
)

ENTITY = (
    b"Content-Type: multipart/alternative;\n boundary=inner\n"
    b"Subject: the inner one\n"
    b"X-Inner:\ttabbed\n\n"
    b"--inner\nContent-Type: text/plain\n\nHello from within.\n--inner--\n"
)

SHAPES: dict[str, Message] = {
    "plain": message(),
    "html": message(
        mime_type="text/html",
        body="<p>Grüße, und eine lange Zeile, die für die Übertragung umbrochen wird … =20</p>\r\n".encode(),
    ),
    "latin1": message(body=b"Gr\xfc\xdfe\n"),
    "empty": message(body=b""),
    "subject_and_names": message(
        subject="Größe 🦆 and a line that is so long that it has to be cut into more than one encoded word",
        sender=EmailAddress("Żółta Łódź", "zolta@example.com"),
        to=(
            EmailAddress('Smith, "Joe"', "joe@example.com"),
            EmailAddress("", "plain@example.com"),
            EmailAddress("same@example.com", "same@example.com"),
            EmailAddress("Odd", "odd local@example.com"),
        ),
        cc=(EmailAddress("Grün", "gruen@example.com"),),
        bcc=(EmailAddress("", "hidden@example.com"),),
        reply_to=(EmailAddress("List", "list@example.com"),),
    ),
    "draft": message(
        header=(), external_id="", is_draft=True, to=(), time=1704164645, reply_to=(BOB,), subject="", body=b"not yet"
    ),
    "no_date": message(header=(), time=0),
    "before_1970": message(header=(("Date", "Mon, 01 Jan 1968 00:00:00 +0000"),), time=-63158400),
    "references": message(
        header=(("References", "<a@example.com>\r\n\t<b@example.com>"), ("In-Reply-To", "<b@example.com>"))
    ),
    "replied_to_ourselves": message(header=(("References", "<mNq0-7_kd1XbQ==@protonmail.internalid>"),)),
    "attachments": message(
        attachments=(attachment(), ENCLOSED, attachment(name="Größe,1.txt", mime_type="text/x; a=b"))
    ),
    "inline": message(
        mime_type="text/html", body=b'<img src="cid:logo@example.com">', attachments=(attachment(), INLINE)
    ),
    "odd_types": message(
        attachments=(
            attachment(mime_type='application/pdf; name=wrong.pdf; x="a b"'),
            attachment(mime_type="no type at all"),
            attachment(mime_type=""),
        )
    ),
    "entity": message(mime_type="multipart/mixed", body=ENTITY),
    "entity_without_header": message(mime_type="multipart/mixed", body="just text, no header: Grüße\n\nmore".encode()),
    "entity_from_mbox": message(
        mime_type="multipart/mixed",
        body=b">From carol@example.net Sat Jan  1 00:00:00 2000\nContent-Type: text/plain\n\nFrom here it is body.\n",
    ),
    "entity_signed": message(
        mime_type="multipart/mixed",
        body=ENTITY.replace(b"\n", b"\r\n"),
        entity_signature=DetachedSignature(SIGNATURE, "pgp-sha512"),
        signature=SignatureState.VALID,
    ),
    "entity_undecryptable": message(mime_type="multipart/mixed", body=Undecryptable("no key of ours", ARMORED)),
    "body_undecryptable": message(mime_type="text/html", body=Undecryptable("no key of ours", ARMORED)),
    "attachment_undecryptable": message(attachments=(attachment(content=Undecryptable("damaged", ARMORED)),)),
    "signature_invalid": message(signature=SignatureState.INVALID),
    "odd_header": message(
        header=(
            (">From carol@example.net Sat Jan  1 00", "00:00 2000"),
            ("X-Injected", "one\nX-Evil: two\r\n\r\nthree"),
            ("X-" + "Long" * 30, "a key of more than 76 characters"),
            ("X-Nul", "a\0b"),
            ("", "no name"),
            ("X-Empty", ""),
            ("X-Eight-Bit", "Grüße"),
            ("X-Bridge-Signature", "valid"),
            ("X-Pm-Internal-Id", "somebody-elses"),
            ("Date", "yesterday"),
            ("Subject", "The plan"),
        )
    ),
}
