"""The message that a message answers or forwards, found at the service (6.3 step 5)."""

from __future__ import annotations

import logging

from bridge_gui.errors import BridgeError
from bridge_gui.mime.parse import Outgoing
from bridge_gui.model import AddressId, MessageId
from bridge_gui.proton.api import Api
from bridge_gui.proton.mail_types import MessageFlag
from bridge_gui.send.envelope import references

log = logging.getLogger(__name__)


async def find_parent(
    api: Api, outgoing: Outgoing, address_id: AddressId | None
) -> tuple[MessageId | None, list[MessageId]]:
    """The parent, and drafts that the mail program has gone on writing at and refers to like parents.

    Not finding them is no reason to keep a message back (hard-won 48). `address_id`: in split mode, the only address
    whose mail is looked at.
    """
    try:
        return await _find(api, outgoing, address_id)
    except BridgeError as error:
        log.info("what a message answers was not found: %s", type(error).__name__)
        return None, []


async def _find(
    api: Api, outgoing: Outgoing, address_id: AddressId | None
) -> tuple[MessageId | None, list[MessageId]]:  # fmt: skip
    named = references(outgoing)
    parent: MessageId | None = None
    drafts: list[MessageId] = []
    if named.internal:
        page = await api.message_page(ids=named.internal, address_id=address_id)
        known = {each.id: each for each in page.messages}
        for meta in (known[id_] for id_ in named.internal if id_ in known):
            # A parent is never a draft (hard-won 39); of several the last counts.
            if meta.is_draft:
                drafts.append(meta.id)
            else:
                parent = meta.id
    if parent is None and named.external:
        page = await api.message_page(external_id=named.external, address_id=address_id)
        found = [each for each in page.messages if not each.is_draft and each.external_id == named.external]
        sent = [each for each in found if each.flags & MessageFlag.SENT]
        if len(found) == 1 or sent:
            parent = (sent or found)[0].id
    return parent, drafts
