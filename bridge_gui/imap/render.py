"""FETCH responses: which fields an answer needs, and how it is put together. Pure.

An answer has two halves. FLAGS and MODSEQ change and come from the snapshot's columns. All else never changes for a
UID and is rendered once, as `Plan.fixed`; the cache keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bridge_gui.imap import responses
from bridge_gui.imap.backend import Need, Record
from bridge_gui.imap.fetch_items import Binary, BinarySize, BodySection, FetchAtt, FetchItem
from bridge_gui.mime import brief
from bridge_gui.mime.structure import (
    Part,
    Section,
    SectionKind,
    find_part,
    header_fields,
    scan,
    section,
    string,
    transfer_encoding,
)
from bridge_gui.mime.words import decode_transfer

_NEEDS: dict[FetchAtt, Need] = {
    FetchAtt.INTERNALDATE: Need.DATE,
    FetchAtt.RFC822_SIZE: Need.SIZE,
    FetchAtt.ENVELOPE: Need.ENVELOPE,
    FetchAtt.BODY: Need.BODY,
    FetchAtt.BODYSTRUCTURE: Need.BODYSTRUCTURE,
    FetchAtt.EMAILID: Need.EMAIL_ID,
    FetchAtt.THREADID: Need.THREAD_ID,
    FetchAtt.PREVIEW: Need.PREVIEW,
    FetchAtt.SAVEDATE: Need.SAVE_DATE,
}

_WHOLE = Section()
_HEADER_KINDS = frozenset({SectionKind.HEADER, SectionKind.FIELDS, SectionKind.FIELDS_NOT})


class UnknownEncoding(Exception):
    """A part's transfer encoding cannot be undone (RFC 3516 4.3, UNKNOWN-CTE)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one FETCH asks for."""

    uid: bool
    flags: bool
    modseq: bool
    fixed: tuple[FetchItem, ...]
    need: Need
    marks_seen: bool
    piecewise: bool = False
    """A piece of a text is asked for: the next one will be soon."""
    cacheable: bool = True
    """Rendered answers are small: all but whole texts. (A preview may come later than the message.)"""

    def ends(self, record: Record) -> bool:
        """The end of the whole message is asked for: no other piece of it will be soon."""
        return any(
            isinstance(item, BodySection)
            and item.section == _WHOLE
            and item.partial is not None
            and sum(item.partial) >= len(record.literal)
            for item in self.fixed
        )


@lru_cache(maxsize=64)
def plan(items: tuple[FetchItem, ...], *, uid: bool, modseq: bool) -> Plan:
    """Sort items into what changes and what does not."""
    fixed: list[FetchItem] = []
    need = Need(0)
    flags, marks_seen = False, False
    for item in items:
        if item is FetchAtt.FLAGS:
            flags = True
        elif item is FetchAtt.UID:
            uid = True
        elif item is FetchAtt.MODSEQ:
            modseq = True
        else:
            fixed.append(item)
            if isinstance(item, FetchAtt):
                need |= _NEEDS[item]
            elif isinstance(item, BodySection):
                need |= _section_need(item.section)
                marks_seen = marks_seen or not item.peek
            else:
                need |= Need.LITERAL
                marks_seen = marks_seen or (isinstance(item, Binary) and not item.peek)
    if need & (Need.HEADER | Need.LITERAL):
        # The whole header, which must be read anyway, has what a brief has.
        need = (need | Need.HEADER) & ~Need.BRIEF if need & Need.BRIEF else need
    piecewise = Need.LITERAL in need and any(
        isinstance(item, BodySection | Binary) and item.partial is not None for item in fixed
    )
    cacheable = not need & (Need.LITERAL | Need.PREVIEW)
    return Plan(uid, flags, modseq, tuple(fixed), need, marks_seen, piecewise, cacheable)


def _section_need(section: Section) -> Need:
    if section.path or section.kind not in _HEADER_KINDS:
        return Need.LITERAL
    return Need.BRIEF if section.kind is SectionKind.FIELDS and brief.holds(section.fields) else Need.HEADER


def fixed(plan: Plan, records: Sequence[Record]) -> list[bytes]:
    """The half of each answer that never changes: `NAME value NAME value`. Made item by item for all records, which
    costs a fraction of making it record by record."""
    columns = [_column(item, records) for item in plan.fixed]
    return columns[0] if len(columns) == 1 else list(map(b" ".join, zip(*columns, strict=True)))


