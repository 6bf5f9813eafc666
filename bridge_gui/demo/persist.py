"""The service's state in a file, so that a clean restart loses nothing: JSON with tagged values, replaced in one step.

Mail that was made from the seed is kept by its number only; what was uploaded or delivered is kept whole, encrypted.
The file holds the demo's private keys and tokens, which protect nothing but demo mail.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from bridge_gui.demo import corpora
from bridge_gui.demo.account import Account, Address
from bridge_gui.demo.feed import Entry
from bridge_gui.demo.keyring import HeldKey, Kit
from bridge_gui.demo.profiles import AddressProfile, Profile, Refusal
from bridge_gui.demo.records import Attachment, Card, Contact, Label, Message, Outside, Person, Seeded, Stored
from bridge_gui.demo.sessions import Session
from bridge_gui.demo.world import World

VERSION = 1
_RECORDS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        Address, AddressProfile, Attachment, Card, Contact, Entry, HeldKey, Kit, Label, Message, Outside, Person,
        Profile, Refusal, Seeded, Session, Stored,
    )
}  # fmt: skip


def pack(value: object) -> object:
    """Return a value as JSON can hold it; `unpack` gives it back."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"#": type(value).__name__, **{f.name: pack(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, bytes):
        return {"#": "bytes", "v": base64.b64encode(value).decode()}
    if isinstance(value, tuple):
        return {"#": "tuple", "v": [pack(each) for each in value]}
    if isinstance(value, (set, frozenset)):
        return {"#": type(value).__name__, "v": sorted(value)}
    if isinstance(value, list):
        return [pack(each) for each in value]
    if isinstance(value, dict):
        return {str(key): pack(each) for key, each in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return value


def unpack(value: Any) -> Any:
    """Return what `pack` was given."""
    if isinstance(value, list):
        return [unpack(each) for each in value]
    if not isinstance(value, dict):
        return value
    match value.get("#"):
        case None:
            return {key: unpack(each) for key, each in value.items()}
        case "bytes":
            return base64.b64decode(value["v"])
        case "tuple":
            return tuple(unpack(each) for each in value["v"])
        case "frozenset":
            return frozenset(value["v"])
        case "set":
            return set(value["v"])
        case name:
            return _RECORDS[name](**{key: unpack(each) for key, each in value.items() if key != "#"})


def save(world: World, path: Path) -> None:
    """Write the state to a temporary file beside `path`, and put it in place."""
    state = {
        "version": VERSION,
        "seed": world.seed,
        "populated": world.populated,
        "accounts": [_account(each) for each in world.accounts],
        "sessions": world.sessions.all(),
        "outside": world.outside,
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(pack(state), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)


def load(path: Path, *, cache_folder: Path | None = None, record_bytes: int = 0) -> World | None:
    """Return the world a file holds, or None when there is no file yet."""
    if not path.exists():
        return None
    state = unpack(json.loads(path.read_text(encoding="utf-8")))
    if state["version"] != VERSION:
        raise ValueError(f"{path.name} has version {state['version']}, expected {VERSION}")
    world = World(seed=state["seed"], cache_folder=cache_folder, profiles=(), record_bytes=record_bytes)
    for saved in state["accounts"]:
        _restore(world, saved)
    if state["populated"] is not None:
        corpora.register(world, **state["populated"])
    for session in state["sessions"]:
        world.sessions.restore(session)
    world.outside = state["outside"]
    return world


def _account(account: Account) -> dict[str, object]:
    mailbox = account.mailbox
    return {
        "profile": account.profile,
        "kit": account.kit if account.has_kit else None,
        "addresses": list(account.addresses.values()),
        "last_address": account.last_address,
        "contacts": list(account.contacts.values()),
        "last_contact": account.last_contact,
        "mail_settings": account.mail_settings,
        "user_settings": account.user_settings,
        "notifications": account.notifications,
        "human_done": account.human_done,
        "labels": [label for label in mailbox.labels.values() if label.type != 4],
        "messages": list(mailbox.messages.values()),
        "last_number": mailbox.last_number,
        "feed_last": account.feed.last,
        "feed": account.feed.entries(),
    }


def _restore(world: World, saved: dict[str, Any]) -> None:
    account = world.add_account(saved["profile"])
    if saved["kit"] is not None:
        account.kit = saved["kit"]
    account.addresses = {each.id: each for each in saved["addresses"]}
    account.last_address = saved["last_address"]
    account.contacts = {each.id: each for each in saved["contacts"]}
    account.last_contact = saved["last_contact"]
    account.mail_settings = saved["mail_settings"]
    account.user_settings = saved["user_settings"]
    account.notifications = saved["notifications"]
    account.human_done = saved["human_done"]
    for label in saved["labels"]:
        account.mailbox.restore_label(label)
    account.mailbox.fill(saved["messages"])
    account.mailbox.last_number = saved["last_number"]
    account.feed.restore(saved["feed"], saved["feed_last"])
