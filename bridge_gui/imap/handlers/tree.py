"""The mailbox tree: LIST, LSUB, NAMESPACE, STATUS, CREATE, DELETE, RENAME, SUBSCRIBE, APPEND and the quota."""

from __future__ import annotations

from collections.abc import Sequence

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.backend import Append, MailboxInfo, No
from bridge_gui.imap.conversation import Conversation
from bridge_gui.imap.grammar import NotSupported, inbox
from bridge_gui.imap.sequences import compress

SPECIAL_USES = frozenset({"\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash", "\\Important"})
"""RFC 6154 2 and RFC 8457."""

_PLAIN_STATUS = frozenset(c.StatusItem) - {c.StatusItem.SIZE}


def matches(name: str, pattern: str) -> bool:
    """Match a mailbox name: `*` any text, `%` any text within one level (RFC 3501 6.3.8).

    All places of the pattern that the text so far can be at are followed together, so that no pattern, however many
    stars it has, costs more than its length times the name's.
    """
    places = _skip_wildcards({0}, pattern)
    for sign in name:
        following: set[int] = set()
        for place in places:
            if place == len(pattern):
                continue
            wild = pattern[place]
            if wild == "*" or (wild == "%" and sign != "/"):
                following.add(place)
            elif wild == sign:
                following.add(place + 1)
        places = _skip_wildcards(following, pattern)
        if not places:
            return False
    return len(pattern) in places


def _skip_wildcards(places: set[int], pattern: str) -> set[int]:
    """A wildcard may stand for nothing."""
    found = set(places)
    for place in places:
        while place < len(pattern) and pattern[place] in "*%":
            place += 1
            found.add(place)
    return found


def _children(tree: Sequence[MailboxInfo]) -> set[str]:
    """Names that have children."""
    parents: set[str] = set()
    for info in tree:
        level = info.name
        while "/" in level:
            level = level.rpartition("/")[0]
            parents.add(level)
    return parents


def _attributes(info: MailboxInfo, parents: set[str], *, subscribed: bool) -> list[str]:
    found = [name for name in info.attributes if name not in ("\\HasChildren", "\\HasNoChildren", "\\Subscribed")]
    if not info.selectable and "\\Noselect" not in found:
        found.insert(0, "\\Noselect")
    found.append("\\HasChildren" if info.name in parents else "\\HasNoChildren")
    if subscribed and info.subscribed:
        found.append("\\Subscribed")
    return found


async def list_(conv: Conversation, command: c.List) -> None:
    """LIST with the options of RFC 5258, RFC 6154 and RFC 5819; and LSUB."""
    user = conv.signed_in()
    word = b"LSUB" if command.lsub else b"LIST"
    if command.patterns == ("",) and not command.extended:
        # RFC 3501 6.3.8: asks for the delimiter and the root of the reference.
        conv.say(b'* %s (\\Noselect) "/" ""\r\n' % word)
        conv.say(responses.ok(command.tag, f"{command.name} completed"))
        return
    tree = await user.mailboxes()
    parents = _children(tree)
    patterns = [inbox(command.reference + pattern) for pattern in command.patterns]
    only_subscribed = command.lsub or c.ListSelect.SUBSCRIBED in command.select
    only_special = c.ListSelect.SPECIAL_USE in command.select
    recursive = c.ListSelect.RECURSIVEMATCH in command.select
    show_subscribed = only_subscribed or c.ListReturn.SUBSCRIBED in command.returns

    def selected(info: MailboxInfo) -> bool:
        return (not only_subscribed or info.subscribed) and (
            not only_special or bool(SPECIAL_USES.intersection(info.attributes))
        )

    wanted = {info.name for info in tree if selected(info)}
    above = _parents_of(wanted)
    listed = 0
    for info in tree:
        if not any(matches(info.name, pattern) for pattern in patterns):
            continue
        chosen = info.name in wanted
        extra = b""
        if not chosen:
            if command.lsub and info.name in above and any(pattern.endswith("%") for pattern in patterns):
                # RFC 3501 6.3.9: a level above a subscribed mailbox is told, marked so that nobody takes it for one.
                conv.say(responses.list_line(word, info, ["\\Noselect"], b"", utf8=conv.utf8))
                continue
            if not (recursive and info.name in above):
                continue
        if recursive and info.name in above and only_subscribed:
            extra = b' ("CHILDINFO" ("SUBSCRIBED"))'
        shown = _attributes(info, parents, subscribed=show_subscribed and not command.lsub)
        await conv.write(responses.list_line(word, info, shown, extra, utf8=conv.utf8))
        listed += info.selectable
        if command.status and info.selectable and chosen:
            await _say_status(conv, info.name, command.status, listed=True)
    user.listed(listed)
    conv.tell(command)
    conv.say(responses.ok(command.tag, f"{command.name} completed"))


