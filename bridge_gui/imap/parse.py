"""From a raw command to a `Command`; each parser stands under the grammar line of its RFC.

`parse` raises `Refused` alone, which knows the tag and the answer, whatever the bytes were.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from bridge_gui.imap import commands as c
from bridge_gui.imap.backend import StoreMode
from bridge_gui.imap.grammar import Cursor, NotSupported, ParseError
from bridge_gui.imap.parse_fetch import fetch
from bridge_gui.imap.parse_mailboxes import (
    MAX_FLAGS,
    append,
    create,
    get_quota,
    list_,
    lsub,
    notify,
    one_mailbox,
    rename,
    select,
    status,
)
from bridge_gui.imap.parse_search import search, sort, thread
from bridge_gui.imap.sequences import MessageSet, Saved
from bridge_gui.imap.wire import Raw
from bridge_gui.secret import Secret

_TAG = re.compile(rb"[^\x00-\x20(){%*\"\\+\x7f-\xff]{1,64}")


class Refused(Exception):
    """A command that is not carried out: BAD, or NO with a code. `tag` is empty when it could not be read."""

    def __init__(self, tag: str, text: str, code: str = "", *, bad: bool = True) -> None:
        super().__init__(text)
        self.tag = tag
        self.text = text
        self.code = code
        self.bad = bad


def parse(raw: Raw, *, utf8: bool = False) -> c.Command:
    """Read one command. `utf8` says that mailbox names are UTF-8 (RFC 6855)."""
    cursor = Cursor(raw, utf8=utf8)
    tag = ""
    try:
        tag = cursor.take(_TAG, "a tag").decode("ascii")
        cursor.space()
        word = cursor.keyword()
        uid = word == "UID"
        if uid:
            cursor.space()
            word = cursor.keyword()
        parser = (_UID_PARSERS if uid else _PARSERS).get(word)
        if parser is None:
            raise ParseError("no such command")
        return parser(tag, cursor, uid)
    except ParseError as error:
        raise Refused(tag, str(error)) from error
    except NotSupported as error:
        raise Refused(tag, str(error), error.code, bad=False) from error


def command_word(fragment: bytes) -> str:
    """The command's name in a line that is not complete, for limits; empty if there is none."""
    words = fragment[:128].split(b" ", 2)
    return words[1].decode("ascii", "replace").upper() if len(words) > 1 else ""


# --------------------------------------------------------------------------------------- any state, signing in


def _bare(kind: Callable[[str], c.Command]) -> Callable[[str, Cursor, bool], c.Command]:
    """A command that has no arguments."""

    def read(tag: str, cursor: Cursor, uid: bool) -> c.Command:
        cursor.end()
        return kind(tag)

    return read


