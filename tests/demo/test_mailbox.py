"""The rules of labels, places and pages, without HTTP."""

from __future__ import annotations

import pytest

from bridge_gui.demo.errors import ApiError
from bridge_gui.demo.feed import Feed
from bridge_gui.demo.ids import Ids
from bridge_gui.demo.mailbox import (
    ALL_DRAFTS,
    ALL_MAIL,
    ALL_SENT,
    ALMOST_ALL_MAIL,
    ARCHIVE,
    DRAFTS,
    INBOX,
    SENT,
    SPAM,
    STARRED,
    TRASH,
    Filter,
    Mailbox,
)
from bridge_gui.demo.records import Flag, Message, Person, Stored


@pytest.fixture
def mailbox() -> Mailbox:
    ids = Ids("t")
    return Mailbox(ids, 1, Feed(ids, 1))


def put(mailbox: Mailbox, *labels: str, flags: int = Flag.RECEIVED, time: int = 0, **more: object) -> Message:
    number = mailbox.next_number()
    message = Message(
        id=mailbox.message_id(number),
        number=number,
        address_id="a",
        subject=f"Subject {number}",
        sender=Person("", "x@y.example"),
        time=time or number,
        size=100,
        flags=flags,
        content=Stored("body"),
        labels=frozenset(labels),
        **more,  # type: ignore[arg-type]
    )
    mailbox.add(message)
    return message


def labels_of(mailbox: Mailbox, message: Message) -> set[str]:
    return set(mailbox.messages[message.id].labels)


@pytest.mark.parametrize(
    ("flags", "labels", "expected"),
    [
        (Flag.RECEIVED, {INBOX}, {INBOX, ALL_MAIL, ALMOST_ALL_MAIL}),
        (Flag.SENT, {SENT}, {SENT, ALL_SENT, ALL_MAIL, ALMOST_ALL_MAIL}),
        (0, {DRAFTS}, {DRAFTS, ALL_DRAFTS, ALL_MAIL, ALMOST_ALL_MAIL}),
        (Flag.RECEIVED, {TRASH}, {TRASH, ALL_MAIL}),
        (Flag.RECEIVED, {SPAM}, {SPAM, ALL_MAIL}),
        (0, {TRASH}, {TRASH, ALL_DRAFTS, ALL_MAIL}),
    ],
)
def test_labels_that_follow_by_themselves(mailbox: Mailbox, flags: int, labels: set[str], expected: set[str]) -> None:
    message = put(mailbox, *labels, flags=flags)
    assert mailbox.all_labels(message) == expected
    assert {label for label, total, _ in mailbox.counts() if total} == expected


@pytest.mark.parametrize(
    ("flags", "start", "added", "after"),
    [
        (Flag.RECEIVED, {INBOX, STARRED}, ARCHIVE, {ARCHIVE, STARRED}),
        (Flag.RECEIVED, {INBOX}, STARRED, {INBOX, STARRED}),
        (Flag.SENT, {TRASH}, INBOX, {SENT}),
        (0, {TRASH}, INBOX, {DRAFTS}),
        (Flag.RECEIVED, {TRASH}, SENT, {INBOX}),
        (Flag.RECEIVED | Flag.SENT, {INBOX}, SENT, {SENT}),
    ],
)
def test_places_exclude_each_other_and_fit_the_flags(
    mailbox: Mailbox, flags: int, start: set[str], added: str, after: set[str]
) -> None:
    message = put(mailbox, *start, flags=flags)
    mailbox.label([message.id], added)
    assert labels_of(mailbox, message) == after


def test_folders_exclude_places_and_labels_add(mailbox: Mailbox) -> None:
    folder = mailbox.create_label("Travel", 3, "#8080FF")
    label = mailbox.create_label("Family", 1, "#8080FF")
    message = put(mailbox, INBOX)
    mailbox.label([message.id], label.id)
    mailbox.label([message.id], folder.id)
    assert labels_of(mailbox, message) == {label.id, folder.id}


def test_trash_reads_and_drops_own_labels(mailbox: Mailbox) -> None:
    label = mailbox.create_label("Family", 1, "#8080FF")
    message = put(mailbox, INBOX, label.id, STARRED, unread=True)
    mailbox.label([message.id], TRASH)
    assert labels_of(mailbox, message) == {TRASH, STARRED}
    assert not mailbox.messages[message.id].unread


