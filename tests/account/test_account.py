"""`account.account` against the demo service: its states, and what mail programs see in each of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bridge_gui.account.account import Account
from bridge_gui.account.identity import file_name
from bridge_gui.config import Settings, with_setting
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.profiles import ANNA
from bridge_gui.demo.records import Person
from bridge_gui.errors import BridgeError, VaultError
from bridge_gui.imap.backend import FlagChange, Need, No, StoreMode
from bridge_gui.model import Access, AddressMode, SystemLabel
from bridge_gui.proton.connectivity import Link
from bridge_gui.proton.retry import Clock
from bridge_gui.secret import Secret
from bridge_gui.smtp.backend import Submission
from bridge_gui.state import AccountPhase, AccountState, SyncPhase
from bridge_gui.store import salvage
from tests.account.house import NEWEST, House, complete, open_house


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("account-demo-keys")


@pytest.fixture
async def house(key_cache: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(key_cache, tmp_path) as house:
        yield house


def in_phase(phase: AccountPhase) -> Callable[[AccountState], bool]:
    return lambda state: state.phase is phase


async def uids(account: Account, name: str = "INBOX") -> dict[str, int]:
    """UIDs by message id, of what a mail program sees."""
    user = account.imap_user(Access.FULL, None)
    mailbox = await user.select(name, read_only=True)
    ids = await mailbox._view.ids(list(mailbox.snapshot().uids))
    user.close()
    return {str(id): uid for uid, id in ids.items()}


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what other tasks bring about."""
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110 - the condition is not ours to announce
            await asyncio.sleep(0.01)


async def is_(fact: bool) -> bool:
    return fact


async def arrived(account: Account, id: str) -> bool:
    return id in await uids(account)


async def more_sent(account: Account, before: int) -> bool:
    return len(await uids(account, "Sent")) > before


async def texts(account: Account, name: str = "INBOX") -> list[bytes]:
    user = account.imap_user(Access.FULL, None)
    mailbox = await user.select(name, read_only=True)
    batches = [each async for each in mailbox.fetch(list(mailbox.snapshot().uids), Need.LITERAL)]
    user.close()
    return [record.literal for batch in batches for record in batch]


# ------------------------------------------------------------------------------------------- the usual way


async def test_from_sign_in_to_everything_being_here(house: House) -> None:
    async with house.account() as account:
        state = await house.until(complete)
        assert [address.email for address in state.addresses] == [profile.email for profile in ANNA.addresses]
        assert [address.enabled for address in state.addresses] == [True, True, False]
        assert state.sync.usable
        assert state.sync.complete
        assert (state.sync.done, state.sync.total) == (30, 30)
        assert state.max_bytes == ANNA.max_space
        assert state.problem is None
        assert len(await uids(account)) > 5
        assert all(b"X-Pm-Internal-Id" in literal for literal in await texts(account))
    assert AccountPhase.ERROR not in house.seen


