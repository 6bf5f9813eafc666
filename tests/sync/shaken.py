"""What the long runs need: a hasty clock, an account in its house, changes on both sides, the comparison at the end.

`Elsewhere` changes mail at the service, as the web app or a phone would; `Program` changes it through the account's
IMAP face. Each has its own part of the messages, so that at the end it is known what every message must look like:
what a mail program did was never lost, and what happened at the service is here.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge_gui.account.account import Account
from bridge_gui.account.identity import file_name
from bridge_gui.account.login import SignIn
from bridge_gui.aio import TaskOwner
from bridge_gui.config import Settings
from bridge_gui.demo.account import Account as DemoAccount
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.profiles import ANNA
from bridge_gui.demo.records import Message, Person
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.imap.backend import FlagChange, No, StoreMode
from bridge_gui.model import Access, AccountId, FlowId, MessageId, SystemLabel
from bridge_gui.proton.connectivity import Connectivity
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, AccountState, SyncPhase
from bridge_gui.store.db import Store
from bridge_gui.sync.workshop import Workshop
from bridge_gui.vault.records import AccountRecord, SessionRecord
from bridge_gui.watched import Watched

STORE_KEY = Secret(bytes(range(32)))
SPEED = 50.0
"""How many seconds of the account's clock pass in one: its waits are made for years and not for tests."""
MAILBOXES = {
    "INBOX": SystemLabel.INBOX,
    "Archive": SystemLabel.ARCHIVE,
    "Spam": SystemLabel.SPAM,
    "Trash": SystemLabel.TRASH,
}
SHOWN = ("0", "3", "4", "5", "6", "7", "8", "10", "12")
"""System labels that are mailboxes here."""


class HastyClock(Clock):
    """A clock that runs fast and can leap: the wall clock alone (it was set), or both (the computer slept)."""

    def __init__(self, speed: float = SPEED) -> None:
        began = time.monotonic()
        self._leapt = {"time": 0.0, "monotonic": 0.0}
        epoch = time.time()

        def monotonic() -> float:
            return (time.monotonic() - began) * speed + self._leapt["monotonic"]

        def wall() -> float:
            return epoch + (time.monotonic() - began) * speed + self._leapt["time"]

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(seconds / speed)

        super().__init__(time=wall, monotonic=monotonic, sleep=sleep, random=random.Random(1).random)

    def set(self, seconds: float) -> None:
        self._leapt["time"] += seconds

    def slept(self, seconds: float) -> None:
        self._leapt["time"] += seconds
        self._leapt["monotonic"] += seconds


# ------------------------------------------------------------------------------------------- the account in its house


