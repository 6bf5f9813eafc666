"""Commands as a client would write them: the other half of `imap.parse`, and the strategies that make up commands."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bridge_gui.imap import commands as c
from bridge_gui.imap import utf7
from bridge_gui.imap.backend import DateKey, Field, IdKey, SizeKey, StoreMode, TextKey
from bridge_gui.imap.fetch_items import Binary, BinarySize, BodySection, FetchAtt, FetchItem
from bridge_gui.imap.grammar import MONTHS, SYSTEM_FLAGS, inbox
from bridge_gui.imap.search_keys import (
    Age,
    And,
    HasFlag,
    InSet,
    Modseq,
    Not,
    Or,
    SearchKey,
    SearchReturn,
    SortBy,
    SortCriterion,
    ThreadBy,
)
from bridge_gui.imap.sequences import MAX_NUMBER, STAR, MessageSet, Saved, SequenceSet
from bridge_gui.mime.structure import Section, SectionKind
from bridge_gui.secret import Secret

# ---------------------------------------------------------------------------------------------- to bytes


def quoted(value: bytes) -> bytes:
    """A quoted string where it can be one, else a literal that does not wait."""
    if all(32 <= octet < 127 for octet in value):
        return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return b"{%d+}\r\n%s" % (len(value), value)


def mailbox(name: str) -> bytes:
    return quoted(utf7.encode(name))


def messages(value: MessageSet) -> bytes:
    return b"$" if isinstance(value, Saved) else value.encode()


def flags(value: frozenset[str]) -> bytes:
    return b"(%s)" % " ".join(sorted(value)).encode()


def date(day: int) -> bytes:
    moment = datetime(1970, 1, 1) + timedelta(days=day)
    return f"{moment.day}-{MONTHS[moment.month - 1]}-{moment.year:04}".encode()


def date_time(seconds: int) -> bytes:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    clock = f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    return f'"{moment.day:2}-{MONTHS[moment.month - 1]}-{moment.year:04} {clock} +0000"'.encode()


def item(value: FetchItem) -> bytes:
    if isinstance(value, FetchAtt):
        return value.value.encode()
    if isinstance(value, BinarySize):
        return b"BINARY.SIZE[%s]" % path(value.path)
    tail = b"" if value.partial is None else b"<%d.%d>" % value.partial
    peek = b".PEEK" if value.peek else b""
    if isinstance(value, Binary):
        return b"BINARY%s[%s]%s" % (peek, path(value.path), tail)
    return value.label.replace(b"BODY", b"BODY" + peek, 1) + tail


def path(numbers: tuple[int, ...]) -> bytes:
    return ".".join(map(str, numbers)).encode()


def search_key(key: SearchKey) -> bytes:
    match key:
        case And(keys=()):
            return b"ALL"
        case And(keys=keys):
            return b"(%s)" % b" ".join(map(search_key, keys))
        case Or(first=first, second=second):
            return b"OR %s %s" % (search_key(first), search_key(second))
        case Not(key=inner):
            return b"NOT " + search_key(inner)
        case HasFlag(flag=flag):
            return flag[1:].upper().encode() if flag.startswith("\\") else b"KEYWORD " + flag.encode()
        case InSet(messages=wanted, uid=uid):
            return (b"UID " if uid else b"") + messages(wanted)
        case Modseq(least=least):
            return b"MODSEQ %d" % least
        case Age(older=older, seconds=seconds):
            return b"%s %d" % (b"OLDER" if older else b"YOUNGER", seconds)
        case SizeKey(larger=larger, size=size):
            return b"%s %d" % (b"LARGER" if larger else b"SMALLER", size)
        case IdKey(thread=thread, value=value):
            return b"%s %s" % (b"THREADID" if thread else b"EMAILID", value.encode())
        case DateKey(first=first, before=before, sent=sent, saved=saved):
            kind = b"SENT" if sent else b"SAVED" if saved else b""
            if before is None:
                assert first is not None
                return b"%sSINCE %s" % (kind, date(first))
            if first is None:
                return b"%sBEFORE %s" % (kind, date(before))
            return b"%sON %s" % (kind, date(first))
        case TextKey(field=field, needle=needle, header=header):
            if field is Field.HEADER:
                return b"HEADER %s %s" % (quoted(header.encode()), quoted(needle.encode()))
            return field.name.encode() + b" " + quoted(needle.encode())


def returns(value: frozenset[SearchReturn] | None, partial: tuple[int, int] | None) -> bytes:
    if value is None:
        return b""
    words = [one.value.encode() for one in sorted(value, key=lambda one: one.value)]
    if partial is not None:
        words.append(b"PARTIAL %d:%d" % partial)
    return b"RETURN (%s) " % b" ".join(words)


def resync(value: c.Qresync) -> bytes:
    known = b"" if value.known is None else b" " + value.known.encode()
    sample = b""
    if value.match_sequence is not None and value.match_uids is not None:
        sample = b" (%s %s)" % (value.match_sequence.encode(), value.match_uids.encode())
    return b"QRESYNC (%d %d%s%s)" % (value.uidvalidity, value.modseq, known, sample)


def event_group(group: c.NotifyGroup) -> bytes:
    words = [group.scope.value.encode()]
    if group.names:
        words.append(b"(%s)" % b" ".join(map(mailbox, group.names)))
    events = [
        event.value.encode()
        + (b" (%s)" % b" ".join(map(item, group.fetch)) if group.fetch and event is c.NotifyEvent.MESSAGE_NEW else b"")
        for event in group.events
    ]
    words.append(b"(%s)" % b" ".join(events) if events else b"NONE")
    return b"(%s)" % b" ".join(words)


def encode(command: c.Command) -> bytes:
    """One command with its CRLF."""
    tag = command.tag.encode() + b" "
    uid = b"UID " if getattr(command, "uid", False) else b""
    match command:
        case c.Login(username=username, password=password):
            rest = b"LOGIN %s %s" % (quoted(username.encode()), quoted(password.reveal().encode()))
        case c.Authenticate(mechanism=mechanism, initial=initial):
            given = b"" if initial is None else b" " + (base64.b64encode(initial.reveal()) or b"=")
            rest = b"AUTHENTICATE " + mechanism.encode() + given
        case c.Id(fields=fields):
            pairs = b" ".join(b"%s %s" % (quoted(key.encode()), quoted(value.encode())) for key, value in fields)
            rest = b"ID (%s)" % pairs if fields else b"ID NIL"
        case c.Enable(capabilities=capabilities):
            rest = b"ENABLE " + " ".join(capabilities).encode()
        case c.Compress(mechanism=mechanism):
            rest = b"COMPRESS " + mechanism.encode()
        case c.GetQuota(root=root):
            rest = b"GETQUOTA " + quoted(root.encode())
        case c.Notify(groups=groups, status=status):
            told = b" ".join(map(event_group, groups))
            rest = b"NOTIFY " + (b"SET %s%s" % (b"STATUS " if status else b"", told) if groups else b"NONE")
        case c.Select(mailbox=name, condstore=condstore, qresync=qresync):
            asked = [b"CONDSTORE"] * condstore + ([resync(qresync)] if qresync is not None else [])
            rest = b"%s %s%s" % (command.name.encode(), mailbox(name), b" (%s)" % b" ".join(asked) if asked else b"")
        case c.Create(mailbox=name, special_use=uses) if uses:
            rest = b"CREATE %s (USE (%s))" % (mailbox(name), " ".join(uses).encode())
        case c.Create(mailbox=name) | c.Delete(mailbox=name) | c.Subscribe(mailbox=name) | c.GetQuotaRoot(mailbox=name):
            rest = command.name.encode() + b" " + mailbox(name)
        case c.Rename(mailbox=name, new_name=new_name):
            rest = b"RENAME %s %s" % (mailbox(name), mailbox(new_name))
        case c.Status(mailbox=name, items=items):
            rest = b"STATUS %s (%s)" % (mailbox(name), b" ".join(one.value.encode() for one in items))
        case c.List(reference=reference, patterns=patterns, extended=True):
            chosen = b"(%s) " % b" ".join(one.value.encode() for one in command.select)
            wanted_too = [one.value.encode() for one in command.returns]
            if command.status:
                wanted_too.append(b"STATUS (%s)" % b" ".join(one.value.encode() for one in command.status))
            tail = b" RETURN (%s)" % b" ".join(wanted_too)
            rest = b"LIST %s%s (%s)%s" % (chosen, mailbox(reference), b" ".join(map(mailbox, patterns)), tail)
        case c.List(reference=reference, patterns=patterns, lsub=lsub):
            rest = b"%s %s %s" % (b"LSUB" if lsub else b"LIST", mailbox(reference), mailbox(patterns[0]))
        case c.Append(mailbox=name, messages=given):
            rest = b"APPEND " + mailbox(name)
            for one in given:
                when = b"" if one.date is None else date_time(one.date) + b" "
                rest += b" %s %s{%d+}\r\n%s" % (flags(one.flags), when, len(one.literal), one.literal)
        case c.Fetch(messages=wanted, items=items, changed_since=since, vanished=vanished, partial=partial):
            modifiers = [] if since is None else [b"CHANGEDSINCE %d" % since]
            modifiers += [b"VANISHED"] * vanished + ([] if partial is None else [b"PARTIAL %d:%d" % partial])
            tail = b" (%s)" % b" ".join(modifiers) if modifiers else b""
            rest = b"%sFETCH %s (%s)%s" % (uid, messages(wanted), b" ".join(map(item, items)), tail)
        case c.Store(messages=wanted, mode=mode, flags=chosen, silent=silent, unchanged_since=since):
            condition = b"" if since is None else b"(UNCHANGEDSINCE %d) " % since
            what = mode.value.encode() + (b".SILENT" if silent else b"")
            rest = b"%sSTORE %s %s%s %s" % (uid, messages(wanted), condition, what, flags(chosen))
        case c.Copy(messages=wanted, mailbox=name, move=move):
            rest = b"%s%s %s %s" % (uid, b"MOVE" if move else b"COPY", messages(wanted), mailbox(name))
        case c.Search(key=key, returns=chosen, partial=partial):
            rest = b"%sSEARCH %s%s" % (uid, returns(chosen, partial), search_key(key))
        case c.Sort(criteria=criteria, key=key, returns=chosen, partial=partial):
            by = b" ".join((b"REVERSE " if one.reverse else b"") + one.by.value.encode() for one in criteria)
            rest = b"%sSORT %s(%s) UTF-8 %s" % (uid, returns(chosen, partial), by, search_key(key))
        case c.Thread(algorithm=algorithm, key=key):
            rest = b"%sTHREAD %s UTF-8 %s" % (uid, algorithm.value.encode(), search_key(key))
        case c.Expunge(uids=uids) if uids is not None:
            rest = b"UID EXPUNGE " + messages(uids)
        case _:
            rest = command.name.encode()
    return tag + rest + b"\r\n"


# ----------------------------------------------------------------------------------------------- made up

tags = st.text("abcXYZ019.-_", min_size=1, max_size=8)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).map(inbox)
numbers = st.integers(1, MAX_NUMBER) | st.just(STAR)
sets = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5).map(
    lambda pairs: SequenceSet(tuple((a, b) for a, b in pairs))
)
message_sets = sets | st.just(Saved.RESULT)
keywords = st.text("abcdefgXYZ$", min_size=1, max_size=6)
settable = st.sampled_from(sorted(set(SYSTEM_FLAGS.values()) - {"\\Recent"}))
flag_sets = st.frozensets(keywords | settable, max_size=4)
modseqs = st.integers(0, 2**63 - 1)
days = st.integers(-20_000, 60_000)
partials = st.none() | st.tuples(st.integers(0, MAX_NUMBER), st.integers(1, MAX_NUMBER))
paths = st.lists(st.integers(1, 99), min_size=1, max_size=4).map(tuple)


@st.composite
def body_sections(draw: st.DrawFn) -> BodySection:
    where = draw(st.just(()) | paths)
    kinds = [kind for kind in SectionKind if where or kind is not SectionKind.MIME]
    kind = draw(st.sampled_from(kinds))
    words = [path(where), kind.value.encode()]
    wanted: list[bytes] = []
    label = b".".join(word for word in words if word)
    if kind in (SectionKind.FIELDS, SectionKind.FIELDS_NOT):
        wanted = draw(st.lists(st.sampled_from([b"From", b"X-Y", b"subject"]), min_size=1, max_size=3))
        label += b" (%s)" % b" ".join(wanted)
    section = Section(where, kind, tuple(name.lower() for name in wanted))
    return BodySection(section, b"BODY[%s]" % label, draw(st.booleans()), draw(partials))


items = st.one_of(
    st.sampled_from(list(FetchAtt)),
    body_sections(),
    st.builds(Binary, paths, st.booleans(), partials),
    st.builds(BinarySize, paths),
)

leaf_keys: st.SearchStrategy[SearchKey] = st.one_of(
    st.just(And()),
    st.builds(HasFlag, settable | keywords),
    st.builds(InSet, message_sets, st.booleans()),
    st.builds(Modseq, modseqs),
    st.builds(Age, st.booleans(), st.integers(1, MAX_NUMBER)),
    st.builds(SizeKey, st.booleans(), st.integers(0, MAX_NUMBER)),
    st.builds(IdKey, st.booleans(), keywords),
    st.builds(
        lambda day, kind, how: DateKey(
            None if kind == "before" else day,
            None if kind == "since" else day if kind == "before" else day + 1,
            sent=how == "sent",
            saved=how == "saved",
        ),
        days,
        st.sampled_from(["before", "since", "on"]),
        st.sampled_from(["", "sent", "saved"]),
    ),
    st.builds(TextKey, st.sampled_from([Field.TEXT, Field.BODY]), texts),
    st.builds(TextKey, st.just(Field.HEADER), texts, st.text("abc-x", min_size=1, max_size=8)),
)

search_keys = st.recursive(
    leaf_keys,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda keys: And(tuple(keys))),
        st.builds(Or, inner, inner),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)

result_options = st.none() | st.frozensets(st.sampled_from(list(SearchReturn)), min_size=1)

commands: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(c.Capability, tags),
    st.builds(c.Noop, tags),
    st.builds(c.Logout, tags),
    st.builds(c.Login, tags, texts, texts.map(Secret)),
    st.builds(c.Select, tags, names, st.booleans(), st.booleans()),
    st.builds(c.Create, tags, names),
    st.builds(c.Delete, tags, names),
    st.builds(c.Subscribe, tags, names, st.booleans()),
    st.builds(c.GetQuotaRoot, tags, names),
    st.builds(c.Rename, tags, names, names),
    st.builds(c.Status, tags, names, st.lists(st.sampled_from(list(c.StatusItem)), min_size=1, unique=True).map(tuple)),
    st.builds(c.List, tags, names, names.map(lambda name: (name,)), lsub=st.booleans()),
    st.builds(
        c.Append,
        tags,
        names,
        st.lists(
            st.builds(c.AppendMessage, st.binary(max_size=40), flag_sets, st.none() | st.integers(-(10**9), 10**10)),
            min_size=1,
            max_size=3,
        ).map(tuple),
    ),
    st.builds(c.Idle, tags),
    st.builds(c.Namespace, tags),
    st.builds(c.Check, tags),
    st.builds(c.Close, tags, st.booleans()),
    st.builds(c.Expunge, tags, st.none() | message_sets),
    st.builds(
        c.Fetch,
        tags,
        message_sets,
        st.lists(items, min_size=1, max_size=4, unique=True).map(tuple),
        st.booleans(),
        st.none() | modseqs,
    ),
    st.builds(
        c.Store,
        tags,
        message_sets,
        st.sampled_from(list(StoreMode)),
        flag_sets,
        st.booleans(),
        st.booleans(),
        st.none() | modseqs,
    ),
    st.builds(c.Copy, tags, message_sets, names, st.booleans(), st.booleans()),
    st.builds(c.Search, tags, search_keys, st.booleans(), result_options),
    st.builds(
        c.Sort,
        tags,
        st.lists(st.builds(SortCriterion, st.sampled_from(list(SortBy)), st.booleans()), min_size=1).map(tuple),
        search_keys,
        st.booleans(),
        result_options,
    ),
    st.builds(c.Thread, tags, st.sampled_from(list(ThreadBy)), search_keys, st.booleans()),
)
