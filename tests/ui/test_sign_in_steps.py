from __future__ import annotations

import pytest

from bridge_gui.answers import LoginFailed, LoginStep, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.model import AccountId, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import Problem
from bridge_gui.ui.sign_in_steps import (
    Code,
    Login,
    MailboxPassword,
    Page,
    Question,
    Shown,
    Typed,
    Verified,
    is_whole_code,
    next_question,
    page_of,
)

FLOW = FlowId("f")
WRONG = Problem("wrong", "Wrong")


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        (NeedTwoFactor(FLOW), Shown(Page.CODE, FLOW)),
        (NeedTwoFactor(FLOW, WRONG), Shown(Page.CODE, FLOW, WRONG)),
        (NeedMailboxPassword(FLOW, 2, WRONG), Shown(Page.MAILBOX, FLOW, WRONG)),
        (NeedHumanCheck(FLOW, "https://x/"), Shown(Page.HUMAN, FLOW, url="https://x/")),
        (LoginFailed(WRONG), Shown(Page.PASSWORD, problem=WRONG)),
        (SignedIn(AccountId("a")), Shown(Page.DONE)),
    ],
)
def test_each_answer_has_its_page(step: LoginStep, shown: Shown) -> None:
    assert page_of(step) == shown


@pytest.mark.parametrize(
    ("shown", "typed", "question"),
    [
        (Shown(Page.PASSWORD), Typed(" anna\n", "pass word \r\n"), Login("anna", Secret("pass word "))),
        (Shown(Page.CODE, FLOW), Typed(code=" 123 456\n"), Code(FLOW, "123456")),
        (Shown(Page.MAILBOX, FLOW), Typed(mailbox_password="second\n"), MailboxPassword(FLOW, Secret("second"))),
        (Shown(Page.HUMAN, FLOW), Typed(), Verified(FLOW)),
    ],
)
def test_each_page_asks_with_what_was_typed(shown: Shown, typed: Typed, question: Question) -> None:
    assert next_question(shown, typed) == question


@pytest.mark.parametrize(
    ("shown", "typed"),
    [
        (Shown(Page.PASSWORD), Typed("anna")),
        (Shown(Page.PASSWORD), Typed(" ", "x")),
        (Shown(Page.CODE, FLOW), Typed(code="  ")),
        (Shown(Page.MAILBOX, FLOW), Typed()),
    ],
)
def test_what_is_missing_is_said(shown: Shown, typed: Typed) -> None:
    assert isinstance(next_question(shown, typed), Problem)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        *(("123456", True), ("123 456", True), (" 12 34 56\n", True)),
        *(("12345", False), ("1234567", False), ("12345a", False), ("١٢٣٤٥٦", False), ("", False)),
    ],
)
def test_six_digits_are_a_whole_code(text: str, whole: bool) -> None:
    assert is_whole_code(text) is whole
