"""From a literal's bytes to what the store keeps of it: everything that depends on them, computed once.

Plain CPU work on plain values, so that it can run on the loop, in a thread or in another process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge_gui.mime import brief, fields, structure, words
from bridge_gui.mime.build import build
from bridge_gui.mime.message import Message
from bridge_gui.mime.structure import Part
from bridge_gui.mime.words import BodyText
from bridge_gui.store.records import Literal, SearchText, SortColumns


def derive(data: bytes, received: int) -> Literal:
    """The record of a literal; `received` (INTERNALDATE) stands for a Date that cannot be read (RFC 5256 2.2)."""
    root = structure.scan(data)
    addresses = fields.address_lists(data, root.header)
    summary = words.summarize(data, root.header, addresses)
    texts = words.body_texts(data, root)
    bodystructure, body = structure.structures(root, data)
    return Literal(
        data=data,
        header_size=fields.header_end(data),
        envelope=structure.envelope_of(data, root.header, addresses),
        bodystructure=bodystructure,
        body=body,
        sort=SortColumns(
            sent=summary.sent if summary.sent is not None else received,
            sent_day=summary.sent_day if summary.sent_day is not None else received // 86_400,
            subject=summary.base_subject,
            sender=summary.sender,
            to=summary.to,
            cc=summary.cc,
            display_from=summary.display_from,
            display_to=summary.display_to,
            message_id=summary.message_id,
            references=summary.references,
            is_reply=summary.is_reply,
        ),
        search=_search_text(data, root, texts),
        brief=brief.make(data, root.header),
        preview=words.preview(texts),
    )


def build_and_derive(message: Message) -> Literal:
    """Both steps at once: what goes to another process for a big message."""
    return derive(build(message), message.time)


def _search_text(data: bytes, root: Part, texts: list[BodyText]) -> SearchText:
    inner = [_header_text(data, part) for part in _parts(root) if part is not root and part.header]
    return SearchText(_header_text(data, root), "\n".join([*inner, words.search_text(texts)]))


def _header_text(data: bytes, part: Part) -> str:
    """One field a line: its name as it stands, its value unfolded and decoded."""
    raw = data[part.start : part.body]
    if b"=?" not in raw:
        unfolded = raw.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")
        if _ORDINARY.fullmatch(unfolded):  # as most are: it says already what is wanted
            return unfolded.decode("ascii").replace("\r\n", "\n").rstrip("\n")
    lines = []
    for name, start, value_at, end in part.header:
        raw = data[value_at:end]
        value = raw.strip(b" \t\r\n").decode("ascii") if _is_plain(raw) else words.decode_header(raw)
        lines.append(f"{data[start : start + len(name)].decode('latin-1')}: {value}" if name else value)
    return "\n".join(lines)


_ORDINARY = re.compile(rb"(?:[!-9;-~]++: [!-~](?:[\t -~]*[!-~])?\r\n)*+(?:\r\n)?")
"""A header of ASCII, each field on one line, with one blank before its value and none behind."""


def _is_plain(raw: bytes) -> bool:
    """Whether a field's value is one line of ASCII without encoded words, as most are."""
    return (
        raw.isascii() and raw.count(b"\n") == 1 and raw.endswith(b"\r\n") and raw.count(b"\r") == 1 and b"=?" not in raw
    )


def _parts(part: Part) -> Iterator[Part]:
    stack = [part]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(part.children))
