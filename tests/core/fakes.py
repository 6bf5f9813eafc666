"""A service side that lives in memory: accounts that serve one mailbox, and a sign-in by script."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bridge_gui import start
from bridge_gui.answers import Difference, LetterResult, LoginFailed, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor
from bridge_gui.bridge import Bridge
from bridge_gui.config import Profile, Settings, open_profile
from bridge_gui.core.service import Entered, Keep, OnNetwork, OnState, SignInStep
from bridge_gui.errors import Refused
from bridge_gui.imap import backend as imap
from bridge_gui.mime import brief
from bridge_gui.mime.fields import fields
from bridge_gui.model import Access, AccountId, AddressId, AddressMode, FlowId
from bridge_gui.secret import Secret
from bridge_gui.smtp import backend as smtp
from bridge_gui.state import AccountPhase, AccountState, AddressState, Problem, SyncPhase, SyncState
from bridge_gui.vault.records import AccountRecord, SessionRecord
from bridge_gui.vault.vault import KeySource
from tests.ports import choose_ports

LITERAL = b"Subject: hello\r\nFrom: a@b.test\r\n\r\nbody\r\n"


class FakeMailbox:
    """INBOX with one message that cannot be changed."""

    name = "INBOX"
    uidvalidity = 7
    mailbox_id = "M1"
    permanent_flags = ("\\Seen",)

    def __init__(self, read_only: bool) -> None:
        self.read_only = read_only

    def snapshot(self) -> imap.Snapshot:
        return imap.Snapshot(array("I", [1]), array("H", [0]), array("Q", [1]), imap.FlagTable(), 2, 1)

    def listen(self, listener: imap.Listener) -> None: ...

    def on_gone(self, callback: Callable[[str], None]) -> None: ...

    async def fetch(self, uids: Sequence[int], need: imap.Need) -> AsyncIterator[Sequence[imap.Record]]:
        header = LITERAL[: LITERAL.index(b"\r\n\r\n") + 4]
        yield [imap.Record(1, len(LITERAL), header=header, literal=LITERAL, brief=brief.make(header, fields(header)))]

    async def store(
        self, uids: Sequence[int], change: imap.FlagChange, unchanged_since: int | None = None
    ) -> Sequence[int]:
        raise imap.No("no", "CANNOT")

    async def copy(self, uids: Sequence[int], target: str) -> imap.Copied:
        raise imap.No("no", "CANNOT")

    async def move(self, uids: Sequence[int], target: str) -> imap.Copied:
        raise imap.No("no", "CANNOT")

    async def expunge(self, uids: Sequence[int] | None = None) -> None: ...

    async def match(self, uids: Sequence[int], key: imap.ContentKey) -> Sequence[int]:
        return ()

    async def sort_values(self, uids: Sequence[int]) -> Sequence[imap.SortValues]:
        return ()

    async def vanished(self, since_modseq: int) -> Sequence[int]:
        return ()

    def close(self) -> None: ...


class FakeUser:
    """`imap.backend.User`."""

    read_only = False
    append_limit = 1000

    def __init__(self, account: FakeAccount, address: AddressId | None) -> None:
        self.account = account
        self.address = address
        self.closed = False

    def identify(self, fields: Mapping[str, str]) -> None: ...

    def activity(self, text: str) -> None:
        raise AssertionError("the session wraps this")

    def listed(self, count: int) -> None:
        raise AssertionError("and this")

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        raise AssertionError("the session wraps this")

    def on_traced(self, callback: Callable[[imap.Trace | None], None]) -> None:
        raise AssertionError("the session wraps this")

    async def mailboxes(self) -> Sequence[imap.MailboxInfo]:
        return [imap.MailboxInfo("INBOX")]

    async def status(self, name: str) -> imap.MailboxStatus:
        return imap.MailboxStatus(1, 1, 2, 7, 1)

    async def select(self, name: str, *, read_only: bool) -> imap.Mailbox:
        return FakeMailbox(read_only)

    async def create(self, name: str) -> str:
        self.account.created.append(name)
        return "M2"

    async def delete(self, name: str) -> None: ...

    async def rename(self, name: str, new_name: str) -> None: ...

    async def subscribe(self, name: str, subscribed: bool) -> None: ...

    async def append(self, name: str, messages: Sequence[imap.Append]) -> imap.Appended:
        raise imap.No("no", "CANNOT")

    async def quota(self) -> tuple[int, int] | None:
        return None

    def on_mailboxes_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    def close(self) -> None:
        self.closed = True


class FakeSubmitter:
    """`smtp.backend.Submitter`."""

    max_size = 10_000

    def __init__(self, account: FakeAccount) -> None:
        self.account = account

    def activity(self, text: str) -> None: ...

    def on_revoked(self, callback: Callable[[str], None]) -> None: ...

    async def check_sender(self, address: str) -> smtp.Reply:
        return smtp.Reply(250, "2.1.0", "OK")

    async def submit(self, submission: smtp.Submission) -> smtp.Reply:
        self.account.sent.append(submission)
        return smtp.Reply(250, "2.0.0", "OK")

    def close(self) -> None: ...


class FakeAccount:
    """`core.service.Account`."""

    def __init__(self, record: AccountRecord, keep: Keep, on_state: OnState, service: FakeService) -> None:
        self.record = record
        self.keep = keep
        self.service = service
        self._on_state = on_state
        self.calls: list[object] = []
        self.created: list[str] = []
        self.sent: list[smtp.Submission] = []
        self.refuses_programs = False
        addresses = tuple(
            AddressState(AddressId(f"{record.id}-{number}"), email) for number, email in enumerate(record.emails)
        )
        phase = AccountPhase.CONNECTED if record.session else AccountPhase.SIGNED_OUT
        self._state = AccountState(record.id, record.username, phase, addresses, record.mode)

    @property
    def state(self) -> AccountState:
        return self._state

    def change(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)
        self._on_state(self._state)

    def imap_user(self, access: Access, address: AddressId | None) -> imap.User:
        if self.refuses_programs:
            raise Refused("The account is not ready.")
        return FakeUser(self, address)

    def submitter(self, access: Access, address: AddressId | None) -> smtp.Submitter:
        return FakeSubmitter(self)

    async def start(self) -> None:
        self.calls.append("start")

    async def stop(self) -> None:
        self.calls.append("stop")

    def use_settings(self, settings: Settings) -> None:
        self.calls.append(("settings", settings.sync.parallel))

    async def set_mode(self, mode: AddressMode) -> None:
        await self.keep(lambda record: replace(record, mode=mode))
        self.change(mode=mode)

    async def repair(self) -> None:
        self.calls.append("repair")

    async def pause(self, seconds: float | None) -> None:
        self.change(sync=SyncState(SyncPhase.PAUSED))

    async def resume(self) -> None:
        self.change(sync=SyncState(SyncPhase.DOWNLOADING, usable=True, done=1, total=2))

    def synced(self) -> None:
        self.change(sync=SyncState(SyncPhase.DONE, True, True, 2, 2))

    async def outbox_retry(self, item: str) -> None:
        self.calls.append(("retry", item))

    async def outbox_cancel(self, item: str) -> None:
        self.calls.append(("cancel", item))

    async def self_test(self) -> tuple[LetterResult, ...]:
        flowed = Difference("format of the text", "format=flowed", "", known=True)
        text = Difference("text", "a", "b", known=False)
        return LetterResult("plain text", 0.5, (flowed,)), LetterResult("files", 1.0, (text,))

    async def sign_out(self) -> None:
        self.calls.append("sign out")
        self.change(phase=AccountPhase.SIGNED_OUT)

    async def wipe(self) -> None:
        self.calls.append("wipe")


PEOPLE = {
    # user name: (password, code, mailbox password, human check first)
    "anna": ("anna-pass", "", "", False),
    "tom": ("tom-pass", "123456", "", False),
    "two": ("two-pass", "", "box-pass", False),
    "all": ("all-pass", "654321", "all-box", True),
}


class FakeSignIn:
    """`core.service.SignIn`."""

    def __init__(self, flow: str, service: FakeService) -> None:
        self.flow = FlowId(flow)
        self.service = service
        self.left = 3

    async def begin(self, username: str, password: Secret[str]) -> SignInStep:
        self.username = username.split("@")[0]
        self.password = password
        if self.service.gate is not None:
            await self.service.gate.wait()
        if PEOPLE.get(self.username, ("", "", "", False))[0] != password.reveal():
            return LoginFailed(Problem("credentials", "User name or password is wrong"))
        if PEOPLE[self.username][3] and not self.service.verified:
            return NeedHumanCheck(self.flow, "https://verify.test/?token=t")
        return self._next(0)

    def _next(self, done: int) -> SignInStep:
        _, code, box, _ = PEOPLE[self.username]
        if done < 1 and code:
            return NeedTwoFactor(self.flow)
        if done < 2 and box:
            return NeedMailboxPassword(self.flow, self.left)
        name = self.username
        session = SessionRecord(f"uid-{name}", Secret("access"), Secret("refresh"))
        emails = (f"{name}@proton.test", f"{name}.other@proton.test")
        return Entered(AccountId(f"id-{name}"), name, session, Secret(b"key pass"), emails)

    async def code(self, code: str) -> SignInStep:
        if code != PEOPLE[self.username][1]:
            return NeedTwoFactor(self.flow, Problem("wrong-code", "The code is wrong"))
        return self._next(1)

    async def mailbox_password(self, password: Secret[str]) -> SignInStep:
        if password.reveal() == PEOPLE[self.username][2]:
            return self._next(2)
        self.left -= 1
        problem = Problem("mailbox-password", "The mailbox password is wrong")
        return NeedMailboxPassword(self.flow, self.left, problem) if self.left else LoginFailed(problem)

    async def verified(self) -> SignInStep:
        self.service.verified = True
        return await self.begin(self.username, self.password)

    async def cancel(self) -> None:
        self.service.cancelled.append(self.flow)


class FakeService:
    """`core.service.Service`."""

    def __init__(self, settings: Settings, cookies: Secret[str] | None, on_network: OnNetwork) -> None:
        self.on_network = on_network
        self.old_cookies = cookies
        self.accounts: dict[str, FakeAccount] = {}
        self.cancelled: list[FlowId] = []
        self.verified = False
        self.gate: asyncio.Event | None = None

    settings: Settings

    def account(self, record: AccountRecord, keep: Keep, on_state: OnState) -> FakeAccount:
        made = FakeAccount(record, keep, on_state, self)
        self.accounts[record.username] = made
        return made

    def sign_in(self, flow: FlowId, is_signed_in: Callable[[AccountId], bool]) -> FakeSignIn:
        return FakeSignIn(flow, self)

    def use_settings(self, settings: Settings) -> None:
        self.settings = settings

    def use_client_name(self, name: str, version: str) -> None:
        self.client_name = (name, version)

    def look_now(self) -> None:
        self.looked = True

    offset: float | None = 0.4

    def clock_offset(self) -> float | None:
        return self.offset

    async def send_report(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        self.report = (dict(fields), dict(files))

    def cookies(self) -> Secret[str]:
        return Secret("fresh cookies")

    async def close(self) -> None: ...


class Rig:
    """A bridge on a temporary profile with the fake service. `usual_ports`: its ports are chosen by its first start."""

    def __init__(
        self, folder: Path, keys: KeySource | None = None, *, usual_ports: bool = False, **options: object
    ) -> None:
        self.profile: Profile = open_profile(folder)
        self.profile.prepare()
        if not usual_ports:
            choose_ports(folder)
        self.services: list[FakeService] = []
        keys = keys or KeySource(key_file=folder / "test.key")
        self.bridge = Bridge(self.profile, self._make, start.servers(), keys, api="https://api.test", **options)  # type: ignore[arg-type]

    def _make(self, settings: Settings, cookies: Secret[str] | None, on_network: OnNetwork) -> FakeService:
        self.services.append(FakeService(settings, cookies, on_network))
        return self.services[-1]

    @property
    def service(self) -> FakeService:
        return self.services[-1]

    async def __aenter__(self) -> Rig:
        await self.bridge.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bridge.close()

    async def signed_in(self, name: str = "anna") -> FakeAccount:
        await self.bridge.login(name, Secret(PEOPLE[name][0]))
        return self.service.accounts[name]
