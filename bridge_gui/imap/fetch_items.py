"""What FETCH may ask for (RFC 3501 6.4.5, RFC 3516, and the extensions with items of their own), as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge_gui.mime.structure import Section


class FetchAtt(Enum):
    """Data items of FETCH that have no parameters."""

    FLAGS = "FLAGS"
    UID = "UID"
    INTERNALDATE = "INTERNALDATE"
    RFC822_SIZE = "RFC822.SIZE"
    ENVELOPE = "ENVELOPE"
    BODY = "BODY"
    BODYSTRUCTURE = "BODYSTRUCTURE"
    MODSEQ = "MODSEQ"
    EMAILID = "EMAILID"
    THREADID = "THREADID"
    PREVIEW = "PREVIEW"
    SAVEDATE = "SAVEDATE"


@dataclass(frozen=True, slots=True)
class BodySection:
    """BODY[section]<partial>, and RFC822 with its kin. `label` is what the answer calls it, without `<origin>`."""

    section: Section
    label: bytes
    peek: bool
    partial: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Binary:
    """BINARY[part]<partial> (RFC 3516)."""

    path: tuple[int, ...]
    peek: bool
    partial: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class BinarySize:
    path: tuple[int, ...]


FetchItem = FetchAtt | BodySection | Binary | BinarySize
