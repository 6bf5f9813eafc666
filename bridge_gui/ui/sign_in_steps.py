"""The steps of signing in, as data: which page a step of the core calls for, and what is asked of the core next.

Pure. `page_of` says what is shown for a `LoginStep`; `next_question` says what the page's button asks, out of what was
typed, or what is still missing. The dialog draws the one and sends the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from bridge_gui.answers import LoginFailed, LoginStep, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.model import FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import Problem

translate = QCoreApplication.translate

CODE_DIGITS = 6


class Page(StrEnum):
    PASSWORD = "password"  # noqa: S105
    CODE = "code"
    MAILBOX = "mailbox"
    HUMAN = "human"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the dialog shows: a page, with what went wrong, in the flow that the core has open."""

    page: Page
    flow: FlowId | None = None
    problem: Problem | None = None
    url: str = ""
    """Where the service lets a person prove that they are one."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields."""

    username: str = ""
    password: str = ""
    code: str = ""
    mailbox_password: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: Secret[str]


@dataclass(frozen=True, slots=True)
class Code:
    flow: FlowId
    code: str


@dataclass(frozen=True, slots=True)
class MailboxPassword:
    flow: FlowId
    password: Secret[str]


@dataclass(frozen=True, slots=True)
class Verified:
    flow: FlowId


Question = Login | Code | MailboxPassword | Verified


def page_of(step: LoginStep) -> Shown:
    match step:
        case NeedTwoFactor(flow=flow, problem=problem):
            return Shown(Page.CODE, flow, problem)
        case NeedMailboxPassword(flow=flow, problem=problem):
            return Shown(Page.MAILBOX, flow, problem)
        case NeedHumanCheck(flow=flow, url=url, problem=problem):
            return Shown(Page.HUMAN, flow, problem, url)
        case LoginFailed(problem=problem):
            return Shown(Page.PASSWORD, None, problem)
        case SignedIn():
            return Shown(Page.DONE)


def next_question(shown: Shown, typed: Typed) -> Question | Problem:
    """What the button of the page asks the core; a problem while something is missing. Spaces and line ends that came
    along with pasting are left out."""
    if shown.page is Page.PASSWORD or shown.flow is None:
        username, password = typed.username.strip(), typed.password.rstrip("\r\n")
        if not username or not password:
            return Problem("empty", translate("sign-in", "Type the address and the password"))
        return Login(username, Secret(password))
    if shown.page is Page.CODE:
        code = "".join(typed.code.split())
        return Code(shown.flow, code) if code else Problem("empty", translate("sign-in", "Type the code"))
    if shown.page is Page.MAILBOX:
        password = typed.mailbox_password.rstrip("\r\n")
        if not password:
            return Problem("empty", translate("sign-in", "Type the mailbox password"))
        return MailboxPassword(shown.flow, Secret(password))
    return Verified(shown.flow)


def is_whole_code(text: str) -> bool:
    """Six digits, however they are spaced, go on by themselves."""
    digits = "".join(text.split())
    return len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit()


def action_text(page: Page) -> str:
    """The words on the page's button."""
    if page is Page.PASSWORD:
        return translate("sign-in", "Sign in")
    if page is Page.HUMAN:
        return translate("sign-in", "I am done")
    return translate("sign-in", "Continue")
