"""From the words of a command about mailboxes to a `Command`: their tree, their state, APPEND, quota, NOTIFY.

Each parser stands under the grammar line of its RFC.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bridge_gui.imap import commands as c
from bridge_gui.imap.fetch_items import FetchItem
from bridge_gui.imap.grammar import Cursor, NotSupported, ParseError
from bridge_gui.imap.parse_fetch import fetch_items
from bridge_gui.imap.sequences import SequenceSet

MAX_APPEND_MESSAGES = 200
MAX_FLAGS = 200


# -------------------------------------------------------------------------------------------------- mailboxes


def select(read_only: bool) -> Callable[[str, Cursor, bool], c.Command]:
    def read(tag: str, cursor: Cursor, uid: bool) -> c.Command:
        """select = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"]"""
        cursor.space()
        mailbox = cursor.mailbox()
        condstore, qresync = False, None
        if cursor.skip(b" ") and not cursor.at_end():
            for condstore_given, qresync_given in cursor.listed(lambda: _select_parameter(cursor)):
                condstore = condstore or condstore_given
                qresync = qresync_given or qresync
        cursor.end()
        return c.Select(tag, mailbox, read_only, condstore, qresync)

    return read


def _select_parameter(cursor: Cursor) -> tuple[bool, c.Qresync | None]:
    """CONDSTORE, or QRESYNC (uidvalidity modseq [known-uids] [(seqs uids)]) (RFC 7162 3.2.5)"""
    word = cursor.keyword()
    if word == "CONDSTORE":
        return True, None
    if word != "QRESYNC":
        raise ParseError("no such parameter of SELECT")
    cursor.space()
    cursor.expect(b"(", "a list in parentheses")
    uidvalidity = cursor.number(least=1)
    cursor.space()
    modseq = cursor.number64()
    known: SequenceSet | None = None
    sequence: SequenceSet | None = None
    uids: SequenceSet | None = None
    if cursor.skip(b" ") and cursor.peek() != b"(":
        known = cursor.sequence_set()
        cursor.skip(b" ")
    if cursor.skip(b"("):
        sequence = cursor.sequence_set()
        cursor.space()
        uids = cursor.sequence_set()
        cursor.expect(b")", "a closing parenthesis")
    cursor.expect(b")", "a closing parenthesis")
    return False, c.Qresync(uidvalidity, modseq, known, sequence, uids)


