"""The account as the IMAP server sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge_gui.account.mailboxes import AccountUser
from bridge_gui.account.ports import AppendFailed
from bridge_gui.account.selected import SelectedMailbox
from bridge_gui.errors import Refused, Unreachable
from bridge_gui.imap.backend import (
    Append,
    DateKey,
    Delta,
    Field,
    FlagChange,
    IdKey,
    Mailbox,
    Need,
    No,
    Record,
    SizeKey,
    StoreMode,
    TextKey,
    User,
)
from bridge_gui.model import Access, AddressId, LabelId, LabelKind, MessageId
from bridge_gui.store import flags as store_flags
from bridge_gui.store.changes import LabelGone, LabelSet, LiteralReady, MessageSeen
from bridge_gui.store.db import Store
from bridge_gui.store.records import Label
from tests.store.samples import (
    ADDRESS,
    ARCHIVE,
    DRAFTS,
    INBOX,
    KEY,
    OTHER,
    SCHEDULED,
    SENT,
    SYSTEM,
    TAG,
    TRASH,
    WORK,
    literal,
    meta,
    mid,
)


@dataclass
class Service:
    """Stands for what lies behind the account: downloads, labels, imports."""

    store: Store
    online: bool = True
    refuses: bool = False
    asked: list[MessageId] = field(default_factory=list)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    failing: set[MessageId] = field(default_factory=set)

    async def urgent(self, ids: Sequence[MessageId]) -> AsyncIterator[Sequence[MessageId]]:
        self.asked += ids
        if not self.online:
            raise Unreachable("No network")
        for id in reversed(ids):
            if id not in self.failing:
                await self.store.apply([LiteralReady(id, literal(int(id[8:13])))])
                yield [id]

    def _check(self) -> None:
        if not self.online:
            raise Unreachable("No network")
        if self.refuses:
            raise Refused("The service says no")

    async def create_label(self, kind: LabelKind, name: str, parent_id: LabelId | None) -> Label:
        self._check()
        self.calls.append(("create", kind, name, parent_id))
        return Label(LabelId(f"new-{name}=="), kind, name, parent_id)

    async def update_label(self, label: Label, name: str, parent_id: LabelId | None) -> Label:
        self._check()
        self.calls.append(("update", label.id, name, parent_id))
        return Label(label.id, label.kind, name, parent_id)

    async def delete_label(self, id: LabelId) -> None:
        self._check()
        self.calls.append(("delete", id))

    async def append(
        self, label_id: LabelId, address_id: AddressId | None, literal_: bytes, flags: frozenset[str], date: int | None
    ) -> MessageId:
        self._check()
        if b"\r\n\r\n" not in literal_:
            raise AppendFailed("Not a message", "CANNOT")
        number = 900 + len(self.calls)
        self.calls.append(("append", label_id, address_id, flags, date))
        await self.store.apply(
            [
                MessageSeen(meta(number, [label_id], unread="\\Seen" not in flags, address=address_id or ADDRESS)),
                LiteralReady(mid(number), literal(number)),
            ]
        )
        return mid(number)


def user_of(
    store: Store, service: Service, access: Access = Access.FULL, address: AddressId | None = None
) -> AccountUser:
    return AccountUser(store, service, service, service, access=access, address=address, quota=lambda: (10, 100))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "mail.db", KEY)
    await store.set_labels([*SYSTEM, WORK, TAG])
    await store.begin_listing()
    await store.add_listing([meta(number) for number in range(1, 6)])
    await store.finish_listing()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def service(store: Store) -> Service:
    return Service(store)


@pytest.fixture
def user(store: Store, service: Service) -> AccountUser:
    return user_of(store, service)


async def download(store: Store, numbers: Iterable[int]) -> None:
    await store.apply([LiteralReady(mid(number), literal(number)) for number in numbers])


async def records(mailbox: SelectedMailbox, uids: Sequence[int], need: Need) -> list[Record]:
    return [record async for batch in mailbox.fetch(uids, need) for record in batch]


def flags(mailbox: SelectedMailbox) -> dict[int, set[str]]:
    snapshot = mailbox.snapshot()
    return {uid: set(snapshot.table.flags(n)) for uid, n in zip(snapshot.uids, snapshot.flags, strict=True)}


async def refusal(work: object) -> str:
    """The response code with which something is refused."""
    with pytest.raises(No) as caught:
        await work  # type: ignore[misc]
    return caught.value.code


async def take(batches: AsyncIterator[Sequence[Record]], uids: list[int]) -> None:
    """Note the UIDs of a fetch while it goes on."""
    async for batch in batches:
        uids += [record.uid for record in batch]


async def test_it_is_what_the_server_asks_for(user: AccountUser) -> None:
    as_user: User = user
    as_mailbox: Mailbox = await user.select("inbox", read_only=False)
    assert (as_user.read_only, as_mailbox.name, as_mailbox.mailbox_id) == (False, "INBOX", "0")
    assert await as_user.quota() == (10, 100)


async def test_the_tree(user: AccountUser, store: Store) -> None:
    infos = {info.name: info for info in await user.mailboxes()}
    assert list(infos) == [
        "INBOX", "Drafts", "Sent", "Starred", "Archive", "Spam", "Trash", "All Mail", "Folders", "Folders/Work",
        "Labels", "Labels/Tag",
    ]  # fmt: skip
    assert all(info.subscribed for info in infos.values())
    assert not infos["Folders"].selectable
    assert infos["Labels/Tag"].mailbox_id == "label-tag"
    await store.apply([MessageSeen(meta(9, [SCHEDULED], flags=2))])
    assert "Scheduled" in {info.name for info in await user.mailboxes()}


async def test_all_mail_can_be_hidden_and_still_opened(store: Store, service: Service) -> None:
    user = AccountUser(store, service, service, service, access=Access.FULL, show_all_mail=lambda: False)
    assert "All Mail" not in {info.name for info in await user.mailboxes()}
    assert (await user.select("All Mail", read_only=True)).permanent_flags == ()


async def test_subscriptions_are_local(user: AccountUser, service: Service) -> None:
    await user.subscribe("Labels/Tag", False)
    assert {info.name for info in await user.mailboxes() if not info.subscribed} == {"Labels/Tag"}
    await user.subscribe("Labels/Tag", True)
    assert await refusal(user.subscribe("nowhere", True)) == "NONEXISTENT"
    await user.subscribe("nowhere", False)
    assert service.calls == []


async def test_status(user: AccountUser, store: Store) -> None:
    status = await user.status("INBOX")
    assert (status.messages, status.unseen, status.uidnext, status.size, status.deleted) == (5, 5, 6, None, 0)
    await download(store, range(1, 6))
    mailbox = await user.select("INBOX", read_only=False)
    await mailbox.store([1, 2], FlagChange(StoreMode.ADD, frozenset({"\\Seen", "\\Deleted"})))
    status = await user.status("inbox")
    assert (status.unseen, status.deleted, status.size) == (3, 2, sum(len(literal(n).data) for n in range(1, 6)))
    assert status.highest_modseq == mailbox.snapshot().highest_modseq
    assert await refusal(user.status("Folders")) == "NONEXISTENT"
    assert await refusal(user.select("nope", read_only=False)) == "NONEXISTENT"


async def test_a_mailbox_that_is_not_listed_yet(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "new.db", KEY)
    await store.set_labels(SYSTEM)
    user = user_of(store, Service(store))
    assert await refusal(user.select("INBOX", read_only=False)) == "UNAVAILABLE"
    await store.close()


async def test_fetch_what_is_here_first_then_what_was_asked_for(
    user: AccountUser, store: Store, service: Service
) -> None:
    await download(store, [2, 4])
    mailbox = await user.select("INBOX", read_only=False)
    got = await records(mailbox, range(1, 6), Need.LITERAL | Need.ENVELOPE | Need.SIZE | Need.HEADER)
    assert [record.uid for record in got] == [2, 4, 5, 3, 1]
    assert service.asked == [mid(1), mid(3), mid(5)]
    for record in got:
        expected = literal(record.uid)
        assert record.literal == expected.data
        assert record.header == expected.data[: expected.header_size]
        assert (record.envelope, record.size) == (expected.envelope, len(expected.data))
    service.asked.clear()
    await records(mailbox, range(1, 6), Need.LITERAL)
    assert service.asked == []


async def test_what_needs_no_literal_asks_for_none(user: AccountUser, service: Service) -> None:
    mailbox = await user.select("INBOX", read_only=False)
    got = await records(mailbox, [1, 3, 77], Need.DATE | Need.EMAIL_ID | Need.THREAD_ID | Need.SAVE_DATE)
    assert [(r.uid, r.date, r.email_id, r.thread_id) for r in got] == [
        (1, 1_700_000_001, "message-00001", "conversation-1"),
        (3, 1_700_000_003, "message-00003", "conversation-3"),
    ]
    assert all(record.save_date for record in got)
    assert service.asked == []


async def test_fetch_offline(user: AccountUser, store: Store, service: Service) -> None:
    await download(store, [2])
    service.online = False
    mailbox = await user.select("INBOX", read_only=False)
    got: list[int] = []
    assert await refusal(take(mailbox.fetch([1, 2], Need.LITERAL), got)) == "UNAVAILABLE"
    assert got == [2]


async def test_fetch_says_when_one_could_not_be_had(user: AccountUser, service: Service) -> None:
    service.failing = {mid(2)}
    mailbox = await user.select("INBOX", read_only=False)
    got: list[int] = []
    assert await refusal(take(mailbox.fetch([1, 2, 3], Need.SIZE), got)) == "UNAVAILABLE"
    assert sorted(got) == [1, 3]


async def test_flags_and_the_other_session(user: AccountUser, store: Store, service: Service) -> None:
    one, two = (
        await user.select("INBOX", read_only=False),
        await user_of(store, service).select("INBOX", read_only=False),
    )
    heard: list[Delta] = []
    two.listen(heard.append)
    assert await one.store([1, 2], FlagChange(StoreMode.ADD, frozenset({"\\seen", "$Label1"}))) == []
    assert flags(two) == {1: {"\\Seen", "$Label1"}, 2: {"\\Seen", "$Label1"}, 3: set(), 4: set(), 5: set()}
    assert [(list(d.changed), d.origin is one) for d in heard] == [([1, 2], True)]
    await one.store([1], FlagChange(StoreMode.REPLACE, frozenset({"\\Flagged", "Forwarded", "$LABEL1", "\\Draft"})))
    assert flags(one)[1] == {"\\Flagged", "$Forwarded", "Forwarded", "$Label1"}
    assert list((await user.select("Starred", read_only=False)).snapshot().uids) == [1]
    await one.store([1], FlagChange(StoreMode.ADD, frozenset({"\\Answered"})))
    await store.apply([MessageSeen(meta(1, replied=True))])
    await one.store([1], FlagChange(StoreMode.REMOVE, frozenset({"\\Answered", "\\Flagged", "$Forwarded"})))
    assert flags(one)[1] == {"$Label1"}
    two.close()
    count = len(heard)
    await one.store([1], FlagChange(StoreMode.REPLACE, frozenset()))
    assert len(heard) == count


async def test_keywords_without_end_are_refused_and_nothing_is_lost(
    user: AccountUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = await user.select("INBOX", read_only=False)
    await mailbox.store([1], FlagChange(StoreMode.ADD, frozenset({"$One"})))
    monkeypatch.setattr(store_flags, "FULL", 0)
    assert await refusal(mailbox.store([1, 2], FlagChange(StoreMode.ADD, frozenset({"$Two"})))) == "LIMIT"
    monkeypatch.undo()
    assert (flags(mailbox)[1], flags(mailbox)[2]) == ({"$One"}, set())
    await mailbox.store([2], FlagChange(StoreMode.ADD, frozenset({"$Two"})))
    assert flags(mailbox)[2] == {"$Two"}


async def test_store_unchanged_since(user: AccountUser) -> None:
    mailbox = await user.select("INBOX", read_only=False)
    before = mailbox.snapshot().highest_modseq
    await mailbox.store([2], FlagChange(StoreMode.ADD, frozenset({"\\Seen"})))
    left = await mailbox.store([1, 2, 3], FlagChange(StoreMode.ADD, frozenset({"\\Flagged"})), before)
    assert left == [2]
    assert flags(mailbox)[2] == {"\\Seen"}
    assert flags(mailbox)[3] == {"\\Flagged"}


async def test_copy_move_and_their_rules(user: AccountUser) -> None:
    inbox = await user.select("INBOX", read_only=False)
    copied = await inbox.copy([2, 1], "Labels/Tag")
    assert (list(copied.source), list(copied.target)) == ([1, 2], [1, 2])
    again = await inbox.copy([1], "Labels/Tag")
    assert list(again.target) == [3], "a copy to where it is already: a new UID"
    tag = await user.select("Labels/Tag", read_only=False)
    assert list(tag.snapshot().uids) == [2, 3]
    heard: list[Delta] = []
    inbox.listen(heard.append)
    moved = await inbox.move([4, 5], "Folders/Work")
    assert (list(moved.source), list(moved.target)) == ([4, 5], [1, 2])
    assert [list(delta.removed) for delta in heard] == [[4, 5]]
    before = inbox.snapshot().highest_modseq
    await inbox.move([3], "Archive")
    assert await inbox.vanished(before) == [3]
    assert await refusal(inbox.copy([1], "Folders/None")) == "TRYCREATE"
    assert await refusal(inbox.copy([1], "Labels")) == "TRYCREATE"
    assert await refusal(inbox.copy([1], "All Mail")) == "CANNOT"
    assert await refusal(inbox.move([1], "Sent")) == "CANNOT"
    assert await refusal((await user.select("All Mail", read_only=False)).move([1], "Trash")) == "CANNOT"


async def test_expunge(user: AccountUser, store: Store) -> None:
    inbox = await user.select("INBOX", read_only=False)
    await inbox.store([1, 2, 3], FlagChange(StoreMode.ADD, frozenset({"\\Deleted"})))
    await inbox.expunge([1, 4])
    assert list(inbox.snapshot().uids) == [2, 3, 4, 5]
    await inbox.expunge()
    assert list(inbox.snapshot().uids) == [4, 5]
    everything = await user.select("All Mail", read_only=False)
    assert len(everything.snapshot().uids) == 5, "nothing is deleted at the service"
    assert await refusal(everything.expunge()) == "CANNOT"
    assert await refusal(everything.store([1], FlagChange(StoreMode.ADD, frozenset({"\\Deleted"})))) == "CANNOT"
    changes = []
    while change := await store.queue_next():
        changes.append((change.action.value, change.label_id, change.message_ids))
        await store.queue_done(change.id, change.message_ids)
    assert changes == [("unlabel", INBOX, (mid(1),)), ("unlabel", INBOX, (mid(2), mid(3)))]


async def test_expunge_in_trash_is_for_ever_unless_a_label_holds_it(user: AccountUser, store: Store) -> None:
    inbox = await user.select("INBOX", read_only=False)
    await inbox.copy([2], "Labels/Tag")
    await inbox.move([1, 2], "Trash")
    trash = await user.select("Trash", read_only=False)
    await trash.store([1, 2], FlagChange(StoreMode.ADD, frozenset({"\\Deleted"})))
    await trash.expunge()
    everything = await user.select("All Mail", read_only=False)
    assert list(everything.snapshot().uids) == [2, 3, 4, 5]
    last = []
    while change := await store.queue_next():
        last.append((change.action.value, change.message_ids))
        await store.queue_done(change.id, change.message_ids)
    assert last[-2:] == [("unlabel", (mid(2),)), ("delete", (mid(1),))]
    await store.apply([], mark=store.queue_mark())
    assert await store.known([mid(1)]) == {}


async def test_search(user: AccountUser, store: Store, service: Service) -> None:
    await store.apply(
        [LiteralReady(mid(1), literal(1, "Ein schöner GRUSS aus Köln", header="X-Odd: One\nX-Odd: Two\n"))]
    )
    mailbox = await user.select("INBOX", read_only=False)
    everyone = list(range(1, 6))

    async def find(field: Field, needle: str, header: str = "") -> list[int]:
        return list(await mailbox.match(everyone, TextKey(field, needle, header)))

    assert await find(Field.BODY, "gruß") == [1]
    assert service.asked == [mid(2), mid(3), mid(4), mid(5)], "an exact search needs all texts"
    assert await find(Field.BODY, "SCHÖNER gruss") == [1]
    assert await find(Field.BODY, "subject 3") == []
    assert await find(Field.TEXT, "subject 3") == [3]
    assert await find(Field.HEADER, "subject 4", "subject") == [4]
    assert await find(Field.HEADER, "ann@", "from") == everyone
    assert await find(Field.HEADER, "", "x-odd") == [1]
    assert await find(Field.HEADER, "", "bcc") == []
    assert await find(Field.HEADER, "two", "x-odd") == [1]
    assert await find(Field.HEADER, "three", "x-odd") == []
    assert list(await mailbox.match([2, 4], TextKey(Field.TEXT, "number"))) == [2, 4]
    assert list(await mailbox.match(everyone, SizeKey(True, len(literal(2).data)))) == [1]
    assert list(await mailbox.match(everyone, DateKey(19_675, 19_676))) == everyone
    assert list(await mailbox.match(everyone, DateKey(19_676, None))) == []
    assert list(await mailbox.match(everyone, DateKey(None, 19_676, sent=True))) == everyone
    assert list(await mailbox.match(everyone, DateKey(19_676, None, saved=True))) == everyone
    assert list(await mailbox.match(everyone, IdKey(False, "message-00002"))) == [2]
    assert list(await mailbox.match(everyone, IdKey(True, "conversation-3"))) == [3]


async def test_the_index_changes_no_answer(user: AccountUser, store: Store) -> None:
    await store.apply([LiteralReady(mid(n), literal(n, f"alpha{n} beta gamma")) for n in range(1, 6)])
    mailbox = await user.select("INBOX", read_only=False)
    needles = ("alpha3", "lpha", "beta g", "ta ga", "zz", "al", "alpha4 beta x", 'a"b', "subject 2")
    before = [list(await mailbox.match(range(1, 6), TextKey(Field.TEXT, needle))) for needle in needles]
    assert await store.index(3) == 3
    assert [list(await mailbox.match(range(1, 6), TextKey(Field.TEXT, needle))) for needle in needles] == before
    assert await store.index(100) == 2
    assert [list(await mailbox.match(range(1, 6), TextKey(Field.TEXT, needle))) for needle in needles] == before
    assert before == [[3], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [], [1, 2, 3, 4, 5], [], [], [2]]


async def test_sort_values_fetch_what_is_missing(user: AccountUser, service: Service) -> None:
    mailbox = await user.select("INBOX", read_only=False)
    values = await mailbox.sort_values([1, 2])
    assert sorted((v.uid, v.subject, v.references) for v in values) == [(1, "subject 1", ()), (2, "subject 2", ())]
    assert service.asked == [mid(1), mid(2)]


async def test_append(user: AccountUser, service: Service) -> None:
    seen = frozenset({"\\Seen"})
    messages = [Append(b"A: b\r\n\r\n", seen, 7), Append(b"A: b\r\n\r\n")]
    appended = await user.append("Folders/Work", messages)
    assert list(appended.uids) == [1, 2]
    assert [message.literal for message in messages] == [b"", b""], "they were handed over"
    assert service.calls == [("append", WORK.id, None, seen, 7), ("append", WORK.id, None, frozenset(), None)]
    assert appended.uidvalidity == (await user.status("Folders/Work")).uidvalidity
    assert await refusal(user.append("Folders/None", [Append(b"")])) == "TRYCREATE"
    assert await refusal(user.append("All Mail", [Append(b"")])) == "CANNOT"
    assert await refusal(user.append("INBOX", [Append(b"x" * (user.append_limit + 1))])) == "TOOBIG"
    assert await refusal(user.append("INBOX", [Append(b"x")])) == "CANNOT"
    service.online = False
    assert await refusal(user.append("INBOX", [Append(b"A: b\r\n\r\n")])) == "UNAVAILABLE"


async def test_create(user: AccountUser, service: Service) -> None:
    assert await user.create("Folders/a/b/c") == "new-c"
    assert service.calls == [
        ("create", LabelKind.FOLDER, "a", None),
        ("create", LabelKind.FOLDER, "b", "new-a=="),
        ("create", LabelKind.FOLDER, "c", "new-b=="),
    ]
    assert (await user.status("Folders/a/b")).messages == 0
    assert await user.create("Labels/x") == "new-x"
    assert await refusal(user.create("Labels/x")) == "ALREADYEXISTS"
    assert await refusal(user.create("inbox")) == "ALREADYEXISTS"
    assert await refusal(user.create("Anything")) == "CANNOT"
    assert await refusal(user.create("Labels/x/y")) == "CANNOT"
    service.refuses = True
    assert await refusal(user.create("Labels/z")) == "CANNOT"
    service.online = False
    assert await refusal(user.create("Labels/z")) == "UNAVAILABLE"


async def test_delete(user: AccountUser, service: Service) -> None:
    await user.create("Folders/Work/inner")
    mailbox = await user.select("Folders/Work/inner", read_only=False)
    reasons: list[str] = []
    mailbox.on_gone(reasons.append)
    assert await refusal(user.delete("Folders/Work")) == "HASCHILDREN"
    await user.delete("Folders/Work/inner")
    await user.delete("Folders/Work")
    assert len(reasons) == 1
    assert service.calls[-2:] == [("delete", "new-inner=="), ("delete", WORK.id)]
    for name in ("INBOX", "Trash", "Folders", "All Mail"):
        assert await refusal(user.delete(name)) == "CANNOT"
    assert await refusal(user.delete("Folders/Work")) == "NONEXISTENT"


async def test_rename(user: AccountUser, service: Service) -> None:
    inbox = await user.select("INBOX", read_only=False)
    await inbox.move([1], "Folders/Work")
    before = await user.status("Folders/Work")
    await user.rename("Folders/Work", "Folders/Old/Job")
    assert service.calls == [("create", LabelKind.FOLDER, "Old", None), ("update", WORK.id, "Job", "new-Old==")]
    after = await user.status("Folders/Old/Job")
    assert (after.messages, after.uidvalidity) == (1, before.uidvalidity)
    await user.rename("Folders/Old", "Folders/Older")
    assert (await user.status("Folders/Older/Job")).messages == 1
    assert await refusal(user.rename("Folders/Older", "Folders/Older/Job/x")) == "CANNOT"
    assert await refusal(user.rename("Folders/Older", "Labels/x")) == "CANNOT"
    assert await refusal(user.rename("Labels/Tag", "Folders/x")) == "CANNOT"
    assert await refusal(user.rename("Trash", "Folders/x")) == "CANNOT"
    assert await refusal(user.rename("Folders/Older", "Folders/Older/Job")) == "ALREADYEXISTS"
    assert await refusal(user.rename("Folders/none", "Folders/x")) == "NONEXISTENT"


async def test_rename_inbox_moves_its_messages(user: AccountUser) -> None:
    await user.rename("INBOX", "Folders/Backup")
    assert (await user.status("INBOX")).messages == 0
    assert (await user.status("Folders/Backup")).messages == 5


async def test_a_read_only_password_changes_nothing(store: Store, service: Service) -> None:
    user = user_of(store, service, Access.READ_ONLY)
    mailbox = await user.select("INBOX", read_only=False)
    assert user.read_only
    assert mailbox.read_only
    change = FlagChange(StoreMode.ADD, frozenset({"\\Seen"}))
    for work in (
        mailbox.store([1], change),
        mailbox.copy([1], "Trash"),
        mailbox.move([1], "Trash"),
        mailbox.expunge(),
        user.create("Labels/x"),
        user.delete("Labels/Tag"),
        user.rename("Labels/Tag", "Labels/x"),
        user.append("INBOX", [Append(b"A: b\r\n\r\n")]),
    ):
        assert await refusal(work) == "NOPERM"
    assert await store.queue_next() is None
    examined = await user_of(store, service).select("INBOX", read_only=True)
    assert await refusal(examined.store([1], change)) == "CANNOT"


async def test_split_mode_shows_one_address(store: Store, service: Service) -> None:
    await store.apply([MessageSeen(meta(8, address=OTHER)), MessageSeen(meta(9, [ARCHIVE], address=OTHER))])
    user = user_of(store, service, address=OTHER)
    mailbox = await user.select("INBOX", read_only=False)
    assert list(mailbox.snapshot().uids) == [6]
    assert (await user.status("All Mail")).messages == 2
    await mailbox.store([1, 6], FlagChange(StoreMode.ADD, frozenset({"\\Seen", "\\Deleted"})))
    assert (await user_of(store, service).status("INBOX")).unseen == 5, "another address's mail is out of reach"
    await mailbox.expunge()
    assert (await user_of(store, service).status("INBOX")).messages == 5
    appended = await user.append("Drafts", [Append(b"A: b\r\n\r\n")])
    assert list(appended.uids) == [1]
    assert service.calls[-1][2] == OTHER


async def test_the_tree_tells_when_it_changes(user: AccountUser, store: Store) -> None:
    called: list[int] = []
    end = user.on_mailboxes_changed(lambda: called.append(1))
    await store.apply([LabelGone(TAG.id)])
    await store.apply([MessageSeen(meta(7))])
    assert len(called) == 2
    end()
    await store.apply([LabelSet(TAG)])
    assert len(called) == 2
    user.on_mailboxes_changed(lambda: called.append(1))
    mailbox = await user.select("INBOX", read_only=False)
    mailbox.listen(lambda delta: called.append(2))
    user.close()
    user.close()
    await store.apply([MessageSeen(meta(8, [SENT, DRAFTS, TRASH]))])
    await store.apply([MessageSeen(meta(9))])
    assert len(called) == 2