@pytest.mark.parametrize("label", ["1", "2", "5", "9", "12", "15", "16"])
def test_some_labels_are_not_for_clients(mailbox: Mailbox, label: str) -> None:
    message = put(mailbox, INBOX)
    for action in (mailbox.label, mailbox.unlabel):
        with pytest.raises(ApiError) as refused:
            action([message.id], label)
        assert (refused.value.status, refused.value.code) == (422, 2011)


def test_batches_are_answered_one_by_one(mailbox: Mailbox) -> None:
    message = put(mailbox, INBOX, unread=True)
    results = mailbox.mark([message.id, "gone"], unread=False)
    assert [(each.id, each.code) for each in results] == [(message.id, 1000), ("gone", 2501)]
    with pytest.raises(ApiError):
        mailbox.mark([f"m{n}" for n in range(151)], unread=False)
    with pytest.raises(ApiError):
        mailbox.mark([], unread=False)


def test_undo_puts_labels_and_read_state_back_once(mailbox: Mailbox) -> None:
    message = put(mailbox, INBOX, unread=True)
    _, token = mailbox.label([message.id], TRASH)
    mailbox.undo(token)
    assert mailbox.messages[message.id] == message
    with pytest.raises(ApiError):
        mailbox.undo(token)


@pytest.mark.parametrize(
    ("labels", "flags", "code"),
    [
        ({TRASH}, Flag.RECEIVED, 1000),
        ({SPAM}, Flag.RECEIVED, 1000),
        ({DRAFTS}, 0, 1000),
        (set(), Flag.RECEIVED, 1000),
        ({INBOX}, Flag.RECEIVED, 2011),
        ({ARCHIVE}, Flag.RECEIVED, 2011),
    ],
)
def test_where_deletion_is_allowed(mailbox: Mailbox, labels: set[str], flags: int, code: int) -> None:
    message = put(mailbox, *labels, flags=flags)
    assert [each.code for each in mailbox.delete([message.id])] == [code]
    assert (message.id in mailbox.messages) == (code != 1000)


def test_counts_follow_every_change(mailbox: Mailbox) -> None:
    messages = [put(mailbox, INBOX, unread=n % 2 == 0) for n in range(6)]
    mailbox.mark([messages[0].id], unread=False)
    mailbox.label([messages[2].id], ARCHIVE)
    mailbox.label([messages[4].id], TRASH)
    mailbox.delete([messages[4].id])
    counts = {label: (total, unread) for label, total, unread in mailbox.counts()}
    assert counts[INBOX] == (4, 0)
    assert counts[ARCHIVE] == (1, 1)
    assert counts[TRASH] == (0, 0)
    assert counts[ALL_MAIL] == (5, 1)


# -------------------------------------------------------------------------------------------------- listing


def numbers(mailbox: Mailbox, **wanted: object) -> list[int]:
    return [message.number for message in mailbox.page(Filter(**wanted))[0]]  # type: ignore[arg-type]


def test_pages_in_both_directions(mailbox: Mailbox) -> None:
    for _ in range(7):
        put(mailbox, INBOX)
    assert numbers(mailbox, page_size=3, page=0) == [1, 2, 3]
    assert numbers(mailbox, page_size=3, page=2) == [7]
    assert numbers(mailbox, page_size=3, page=3) == []
    assert numbers(mailbox, page_size=3, page=0, descending=True) == [7, 6, 5]
    assert numbers(mailbox, page_size=3, page=2, descending=True) == [1]
    assert mailbox.page(Filter(page_size=0))[1] == 7


def test_end_id_is_inclusive_and_goes_older(mailbox: Mailbox) -> None:
    messages = [put(mailbox, INBOX) for _ in range(7)]
    assert numbers(mailbox, end_id=messages[4].id, descending=True, page_size=3) == [5, 4, 3]
    assert numbers(mailbox, end_id=messages[0].id, descending=True, page_size=3) == [1]
    assert numbers(mailbox, begin_id=messages[4].id, descending=True, page_size=9) == [7, 6, 5]
    mailbox.remove(messages[4].id)
    assert numbers(mailbox, end_id=messages[4].id, descending=True, page_size=2) == [4, 3]
    assert numbers(mailbox, end_id=messages[4].id, descending=True, by_time=True, page_size=2) == [4, 3]
    with pytest.raises(ApiError):
        mailbox.page(Filter(end_id="never", descending=True))