def _id(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """id = "ID" SP ( "(" string SP nstring *(SP string SP nstring) ")" / "NIL" ) (RFC 2971)"""
    cursor.space()
    if cursor.peek() != b"(":
        if cursor.keyword() != "NIL":
            raise ParseError("expected a list or NIL")
        cursor.end()
        return c.Id(tag)

    def pair() -> tuple[str, str]:
        name = cursor.unicode().lower()
        cursor.space()
        value = cursor.nstring()
        return name[:30], (value or b"").decode("utf-8", "replace")[:1024]

    fields = cursor.listed(pair, empty=True)
    cursor.end()
    return c.Id(tag, tuple(fields[:30]))


def _authenticate(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")] (RFC 4959)"""
    cursor.space()
    mechanism = cursor.keyword()
    initial: Secret[bytes] | None = None
    if cursor.skip(b" "):
        initial = Secret(sasl_decode(cursor.text[cursor.position :]))
        cursor.position = len(cursor.text)
    cursor.end()
    return c.Authenticate(tag, mechanism, initial)


def sasl_decode(text: bytes) -> bytes:
    """base64 of a SASL exchange; `=` alone is empty (RFC 4959 3)."""
    text = text.strip()
    if text == b"=":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ParseError("this is not base64") from error


def _login(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """login = "LOGIN" SP userid SP password"""
    cursor.space()
    username = cursor.unicode()
    cursor.space()
    password = Secret(cursor.unicode())
    cursor.end()
    return c.Login(tag, username, password)


def _enable(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """enable = "ENABLE" 1*(SP capability) (RFC 5161)"""
    found: list[str] = []
    while not cursor.at_end():
        cursor.space()
        found.append(cursor.keyword())
    if not found:
        raise ParseError("expected a capability")
    return c.Enable(tag, tuple(found))


def _compress(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """compress = "COMPRESS" SP algorithm (RFC 4978)"""
    cursor.space()
    mechanism = cursor.keyword()
    cursor.end()
    return c.Compress(tag, mechanism)


# ---------------------------------------------------------------------------------------------------- messages


def _messages(cursor: Cursor) -> MessageSet:
    if cursor.skip(b"$"):
        return Saved.RESULT
    return cursor.sequence_set()


def _fetch(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    cursor.space()
    return fetch(tag, cursor, _messages(cursor), uid)


_STORE_ITEM = re.compile(rb"([+-]?)FLAGS(\.SILENT)?(?= )", re.IGNORECASE)


def _store(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """store = "STORE" SP sequence-set [SP "(" "UNCHANGEDSINCE" SP number ")"] SP store-att-flags (RFC 7162)"""
    cursor.space()
    messages = _messages(cursor)
    cursor.space()
    unchanged: list[int] = []

    def modifier() -> None:
        if cursor.keyword() != "UNCHANGEDSINCE":
            raise ParseError("no such modifier of STORE")
        cursor.space()
        unchanged.append(cursor.number64())

    if cursor.peek() == b"(":
        cursor.listed(modifier)
        cursor.space()
    item = cursor.take(_STORE_ITEM, "FLAGS, +FLAGS or -FLAGS").upper()
    silent = item.endswith(b".SILENT")
    mode = StoreMode(item.removesuffix(b".SILENT").decode("ascii"))
    cursor.space()
    if cursor.peek() == b"(":
        flags = cursor.listed(cursor.flag, empty=True)
    else:
        flags = [cursor.flag()]
        while not cursor.at_end() and cursor.skip(b" ") and not cursor.at_end():
            flags.append(cursor.flag())
    cursor.end()
    if len(flags) > MAX_FLAGS:
        raise ParseError("too many flags")
    return c.Store(tag, messages, mode, frozenset(flags), silent, uid, unchanged[-1] if unchanged else None)


def _copy(move: bool) -> Callable[[str, Cursor, bool], c.Command]:
    def read(tag: str, cursor: Cursor, uid: bool) -> c.Command:
        """copy = "COPY" SP sequence-set SP mailbox; MOVE the same (RFC 6851)"""
        cursor.space()
        messages = _messages(cursor)
        cursor.space()
        mailbox = cursor.mailbox()
        cursor.end()
        return c.Copy(tag, messages, mailbox, move, uid)

    return read


def _uid_expunge(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """uid-expunge = "UID" SP "EXPUNGE" SP sequence-set (RFC 4315)"""
    cursor.space()
    uids = _messages(cursor)
    cursor.end()
    return c.Expunge(tag, uids)


_Parser = Callable[[str, Cursor, bool], c.Command]

_BOTH: dict[str, _Parser] = {
    "FETCH": _fetch,
    "STORE": _store,
    "COPY": _copy(False),
    "MOVE": _copy(True),
    "SEARCH": search,
    "SORT": sort,
    "THREAD": thread,
}

_UID_PARSERS: dict[str, _Parser] = {**_BOTH, "EXPUNGE": _uid_expunge}

_PARSERS: dict[str, _Parser] = {
    **_BOTH,
    "CAPABILITY": _bare(c.Capability),
    "NOOP": _bare(c.Noop),
    "LOGOUT": _bare(c.Logout),
    "ID": _id,
    "STARTTLS": _bare(c.StartTls),
    "AUTHENTICATE": _authenticate,
    "LOGIN": _login,
    "ENABLE": _enable,
    "SELECT": select(False),
    "EXAMINE": select(True),
    "CREATE": create,
    "DELETE": one_mailbox(c.Delete),
    "RENAME": rename,
    "SUBSCRIBE": one_mailbox(lambda tag, name: c.Subscribe(tag, name, True)),
    "UNSUBSCRIBE": one_mailbox(lambda tag, name: c.Subscribe(tag, name, False)),
    "LIST": list_,
    "LSUB": lsub,
    "NAMESPACE": _bare(c.Namespace),
    "STATUS": status,
    "APPEND": append,
    "IDLE": _bare(c.Idle),
    "GETQUOTA": get_quota,
    "GETQUOTAROOT": one_mailbox(c.GetQuotaRoot),
    "COMPRESS": _compress,
    "NOTIFY": notify,
    "CHECK": _bare(c.Check),
    "CLOSE": _bare(lambda tag: c.Close(tag, True)),
    "UNSELECT": _bare(lambda tag: c.Close(tag, False)),
    "EXPUNGE": _bare(lambda tag: c.Expunge(tag, None)),
}
