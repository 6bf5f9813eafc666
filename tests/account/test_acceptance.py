"""What the acceptance checklist and the hard-won behaviours ask of an account, and no other test shows.

`docs/acceptance.md` lists all of them with their tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge_gui.account.account import Account
from bridge_gui.config import Settings
from bridge_gui.demo.faults import Cut, Fault
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.profiles import BO, AddressProfile
from bridge_gui.demo.records import Person
from bridge_gui.errors import DiskFull
from bridge_gui.imap.backend import FlagChange, Need, StoreMode
from bridge_gui.model import Access, AddressId, SystemLabel
from bridge_gui.proton.connectivity import Link
from bridge_gui.proton.retry import Clock
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret
from bridge_gui.smtp.backend import Submission
from bridge_gui.state import AccountPhase, AccountState
from bridge_gui.vault.records import SessionRecord
from tests.account.house import NEWEST, House, complete, open_house
from tests.account.test_account import arrived, eventually, is_, texts, uids


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("acceptance-demo-keys")


@pytest.fixture
async def house(key_cache: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(key_cache, tmp_path) as house:
        yield house


def signed_in_again(house: House) -> SessionRecord:
    """A new session, as a new sign-in brings it."""
    session = house.server.world.sessions.open(house.demo.number, two_factor=False)
    tokens = SessionTokens(session.uid, Secret(session.access_token), Secret(session.refresh_token))
    return SessionRecord(tokens.uid, tokens.access_token, tokens.refresh_token)


async def validity(account: Account, name: str = "INBOX") -> int:
    return (await account.imap_user(Access.FULL, None).status(name)).uidvalidity


def asked_for_bodies(house: House) -> int:
    return sum(path.startswith("GET /mail/v4/messages/b") for path in house.server.world.received.paths())


# ------------------------------------------------------------------------------------------- signing in and out


@pytest.mark.parametrize("trouble", [Fault(status=500), Fault(status=503, retry_after="0"), Fault(cut="before")])
async def test_trouble_at_the_start_signs_nobody_out(house: House, trouble: Fault) -> None:
    """Hard-won 1."""
    house.clock = Clock(sleep=lambda seconds: asyncio.sleep(min(seconds, 1) / 100), random=lambda: 0.0)
    house.server.world.faults.set([replace(trouble, match="GET /core/*"), replace(trouble, match="POST /auth/*")])
    house.server.world.sessions.expire_access()
    async with house.account():
        await house.until(lambda state: state.phase in (AccountPhase.CONNECTING, AccountPhase.OFFLINE))
        await asyncio.sleep(0.2)
        house.server.world.faults.clear()
        await house.until(complete)
    assert AccountPhase.SIGNED_OUT not in house.seen
    assert house.record.session is not None


async def test_signing_in_again_downloads_nothing_and_changes_no_uid(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        before, was = await uids(account), await validity(account)
        house.server.world.sessions.close_all(house.demo.number)
        house.link.set(Link(wakes=1))
        await house.until(lambda state: state.phase is AccountPhase.SIGNED_OUT)
    assert house.record.session is None
    assert house.record.key_pass is None
    downloads = asked_for_bodies(house)
    house.record = replace(house.record, session=signed_in_again(house), key_pass=house.key_pass)
    async with house.account() as account:
        await house.until(complete)
        assert (await uids(account), await validity(account)) == (before, was)
    assert asked_for_bodies(house) == downloads


@pytest.mark.parametrize("cut", ["after", "body"])
@pytest.mark.parametrize("taken_again", [True, False])
async def test_a_lost_answer_of_a_refresh(house: House, cut: Cut, taken_again: bool) -> None:
    """The service has given new tokens, and we never saw them. We ask again with the old one, as Proton's clients do;
    if it is not taken any more the session is lost, and nothing else: no mail, no UID, no change that waits."""
    sessions, mailbox = house.server.world.sessions, house.demo.mailbox
    sessions.grace = taken_again
    house.clock = Clock(sleep=lambda seconds: asyncio.sleep(min(seconds, 1) / 100), random=lambda: 0.0)
    async with house.account() as account:
        await house.until(complete)
        before, was, downloads = await uids(account), await validity(account), asked_for_bodies(house)
        sessions.expire_access()
        lost = house.server.world.faults.add(Fault("POST /auth/v4/refresh", cut=cut, count=1))
        chosen = min(before, key=lambda id: before[id])
        user = account.imap_user(Access.FULL, None)
        inbox = await user.select("INBOX", read_only=False)
        if not taken_again:
            await house.until(lambda state: state.phase is AccountPhase.SIGNED_OUT)
            assert all(await texts(account))
        await inbox.store([before[chosen]], FlagChange(StoreMode.ADD, frozenset({"\\Flagged"})))
        user.close()
        if taken_again:
            await eventually(lambda: is_(SystemLabel.STARRED in mailbox.messages[chosen].labels))
    assert lost.hits == 1
    assert (AccountPhase.SIGNED_OUT in house.seen) is not taken_again
    if not taken_again:
        house.record = replace(house.record, session=signed_in_again(house), key_pass=house.key_pass)
    async with house.account() as account:
        await house.until(complete)
        await eventually(lambda: is_(SystemLabel.STARRED in mailbox.messages[chosen].labels))
        assert (await uids(account), await validity(account)) == (before, was)
    assert asked_for_bodies(house) == downloads


async def test_a_password_that_was_changed_elsewhere_locks_the_account_and_keeps_the_mail(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
    house.record = replace(house.record, key_pass=Secret(b"x" * 31))
    async with house.account() as account:
        state = await house.until(lambda state: state.phase is AccountPhase.LOCKED)
        assert state.problem is not None
        assert state.problem.code == "keys-locked"
        assert all(await texts(account))
    house.record = replace(house.record, key_pass=house.key_pass)
    async with house.account():
        await house.until(complete)


async def test_an_account_that_is_removed_and_added_again_gets_a_higher_uidvalidity(house: House) -> None:
    """Hard-won 30."""
    async with house.account() as account:
        await house.until(complete)
        before = await validity(account)
    await account.wipe()
    async with house.account() as account:
        await house.until(complete)
        assert await validity(account) > before


async def test_several_accounts_work_side_by_side(house: House, tmp_path: Path) -> None:
    (tmp_path / "bo").mkdir()
    async with house.other(BO, tmp_path / "bo") as other, house.account() as anna, other.account() as bo:
        await asyncio.gather(house.until(complete), other.until(complete))
        house.server.world.sessions.close_all(other.demo.number)
        other.link.set(Link(wakes=1))
        await other.until(lambda state: state.phase is AccountPhase.SIGNED_OUT)
        assert anna.state.phase is AccountPhase.CONNECTED
        assert not set(await uids(anna)) & set(await uids(bo))


SCOPES = {"MissingScopes": ["full"]}
MINE = "GET /core/v4/events/*"


@pytest.mark.parametrize(
    ("answer", "phase", "code"),
    [
        pytest.param(Fault(MINE, status=400, code=5001), AccountPhase.ERROR, "version-missing", id="5001"),
        pytest.param(Fault(MINE, status=400, code=5003), AccountPhase.ERROR, "update-forced", id="5003"),
        pytest.param(Fault(MINE, status=422, code=9001), AccountPhase.ERROR, "human-check", id="9001"),
        pytest.param(Fault(MINE, status=422, code=9002), AccountPhase.ERROR, "device-check", id="9002"),
        pytest.param(Fault(MINE, status=422, code=10003), AccountPhase.ERROR, "account-disabled", id="10003"),
        pytest.param(Fault(MINE, status=422, code=10004), AccountPhase.ERROR, "paid-plan", id="10004"),
        pytest.param(Fault(MINE, status=422, code=12100), AccountPhase.ERROR, "account-restricted", id="12100"),
        pytest.param(Fault(MINE, status=422, code=2501), AccountPhase.ERROR, "bad-events", id="input of the feed"),
        pytest.param(Fault(MINE, status=403, code=9101, details=SCOPES), AccountPhase.SIGNED_OUT, "scope", id="403"),
        pytest.param(Fault(MINE, status=422, code=10013), AccountPhase.CONNECTED, "server-trouble", id="10013"),
        pytest.param(Fault(MINE, status=401), AccountPhase.CONNECTED, "session-expired", id="401 in spite of all"),
        pytest.param(Fault(MINE, status=429, retry_after="4000"), AccountPhase.CONNECTED, "throttled", id="429"),
        pytest.param(Fault(MINE, status=503, retry_after="4000"), AccountPhase.CONNECTED, "throttled", id="503"),
        pytest.param(Fault(MINE, status=500), AccountPhase.CONNECTED, "server-trouble", id="500"),
        pytest.param(Fault(MINE, status=200, body="<html>"), AccountPhase.CONNECTED, "service-malformed", id="no JSON"),
        pytest.param(Fault("* *", status=422, code=10013), AccountPhase.SIGNED_OUT, "signed-out", id="refresh refused"),
    ],
)
async def test_what_an_answer_makes_of_an_account_at_work(
    house: House, answer: Fault, phase: AccountPhase, code: str
) -> None:
    """Every row of the table of codes (API document 1.4) that a running account can meet; the mail stays readable."""
    async with house.account() as account:
        await house.until(complete)
        house.server.world.faults.set([replace(answer, error="The service's words") if answer.code else answer])
        house.link.set(Link(wakes=1))
        # What a person may mend is tried again, so the phase comes and goes.
        state = await house.until(lambda state: state.problem is not None and state.phase is phase)
        assert state.problem is not None
        assert state.problem.code == code
        assert state.problem.title
        assert state.problem.remedy
        assert all(await texts(account))
        assert (house.record.session is None) is (phase is AccountPhase.SIGNED_OUT)


async def test_keys_that_are_active_again_are_noticed_without_being_asked(house: House) -> None:
    house.clock = Clock(sleep=lambda seconds: asyncio.sleep(min(seconds, 900) / 1000), random=lambda: 0.0)
    kit = house.demo.kit
    async with house.account() as account:
        await house.until(complete)
        inactive = {email: [replace(each, active=False) for each in held] for email, held in kit.address_keys.items()}
        house.demo.kit = replace(kit, address_keys=inactive)
        house.server.world.change_user(house.demo)
        house.link.set(Link(wakes=1))
        state = await house.until(lambda state: state.phase is AccountPhase.ERROR)
        assert state.problem is not None
        assert state.problem.code == "address-keys-locked"
        assert all(await texts(account))
        house.demo.kit = kit
        await house.until(lambda state: state.phase is AccountPhase.CONNECTED and state.problem is None)


# ------------------------------------------------------------------------------------------- addresses


async def test_the_order_of_addresses_may_change_while_the_program_is_off(house: House) -> None:
    """Hard-won 12."""
    async with house.account() as account:
        await house.until(complete)
        before, was = await uids(account), await validity(account)
    first, second, *_ = house.demo.ordered
    house.demo.order_addresses([second.id, first.id, *(each.id for each in house.demo.ordered[2:])])
    async with house.account() as account:
        state = await house.until(complete)
        assert state.email == second.email
        assert (await uids(account), await validity(account)) == (before, was)


@pytest.mark.parametrize("running", [True, False])
async def test_addresses_come_and_go_while_the_program_runs_and_while_it_is_off(house: House, running: bool) -> None:
    def change() -> None:
        house.server.world.add_address(house.demo, AddressProfile("new.anna@bridge.example"))
        house.demo.disable_address(house.demo.ordered[1].id)
        house.demo.delete_address(house.demo.ordered[2].id)

    def changed(state: AccountState) -> bool:
        shown = {address.email: address.enabled for address in state.addresses}
        return shown.get("new.anna@bridge.example") is True and shown.get("anna.lindqvist@bridge.example") is False

    async with house.account():
        await house.until(complete)
        if running:
            change()
            house.link.set(Link(wakes=1))
            state = await house.until(changed)
    if not running:
        change()
    async with house.account() as account:
        state = await house.until(lambda state: complete(state) and changed(state))
        assert "old.anna@bridge.example" not in [address.email for address in state.addresses]
        letter = Letter("To the new one", Person("C", "c@outside.example"), (), "Hello.\n", int(NEWEST) + 1)
        message = house.server.world.deliver(letter, "new.anna@bridge.example")
        house.link.set(Link(wakes=2))
        await eventually(lambda: arrived(account, message.id))


async def test_mail_under_an_address_that_is_gone_is_tried_with_the_keys_of_all(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        first, second, *_ = house.demo.ordered
        ring = account._identity.ring
        own = [key.certificate.fingerprint for key in ring(AddressId(second.id))]
        assert own[0] in {held.certificate.fingerprint for held in house.demo.keys_of(second)}
        assert {key.certificate.fingerprint for key in ring(AddressId("gone"))} == set(own)
        assert {held.certificate.fingerprint for held in house.demo.keys_of(first)} < set(own)


async def test_a_disabled_primary_address_still_reads_and_does_not_send(house: House) -> None:
    house.demo.disable_address(house.demo.primary.id)
    async with house.account() as account:
        state = await house.until(complete)
        assert not state.addresses[0].enabled
        assert len(await texts(account)) > 5
        raw = b"From: anna@bridge.example\r\nTo: bo@bridge.example\r\nSubject: Out\r\n\r\nHello Bo.\r\n"
        reply = await account.submitter(Access.FULL, None).submit(
            Submission("anna@bridge.example", ["bo@bridge.example"], raw)
        )
        assert not reply.accepted


# ------------------------------------------------------------------------------------------- synchronising


async def test_the_body_of_new_mail_comes_without_being_asked_for(house: House) -> None:
    async with house.account() as account:
        before = await house.until(lambda state: complete(state) and state.checked_at is not None)
        letter = Letter("News", Person("C", "c@outside.example"), (), "Hello.\n", int(NEWEST) + 1)
        house.server.world.deliver(letter, "anna@bridge.example")
        account._work.poller.nudge()  # type: ignore[union-attr]
        await house.until(lambda state: complete(state) and state.sync.done == before.sync.done + 1)


async def test_a_repair_tries_again_what_could_not_be_had(house: House) -> None:
    """Hard-won 16: it is shown with what is known of it, and remembered."""
    id = next(id for id, each in house.demo.mailbox.messages.items() if SystemLabel.INBOX in each.labels)
    house.server.world.faults.set([Fault(f"GET /mail/v4/messages/{id}", status=400)])
    async with house.account() as account:
        await house.until(complete)
        assert sum(b"Proton refused it" in literal for literal in await texts(account)) == 1
        house.server.world.faults.clear()
        await account.repair()
        await house.until(complete)
        assert not any(b"Proton refused it" in literal for literal in await texts(account))


async def test_what_a_missing_key_kept_closed_is_opened_when_the_key_has_come(house: House) -> None:
    world, demo = house.server.world, house.demo
    async with house.account() as account:
        await house.until(complete)
        world.renew_key(demo, demo.primary)
        letter = Letter("News", Person("C", "c@outside.example"), (), "For the new key.\n", int(NEWEST) + 1)
        message = world.deliver(letter, demo.primary.email)
        whole = demo.kit
        newest = {
            email: [replace(held[0], active=False), *held[1:]] if email == demo.primary.email else held
            for email, held in whole.address_keys.items()
        }
        demo.kit = replace(whole, address_keys=newest)
        house.link.set(Link(wakes=1))
        await eventually(lambda: arrived(account, message.id))
        await house.until(complete)
        assert not any(b"For the new key." in literal for literal in await texts(account))
        demo.kit = whole
        world.change_user(demo)
        house.link.set(Link(wakes=2))

        async def opened() -> bool:
            return any(b"For the new key." in literal for literal in await texts(account))

        await eventually(opened)


async def test_everything_deleted_during_the_first_sync_still_comes_to_its_end(house: House) -> None:
    """Hard-won 16."""
    house.server.world.faults.set([Fault("GET /mail/v4/messages/b*", delay=0.05)])
    async with house.account() as account:
        await house.until(lambda state: state.sync.usable)
        for id in list(house.demo.mailbox.messages):
            house.demo.mailbox.remove(id)
        house.link.set(Link(wakes=1))
        await house.until(lambda state: complete(state) and state.sync.total == 0)
        assert await uids(account) == {}


async def test_the_copy_keeps_to_its_budget_and_the_rest_is_fetched_when_it_is_read(house: House) -> None:
    house.settings = replace(Settings(), cache=replace(Settings().cache, budget_mb=1))
    for number in range(4):
        body = f"Story {number}. " * 40_000
        letter = Letter(f"Long {number}", Person("C", "c@outside.example"), (), body, int(NEWEST) + number)
        house.server.world.deliver(letter, "anna@bridge.example")
    async with house.account() as account:
        state = await house.until(lambda state: complete(state) and state.sync.on_demand > 0)
        totals = await account._opened().totals()
        assert totals.literal_bytes <= 1024 * 1024
        assert state.sync.on_demand == totals.missing + totals.evicted
        read = await texts(account)
        assert sum(b"Story" in literal for literal in read) == 4
        await account._keeping.count()
        assert (await account._opened().totals()).literal_bytes <= 1024 * 1024


async def test_a_full_disk_is_a_state_that_passes_and_loses_nothing(house: House) -> None:
    """Hard-won 20."""
    house.clock = Clock(sleep=lambda seconds: asyncio.sleep(min(seconds, 60) / 100), random=lambda: 0.0)
    async with house.account() as account:
        await house.until(complete)
        before = await uids(account)
        connection = account._opened()._engine._writer.connection
        connection.pragma("max_page_count", connection.pragma("page_count") + 2)
        body = "A long story that does not fit any more. " * 20_000
        letter = Letter("Long", Person("C", "c@outside.example"), (), body, int(NEWEST) + 1)
        message = house.server.world.deliver(letter, "anna@bridge.example")
        house.link.set(Link(wakes=1))
        state = await house.until(lambda state: state.problem is not None and state.problem.code == "disk-full")
        assert state.problem is not None
        assert state.problem.remedy
        mailbox = await account.imap_user(Access.FULL, None).select("INBOX", read_only=True)
        read = [len(records) async for records in mailbox.fetch(sorted(before.values()), Need.LITERAL)]
        assert sum(read) == len(before), "what is here stays readable"
        connection.pragma("max_page_count", 1_000_000)
        await eventually(lambda: arrived(account, message.id))
        await house.until(complete)
        assert body[:40].encode() in b"".join(await texts(account))
        after = await uids(account)
        assert {id: after[id] for id in before} == before


async def test_a_disk_too_full_for_events_is_tried_again_by_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot even be noted ends the work, and not for good."""

    async def full(*arguments: object) -> None:
        raise DiskFull

    house.clock = Clock(sleep=lambda seconds: asyncio.sleep(min(seconds, 60) / 100), random=lambda: 0.0)
    async with house.account() as account:
        await house.until(complete)
        with monkeypatch.context() as patch:
            patch.setattr(account._opened(), "apply", full)
            letter = Letter("News", Person("C", "c@outside.example"), (), "Hello.\n", int(NEWEST) + 1)
            message = house.server.world.deliver(letter, "anna@bridge.example")
            house.link.set(Link(wakes=1))
            state = await house.until(lambda state: state.phase is AccountPhase.ERROR)
            assert state.problem is not None
            assert state.problem.code == "disk-full"
        await eventually(lambda: arrived(account, message.id))
        await house.until(lambda state: complete(state) and state.problem is None)


