"""SORT and THREAD: one row for each rule of RFC 5256."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.imap.backend import SortValues
from bridge_gui.imap.search_keys import SortBy, SortCriterion
from bridge_gui.imap.sorting import by_references, by_subject, sort_uids, thread_text


def message(
    uid: int, name: str = "", references: str = "", subject: str = "", reply: bool = False, sent: int | None = None
) -> SortValues:
    return SortValues(
        uid=uid,
        arrival=uid,
        sent=uid if sent is None else sent,
        size=100 - uid,
        subject=subject or f"s{uid}",
        sender="b" if uid % 2 else "A",
        to="",
        cc="",
        display_from="",
        display_to="",
        message_id=name,
        references=tuple(references.split()),
        is_reply=reply,
    )


def threads(*messages: SortValues) -> str:
    return thread_text(by_references(messages), lambda uid: uid).decode()


def test_sort_is_stable_under_reverse() -> None:
    values = [message(uid) for uid in (1, 2, 3, 4)]
    assert sort_uids(values, [SortCriterion(SortBy.FROM)]) == [2, 4, 1, 3]
    assert sort_uids(values, [SortCriterion(SortBy.FROM, reverse=True)]) == [1, 3, 2, 4]
    assert sort_uids(values, [SortCriterion(SortBy.FROM), SortCriterion(SortBy.SIZE)]) == [4, 2, 3, 1]


THREADS = {
    "a chain": ([message(1, "a"), message(2, "b", "a"), message(3, "c", "a b")], "(1 2 3)"),
    "two answers": ([message(1, "a"), message(2, "b", "a"), message(3, "c", "a")], "(1 (2)(3))"),
    "strangers": ([message(1, "a"), message(2, "b")], "(1)(2)"),
    "the middle is missing": ([message(1, "a"), message(3, "c", "a b")], "(1 3)"),
    "the root is missing, two children": ([message(2, "b", "a"), message(3, "c", "a")], "((2)(3))"),
    "the root is missing, one child": ([message(2, "b", "a")], "(2)"),
    "answer before its question": ([message(1, "b", "a", sent=9), message(2, "a", sent=1)], "(2 1)"),
    "the same Message-ID twice": ([message(1, "a"), message(2, "a")], "(1)(2)"),
    "a loop": ([message(1, "a", "b"), message(2, "b", "a")], "(2 1)"),
    "itself": ([message(1, "a", "a")], "(1)"),
    "no Message-ID": ([message(1), message(2)], "(1)(2)"),
    "equal subjects, a reply": ([message(1, "a", subject="x"), message(2, "b", subject="x", reply=True)], "(1 2)"),
    "equal subjects, no reply": ([message(1, "a", subject="x"), message(2, "b", subject="x")], "((1)(2))"),
    "equal subjects, the reply first": (
        [message(1, "a", subject="x", reply=True), message(2, "b", subject="x")],
        "(2 1)",
    ),
    "an answer joins a missing root": (
        [message(1, "b", "a", subject="x"), message(2, "c", "a", subject="x"), message(3, "d", subject="x")],
        "((1)(2)(3))",
    ),
}


@pytest.mark.parametrize("name", THREADS)
def test_threads(name: str) -> None:
    messages, expected = THREADS[name]
    assert threads(*messages) == expected


def test_ordered_subject() -> None:
    forest = by_subject([message(3, subject="x"), message(1, subject="y"), message(2, subject="X")])
    assert thread_text(forest, lambda uid: uid) == b"(1)(2 3)"


ids = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(ids, st.lists(ids, max_size=4), st.sampled_from("xyz"), st.booleans()), max_size=12))
def test_every_message_is_in_exactly_one_thread(rows: list[tuple[str, list[str], str, bool]]) -> None:
    messages = [
        message(uid, name, " ".join(references), subject, reply)
        for uid, (name, references, subject, reply) in enumerate(rows, 1)
    ]
    text = threads(*messages)
    assert sorted(map(int, text.replace("(", " ").replace(")", " ").split())) == list(range(1, len(rows) + 1))


def test_a_thread_of_a_thousand_is_no_recursion() -> None:
    messages = [message(uid, f"m{uid}", f"m{uid - 1}") for uid in range(1, 3000)]
    assert threads(*messages).startswith("(1 2 3 4 ")