def test_orders_of_creation_and_of_time_differ(mailbox: Mailbox) -> None:
    put(mailbox, INBOX, time=300)
    put(mailbox, INBOX, time=100)
    put(mailbox, ARCHIVE, time=200)
    assert numbers(mailbox, descending=True) == [3, 2, 1]
    assert numbers(mailbox, descending=True, by_time=True) == [1, 3, 2]
    assert numbers(mailbox, label_id=INBOX, by_time=True) == [2, 1]


def test_conditions(mailbox: Mailbox) -> None:
    first = put(mailbox, INBOX, external_id="one@x", unread=True)
    second = put(mailbox, ARCHIVE, external_id="two@x")
    assert numbers(mailbox, external_id="two@x") == [2]
    assert numbers(mailbox, subject="SUBJECT 1") == [1]
    assert numbers(mailbox, unread=True) == [1]
    assert numbers(mailbox, ids=frozenset({second.id, "gone"})) == [2]
    assert numbers(mailbox, ids=frozenset({first.id, second.id}), label_id=INBOX) == [1]
    assert numbers(mailbox, address_id="other") == []


def test_ids_follow_the_order_of_creation(mailbox: Mailbox) -> None:
    ids = [put(mailbox, INBOX, time=100 - n).id for n in range(5)]
    assert mailbox.ids_after("", 3) == ids[:3]
    assert mailbox.ids_after(ids[2], 3) == ids[3:]
    assert mailbox.ids_after(ids[4], 3) == []


def test_many_are_filled_in_as_one_by_one(mailbox: Mailbox) -> None:
    other = Mailbox(Ids("t"), 1, Feed(Ids("t"), 1))
    made = [put(mailbox, INBOX, time=1000 - n, unread=n % 3 == 0) for n in range(20)]
    other.fill(made)
    assert other.counts() == mailbox.counts()
    for by_time in (False, True):
        assert other.page(Filter(by_time=by_time)) == mailbox.page(Filter(by_time=by_time))


# -------------------------------------------------------------------------------------------------- labels


def test_folders_nest_and_children_go_with_their_parent(mailbox: Mailbox) -> None:
    top = mailbox.create_label("Travel", 3, "#111111")
    child = mailbox.create_label("2026", 3, "#222222", top.id)
    message = put(mailbox, child.id)
    assert mailbox.path(child) == "Travel/2026"
    mailbox.update_label(top.id, "Trips", "", "")
    assert mailbox.path(mailbox.labels[child.id]) == "Trips/2026"
    assert mailbox.labels[top.id].color == "#111111"
    mailbox.delete_label(top.id)
    assert child.id not in mailbox.labels
    assert labels_of(mailbox, message) == set()


@pytest.mark.parametrize(
    ("name", "kind", "status", "code"),
    [
        ("family", 1, 409, 2500),
        ("Inbox", 3, 409, 2500),
        ("  ", 1, 422, 2001),
        ("x" * 101, 1, 422, 2001),
        ("y", 4, 422, 2001),
    ],
)
def test_names_that_are_refused(mailbox: Mailbox, name: str, kind: int, status: int, code: int) -> None:
    mailbox.create_label("Family", 1, "#8080FF")
    with pytest.raises(ApiError) as refused:
        mailbox.create_label(name, kind, "#8080FF")
    assert (refused.value.status, refused.value.code) == (status, code)


def test_labels_do_not_nest_and_folders_not_in_themselves(mailbox: Mailbox) -> None:
    label = mailbox.create_label("Family", 1, "#8080FF")
    top = mailbox.create_label("Top", 3, "#8080FF")
    low = mailbox.create_label("Low", 3, "#8080FF", top.id)
    for action in (
        lambda: mailbox.create_label("Sub", 1, "#8080FF", label.id),
        lambda: mailbox.create_label("Sub", 3, "#8080FF", label.id),
        lambda: mailbox.update_label(top.id, "Top", "", low.id),
        lambda: mailbox.update_label("0", "My Inbox", "", ""),
        lambda: mailbox.delete_label("3"),
    ):
        with pytest.raises(ApiError):
            action()


def test_a_slash_in_a_name_is_escaped_in_the_path(mailbox: Mailbox) -> None:
    label = mailbox.create_label("and/or", 1, "#8080FF")
    assert mailbox.path(label) == "and\\/or"
