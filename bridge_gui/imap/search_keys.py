"""What SEARCH, SORT and THREAD may ask for (RFC 3501 6.4.4, RFC 5256), as values. Keys that need the messages' content
are the backend's (`backend.ContentKey`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge_gui.imap.backend import ContentKey
from bridge_gui.imap.sequences import MessageSet


@dataclass(frozen=True, slots=True)
class And:
    """All of them; without any, every message (ALL)."""

    keys: tuple[SearchKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    first: SearchKey
    second: SearchKey


@dataclass(frozen=True, slots=True)
class Not:
    key: SearchKey


@dataclass(frozen=True, slots=True)
class HasFlag:
    """SEEN, FLAGGED ... and KEYWORD; canonical for system flags."""

    flag: str


@dataclass(frozen=True, slots=True)
class InSet:
    """A set of message numbers, or with `uid` of UIDs; or `$`."""

    messages: MessageSet
    uid: bool


@dataclass(frozen=True, slots=True)
class Modseq:
    """MODSEQ at least so much (RFC 7162 3.1.5)."""

    least: int


@dataclass(frozen=True, slots=True)
class Age:
    """OLDER or YOUNGER than so many seconds, by INTERNALDATE (RFC 5032)."""

    older: bool
    seconds: int


SearchKey = And | Or | Not | HasFlag | InSet | Modseq | Age | ContentKey


class SearchReturn(Enum):
    """Result options (RFC 4731, RFC 5182)."""

    MIN = "MIN"
    MAX = "MAX"
    ALL = "ALL"
    COUNT = "COUNT"
    SAVE = "SAVE"


class SortBy(Enum):
    """RFC 5256 3, and DISPLAYFROM and DISPLAYTO of RFC 5957."""

    ARRIVAL = "ARRIVAL"
    CC = "CC"
    DATE = "DATE"
    FROM = "FROM"
    SIZE = "SIZE"
    SUBJECT = "SUBJECT"
    TO = "TO"
    DISPLAYFROM = "DISPLAYFROM"
    DISPLAYTO = "DISPLAYTO"


@dataclass(frozen=True, slots=True)
class SortCriterion:
    by: SortBy
    reverse: bool = False


class ThreadBy(Enum):
    ORDEREDSUBJECT = "ORDEREDSUBJECT"
    REFERENCES = "REFERENCES"