@dataclass
class House:
    """What the core is to an account; it keeps what it was told."""

    transport: Transport
    folder: Path
    record: AccountRecord
    clock: Clock
    states: Watched[AccountState | None] = field(default_factory=lambda: Watched(None))
    phases: dict[AccountPhase, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    async def keep(self, change: Callable[[AccountRecord], AccountRecord]) -> None:
        await asyncio.sleep(0)  # a vault takes its time
        self.record = change(self.record)

    def on_state(self, state: AccountState) -> None:
        before = self.states.value
        if before is None or before.phase is not state.phase:
            self.phases[state.phase] = self.phases.get(state.phase, 0) + 1
        if state.problem is not None and (before is None or before.problem != state.problem):
            self.problems[state.problem.code] = self.problems.get(state.problem.code, 0) + 1
        known = before.taken_back if before is not None else ()
        self.refusals += [each.problem.message for each in state.taken_back if each not in known]
        self.states.set(state)

    @asynccontextmanager
    async def account(self) -> AsyncIterator[Account]:
        """The account at work, until the block ends."""
        workshop, tasks = Workshop(), TaskOwner("house")
        connectivity = Connectivity(self.transport)
        tasks.start(connectivity.run(), "connectivity")
        account = Account(
            self.record,
            transport=self.transport,
            link=connectivity.state,
            workshop=workshop,
            folder=self.folder,
            settings=Settings(),
            keep=self.keep,
            on_state=self.on_state,
            clock=self.clock,
        )
        try:
            await account.start()
            yield account
        finally:
            await account.stop()
            await tasks.close()
            await workshop.close()

    async def until(self, wanted: Callable[[AccountState], bool], seconds: float = 60.0) -> AccountState:
        """Wait for a state, in true seconds."""
        async with asyncio.timeout(seconds):
            async for state in self.states.watch():
                if state is not None and wanted(state):
                    return state
        raise AssertionError("the watch ended")


async def signed_in(server: DemoServer) -> AccountRecord:
    """Sign Anna in and return what the vault would keep."""
    async with Transport(server.url, app_version="Other") as transport:
        flow = SignIn(FlowId("f"), transport, lambda _: False)
        await flow.start(ANNA.username, Secret(ANNA.password))
        result = flow.result
    assert result is not None
    tokens = result.tokens
    session = SessionRecord(tokens.uid, tokens.access_token, tokens.refresh_token)
    return AccountRecord(result.user.id, result.user.name, STORE_KEY, session=session, key_pass=result.key_pass)


def settled(state: AccountState) -> bool:
    return state.phase is AccountPhase.CONNECTED and state.sync.phase is SyncPhase.DONE


# ------------------------------------------------------------------------------------------- changes on both sides


def shared_out(messages: Mapping[str, Message]) -> tuple[list[str], list[str]]:
    """Every third of the received messages is the mail program's to change; all others are changed elsewhere."""
    received = [id for id, message in sorted(messages.items(), key=lambda item: item[1].number) if message.flags & 1]
    program = received[::3]
    rest = set(program)
    return program, [id for id in messages if id not in rest]


class Elsewhere:
    """Seeded changes of the mailbox at the service. `touched`: the messages of which no promise is kept any more."""

    def __init__(self, world: World, ids: Sequence[str], seed: int) -> None:
        self._world, self._chance = world, random.Random(seed)
        self._demo = world.account("anna")
        self._ids = list(ids)
        self._made = 0
        self.touched: set[str] = set()
        self.steps: dict[str, int] = {}

    def change(self) -> str:
        """Change something, and tell what."""
        kind = self._chance.choice(
            ("new",) * 4
            + ("read", "move", "label", "star", "forward", "remove", "trash", "rewrite")
            + ("make label", "rename label", "swap labels", "delete label", "many")
        )
        getattr(self, f"_{kind.replace(' ', '_')}")()
        self.steps[kind] = self.steps.get(kind, 0) + 1
        return kind

    def _some(self, count: int = 1) -> list[str]:
        live = [id for id in self._chance.sample(self._ids, min(len(self._ids), 4 * count)) if id in self._messages]
        self.touched.update(live[:count])
        return live[:count]

    @property
    def _messages(self) -> dict[str, Message]:
        return self._demo.mailbox.messages

    def _letter(self, subject: str) -> Letter:
        self._made += 1
        return Letter(
            subject=subject,
            sender=Person("Carla", "carla@outside.example"),
            to=(Person("Anna", "anna@bridge.example"),),
            body=f"Something happened, for the {self._made}th time.\n" * self._chance.randint(1, 40),
            time=1_780_000_000 + self._made,
        )

    def _new(self) -> None:
        message = self._world.deliver(self._letter(f"News {self._made}"), "anna@bridge.example")
        self._ids.append(message.id)

    def _read(self) -> None:
        self._demo.mailbox.mark(self._some(3) or [self._ids[0]], unread=self._chance.random() < 0.4)

    def _forward(self) -> None:
        if ids := self._some():
            self._demo.mailbox.mark_forwarded(ids, forwarded=True)

    def _label_with(self, labels: Sequence[str], count: int = 1) -> None:
        if labels and (ids := self._some(count)):
            self._demo.mailbox.label(ids, self._chance.choice(labels))

    def _move(self) -> None:
        self._label_with([SystemLabel.ARCHIVE, SystemLabel.INBOX, SystemLabel.SPAM, *self._own(3)])

    def _many(self) -> None:
        self._label_with([SystemLabel.ARCHIVE, SystemLabel.INBOX, *self._own(3)], 120)

    def _label(self) -> None:
        self._label_with(self._own(1))

    def _star(self) -> None:
        self._label_with([SystemLabel.STARRED])

    def _trash(self) -> None:
        self._label_with([SystemLabel.TRASH])

    def _remove(self) -> None:
        for id in self._some():
            self._demo.mailbox.remove(id)

    def _rewrite(self) -> None:
        drafts = [id for id, message in self._messages.items() if message.is_draft]
        if drafts:
            id = self._chance.choice(drafts)
            self.touched.add(id)
            self._world.rewrite(self._demo, id, self._letter("Edited"))

    def _own(self, kind: int) -> list[str]:
        return [label.id for label in self._demo.mailbox.labels.values() if label.type == kind]

    def _make_label(self) -> None:
        self._made += 1
        self._demo.mailbox.create_label(f"Made {self._made}", self._chance.choice((1, 3)), "#8080FF")

    def _made_labels(self) -> list[str]:
        return [label.id for label in self._demo.mailbox.labels.values() if label.name.startswith(("Made", "Named"))]

    def _rename_label(self) -> None:
        if made := self._made_labels():
            self._made += 1
            self._demo.mailbox.update_label(self._chance.choice(made), f"Named {self._made}", "#5252CC")

    def _swap_labels(self) -> None:
        made = self._made_labels()
        if len(made) >= 2:
            mailbox = self._demo.mailbox
            one, other = self._chance.sample(made, 2)
            first, second = mailbox.labels[one].name, mailbox.labels[other].name
            mailbox.update_label(one, "tmp between", "#5252CC")
            mailbox.update_label(other, first, "#5252CC")
            mailbox.update_label(one, second, "#5252CC")

    def _delete_label(self) -> None:
        made = self._made_labels()
        if len(made) > 4:
            one = self._chance.choice(made)
            self.touched.update(id for id, message in self._messages.items() if one in message.labels)
            self._demo.mailbox.delete_label(one)


@dataclass
class Wish:
    """What a mail program made of one message, and so what it must look like at the service."""

    flags: dict[str, bool] = field(default_factory=dict)
    folder: str = ""
    trashed: bool = False
    """The service marks what is moved to Trash read, which may not be known here for a while: a program that takes
    `\\Seen` away then sees nothing to be done. So no promise is kept about `\\Seen` from then on."""

    def add(self, newer: Wish) -> None:
        """What came after."""
        self.folder = newer.folder or self.folder
        self.trashed = self.trashed or newer.trashed or newer.folder == SystemLabel.TRASH
        self.flags.update(newer.flags)
        if self.trashed:
            self.flags.pop("\\Seen", None)


class Program:
    """Seeded changes by a mail program, of its own messages only, through the account's IMAP face."""

    def __init__(self, ids: Sequence[str], seed: int, about: Callable[[list[str]], None] = lambda ids: None) -> None:
        """`about` is told which messages are going to be changed, just before."""
        self._mine = set(ids)
        self._about = about
        self._chance = random.Random(seed)
        self.wishes: dict[str, Wish] = {}
        self.steps: dict[str, int] = {}

    async def change(self, account: Account) -> str:
        """Change some messages of a mailbox, as they are shown at this moment."""
        name = self._chance.choice(list(MAILBOXES))
        user = account.imap_user(Access.FULL, None)
        try:
            mailbox = await user.select(name, read_only=False)
            ids = await mailbox._view.ids(list(mailbox.snapshot().uids))
            mine = sorted(uid for uid, id in ids.items() if str(id) in self._mine)
            if not mine:
                return "nothing"
            chosen = sorted(self._chance.sample(mine, min(len(mine), self._chance.choice((1, 1, 3, 20)))))
            wishes = [self.wishes.setdefault(str(ids[uid]), Wish()) for uid in chosen]
            step = self._chance.choice(("flag", "flag", "move", "copy"))
            self._about([str(ids[uid]) for uid in chosen])
            if step == "flag":
                flag = self._chance.choice(("\\Seen", "\\Flagged", "$Forwarded"))
                on = self._chance.random() < 0.6
                await mailbox.store(chosen, FlagChange(StoreMode.ADD if on else StoreMode.REMOVE, frozenset({flag})))
                for wish in wishes:
                    wish.add(Wish({flag: on}, trashed=name == "Trash"))
            else:
                target = self._chance.choice([other for other in MAILBOXES if other != name])
                await (mailbox.move if step == "move" else mailbox.copy)(chosen, target)
                for wish in wishes:
                    wish.add(Wish(folder=MAILBOXES[target]))
        except No as refused:
            return f"refused: {refused}"
        finally:
            user.close()
        self.steps[step] = self.steps.get(step, 0) + 1
        return step

    def unfulfilled(self, demo: DemoAccount) -> list[str]:
        """Wishes that did not come true at the service."""
        found = []
        for id, wish in self.wishes.items():
            message = demo.mailbox.messages.get(id)
            if message is None:
                found.append(f"{id}: gone")
                continue
            is_ = flags_at_service(message)
            found += [f"{id}: {flag} is not {on}" for flag, on in wish.flags.items() if (flag in is_) is not on]
            if wish.folder and wish.folder not in message.labels:
                found.append(f"{id}: not in {wish.folder} but {sorted(message.labels)}")
        return found


def flags_at_service(message: Message) -> frozenset[str]:
    """The flags that mail programs have to see."""
    flags = {
        "\\Seen": not message.unread,
        "\\Flagged": SystemLabel.STARRED in message.labels,
        "\\Answered": message.is_replied or message.is_replied_all,
        "$Forwarded": message.is_forwarded,
        "Forwarded": message.is_forwarded,
        "\\Draft": message.is_draft,
    }
    return frozenset(flag for flag, on in flags.items() if on)


# ------------------------------------------------------------------------------------------- looking at the end


@dataclass
class Picture:
    """A local copy as mail programs see it."""

    uids: dict[str, dict[str, int]] = field(default_factory=dict)
    """By label and message id."""
    validity: dict[str, int] = field(default_factory=dict)
    flags: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


async def picture(store: Store) -> Picture:
    """Look at all mailboxes, and at what must not be within one: a UID or a message twice."""
    found = Picture()
    for box in await store.mailboxes():
        label = str(box.label.id)
        found.names[label] = box.label.name
        view = await store.open_view(box.label.id)
        if view is None:
            continue
        while True:
            columns, ids = view.columns, await view.ids(list(view.columns.uids))
            # What is committed may be read before the view is told of it; after this it has been told.
            await store._engine.read_in_order(lambda connection: None, lambda nothing: None)
            if view.columns is columns:
                break  # nothing changed while we looked
        shown = list(columns.uids)
        if sorted(set(shown)) != shown:
            found.mistakes.append(f"{label}: UIDs are not ascending")
        if len(ids) != len(shown) or len(set(ids.values())) != len(shown):
            found.mistakes.append(f"{label}: a message stands there twice, or without an id")
        found.uids[label] = {str(id): uid for uid, id in ids.items()}
        found.validity[label] = view.uidvalidity
        table = store.flag_table
        found.flags[label] = {
            str(ids[uid]): table.flags(number) for uid, number in zip(shown, columns.flags, strict=True)
        }
        store.release(view)
    return found


def differences(here: Picture, demo: DemoAccount) -> list[str]:
    """How a local copy differs from the service."""
    mailbox = demo.mailbox
    wrong = list(here.mistakes)
    labels = {label.id: label.name for label in mailbox.labels.values() if label.type in (1, 3) or label.id in SHOWN}
    own = {id: name for id, name in labels.items() if id not in SHOWN}
    shown = {id: name for id, name in here.names.items() if id not in SHOWN and mailbox.labels.get(id) is not None}
    if own != {id: name for id, name in shown.items() if id in own}:
        wrong.append(f"labels: {own} at the service, {shown} here")
    wrong += [f"{name}: a label that is gone" for id, name in here.names.items() if id not in mailbox.labels]
    there: dict[str, set[str]] = {id: set() for id in labels}
    for message in mailbox.messages.values():
        for label in mailbox.all_labels(message):
            if label in there:
                there[label].add(message.id)
    for label, ids in there.items():
        present = set(here.uids.get(label, {}))
        if present != ids:
            wrong.append(f"{labels[label]}: {len(ids - present)} are missing, {len(present - ids)} too many")
            wrong += [f"  missing {id}" for id in sorted(ids - present)[:3]]
            wrong += [f"  too many {id}" for id in sorted(present - ids)[:3]]
        for id in sorted(present & ids):
            expected, got = flags_at_service(mailbox.messages[id]), here.flags[label][id]
            if expected != got:
                wrong.append(f"{labels[label]} {id}: {sorted(got)} and not {sorted(expected)}")
    return wrong


@dataclass
class Uids:
    """Watches that UIDs keep their promise while a run goes on."""

    first: Picture | None = None
    owner: dict[tuple[str, int, int], str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    def look(self, here: Picture) -> None:
        """One UID stands for one message, for ever."""
        for label, ids in here.uids.items():
            for id, uid in ids.items():
                known = self.owner.setdefault((label, here.validity[label], uid), id)
                if known != id:
                    self.mistakes.append(f"{label}: UID {uid} was {known} and is {id}")
        if self.first is None:
            self.first = here

    def changed(self, here: Picture, touched: set[str]) -> list[str]:
        """Messages that nobody touched, and whose UID is another than at the first look."""
        assert self.first is not None
        found = [
            f"{label}: UIDVALIDITY was {validity}"
            for label, validity in self.first.validity.items()
            if here.validity.get(label, validity) != validity
        ]
        for label, ids in self.first.uids.items():
            now = here.uids.get(label, {})
            found += [
                f"{label} {id}: UID {uid} and now {now.get(id)}"
                for id, uid in ids.items()
                if id not in touched and now.get(id) != uid
            ]
        return found


async def literals(store: Store, ids: Sequence[str]) -> dict[str, str]:
    """Hashes of literals; empty for those that are not here."""
    found = {}
    for id in ids:
        data = await store.literal(MessageId(id))
        found[id] = hashlib.sha256(data).hexdigest() if data is not None else ""
    return found


def store_path(folder: Path, account: AccountId) -> Path:
    return folder / f"{file_name(account)}.db"