def _column(item: FetchItem, records: Sequence[Record]) -> list[bytes]:
    match item:
        case FetchAtt.RFC822_SIZE:
            return [b"RFC822.SIZE %d" % record.size for record in records]
        case FetchAtt.INTERNALDATE:
            date = responses.internal_date
            return [b"INTERNALDATE " + date(record.date) for record in records]
        case FetchAtt.ENVELOPE:
            return [b"ENVELOPE " + record.envelope for record in records]
        case FetchAtt.BODYSTRUCTURE:
            return [b"BODYSTRUCTURE " + record.bodystructure for record in records]
        case BodySection(label=label, partial=None) if records and records[0].brief:
            texts = brief.pick([record.brief for record in records], frozenset(item.section.fields))
            return [b"%s {%d}\r\n%s" % (label, len(text), text) for text in texts]
        case _:
            return [b"".join(_item(item, record, [])) for record in records]


def fixed_parts(plan: Plan, record: Record) -> list[bytes]:
    """The same of one record in pieces, so that a large text need not be copied before it is sent."""
    root: list[Part] = []
    parts: list[bytes] = []
    for item in plan.fixed:
        if parts:
            parts.append(b" ")
        parts += _item(item, record, root)
    return parts


def _item(item: FetchItem, record: Record, root: list[Part]) -> tuple[bytes, ...]:
    if isinstance(item, FetchAtt):
        return (_attribute(item, record),)
    if isinstance(item, BodySection):
        return _section(item, record, root)
    data = _binary(item.path, record, root)
    label = ".".join(map(str, item.path)).encode("ascii")
    if isinstance(item, BinarySize):
        return (b"BINARY.SIZE[%s] %d" % (label, len(data)),)
    origin = b""
    if item.partial is not None:
        origin = b"<%d>" % item.partial[0]
        data = data[item.partial[0] : item.partial[0] + item.partial[1]]
    # Only a literal8 may hold NUL (RFC 3516 4.2).
    mark = b"~" if b"\0" in data else b""
    return b"BINARY[%s]%s %s{%d}\r\n" % (label, origin, mark, len(data)), data


def _attribute(item: FetchAtt, record: Record) -> bytes:
    match item:
        case FetchAtt.RFC822_SIZE:
            return b"RFC822.SIZE %d" % record.size
        case FetchAtt.INTERNALDATE:
            return b"INTERNALDATE " + responses.internal_date(record.date)
        case FetchAtt.ENVELOPE:
            return b"ENVELOPE " + record.envelope
        case FetchAtt.BODYSTRUCTURE:
            return b"BODYSTRUCTURE " + record.bodystructure
        case FetchAtt.BODY:
            return b"BODY " + record.body
        case FetchAtt.EMAILID:
            return f"EMAILID ({record.email_id})".encode("ascii", "replace")
        case FetchAtt.THREADID:
            return f"THREADID ({record.thread_id})".encode("ascii", "replace") if record.thread_id else b"THREADID NIL"
        case FetchAtt.PREVIEW:
            return b"PREVIEW NIL" if record.preview is None else b"PREVIEW " + string(record.preview.encode())
        case FetchAtt.SAVEDATE:
            saved = record.save_date
            return b"SAVEDATE NIL" if saved is None else b"SAVEDATE " + responses.internal_date(saved)
        case FetchAtt.FLAGS | FetchAtt.UID | FetchAtt.MODSEQ:
            raise AssertionError("this half of an answer changes")


def _section(item: BodySection, record: Record, root: list[Part]) -> tuple[bytes, bytes]:
    spec = item.section
    if not spec.path and spec.kind in _HEADER_KINDS:
        data = record.header
        if record.brief:
            (data,) = brief.pick([record.brief], frozenset(spec.fields))
        elif spec.kind is not SectionKind.HEADER:
            data = header_fields(data, 0, len(data), spec.fields, keep=spec.kind is SectionKind.FIELDS)
    elif not spec.path and spec.kind is SectionKind.ALL:
        data = record.literal
    else:
        data = section(record.literal, spec, _root(record, root) if spec.path else None)
    if item.partial is None:
        return b"%s {%d}\r\n" % (item.label, len(data)), data
    first, length = item.partial
    data = data[first : first + length]
    return b"%s<%d> {%d}\r\n" % (item.label, first, len(data)), data


def _root(record: Record, root: list[Part]) -> Part:
    """The message's structure, scanned once for all items of an answer."""
    if not root:
        root.append(scan(record.literal))
    return root[0]


def _binary(path: tuple[int, ...], record: Record, root: list[Part]) -> bytes:
    """Decoded content of a part (RFC 3516 4.2)."""
    if not path:
        return record.literal
    part = find_part(_root(record, root), path)
    if part is None:
        return b""
    raw = record.literal[part.body : part.end]
    if part.multipart or part.message:
        return raw
    data = decode_transfer(raw, transfer_encoding(part, record.literal))
    if data is None:
        raise UnknownEncoding
    return data
