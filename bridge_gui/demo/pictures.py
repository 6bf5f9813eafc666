"""Small files for the demo's mails, made from nothing: pictures, a PDF, a calendar entry."""

from __future__ import annotations

import struct
import zlib

Colour = tuple[int, int, int]


def png(width: int, height: int, top: Colour, bottom: Colour) -> bytes:
    """Return a PNG picture: a vertical run of colour with a pale sun and a dark hill."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        share = y / max(1, height - 1)
        sky = tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        for x in range(width):
            near_sun = (x - width * 0.72) ** 2 + (y - height * 0.32) ** 2 < (height * 0.13) ** 2
            hill = y > height * 0.7 + (x - width * 0.35) ** 2 / width * 0.25
            pixel = (38, 52, 66) if hill else (255, 246, 214) if near_sun else sky
            rows += bytes(pixel)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(title: str, lines: list[str]) -> bytes:
    """Return a one-page PDF with a title and lines of text (Latin letters)."""
    shown = [f"BT /F1 20 Tf 60 780 Td ({_escape(title)}) Tj ET"]
    shown += [f"BT /F1 11 Tf 60 {740 - 18 * n} Td ({_escape(line)}) Tj ET" for n, line in enumerate(lines)]
    stream = "\n".join(shown).encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def calendar(uid: str, summary: str, place: str, start: str, end: str, organizer: str, attendee: str) -> bytes:
    """Return an invitation (RFC 5545, RFC 5546 METHOD:REQUEST); times as `20261203T090000Z`."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Bridge example//Demo//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
        f"UID:{uid}", f"DTSTAMP:{start}", f"DTSTART:{start}", f"DTEND:{end}", f"SUMMARY:{summary}",
        f"LOCATION:{place}", f"ORGANIZER:mailto:{organizer}", f"ATTENDEE;RSVP=TRUE:mailto:{attendee}",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{line}\r\n" for line in lines).encode()
