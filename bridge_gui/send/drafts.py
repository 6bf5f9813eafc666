"""Make a draft and attach its files, each once, although the answer to a request may be lost.

The service makes a new draft, and a new attachment, each time it is asked. So neither request is repeated blindly: when
no answer came, what the service has is looked at first. A draft is known by its body's ciphertext and an attachment by
its key packets, as no two encryptions are alike.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from bridge_gui.errors import CryptoError, Unreachable
from bridge_gui.model import MessageId
from bridge_gui.openpgp import armor
from bridge_gui.proton.api import Api
from bridge_gui.proton.mail_types import Attachment, Message
from bridge_gui.proton.send_routes import Draft, DraftAction, Upload

TRIES = 3


async def create(api: Api, draft: Draft, *, parent_id: MessageId | None, action: DraftAction) -> Message:
    """Make a draft. One without a Message-ID gets one (RFC 6409 8.3), as it is found again by that.

    Raise `Unreachable` when nobody can tell whether it was made.
    """
    if not draft.external_id:
        draft = replace(draft, external_id=f"{secrets.token_hex(16)}@{draft.sender.address.rpartition('@')[2]}")
    for tries_left in reversed(range(TRIES)):
        try:
            return await api.create_draft(draft, parent_id=parent_id, action=action)
        except Unreachable:
            if (made := await _made(api, draft)) is not None:
                return made
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


async def attach(api: Api, draft_id: MessageId, upload: Upload) -> Attachment:
    """Add an attachment to a draft. Raise `Unreachable` when nobody can tell whether it was added."""
    for tries_left in reversed(range(TRIES)):
        try:
            return await api.upload_attachment(draft_id, upload)
        except Unreachable:
            there = (await api.message(draft_id)).attachments
            if (mine := next((each for each in there if each.key_packets == upload.key_packets), None)) is not None:
                return mine
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


async def _made(api: Api, draft: Draft) -> Message | None:
    wanted = armor.dearmor(draft.body)
    page = await api.message_page(external_id=draft.external_id)
    for meta in page.messages:
        if meta.is_draft and meta.external_id == draft.external_id:
            found = await api.message(meta.id)
            if _ciphertext(found) == wanted:
                return found
    return None


def _ciphertext(message: Message) -> bytes | None:
    try:
        return armor.dearmor(message.body if isinstance(message.body, str) else message.body.getvalue())
    except CryptoError:
        return None
