"""NOTIFY (RFC 5465): news between commands, of the selected mailbox and of others.

The backend says only that something in the tree has changed. So a watch remembers what the client was told of each
mailbox that it asked for, looks again when it is stirred, and says what differs: STATUS for messages, LIST for
names and subscriptions. It looks at most every `PAUSE` seconds, however busy the account is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.backend import MailboxInfo, MailboxStatus, No
from bridge_gui.imap.conversation import Conversation
from bridge_gui.imap.handlers.fetch import fetch_new

PAUSE = 0.25
"""Seconds between two looks at the tree."""

_MESSAGES = frozenset({c.NotifyEvent.MESSAGE_NEW, c.NotifyEvent.MESSAGE_EXPUNGE, c.NotifyEvent.FLAG_CHANGE})
_SELECTED = (c.NotifyScope.SELECTED, c.NotifyScope.SELECTED_DELAYED)


async def notify(conv: Conversation, command: c.Notify) -> None:
    for group in command.groups:
        if group.events - c.NOTIFIED:
            raise No("some of these events are not told here", c.BAD_EVENT)
    for end in conv.on_close:
        end()
    conv.on_close.clear()
    conv.push = None
    if command.groups:
        watch = _Watch(conv, command.groups)
        conv.on_close.append(conv.signed_in().on_mailboxes_changed(watch.note))
        await watch.begin(say_status=command.status)
        conv.push = watch.push
    conv.tell(command)
    conv.say(responses.ok(command.tag, "NOTIFY completed"))


@dataclass(frozen=True, slots=True)
class _Told:
    """What the client knows of a mailbox."""

    info: MailboxInfo
    status: MailboxStatus | None


class _Watch:
    """One client's wishes, and what it was told last."""

    def __init__(self, conv: Conversation, groups: Sequence[c.NotifyGroup]) -> None:
        self._conv = conv
        self._selected = next((group for group in groups if group.scope in _SELECTED), None)
        self._groups = [group for group in groups if group.scope not in _SELECTED]
        self._told: dict[str, _Told] = {}
        self._dirty = False
        self._waiting = False

    def note(self) -> None:
        """Something in the tree has changed."""
        self._dirty = True
        if self._groups and not self._waiting:
            self._waiting = True
            self._conv.link.stir_later(PAUSE)

    async def begin(self, *, say_status: bool) -> None:
        self._told = await self._look()
        if not say_status:
            return
        for name, told in self._told.items():
            if told.status is not None and not self._is_selected(name):
                await self._say_status(name, told.status)

    async def push(self) -> None:
        """Say what is new. Called between commands and in IDLE."""
        await self._push_selected()
        if not self._dirty or not self._groups:
            return
        self._dirty = self._waiting = False
        before, self._told = self._told, await self._look()
        await self._push_names(before)
        for name, told in self._told.items():
            old = before.get(name)
            if told.status is None or self._is_selected(name):
                continue
            if old is None or old.status is None or _differs(old.status, told.status):
                await self._say_status(name, told.status)

    async def _push_selected(self) -> None:
        view, wish = self._conv.view, self._selected
        if view is None or wish is None or not wish.events or not view.news:
            return
        known = view.count
        lost = len(view.removed)
        expunges = wish.scope is c.NotifyScope.SELECTED
        self._conv.say(view.tell(expunges=expunges, uids=True, flags=c.NotifyEvent.FLAG_CHANGE in wish.events))
        start = known - (lost if expunges else 0)
        if wish.fetch and view.count > start:
            await fetch_new(self._conv, view, wish.fetch, max(start, 0))

    async def _push_names(self, before: dict[str, _Told]) -> None:
        """LIST of what has come, gone (\\NonExistent) or another name or subscription (RFC 5465 5.4, 5.5)."""
        renamed = {told.info.mailbox_id: name for name, told in before.items() if told.info.mailbox_id}
        for name, told in self._told.items():
            events = self._events(told.info)
            old = before.get(name)
            if old is None and c.NotifyEvent.MAILBOX_NAME in events:
                earlier = renamed.get(told.info.mailbox_id)
                extra = b""
                if earlier is not None and earlier not in self._told:
                    extra = b' ("OLDNAME" (%s))' % responses.name(earlier, utf8=self._conv.utf8)
                    before.pop(earlier)
                await self._say_list(told.info, list(told.info.attributes), extra)
            elif (
                old is not None
                and c.NotifyEvent.SUBSCRIPTION_CHANGE in events
                and old.info.subscribed != told.info.subscribed
            ):
                shown = ["\\Subscribed"] if told.info.subscribed else []
                await self._say_list(told.info, [*told.info.attributes, *shown], b"")
        for name, told in before.items():
            if name not in self._told and c.NotifyEvent.MAILBOX_NAME in self._events(told.info):
                await self._say_list(told.info, ["\\NonExistent"], b"")

    async def _look(self) -> dict[str, _Told]:
        user = self._conv.signed_in()
        found: dict[str, _Told] = {}
        for info in await user.mailboxes():
            events = self._events(info)
            if not events:
                continue
            status: MailboxStatus | None = None
            if events & _MESSAGES and info.selectable:
                try:
                    status = await user.status(info.name)
                except No:
                    status = None  # gone since, or not listed yet: the next look will tell
            found[info.name] = _Told(info, status)
        return found

    def _events(self, info: MailboxInfo) -> frozenset[c.NotifyEvent]:
        """The first group that names a mailbox decides (RFC 5465 3.1)."""
        for group in self._groups:
            match group.scope:
                case c.NotifyScope.PERSONAL:
                    return group.events
                case c.NotifyScope.INBOXES:
                    hit = info.name == "INBOX"
                case c.NotifyScope.SUBSCRIBED:
                    hit = info.subscribed
                case c.NotifyScope.SUBTREE:
                    hit = any(info.name == name or info.name.startswith(name + "/") for name in group.names)
                case _:
                    hit = info.name in group.names
            if hit:
                return group.events
        return frozenset()

    def _is_selected(self, name: str) -> bool:
        view = self._conv.view
        return view is not None and view.mailbox.name == name

    async def _say_status(self, name: str, status: MailboxStatus) -> None:
        items = [c.StatusItem.MESSAGES, c.StatusItem.UIDNEXT, c.StatusItem.UIDVALIDITY, c.StatusItem.UNSEEN]
        if "CONDSTORE" in self._conv.enabled:
            items.append(c.StatusItem.HIGHESTMODSEQ)
        limit = self._conv.signed_in().append_limit
        await self._conv.write(responses.mailbox_status(name, status, items, limit, utf8=self._conv.utf8))

    async def _say_list(self, info: MailboxInfo, attributes: list[str], extra: bytes) -> None:
        await self._conv.write(responses.list_line(b"LIST", info, attributes, extra, utf8=self._conv.utf8))


def _differs(old: MailboxStatus, new: MailboxStatus) -> bool:
    return (old.messages, old.uidnext, old.unseen, old.highest_modseq) != (
        new.messages,
        new.uidnext,
        new.unseen,
        new.highest_modseq,
    )
