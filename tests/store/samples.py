"""Labels, messages and literals for tests of the store and of what lies on it."""

from __future__ import annotations

from collections.abc import Iterable

from bridge_gui.mime import brief, fields
from bridge_gui.model import AddressId, EmailAddress, LabelId, LabelKind, MessageId
from bridge_gui.secret import Secret
from bridge_gui.store.db import Store
from bridge_gui.store.records import Label, Literal, MessageMeta, SearchText, SortColumns
from bridge_gui.store.views import View

KEY = Secret(bytes(range(32)))

INBOX, ALL_DRAFTS, ALL_SENT, TRASH, SPAM, ALL_MAIL, ARCHIVE, SENT, DRAFTS, STARRED, SCHEDULED = (
    LabelId(id) for id in ("0", "1", "2", "3", "4", "5", "6", "7", "8", "10", "12")
)
SYSTEM = [
    Label(id, LabelKind.SYSTEM, name)
    for id, name in (
        (INBOX, "Inbox"),
        (ALL_DRAFTS, "All Drafts"),
        (ALL_SENT, "All Sent"),
        (TRASH, "Trash"),
        (SPAM, "Spam"),
        (ALL_MAIL, "All Mail"),
        (ARCHIVE, "Archive"),
        (SENT, "Sent"),
        (DRAFTS, "Drafts"),
        (STARRED, "Starred"),
        (SCHEDULED, "All Scheduled"),
    )
]
WORK = Label(LabelId("folder-work=="), LabelKind.FOLDER, "Work")
TAG = Label(LabelId("label-tag=="), LabelKind.LABEL, "Tag")
ADDRESS = AddressId("address-1==")
OTHER = AddressId("address-2==")
ANN = EmailAddress("Ann", "ann@example.org")


def mid(number: int) -> MessageId:
    return MessageId(f"message-{number:05}==")


def meta(
    number: int,
    labels: Iterable[LabelId] = (INBOX,),
    *,
    time: int | None = None,
    unread: bool = True,
    flags: int = 1,
    address: AddressId = ADDRESS,
    subject: str = "",
    conversation: str = "",
    forwarded: bool = False,
    replied: bool = False,
) -> MessageMeta:
    """Message `number`; it is in All Mail too. Received by default."""
    return MessageMeta(
        id=mid(number),
        address_id=address,
        label_ids=frozenset({*labels, ALL_MAIL}),
        time=1_700_000_000 + number if time is None else time,
        size=1000,
        flags=flags,
        unread=unread,
        forwarded=forwarded,
        replied=replied,
        subject=subject or f"Subject {number}",
        sender=ANN,
        to=(EmailAddress("", "me@example.org"),),
        conversation_id=conversation or f"conversation-{number}==",
        external_id=f"{number}@example.org",
        order=number,
    )


def literal(number: int, body: str = "", *, subject: str = "", header: str = "") -> Literal:
    """A literal for message `number`, with everything that is derived from it."""
    subject = subject or f"Subject {number}"
    lines = f"From: Ann <ann@example.org>\nTo: me@example.org\nSubject: {subject}\n{header}"
    head = lines.replace("\n", "\r\n").encode() + b"\r\n"
    text = body or f"Text of number {number}.\r\n"
    return Literal(
        data=head + text.encode(),
        header_size=len(head),
        envelope=f'("envelope" {number})'.encode(),
        bodystructure=f'("structure" {number})'.encode(),
        body=f'("body" {number})'.encode(),
        sort=SortColumns(
            sent=1_700_000_000 + number,
            sent_day=19_675,
            subject=subject.lower(),
            sender="ann",
            to="me",
            display_from="Ann",
            message_id=f"{number}@example.org",
        ),
        search=SearchText(lines, text),
        brief=brief.make(head, fields.fields(head)),
        preview=text[:20],
    )


async def opened(store: Store, label: LabelId = INBOX, address: AddressId | None = None) -> View:
    view = await store.open_view(label, address)
    assert view is not None
    return view


def shown(view: View) -> dict[int, set[str]]:
    """Flags by UID, as a client sees them."""
    columns = view.columns
    return {uid: set(columns.table.flags(flags)) for uid, flags in zip(columns.uids, columns.flags, strict=True)}
