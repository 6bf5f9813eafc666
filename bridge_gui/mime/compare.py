"""What a message lost on its way: the one that was sent beside the one that arrived, as a person would compare them.

What the service has to change is known (docs/fidelity.md); `Difference.known` tells that from what should not be.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge_gui.answers import Difference
from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.parse import HTML, Attachment, Outgoing, leaves, parse, read_addresses
from bridge_gui.mime.words import decode_header

KEPT = (b"subject", b"from", b"to", b"cc", b"message-id")
"""Header fields that the service keeps; others it writes itself, or leaves out."""
_PEOPLE = frozenset((b"from", b"to", b"cc"))
_NOT_COMPARED = frozenset((b"mime-version", b"bcc"))
_SHOWN = 120
"""Characters of a value in a difference."""


def differences(sent: bytes, arrived: bytes) -> tuple[Difference, ...]:
    """Compare two messages. Never raises for what they may hold."""
    before, after = parse(sent), parse(arrived)
    return (*_header(before, after), *_whole(before, after), *_text(before, after), *_files(before, after))


def _header(before: Outgoing, after: Outgoing) -> Iterator[Difference]:
    for name in dict.fromkeys(item.name for item in before.root.header):
        if name in _NOT_COMPARED or name.startswith(b"content-"):
            continue
        mine, theirs = _values(before, name), _values(after, name)
        if mine != theirs:
            yield _difference(name.decode("ascii", "replace"), mine, theirs, known=name not in KEPT)


def _values(message: Outgoing, name: bytes) -> str:
    header = message.root.header
    if name in _PEOPLE:
        people, _ = read_addresses(message.raw, header, name)
        return ", ".join(f"{each.name} <{each.address}>" for each in people)
    values = [decode_header(rfc5322.unfold(message.raw[item.value : item.end])) for item in header if item.name == name]
    return "; ".join(" ".join(value.split()) for value in values)


def _whole(before: Outgoing, after: Outgoing) -> Iterator[Difference]:
    if before.protected and not after.protected:
        yield _difference("signature or encryption of the author", "whole", "taken apart", known=True)


def _text(before: Outgoing, after: Outgoing) -> Iterator[Difference]:
    mine, theirs = _lines(before.body), _lines(after.body)
    if before.mime_type != after.mime_type:
        yield _difference("kind of text", before.mime_type, after.mime_type, known=False)
    elif mine != theirs:
        yield _difference("text", *_first_difference(mine, theirs), known=False)
    if before.mime_type == HTML and _has_plain(before) and not _has_plain(after):
        yield _difference("plain text beside the HTML", "there", "left out", known=True)
    for name, value in _body_parameters(before):
        if name not in (b"charset", b"name") and (name, value) not in _body_parameters(after):
            yield _difference(
                "format of the text", f"{name.decode()}={value.decode('ascii', 'replace')}", "", known=True
            )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _first_difference(mine: str, theirs: str) -> tuple[str, str]:
    """From the first character on that differs."""
    at = next((at for at, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    return repr(mine[at : at + _SHOWN]), repr(theirs[at : at + _SHOWN])


def _has_plain(message: Outgoing) -> bool:
    return any(part.type.matches(b"text", b"plain") for part in leaves(message.root))


def _body_parameters(message: Outgoing) -> list[tuple[bytes, bytes]]:
    found = (part for part in leaves(message.root) if part.type.matches(b"text"))
    part = next(found, None)
    return [] if part is None else [(name.lower(), value) for name, value in part.type.parameters]


def _files(before: Outgoing, after: Outgoing) -> Iterator[Difference]:
    if len(before.attachments) != len(after.attachments):
        names = [", ".join(each.name for each in message.attachments) for message in (before, after)]
        yield _difference("files", names[0], names[1], known=False)
        return
    for mine, theirs in zip(before.attachments, after.attachments, strict=True):
        for what, a, b in zip(("name", "type", "place", "Content-ID"), _outline(mine), _outline(theirs), strict=True):
            if a != b:
                yield _difference(f"{what} of the file {mine.name}", a, b, known=False)
        if mine.read() != theirs.read():
            yield _difference(f"content of the file {mine.name}", "", "", known=False)


def _outline(file: Attachment) -> tuple[str, str, str, str]:
    kind, *parameters = file.mime_type.split("; ")
    return (
        file.name,
        "; ".join([kind, *sorted(parameters)]),
        "in the text" if file.inline else "beside",
        file.content_id,
    )


def _difference(what: str, sent: str, arrived: str, *, known: bool) -> Difference:
    return Difference(what, sent[:_SHOWN], arrived[:_SHOWN], known)