async def test_a_restart_downloads_nothing_and_keeps_uids(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        before = await uids(account)
    rule = house.server.world.faults.add(Fault("GET /mail/v4/messages/*"))
    async with house.account() as account:
        await house.until(complete)
        assert await uids(account) == before
    assert rule.hits == 0


async def test_mail_is_readable_offline_and_absent_literals_are_unavailable(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
    house.link.set(Link(online=False))
    async with house.account() as account:
        state = await house.until(in_phase(AccountPhase.OFFLINE))
        assert [address.email for address in state.addresses] == [profile.email for profile in ANNA.addresses]
        assert all(await texts(account))
        await account._local.store.evict(0)  # type: ignore[union-attr]
        with pytest.raises(No) as refused:
            await texts(account)
        assert refused.value.code == "UNAVAILABLE"
        house.link.set(Link(online=True))
        await house.until(in_phase(AccountPhase.CONNECTED))
        assert all(await texts(account))


async def test_changes_made_offline_arrive_when_the_network_is_back(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        house.link.set(Link(online=False))
        await house.until(in_phase(AccountPhase.OFFLINE))
        user = account.imap_user(Access.FULL, None)
        mailbox = await user.select("INBOX", read_only=False)
        first = mailbox.snapshot().uids[0]
        await mailbox.store([first], FlagChange(StoreMode.ADD, frozenset({"\\Flagged"})))
        id = {uid: id for id, uid in (await uids(account)).items()}[first]
        user.close()
        assert SystemLabel.STARRED not in house.demo.mailbox.messages[id].labels
        house.link.set(Link(online=True))
        await eventually(lambda: is_(SystemLabel.STARRED in house.demo.mailbox.messages[id].labels))


async def test_new_mail_arrives_when_the_computer_wakes(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        before = await uids(account)
        letter = Letter("News", Person("C", "c@outside.example"), (), "Hello.\n", int(NEWEST) + 1)
        message = house.server.world.deliver(letter, "anna@bridge.example")
        house.link.set(Link(wakes=1))
        await eventually(lambda: arrived(account, message.id))
        assert (await uids(account))[message.id] == max(before.values()) + 1


@pytest.mark.parametrize("what", ["new mail", "an edited draft"])
async def test_what_a_poll_brought_is_counted_before_it_is_said_to_have_been(house: House, what: str) -> None:
    """Or the copy would pass for whole, checked just now, while what has come is still to be downloaded."""
    async with house.account():
        before = await house.until(lambda state: complete(state) and state.checked_at is not None)
        world = house.server.world
        world.faults.set([Fault("GET /mail/v4/messages/*", status=500)])
        letter = Letter("News", Person("C", "c@outside.example"), (), "Hello.\n", int(NEWEST) + 1)
        if what == "new mail":
            world.deliver(letter, "anna@bridge.example")
        else:
            draft = next(id for id, message in house.demo.mailbox.messages.items() if message.is_draft)
            world.rewrite(house.demo, draft, letter)
        house.link.set(Link(wakes=1))
        state = await house.until(lambda state: state.checked_at != before.checked_at)
        assert not state.sync.complete
        assert state.sync.done == state.sync.total - 1


# ------------------------------------------------------------------------------------------- states


async def test_signed_out_by_the_service_keeps_the_mail(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        before = await uids(account)
        house.server.world.sessions.close_all(house.demo.number)
        house.link.set(Link(wakes=1))
        state = await house.until(in_phase(AccountPhase.SIGNED_OUT))
        assert state.problem is not None
        assert state.problem.code == "signed-out"
        assert (house.record.session, house.record.key_pass) == (None, None)
        assert await uids(account) == before
        with pytest.raises(No):
            await account.imap_user(Access.FULL, None).create("Folders/New")


async def test_signing_out_ends_the_session_and_keeps_the_mail(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        before = await uids(account)
        await account.sign_out()
        assert account.state.phase is AccountPhase.SIGNED_OUT
        assert list(house.server.world.sessions.of(house.demo.number)) == []
        assert house.record.session is None
        assert await uids(account) == before


async def test_trouble_of_the_service_is_shown_and_passes(house: House) -> None:
    house.server.world.faults.set([Fault("GET /core/v4/users", status=500)])
    async with house.account() as account:
        state = await house.until(lambda state: state.problem is not None)
        assert (state.phase, state.problem and state.problem.code) == (AccountPhase.CONNECTING, "server-trouble")
        house.server.world.faults.clear()
        await account.resume()
        assert (await house.until(complete)).problem is None


async def test_a_version_that_is_refused_is_an_error_for_a_person(house: House) -> None:
    house.server.world.faults.set([Fault("GET /core/v4/users", status=400, code=5003)])
    async with house.account() as account:
        state = await house.until(in_phase(AccountPhase.ERROR))
        assert state.problem is not None
        assert state.problem.code == "update-forced"
        await eventually(lambda: is_(account._working is not None and account._working.done()))  # never tried again
        house.server.world.faults.clear()
        await account.resume()
        await house.until(complete)


async def test_tokens_that_cannot_be_kept_cost_no_change_and_are_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk with the stored passwords is full when new tokens come, while a change is on its way."""

    async def full(change: object) -> None:
        raise VaultError("The stored passwords could not be written.")

    house.clock = Clock(sleep=lambda seconds: asyncio.sleep(min(seconds, 60) / 100), random=lambda: 0.0)
    async with house.account() as account:
        await house.until(complete)
        inbox = await uids(account)
        user = account.imap_user(Access.FULL, None)
        mailbox = await user.select("INBOX", read_only=False)
        with monkeypatch.context() as patch:
            patch.setattr(account, "_keep", full)
            house.server.world.sessions.expire_access()
            await mailbox.store(list(inbox.values()), FlagChange(StoreMode.ADD, frozenset({"\\Flagged"})))
            state = await house.until(in_phase(AccountPhase.ERROR))
            assert (state.problem and state.problem.code, state.taken_back) == ("vault", ())
        user.close()
        state = await house.until(complete)
        stored = house.demo.mailbox.messages
        await eventually(lambda: is_(all(SystemLabel.STARRED in stored[id].labels for id in inbox)))
        assert state.taken_back == ()


async def test_bad_events_are_mended_by_a_repair_that_keeps_uids(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        before = await uids(account)
        gone = next(iter(before))
        house.server.world.faults.set([Fault("GET /core/v4/events/*", status=422, code=2501, count=1)])
        house.link.set(Link(wakes=1))
        state = await house.until(in_phase(AccountPhase.ERROR))
        assert state.problem is not None
        assert state.problem.code == "bad-events"
        house.demo.mailbox.remove(gone)
        await account.repair()
        await house.until(complete)
        assert await uids(account) == {id: uid for id, uid in before.items() if id != gone}


@pytest.mark.expects_log
async def test_a_damaged_copy_is_an_error_and_a_repair_makes_a_new_one(house: House) -> None:
    async with house.account():
        await house.until(complete)
    path = house.folder / f"{file_name(house.record.id)}.db"
    path.write_bytes(b"not a database" * 1000)
    async with house.account() as account:
        state = await house.until(in_phase(AccountPhase.ERROR))
        assert state.problem is not None
        assert state.problem.code == "store-damaged"
        with pytest.raises(BridgeError):
            account.imap_user(Access.FULL, None)
        await account.repair()
        state = await house.until(complete)
        assert len(await uids(account)) > 5
        assert [each.problem.code for each in state.taken_back] == ["changes-lost"], "nobody knows what was in it"


async def test_a_repair_of_a_damaged_copy_brings_over_what_waits(house: House) -> None:
    """Changes that Proton has not heard of, and mail that a program was told is taken."""
    house.settings = with_setting(Settings(), "outbox.enabled", True)
    async with house.account():
        await house.until(complete)
    house.link.set(Link(online=False))
    async with house.account() as account:
        await house.until(in_phase(AccountPhase.OFFLINE))
        ids = await uids(account)
        user = account.imap_user(Access.FULL, None)
        mailbox = await user.select("INBOX", read_only=False)
        await mailbox.store(list(ids.values()), FlagChange(StoreMode.ADD, frozenset({"\\Flagged"})))
        user.close()
        raw = b"From: anna@bridge.example\r\nTo: bo@bridge.example\r\nSubject: Waits\r\n\r\nHello Bo.\r\n"
        reply = await account.submitter(Access.FULL, None).submit(
            Submission("anna@bridge.example", ["bo@bridge.example"], raw)
        )
        assert reply.accepted
    damage_what_is_elsewhere_too(house.folder / f"{file_name(house.record.id)}.db", house.record.store_key)
    async with house.account() as account:
        await account.repair()
        await house.until(lambda state: [each.subject for each in state.outbox] == ["Waits"])
        house.link.set(Link(online=True))
        state = await house.until(lambda state: complete(state) and not state.outbox)
        stored = house.demo.mailbox.messages
        await eventually(lambda: is_(all(SystemLabel.STARRED in stored[id].labels for id in ids)))
        assert [message for message in stored.values() if message.subject == "Waits"]
        assert state.taken_back == ()
        assert [file.name for file in house.folder.iterdir() if "damaged" in file.name] == []


def damage_what_is_elsewhere_too(path: Path, key: Secret[bytes]) -> None:
    """Change a byte of a database, in a page with nothing that is only there."""
    data, trial = path.read_bytes(), path.with_name("trial.db")
    for at in range(len(data) - 100, 0, -8192):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        trial.write_bytes(changed)
        salvage.put_aside(trial)
        found = salvage.read(trial, key, ("",))
        salvage.drop(trial)
        if found.whole:
            path.write_bytes(changed)
            return
    raise AssertionError("each page has something that is only there")


async def test_damage_that_a_mail_program_meets_stops_the_account_and_is_said(house: House) -> None:
    """Whoever meets it; a repair makes a new one, whose UIDs are not taken for those of the old."""
    async with house.account():
        await house.until(complete)
    path = house.folder / f"{file_name(house.record.id)}.db"
    before = path.read_bytes()
    async with house.account() as account:
        await house.until(complete)
        was = await account.imap_user(Access.FULL, None).status("INBOX")
        pages = range(8192 * 8, len(before), 8192)  # the first ones are read when it is opened
        path.write_bytes(before[: pages[0]] + bytes(byte ^ 0x55 for byte in before[pages[0] :]))
        with pytest.raises((No, BridgeError)):
            await texts(account)
        state = await house.until(in_phase(AccountPhase.ERROR))
        assert state.problem is not None
        assert state.problem.code == "store-damaged"
        await account.repair()
        await house.until(complete)
        assert all(await texts(account))
        assert (await account.imap_user(Access.FULL, None).status("INBOX")).uidvalidity > was.uidvalidity


async def test_a_copy_that_cannot_be_opened_is_tried_again_and_never_deleted(house: House) -> None:
    """Its folder is not there, or not ours to write in; a repair does not take that for damage."""
    async with house.account() as account:
        await house.until(complete)
        before = await uids(account)
    folder = house.folder
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("no folder")
    async with house.account() as account:
        state = await house.until(in_phase(AccountPhase.ERROR))
        assert state.problem is not None
        assert (state.problem.code, "cannot be written" in state.problem.title) == ("store", True)
        await account.repair()
        assert account.state.phase is AccountPhase.ERROR
        folder.unlink()
        aside.rename(folder)
        await account.resume()
        await house.until(complete)
        assert await uids(account) == before


async def test_a_pause_asks_for_nothing_and_ends_by_itself(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        await account.pause(None)
        assert account.state.sync.phase is SyncPhase.PAUSED
        rule = house.server.world.faults.add(Fault("GET /core/v4/events/*"))
        house.link.set(Link(wakes=1))
        await asyncio.sleep(0.2)
        assert rule.hits == 0
        await account.pause(0.05)
        await eventually(lambda: is_(rule.hits > 0))


async def test_another_mode_gives_new_uidvalidities_and_is_kept(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        before = (await account.imap_user(Access.FULL, None).status("INBOX")).uidvalidity
        await account.set_mode(AddressMode.SPLIT)
        assert house.record.mode is AddressMode.SPLIT
        assert account.state.mode is AddressMode.SPLIT
        assert (await account.imap_user(Access.FULL, None).status("INBOX")).uidvalidity > before
        one, other = (account.imap_user(Access.FULL, address.id) for address in account.state.addresses[:2])
        both = await account.imap_user(Access.FULL, None).status("All Mail")
        parts = [await user.status("All Mail") for user in (one, other)]
        assert sum(part.messages for part in parts) == both.messages
        assert parts[0].messages > 0
        split, inbox = await account.imap_user(Access.FULL, None).status("INBOX"), await uids(account)
        await account.set_mode(AddressMode.COMBINED)
        again = await account.imap_user(Access.FULL, None).status("INBOX")
        assert again.uidvalidity > split.uidvalidity > before
        assert await uids(account) == inbox


async def test_addresses_that_change_are_shown_and_kept(house: House) -> None:
    async with house.account():
        await house.until(complete)
        house.demo.disable_address(house.demo.ordered[1].id)
        house.link.set(Link(wakes=1))
        state = await house.until(lambda state: not state.addresses[1].enabled)
        assert not state.addresses[1].can_send
        assert house.record.emails == tuple(profile.email for profile in ANNA.addresses)


async def test_a_new_key_opens_mail_that_arrives_for_it(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        world = house.server.world
        world.renew_key(house.demo, house.demo.primary)
        letter = Letter("News", Person("C", "c@outside.example"), (), "For the new key.\n", int(NEWEST) + 1)
        message = world.deliver(letter, "anna@bridge.example")
        house.link.set(Link(wakes=1))
        await eventually(lambda: arrived(account, message.id))
        assert any(b"For the new key." in literal for literal in await texts(account))


# ------------------------------------------------------------------------------------------- sending


async def test_mail_goes_out_and_its_copy_comes_back(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        sent = len(await uids(account, "Sent"))
        raw = b"From: anna@bridge.example\r\nTo: bo@bridge.example\r\nSubject: Out\r\n\r\nHello Bo.\r\n"
        reply = await account.submitter(Access.FULL, None).submit(
            Submission("anna@bridge.example", ["bo@bridge.example"], raw)
        )
        assert reply.accepted
        house.link.set(Link(wakes=1))
        await eventually(lambda: more_sent(account, sent))


async def test_only_the_selected_bodies_are_downloaded_and_others_on_demand(house: House) -> None:
    house.settings = with_setting(Settings(), "sync.mailboxes", "INBOX")
    async with house.account() as account:
        state = await house.until(complete)
        inbox, archive = len(await uids(account)), await uids(account, "Archive")
        assert (state.sync.done, state.sync.total, state.sync.on_demand) == (inbox, inbox, 30 - inbox)
        assert archive
        assert len(await texts(account, "Archive")) == len(archive), "read on demand"
        account.use_settings(Settings())
        state = await house.until(lambda state: complete(state) and state.sync.total == 30)
        assert (state.sync.done, state.sync.on_demand) == (30, 0)


async def test_what_is_sent_to_an_account_of_this_computer_is_looked_for_at_once(house: House) -> None:
    told: list[list[str]] = []
    async with house.account(on_sent=lambda recipients: told.append(list(recipients))) as account:
        await house.until(complete)
        before = await uids(account)
        raw = b"From: anna@bridge.example\r\nTo: anna@bridge.example\r\nSubject: To me\r\n\r\nHello me.\r\n"
        reply = await account.submitter(Access.FULL, None).submit(
            Submission("anna@bridge.example", ["anna@bridge.example"], raw)
        )
        assert reply.accepted

        async def there() -> bool:
            return len(await uids(account)) > len(before)

        await eventually(there)  # the clock is the true one: a poll of its own would come after 20 seconds
        assert told == [["anna@bridge.example"]]


async def test_wiping_leaves_no_file(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
    await account.wipe()
    assert [path.name for path in house.folder.iterdir()] == []
