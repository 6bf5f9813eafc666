"""STORE, COPY, MOVE, EXPUNGE (RFC 3501 6.4, RFC 4315, RFC 6851, RFC 7162 3.1.3)."""

from __future__ import annotations

from collections.abc import Sequence

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.backend import Copied, FlagChange, No
from bridge_gui.imap.conversation import Conversation
from bridge_gui.imap.handlers.fetch import flag_answers
from bridge_gui.imap.handlers.tree import become_condstore
from bridge_gui.imap.sequences import compress
from bridge_gui.imap.session import View


def _writable(conv: Conversation) -> View:
    view = conv.selected()
    if view.read_only:
        raise No("this mailbox is open for reading only")
    return view


async def store(conv: Conversation, command: c.Store) -> None:
    view = _writable(conv)
    if command.unchanged_since is not None:
        become_condstore(conv)
    slices = view.slices(command.messages, uid=command.uid)
    uids = view.uids_at(slices)
    failed: Sequence[int] = ()
    changed: set[int] = set()
    if uids:
        view.own_changes = changed
        try:
            failed = await view.mailbox.store(uids, FlagChange(command.mode, command.flags), command.unchanged_since)
        finally:
            view.own_changes = None
    untouched = set(failed)
    if not command.silent:
        told = slices
        if untouched:
            told = [
                (at, at + 1) for start, stop in slices for at in range(start, stop) if view.uids[at] not in untouched
            ]
        conv.say(view.new_flags_line(uids))
        await flag_answers(conv, view, told, uid=command.uid or view.condstore, flags=True, modseq=view.condstore)
    elif view.condstore:
        # .SILENT keeps the flags quiet, not the MODSEQ that they got (RFC 7162 3.1.3).
        told = [(at, at + 1) for uid in sorted(changed) if (at := view.number(uid) - 1) >= 0]
        await flag_answers(conv, view, told, uid=True, flags=False, modseq=True)
    conv.tell(command)
    if not failed:
        conv.say(responses.ok(command.tag, f"{command.name} completed"))
        return
    shown = compress(failed if command.uid else [number for uid in failed if (number := view.number(uid))])
    text = "some messages have changed in the meantime"
    conv.say(responses.ok(command.tag, text, f"MODIFIED {shown.decode('ascii')}"))


async def copy(conv: Conversation, command: c.Copy) -> None:
    """COPY and MOVE; all or none. MOVE's COPYUID comes before the expunges (RFC 6851 4.3)."""
    view = _writable(conv) if command.move else conv.selected()
    uids = view.uids_at(view.slices(command.messages, uid=command.uid))
    if not uids:
        conv.tell(command)
        conv.say(responses.ok(command.tag, f"{command.name} completed; there were no such messages"))
        return
    if command.move:
        copied = await view.mailbox.move(uids, command.mailbox)
    else:
        copied = await view.mailbox.copy(uids, command.mailbox)
    code = _copyuid(copied)
    if command.move and code:
        conv.say(responses.ok("*", "moved", code))
        code = ""
    conv.tell(command)
    conv.say(responses.ok(command.tag, f"{command.name} completed", code))


def _copyuid(copied: Copied) -> str:
    if not copied.source:
        return ""
    source, target = compress(copied.source).decode("ascii"), compress(copied.target).decode("ascii")
    return f"COPYUID {copied.uidvalidity} {source} {target}"


async def expunge(conv: Conversation, command: c.Expunge) -> None:
    view = _writable(conv)
    if command.uids is None:
        await view.mailbox.expunge()
    else:
        uids = view.uids_at(view.slices(command.uids, uid=True))
        if uids:
            await view.mailbox.expunge(uids)
    had_expunges = bool(view.removed)
    conv.tell(command)
    code = f"HIGHESTMODSEQ {view.snapshot.highest_modseq}" if view.condstore and had_expunges else ""
    name = "EXPUNGE" if command.uids is None else "UID EXPUNGE"
    conv.say(responses.ok(command.tag, f"{name} completed", code))
