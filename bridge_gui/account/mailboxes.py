"""Answers `imap.backend` from one account's store: the tree of mailboxes, and what concerns a whole one.

Reading is a matter of the store alone, but for literals that are not here: those are asked for ahead of all others.
Flags, moves, copies and deletions are committed with their queue entry and told at once (`selected`). What makes,
renames or deletes a mailbox, and APPEND, waits for the service.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from bridge_gui.account import moves, tree
from bridge_gui.account.ports import Appender, AppendFailed, Literals, Remote
from bridge_gui.account.selected import SelectedMailbox
from bridge_gui.account.tree import NotAllowed, Tree, Wish
from bridge_gui.errors import BridgeError, Unreachable
from bridge_gui.imap.backend import Append, Appended, MailboxInfo, MailboxStatus, No, Trace
from bridge_gui.model import Access, AddressId, LabelId, MessageId, SystemLabel
from bridge_gui.store.changes import LabelGone, LabelSet
from bridge_gui.store.db import Mailbox, Store
from bridge_gui.store.reading import object_id
from bridge_gui.store.records import Label

READ_ONLY = "This password may only read"
APPEND_LIMIT = 50 * 1024 * 1024
"""Octets of a message: encrypted as a whole it stays below the 70 MB that the service imports (API document 4.7)."""


def _nonexistent() -> No:
    return No("There is no such mailbox", "NONEXISTENT")


def _not_listed() -> No:
    return No("This mailbox is not listed yet; it will be in a moment", "UNAVAILABLE")


class AccountUser:
    """`imap.backend.User` for one account, or with `address` for one address of it (split mode)."""

    def __init__(
        self,
        store: Store,
        literals: Literals,
        remote: Remote,
        appender: Appender,
        *,
        access: Access,
        address: AddressId | None = None,
        show_all_mail: Callable[[], bool] = lambda: True,
        quota: Callable[[], tuple[int, int] | None] = lambda: None,
        append_limit: int = APPEND_LIMIT,
    ) -> None:
        self._store = store
        self._literals = literals
        self._remote = remote
        self._appender = appender
        self._access = access
        self._address = address
        self._show_all_mail = show_all_mail
        self._quota = quota
        self._append_limit = append_limit
        self._boxes: Sequence[Mailbox] = ()
        """What the tree was made of; the store gives the same list until a label changes."""
        self._tree: Tree | None = None
        self._listed: frozenset[LabelId] = frozenset()
        self._open: list[SelectedMailbox] = []
        self._ends: list[Callable[[], None]] = []

    # ---------------------------------------------------------------------------------------- the session

    @property
    def read_only(self) -> bool:
        return self._access is not Access.FULL

    def identify(self, fields: Mapping[str, str]) -> None:
        """Nothing to do here: the bridge keeps account of sessions."""

    def activity(self, text: str) -> None:
        """Nothing to do here: the bridge keeps account of sessions."""

    def listed(self, count: int) -> None:
        """Nor here."""

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        """Nothing to do here: the bridge ends sessions."""

    def on_traced(self, callback: Callable[[Trace | None], None]) -> None:
        """Nothing to do here: the bridge keeps logs of sessions."""

    def close(self) -> None:
        """Close what is still open; idempotent."""
        for mailbox in list(self._open):
            mailbox.close()
        for end in self._ends:
            end()
        self._ends.clear()

    async def quota(self) -> tuple[int, int] | None:
        return self._quota()

    @property
    def append_limit(self) -> int:
        return self._append_limit

    def on_mailboxes_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        end = self._store.on_changed(callback)
        self._ends.append(end)

        def stop() -> None:
            if end in self._ends:
                self._ends.remove(end)
                end()

        return stop

    # ---------------------------------------------------------------------------------------- looking

    async def _names(self) -> Tree:
        boxes = await self._store.mailboxes()
        if self._tree is None or boxes is not self._boxes:
            self._boxes = boxes
            self._listed = frozenset(box.label.id for box in boxes if box.listed)
            self._tree = tree.build(box.label for box in boxes)
        return self._tree

    async def _label(self, name: str) -> Label:
        node = (await self._names()).find(name)
        if node is None or node.label is None:
            raise _nonexistent()
        return node.label

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        names = await self._names()
        unsubscribed = await self._store.unsubscribed()
        found = []
        for node in names.nodes:
            label = node.label
            if label is not None and await self._is_hidden(label):
                continue
            found.append(
                MailboxInfo(
                    node.name,
                    node.attributes,
                    selectable=label is not None,
                    subscribed=node.name not in unsubscribed,
                    mailbox_id=object_id(label.id) if label is not None else "",
                )
            )
        return found

    async def _is_hidden(self, label: Label) -> bool:
        if label.id == SystemLabel.ALL_MAIL:
            return not self._show_all_mail()
        if label.id == SystemLabel.SCHEDULED:
            status = await self._store.status(label.id, self._address)
            return status is None or status.messages == 0
        return False

    async def status(self, name: str) -> MailboxStatus:
        label = await self._label(name)
        status = await self._store.status(label.id, self._address)
        if status is None:
            raise _nonexistent()
        return MailboxStatus(
            status.messages,
            status.unseen,
            status.uidnext,
            status.uidvalidity,
            status.highest_modseq,
            status.size,
            status.deleted,
            object_id(label.id),
            status.deleted_size,
        )

    async def select(self, name: str, *, read_only: bool) -> SelectedMailbox:
        label = await self._label(name)
        if label.id not in self._listed:
            raise _not_listed()
        view = await self._store.open_view(label.id, self._address)
        if view is None:
            raise _nonexistent()
        mailbox = SelectedMailbox(
            self._store,
            view,
            label,
            tree.canonical(name),
            self._literals,
            self._resolve,
            read_only=read_only or self.read_only,
            refusal=READ_ONLY if self.read_only else "",
            on_close=self._forget,
        )
        self._open.append(mailbox)
        return mailbox

    def _forget(self, mailbox: SelectedMailbox) -> None:
        if mailbox in self._open:
            self._open.remove(mailbox)

    async def _resolve(self, name: str) -> Label | None:
        node = (await self._names()).find(name)
        return None if node is None else node.label

    async def subscribe(self, name: str, subscribed: bool) -> None:
        name = tree.canonical(name)
        if subscribed and (await self._names()).find(name) is None:
            raise _nonexistent()
        await self._store.subscribe(name, subscribed)

    # ---------------------------------------------------------------------------------------- waiting for the service

    def _check_writable(self) -> None:
        if self.read_only:
            raise No(READ_ONLY, "NOPERM")

    async def create(self, name: str) -> str:
        self._check_writable()
        names = await self._names()
        if names.find(name.rstrip(tree.DELIMITER)) is not None:
            raise No("There is such a mailbox already", "ALREADYEXISTS")
        wish = tree.wish(names, name)
        if isinstance(wish, NotAllowed):
            raise No(wish.text, "CANNOT")
        return object_id((await self._make(wish)).id)

    async def _make(self, wish: Wish) -> Label:
        """Make what a wish asks for, parents first."""
        parent = wish.parent
        for name in wish.missing:
            with _told():
                label = await self._remote.create_label(wish.kind, name, parent)
            await self._store.apply([LabelSet(label)])
            parent = label.id
        return label

    async def delete(self, name: str) -> None:
        self._check_writable()
        names = await self._names()
        node = names.find(name)
        if node is None:
            raise _nonexistent()
        if node.label is None or node.label.id in tree.SYSTEM:
            raise No(f"{node.name} cannot be deleted", "CANNOT")
        if names.children(node.label.id):
            # The service would delete them too, with no word to the program that asked for this one (RFC 9051 6.3.5).
            raise No("Delete the mailboxes inside it first", "HASCHILDREN")
        with _told():
            await self._remote.delete_label(node.label.id)
        await self._store.apply([LabelGone(node.label.id)])

    async def rename(self, name: str, new_name: str) -> None:
        self._check_writable()
        names = await self._names()
        node = names.find(name)
        if node is None:
            raise _nonexistent()
        if names.find(new_name) is not None:
            raise No("There is such a mailbox already", "ALREADYEXISTS")
        wish = tree.wish(names, new_name)
        if isinstance(wish, NotAllowed):
            raise No(wish.text, "CANNOT")
        if node.label is None or (node.label.id in tree.SYSTEM and node.name != "INBOX"):
            raise No(f"{node.name} cannot be renamed", "CANNOT")
        if node.name == "INBOX":
            await self._empty_inbox(await self._make(wish))
            return
        if wish.kind is not node.label.kind:
            raise No("A folder cannot become a label, nor a label a folder", "CANNOT")
        if f"{tree.canonical(new_name)}{tree.DELIMITER}".startswith(f"{node.name}{tree.DELIMITER}"):
            raise No("A mailbox cannot be moved into itself", "CANNOT")
        parent = wish.parent
        if len(wish.missing) > 1:
            parent = (await self._make(Wish(wish.kind, wish.parent, wish.missing[:-1]))).id
        with _told():
            label = await self._remote.update_label(node.label, wish.missing[-1], parent)
        await self._store.apply([LabelSet(label)])

    async def _empty_inbox(self, target: Label) -> None:
        """RENAME of INBOX moves its messages and leaves it empty (RFC 3501 6.3.5)."""
        inbox = await self.select("INBOX", read_only=False)
        try:
            await inbox.move(inbox.snapshot().uids, (await self._names()).name_of(target.id) or "")
        finally:
            inbox.close()

    async def append(self, name: str, messages: Sequence[Append]) -> Appended:
        self._check_writable()
        node = (await self._names()).find(name)
        if node is None or node.label is None:
            raise No("There is no such mailbox", "TRYCREATE")
        label = node.label
        if moves.place_of(label) in moves.FIXED:
            raise No(f"Messages cannot be put into {node.name}", "CANNOT")
        if label.id not in self._listed:
            raise _not_listed()
        if any(len(message.literal) > self._append_limit for message in messages):
            raise No(f"A message is larger than {self._append_limit} bytes", "TOOBIG")
        ids: list[MessageId] = []
        for message in messages:
            try:
                with _told():
                    id = await self._appender.append(
                        label.id, self._address, message.take(), message.flags, message.date
                    )
            except AppendFailed as error:
                raise No(error.text, error.code) from error
            ids.append(id)
        uids = await self._store.uids(label.id, ids)
        boxes = {box.label.id: box.uidvalidity for box in await self._store.mailboxes()}
        return Appended(boxes.get(label.id, 0), [uids[id] for id in ids if id in uids])


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn the account's errors into refusals for the mail program."""
    try:
        yield
    except Unreachable as error:
        raise No(error.message, "UNAVAILABLE") from error
    except BridgeError as error:
        raise No(error.message, "CANNOT") from error