def _parents_of(names: set[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        while "/" in name:
            name = name.rpartition("/")[0]
            if name in found:
                break
            found.add(name)
    return found


async def _say_status(conv: Conversation, mailbox: str, items: Sequence[c.StatusItem], *, listed: bool = False) -> None:
    user = conv.signed_in()
    try:
        values = await user.status(mailbox)
    except No:
        if listed:  # RFC 5819 2: a mailbox that cannot be asked is listed without STATUS
            return
        raise
    limit = user.append_limit
    await conv.write(responses.mailbox_status(mailbox, values, items, limit, utf8=conv.utf8))


async def status(conv: Conversation, command: c.Status) -> None:
    await _say_status(conv, command.mailbox, command.items)
    if c.StatusItem.HIGHESTMODSEQ in command.items:
        become_condstore(conv)
    conv.tell(command)
    conv.say(responses.ok(command.tag, "STATUS completed"))


def become_condstore(conv: Conversation) -> None:
    """A command that CONDSTORE alone has tells that the client knows it (RFC 7162 3.1)."""
    if "CONDSTORE" in conv.enabled:
        return
    conv.enabled.add("CONDSTORE")
    if conv.view is not None:
        conv.view.condstore = True
        conv.say(
            responses.ok("*", "modification sequences are told", f"HIGHESTMODSEQ {conv.view.snapshot.highest_modseq}")
        )


async def namespace(conv: Conversation, command: c.Namespace) -> None:
    """RFC 2342: one personal namespace."""
    conv.say(b'* NAMESPACE (("" "/")) NIL NIL\r\n')
    conv.say(responses.ok(command.tag, "NAMESPACE completed"))


async def create(conv: Conversation, command: c.Create) -> None:
    """RFC 3501 6.3.3; a trailing delimiter only says that children will follow."""
    if command.special_use:
        raise NotSupported("special uses are fixed here", "USEATTR")
    mailbox_id = await conv.signed_in().create(_new_name(command.mailbox))
    conv.tell(command)
    code = f"MAILBOXID ({mailbox_id})" if mailbox_id else ""
    conv.say(responses.ok(command.tag, "CREATE completed", code))


def _new_name(name: str) -> str:
    name = name.removesuffix("/")
    if not name or name.startswith("/") or "//" in name or any(ord(sign) < 32 or ord(sign) == 127 for sign in name):
        raise NotSupported("a mailbox cannot have this name", "CANNOT")
    return name


async def delete(conv: Conversation, command: c.Delete) -> None:
    if command.mailbox == "INBOX":
        raise NotSupported("INBOX cannot be deleted", "CANNOT")
    await conv.signed_in().delete(command.mailbox)
    conv.tell(command)
    conv.say(responses.ok(command.tag, "DELETE completed"))


async def rename(conv: Conversation, command: c.Rename) -> None:
    await conv.signed_in().rename(command.mailbox, _new_name(command.new_name))
    conv.tell(command)
    conv.say(responses.ok(command.tag, "RENAME completed"))


async def subscribe(conv: Conversation, command: c.Subscribe) -> None:
    await conv.signed_in().subscribe(command.mailbox, command.subscribed)
    conv.tell(command)
    conv.say(responses.ok(command.tag, f"{command.name} completed"))


async def append(conv: Conversation, command: c.Append) -> None:
    """APPEND and MULTIAPPEND; APPENDUID of RFC 4315 3."""
    user = conv.signed_in()
    if any(not message.literal for message in command.messages):
        raise NotSupported("an empty message is not stored")
    user.activity(f"storing in {command.mailbox}")
    stored = await user.append(
        command.mailbox,
        [Append(message.take(), message.flags, message.date) for message in command.messages],
    )
    conv.tell(command)
    code = f"APPENDUID {stored.uidvalidity} {compress(stored.uids).decode('ascii')}" if stored.uids else ""
    conv.say(responses.ok(command.tag, "APPEND completed", code))


async def get_quota(conv: Conversation, command: c.GetQuota) -> None:
    """RFC 9208 4.2; there is one root, with the empty name: the account's space at the service."""
    if command.root:
        raise No("there is no such quota root", "NONEXISTENT")
    await _say_quota(conv)
    conv.say(responses.ok(command.tag, "GETQUOTA completed"))


async def get_quota_root(conv: Conversation, command: c.GetQuotaRoot) -> None:
    conv.say(b'* QUOTAROOT %s ""\r\n' % responses.name(command.mailbox, utf8=conv.utf8))
    await _say_quota(conv)
    conv.say(responses.ok(command.tag, "GETQUOTAROOT completed"))


async def _say_quota(conv: Conversation) -> None:
    known = await conv.signed_in().quota()
    if known is None:
        conv.say(b'* QUOTA "" ()\r\n')
        return
    used, allowed = known
    conv.say(b'* QUOTA "" (STORAGE %d %d)\r\n' % (-(-used // 1024), allowed // 1024))
