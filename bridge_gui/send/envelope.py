"""From whom a message goes, to whom, and in answer to what: decided from its header and its envelope. Pure (6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge_gui.mime.parse import Outgoing
from bridge_gui.model import EmailAddress, MessageId
from bridge_gui.proton.send_routes import DraftAction
from bridge_gui.proton.types import Address

INTERNAL_ID = "protonmail.internalid"
"""Domain of the Message-IDs that the bridge puts into References, so that answers find their parent (6.1)."""


def without_tag(email: str) -> str:
    """An address without its `+tag`, lower case."""
    local, at, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}".casefold()


def own_address(addresses: Iterable[Address], email: str) -> Address | None:
    """The own address that `email` is, whatever its case and `+tag`."""
    wanted = without_tag(email)
    return next((each for each in addresses if each.email.casefold() == wanted), None) or next(
        (each for each in addresses if each.email.casefold() == email.casefold()), None
    )


def may_send(address: Address) -> bool:
    """Whether the service sends for this address: enabled, and not only a contact address of the account."""
    return address.enabled and address.send


def sender_text(address: Address, written: str) -> str:
    """The sender as the service wants it: its own spelling, with the `+tag` that was written if it is one plain tag."""
    tag = written.rpartition("@")[0].split("+")
    if len(tag) != 2 or "+" in address.email:
        return address.email
    local, at, domain = address.email.rpartition("@")
    return f"{local}+{tag[1]}{at}{domain}"


@dataclass(frozen=True, slots=True)
class Lists:
    """To, Cc and Bcc of the draft: together exactly those whom the mail program named in the envelope."""

    to: tuple[EmailAddress, ...]
    cc: tuple[EmailAddress, ...]
    bcc: tuple[EmailAddress, ...]


def recipient_lists(outgoing: Outgoing, recipients: Sequence[str]) -> Lists:
    """Sort the envelope's recipients into the header's lists; whoever is in none of them gets a blind copy.

    A name in the header whose address is not in the envelope is left out: the service sends to all whom the draft
    lists, and the envelope says who is to get this mail (RFC 5321 3.3).
    """
    waiting = {each.casefold(): each for each in recipients}

    def those_of(listed: Sequence[EmailAddress]) -> tuple[EmailAddress, ...]:
        return tuple([each for each in listed if waiting.pop(each.address.casefold(), None) is not None])

    to, cc, bcc = those_of(outgoing.to), those_of(outgoing.cc), those_of(outgoing.bcc)
    return Lists(to, cc, (*bcc, *(EmailAddress("", each) for each in waiting.values())))


def action(outgoing: Outgoing) -> DraftAction:
    """What the draft is to its parent. Thunderbird's forwards look like replies but for one field (hard-won 40)."""
    if not outgoing.in_reply_to or outgoing.in_reply_to == outgoing.forwarded_id:
        return DraftAction.FORWARD
    return DraftAction.REPLY


@dataclass(frozen=True, slots=True)
class References:
    """The messages that this one answers to."""

    internal: tuple[MessageId, ...]
    """By the service's own ids, oldest first."""
    external: str
    """The last Message-ID of another kind; empty when there is none."""


def references(outgoing: Outgoing) -> References:
    """Read References, and In-Reply-To after it (hard-won 39)."""
    named = [*outgoing.references]
    if outgoing.in_reply_to and outgoing.in_reply_to not in named:
        named.append(outgoing.in_reply_to)
    internal = tuple(MessageId(each.partition("@")[0]) for each in named if each.endswith("@" + INTERNAL_ID))
    others = [each for each in named if INTERNAL_ID not in each]
    return References(tuple(dict.fromkeys(internal)), others[-1] if others else "")
