"""What a person is shown of an account's troubles, in words: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge_gui import state
from bridge_gui.account.outbox import OutboxItem
from bridge_gui.errors import BridgeError
from bridge_gui.proton.errors import ApiError, HumanCheckNeeded, ScopeMissing
from bridge_gui.state import Mails, Problem, TakenBack

REMEMBERED = 20
"""Changes taken back that an account's state holds; the core reads each state as it comes."""
SIGNED_OUT = Problem(
    "signed-out", "Signed out", "Proton has ended this session.", "Sign in again. The mail on this computer is kept."
)


def problem_of(error: BridgeError) -> Problem:
    """An error in the words that it brings, for an account at work."""
    message, remedy = error.message, error.remedy
    if isinstance(error, HumanCheckNeeded):
        remedy = "Sign in again: Proton then shows its check in the browser."
    if isinstance(error, ScopeMissing):
        message = error.default_message  # the service's own words speak of tokens
    return Problem(error.code, error.title, message, remedy, error.technical if isinstance(error, ApiError) else "")


def unexpected(error: Exception) -> BridgeError:
    """A mistake of ours, by the name of its kind: what it says may hold anything, mail too."""
    return BridgeError(
        f"Something unexpected happened ({type(error).__name__}).",
        title="A mistake in Bridge Manager",
        remedy="It tries again by itself. Report it, so that it is mended.",
    )


def change_refused(messages: int, reason: str) -> Problem:
    """The service did not accept what a mail program did, and it was taken back."""
    which = "a message" if messages == 1 else f"{messages} messages"
    return Problem(
        "change-refused",
        "A change was taken back",
        f"Proton did not accept what a mail program did with {which}: {reason}"
        if reason
        else f"Proton did not accept what a mail program did with {which}.",
        "Do it again, or do it at proton.me.",
    )


def perhaps_lost() -> Problem:
    """A damaged local copy was made anew, and not all that was only there could be read."""
    return Problem(
        "changes-lost",
        "Changes may be missing",
        "The local copy was damaged, and not all of it could be read. What mail programs had changed and Proton had not"
        " heard of, and mail that waited to be sent, may be missing.",
        "Look through the mail that you worked on last, and do again what is missing.",
    )


def taken_back(before: Sequence[TakenBack], problem: Problem, messages: Mails, now: float) -> tuple[TakenBack, ...]:
    """The newest changes taken back, with one more; it is later than all `before`, by which they are told apart."""
    at = max(now, before[-1].at + 0.001) if before else now
    return (*before, TakenBack(problem, at, messages))[-REMEMBERED:]


def outbox_items(items: Iterable[OutboxItem]) -> tuple[state.OutboxItem, ...]:
    return tuple(
        state.OutboxItem(
            item.id,
            item.subject,
            len(item.recipients),
            item.at,
            Problem(
                "not-sent",
                "This message cannot be sent" if item.failed else "This message was not sent yet",
                item.problem,
                "Change what is wrong and try again, or discard it." if item.failed else "It is tried again by itself.",
            )
            if item.problem
            else None,
            item.failed,
        )
        for item in items
    )