async def test_a_conflict_is_decided_by_the_service_and_told(house: House) -> None:
    async with house.account() as account:
        await house.until(complete)
        house.link.set(Link(online=False))
        mailbox = await account.imap_user(Access.FULL, None).select("INBOX", read_only=False)
        found = list(mailbox.snapshot().uids)
        ids = await mailbox._view.ids(found)
        await mailbox.store(found, FlagChange(StoreMode.ADD, frozenset({"\\Flagged"})))
        gone = str(ids[found[0]])
        house.demo.mailbox.remove(gone)
        house.link.set(Link())
        state = await house.until(lambda state: state.taken_back != ())
        assert {each.problem.code for each in state.taken_back} == {"change-refused"}

        async def equal() -> bool:
            starred = {id for id, each in house.demo.mailbox.messages.items() if SystemLabel.STARRED in each.labels}
            return starred >= {str(id) for id in ids.values()} - {gone} and gone not in await uids(account)

        await eventually(equal)


async def test_a_large_mailbox_is_usable_before_the_rest_is_listed(key_cache: Path, tmp_path: Path) -> None:
    async with open_house(key_cache, tmp_path, messages=450) as house:
        house.server.world.faults.set([Fault("GET /mail/v4/messages/ids", delay=0.3)])
        async with house.account() as account:
            state = await house.until(lambda state: state.sync.usable)
            assert not state.sync.complete
            assert len(await uids(account)) > 100
            state = await house.until(complete)
            assert state.sync.total == 450