def create(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """create = "CREATE" SP mailbox [SP "(" create-param ")"]; USE of RFC 6154 3"""
    cursor.space()
    mailbox = cursor.mailbox()
    uses: list[str] = []

    def parameter() -> None:
        if cursor.keyword() != "USE":
            raise ParseError("no such parameter of CREATE")
        cursor.space()
        uses.extend(cursor.listed(lambda: cursor.take(_ATTRIBUTE, "an attribute").decode("ascii"), empty=True))

    if cursor.skip(b" ") and not cursor.at_end():
        cursor.listed(parameter)
    cursor.end()
    return c.Create(tag, mailbox, tuple(uses))


_ATTRIBUTE = re.compile(rb"\\[A-Za-z]+")


def one_mailbox(kind: Callable[[str, str], c.Command]) -> Callable[[str, Cursor, bool], c.Command]:
    def read(tag: str, cursor: Cursor, uid: bool) -> c.Command:
        cursor.space()
        mailbox = cursor.mailbox()
        cursor.end()
        return kind(tag, mailbox)

    return read


def rename(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """rename = "RENAME" SP mailbox SP mailbox"""
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    new_name = cursor.mailbox()
    cursor.end()
    return c.Rename(tag, mailbox, new_name)


def list_(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts] (RFC 5258)"""
    cursor.space()
    extended = False
    select: list[c.ListSelect] = []
    if cursor.peek() == b"(":
        extended = True
        select = cursor.listed(lambda: _list_select(cursor), empty=True)
        cursor.space()
    reference = cursor.mailbox()
    cursor.space()
    if cursor.peek() == b"(":
        extended = True
        patterns = cursor.listed(cursor.list_mailbox)
    else:
        patterns = [cursor.list_mailbox()]
    returns: set[c.ListReturn] = set()
    status: list[c.StatusItem] = []
    if cursor.skip(b" ") and not cursor.at_end():
        extended = True
        if cursor.keyword() != "RETURN":
            raise ParseError("expected RETURN")
        cursor.space()
        cursor.listed(lambda: _list_return(cursor, returns, status), empty=True)
    cursor.end()
    if set(select) == {c.ListSelect.RECURSIVEMATCH} or set(select) == {
        c.ListSelect.RECURSIVEMATCH,
        c.ListSelect.REMOTE,
    }:
        raise ParseError("RECURSIVEMATCH needs an option that it refines (RFC 5258 3.1)")
    return c.List(
        tag, reference, tuple(patterns), frozenset(select), frozenset(returns), tuple(status), extended=extended
    )


def _list_select(cursor: Cursor) -> c.ListSelect:
    try:
        return c.ListSelect(cursor.keyword())
    except ValueError as error:
        raise ParseError("no such selection option") from error


def _list_return(cursor: Cursor, returns: set[c.ListReturn], status: list[c.StatusItem]) -> None:
    word = cursor.keyword()
    if word == "STATUS":
        cursor.space()
        status.extend(cursor.listed(lambda: _status_item(cursor)))
        return
    try:
        returns.add(c.ListReturn(word))
    except ValueError as error:
        raise ParseError("no such return option") from error


def lsub(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """lsub = "LSUB" SP mailbox SP list-mailbox"""
    cursor.space()
    reference = cursor.mailbox()
    cursor.space()
    pattern = cursor.list_mailbox()
    cursor.end()
    return c.List(tag, reference, (pattern,), lsub=True)


def _status_item(cursor: Cursor) -> c.StatusItem:
    try:
        return c.StatusItem(cursor.keyword())
    except ValueError as error:
        raise ParseError("no such status item") from error


def status(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")" """
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    items = cursor.listed(lambda: _status_item(cursor))
    cursor.end()
    return c.Status(tag, mailbox, tuple(dict.fromkeys(items)))


def append(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """append = "APPEND" SP mailbox 1*(SP [flag-list SP] [date-time SP] literal) (RFC 3502)

    The literal may be `~{...}` or, as RFC 6855 4 has it, UTF8 (~{...})."""
    cursor.space()
    mailbox = cursor.mailbox()
    messages: list[c.AppendMessage] = []
    while not messages or (not cursor.at_end() and cursor.peek() == b" "):
        cursor.space()
        if messages and cursor.at_end():
            break
        flags: list[str] = []
        if cursor.peek() == b"(":
            flags = cursor.listed(cursor.flag, empty=True)
            cursor.space()
        date: int | None = None
        if cursor.peek() == b'"':
            date = cursor.date_time()
            cursor.space()
        wrapped = cursor.text[cursor.position : cursor.position + 6].upper() == b"UTF8 ("
        if wrapped:
            cursor.position += 6
        literal = cursor.literal()
        if literal is None:
            raise ParseError("expected a literal")
        if wrapped:
            cursor.expect(b")", "a closing parenthesis")
        if len(messages) >= MAX_APPEND_MESSAGES or len(flags) > MAX_FLAGS:
            raise ParseError("too much for one APPEND")
        messages.append(c.AppendMessage(literal, frozenset(flags), date))
    cursor.end()
    return c.Append(tag, mailbox, tuple(messages))


def get_quota(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """getquota = "GETQUOTA" SP quota-root-name (RFC 9208)"""
    cursor.space()
    root = cursor.unicode()
    cursor.end()
    return c.GetQuota(tag, root)


# ------------------------------------------------------------------------------------------------------ NOTIFY

_EVENTS = {event.value.upper(): event for event in c.NotifyEvent}
_SCOPES = {scope.value.upper(): scope for scope in c.NotifyScope}
_MESSAGE_EVENTS = {c.NotifyEvent.MESSAGE_NEW, c.NotifyEvent.MESSAGE_EXPUNGE, c.NotifyEvent.FLAG_CHANGE}


def notify(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """notify = "NOTIFY" SP (notify-add / "NONE"); notify-add = "SET" [SP "STATUS"] SP event-groups (RFC 5465 8)"""
    cursor.space()
    word = cursor.keyword()
    if word == "NONE":
        cursor.end()
        return c.Notify(tag)
    if word != "SET":
        raise ParseError("expected SET or NONE")
    cursor.space()
    status = cursor.peek() != b"("
    if status:
        if cursor.keyword() != "STATUS":
            raise ParseError("expected STATUS")
        cursor.space()
    groups = [_event_group(cursor)]
    while cursor.skip(b" ") and not cursor.at_end():
        groups.append(_event_group(cursor))
    cursor.end()
    return c.Notify(tag, tuple(groups), status)


def _event_group(cursor: Cursor) -> c.NotifyGroup:
    """event-group = "(" filter-mailboxes SP events ")" """
    cursor.expect(b"(", "an event group")
    scope = _SCOPES.get(cursor.keyword())
    if scope is None:
        raise ParseError("no such mailbox filter")
    names: list[str] = []
    cursor.space()
    if scope in (c.NotifyScope.SUBTREE, c.NotifyScope.MAILBOXES):
        names = cursor.one_or_listed(cursor.mailbox)
        cursor.space()
    fetch: list[FetchItem] = []
    if cursor.peek() == b"(":
        events = cursor.listed(lambda: _event(cursor, fetch))
    elif cursor.keyword() == "NONE":
        events = []
    else:
        raise ParseError("expected events or NONE")
    cursor.expect(b")", "the end of an event group")
    given = set(events)
    # RFC 5465 5.2: these come together or not at all.
    if bool({c.NotifyEvent.MESSAGE_NEW} & given) != bool({c.NotifyEvent.MESSAGE_EXPUNGE} & given):
        raise ParseError("MessageNew and MessageExpunge go together")
    if c.NotifyEvent.FLAG_CHANGE in given and c.NotifyEvent.MESSAGE_NEW not in given:
        raise ParseError("FlagChange wants MessageNew and MessageExpunge")
    if scope in (c.NotifyScope.SELECTED, c.NotifyScope.SELECTED_DELAYED) and given - _MESSAGE_EVENTS:
        raise ParseError("only message events are told of the selected mailbox")
    return c.NotifyGroup(scope, tuple(names), frozenset(events), tuple(fetch))


def _event(cursor: Cursor, fetch: list[FetchItem]) -> c.NotifyEvent:
    event = _EVENTS.get(cursor.keyword())
    if event is None:
        raise NotSupported("no such event", c.BAD_EVENT)
    if event is c.NotifyEvent.MESSAGE_NEW and cursor.text.startswith(b" (", cursor.position):
        cursor.space()
        fetch.extend(fetch_items(cursor))
    return event
