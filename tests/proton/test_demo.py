"""The whole client against the demo service, over real sockets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.server import DemoServer
from bridge_gui.model import AccountId, LabelKind, MessageId, SystemLabel
from bridge_gui.proton import errors
from bridge_gui.proton.api import Api
from bridge_gui.proton.event_types import EventAction
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret


@pytest.fixture(scope="session")
def demo_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("client-keys")


@pytest.fixture
async def demo(demo_keys: Path) -> AsyncIterator[DemoServer]:
    async with DemoServer(messages=200, cache_folder=demo_keys) as server:
        yield server


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def opened(demo: DemoServer, saved: list[SessionTokens] | None = None) -> AsyncIterator[Api]:
    """A session as it stands after a sign-in."""
    session = demo.world.sessions.open(demo.world.account("anna").number, two_factor=False)
    tokens = SessionTokens(session.uid, Secret(session.access_token), Secret(session.refresh_token))

    async def save(new: SessionTokens) -> None:
        if saved is not None:
            saved.append(new)

    async with Transport(demo.url, clock=Clock(sleep=no_wait)) as transport:
        api = Api(transport, tokens, save)
        try:
            yield api
        finally:
            await api.close()


async def test_every_page_and_every_id(demo: DemoServer) -> None:
    async with opened(demo) as api:
        pages = [await api.message_page(page=n, page_size=64) for n in range(4)]
        listed = [each.id for page in pages for each in page.messages]
        assert len(listed) == len(set(listed)) == pages[0].total == 200
        walked: list[MessageId] = []
        while ids := await api.message_ids(walked[-1] if walked else None, 90):
            walked += ids
        assert sorted(walked) == sorted(listed)
        older: list[MessageId] = [listed[0]]
        while page := (await api.message_page(end_id=older[-1], page_size=50)).messages:
            older += [each.id for each in page]
        assert older == listed
        assert await api.message_total(label_id=SystemLabel.ALL_MAIL) == 200


async def test_attachments_are_whole(demo: DemoServer) -> None:
    async with opened(demo) as api:
        page = await api.message_page(page_size=150)
        carrier = next(each for each in page.messages if each.num_attachments)
        for attachment in (await api.message(carrier.id)).attachments:
            data = await api.attachment(attachment.id)
            async with api.open_attachment(attachment.id) as stream:
                assert stream.size == len(data)
                assert b"".join([chunk async for chunk in stream.chunks()]) == data


async def test_changes_come_back_as_events(demo: DemoServer) -> None:
    async with opened(demo) as api:
        cursor = await api.latest_event()
        assert (await api.events(cursor)).id == cursor
        page = await api.message_page(label_id=SystemLabel.INBOX, page_size=3)
        ids = [each.id for each in page.messages]
        assert all(each.ok for each in await api.mark_read(ids))
        assert all(each.ok for each in await api.label(ids, SystemLabel.ARCHIVE))
        await api.unlabel(ids, SystemLabel.STARRED)
        event = await api.events(cursor)
        assert {change.id for change in event.messages} >= set(ids)
        for change in event.messages:
            assert change.action in set(EventAction)
            assert change.item is not None
            assert SystemLabel.ARCHIVE in change.item.label_ids
            assert not change.item.unread


async def test_labels_are_made_renamed_and_deleted(demo: DemoServer) -> None:
    async with opened(demo) as api:
        folder = await api.create_label(LabelKind.FOLDER, "Neu & schön")
        child = await api.create_label(LabelKind.FOLDER, "Kind", folder.id, "#1DA583")
        with pytest.raises(errors.Conflict):
            await api.create_label(LabelKind.FOLDER, "Neu & schön")
        renamed = await api.update_label(child.id, "Enkel", child.color, folder.id)
        assert (renamed.name, renamed.color, renamed.parent_id) == ("Enkel", "#1DA583", folder.id)
        await api.delete_label(folder.id)
        assert not {folder.id, child.id} & {each.id for each in await api.labels(LabelKind.FOLDER)}


async def test_expired_tokens_under_load_are_refreshed_once(demo: DemoServer) -> None:
    saved: list[SessionTokens] = []
    async with opened(demo, saved) as api:
        for _ in range(3):
            demo.world.sessions.expire_access()
            await asyncio.gather(*(api.user() for _ in range(12)))
        assert len(saved) == 3
        assert demo.world.received.paths().count("POST /auth/v4/refresh") == 3
        assert api.tokens == saved[-1]


async def test_a_session_ended_elsewhere_is_noticed_once(demo: DemoServer) -> None:
    ended: list[errors.ApiError] = []

    async def end(error: errors.ApiError) -> None:
        ended.append(error)

    async with opened(demo) as first:
        api = Api(first.transport, first.tokens, _never, end)
        demo.world.sessions.close_all(demo.world.account("anna").number)
        results = await asyncio.gather(*(api.user() for _ in range(5)), return_exceptions=True)
        assert {type(each) for each in results} == {errors.SignedOut}
        assert len(ended) == 1
        await api.close()


async def _never(_: SessionTokens) -> None:
    raise AssertionError("there is nothing to save")


async def test_faults_on_the_way_are_ridden_out(demo: DemoServer) -> None:
    demo.world.faults.set(
        [
            Fault("* /mail/*", status=503, retry_after="1", probability=0.2, seed=1),
            Fault("* /mail/*", cut="before", probability=0.15, seed=2),
            Fault("* /mail/*", cut="after", probability=0.1, seed=3),
            Fault("* /mail/*", cut="body", probability=0.1, seed=4),
            Fault("* /mail/*", effect="expire-access", probability=0.2, seed=5),
        ]
    )
    saved: list[SessionTokens] = []
    async with opened(demo, saved) as api:
        page = await until_done(lambda: api.message_page(page_size=60))
        messages = [await until_done(lambda id=each.id: api.message(id)) for each in page.messages]
        assert [each.id for each in messages] == [each.id for each in page.messages]
        assert api.transport.throttles > 0
        assert saved, "some of them met an expired token"
        assert api.session.over is None


async def until_done(ask: object) -> object:
    """Repeat what the transport gave up on after four tries, as the tasks above it do."""
    assert callable(ask)
    for _ in range(20):
        try:
            return await ask()
        except (errors.Offline, errors.Throttled, errors.SessionExpired):
            continue
    raise AssertionError("no end of faults")


async def test_the_servers_clock_is_followed(demo: DemoServer) -> None:
    demo.world.clock_offset = 7200.0
    async with opened(demo) as api:
        await api.user()
        assert abs(api.now() - demo.world.now()) <= 2
        assert 7190 < api.transport.clock_offset < 7210


async def test_logout_ends_the_session_there(demo: DemoServer) -> None:
    number = demo.world.account("anna").number
    async with opened(demo) as api:
        await api.logout()
        assert demo.world.sessions.of(number) == []
        with pytest.raises(errors.SignedOut):
            await api.user()


async def test_ping_needs_no_session(demo: DemoServer) -> None:
    async with Transport(demo.url) as transport:
        assert await transport.ping()


async def test_salts_need_a_fresh_session(demo: DemoServer) -> None:
    async with opened(demo) as api:
        user = await api.user()
        assert user.id == AccountId(demo.world.account("anna").id)
        salts = await api.key_salts()
        assert len(base64.b64decode(salts[0].salt)) == 16
        demo.world.sessions.lock(demo.world.account("anna").number)
        with pytest.raises(errors.ScopeMissing) as caught:
            await api.key_salts()
        assert caught.value.missing == ("locked",)
