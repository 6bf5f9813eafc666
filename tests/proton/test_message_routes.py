"""Listing, reading and changing messages: what goes out, and what is made of the answers."""

from __future__ import annotations

import httpx
import pytest

from bridge_gui.model import AttachmentId, EventId, LabelId, MessageId, SystemLabel
from bridge_gui.proton import errors
from tests.proton.service import FakeTime, Service, ok, refused


def meta(id: str) -> dict[str, str]:
    return {"ID": id}


def ids(count: int) -> list[MessageId]:
    return [MessageId(f"m{n}") for n in range(count)]


async def test_a_page_is_a_post_that_means_get() -> None:
    service = Service([ok(Messages=[meta("m1"), meta("m2")], Total=7, Stale=0)])
    page = await service.api().message_page(label_id=SystemLabel.INBOX, page=3, page_size=1000)
    assert [each.id for each in page.messages] == ["m1", "m2"]
    assert page.total == 7
    request = service.asked[0]
    assert (request.method, request.url.path) == ("POST", "/mail/v4/messages")
    assert request.headers["X-HTTP-Method-Override"] == "GET"
    assert service.body() == {"LabelID": "0", "Desc": 1, "Page": 3, "PageSize": 150, "Sort": "ID"}


async def test_filters_are_passed_on() -> None:
    service = Service([ok(Messages=None)])
    page = await service.api().message_page(
        ids=ids(2),
        external_id="<a@b>",
        address_id="addr",
        subject="s",
        desc=False,  # type: ignore[arg-type]
    )
    assert page.messages == ()
    body = service.body()
    assert body["ID"] == ["m0", "m1"]
    assert body["ExternalID"] == "a@b"
    assert (body["AddressID"], body["Subject"], body["Desc"]) == ("addr", "s", 0)


async def test_paging_by_end_id_leaves_the_end_out() -> None:
    service = Service([ok(Messages=[meta("m5"), meta("m4")]), ok(Messages=[meta("m4")]), ok(Messages=[meta("m1")])])
    api = service.api()
    assert [each.id for each in (await api.message_page(end_id=MessageId("m5"))).messages] == ["m4"]
    assert (await api.message_page(end_id=MessageId("m4"))).messages == ()
    assert [each.id for each in (await api.message_page(end_id=MessageId("gone"))).messages] == ["m1"]
    assert service.body(0)["EndID"] == "m5"


async def test_stale_pages_are_asked_for_again() -> None:
    time = FakeTime()
    service = Service([ok(Messages=[], Stale=1), ok(Stale=1), ok(Messages=[meta("m1")], Stale=0)])
    page = await service.api(time).message_page()
    assert [each.id for each in page.messages] == ["m1"]
    assert time.waits == [0.25, 0.5]
    assert service.body(0) == service.body(2)


async def test_a_list_that_stays_stale_is_trouble_that_passes() -> None:
    service = Service([ok(Stale=1)] * 12)
    with pytest.raises(errors.Malformed) as caught:
        await service.api().message_page()
    assert errors.transient(caught.value)


async def test_a_count_is_a_listing_without_messages() -> None:
    service = Service([ok(Total=42)])
    assert await service.api().message_total(label_id=SystemLabel.ALL_MAIL) == 42
    assert service.body() == {"LabelID": "5", "Limit": "0"}


async def test_ids_and_counts() -> None:
    service = Service([ok(IDs=["a", "b"]), ok(IDs=[]), ok(Counts=[{"LabelID": "5", "Total": 3, "Unread": 1}])])
    api = service.api()
    assert await api.message_ids() == ("a", "b")
    assert await api.message_ids(MessageId("b="), 5000) == ()
    assert dict(service.asked[1].url.params) == {"Limit": "1000", "AfterID": "b="}
    (count,) = await api.message_counts()
    assert (count.label_id, count.total, count.unread) == ("5", 3, 1)


async def test_ids_are_quoted_in_paths() -> None:
    service = Service([ok(Message=meta("a/b=="))])
    await service.api().message(MessageId("a/b=="))
    assert service.asked[0].url.raw_path == b"/mail/v4/messages/a%2Fb%3D%3D"


@pytest.mark.parametrize(("status", "code"), [(422, 0), (422, 2501), (422, 2061), (422, 15052), (404, 0)])
async def test_a_message_deleted_meanwhile_is_gone(status: int, code: int) -> None:
    with pytest.raises(errors.Gone):
        await Service([refused(status, code)]).api().message(MessageId("m"))


async def test_other_refusals_of_a_message_are_not_gone() -> None:
    service = Service([refused(422, 10003)])
    with pytest.raises(errors.AccountDisabled):
        await service.api().message(MessageId("m"))


# ---------------------------------------------------------------------------------------------- changes


async def test_changes_go_out_in_batches_of_150() -> None:
    service = Service([httpx.Response(200), ok(), ok()])
    results = await service.api().mark_read(ids(301))
    assert service.paths() == ["PUT /mail/v4/messages/read"] * 3
    assert [len(service.body(n)["IDs"]) for n in range(3)] == [150, 150, 1]
    assert len(results) == 301
    assert all(each.ok for each in results)


async def test_nothing_to_change_asks_nobody() -> None:
    assert await Service().api().mark_unread([]) == ()


async def test_inner_codes_are_looked_at() -> None:
    responses = [
        {"ID": "m1", "Response": {"Code": 2501, "Error": "Message does not exist"}},
        {"ID": "m0", "Response": {"Code": 1000}},
    ]
    service = Service([httpx.Response(200, json={"Code": 1001, "Responses": responses})])
    first, second, third = await service.api().mark_forwarded(ids(3))
    assert (first.ok, second.ok, third.ok) == (True, False, True)
    assert (second.id, second.code, second.error) == ("m1", 2501, "Message does not exist")


async def test_the_routes_of_the_other_changes() -> None:
    service = Service([ok()] * 6)
    api = service.api()
    await api.mark_forwarded(ids(1), forwarded=False)
    await api.delete(ids(1))
    await api.delete(ids(1), SystemLabel.TRASH)
    await api.undelete(ids(1))
    await api.label(ids(1), LabelId("l"))
    await api.unlabel(ids(1), LabelId("l"))
    assert [path.rsplit("/", 1)[1] for path in service.paths()] == [
        "unforward",
        "delete",
        "delete",
        "undelete",
        "label",
        "unlabel",
    ]
    assert service.body(1) == {"IDs": ["m0"]}
    assert service.body(2) == {"IDs": ["m0"], "CurrentLabelID": "3"}
    assert service.body(4) == {"LabelID": "l", "IDs": ["m0"]}


def token(name: str, valid_until: int = 2_000_000_000) -> httpx.Response:
    return ok(UndoToken={"Token": name, "ValidUntil": valid_until})


async def test_labels_that_fail_half_way_are_undone_last_first() -> None:
    service = Service([token("one"), token("two"), refused(422, 2011, "Not allowed"), ok(), ok()])
    with pytest.raises(errors.InvalidInput, match="Not allowed"):
        await service.api().label(ids(450), SystemLabel.ARCHIVE)
    assert service.paths()[3:] == ["POST /mail/v4/undoactions"] * 2
    assert [service.body(n)["Token"] for n in (3, 4)] == ["two", "one"]
    assert service.body(3)["ValidUntil"] == 2_000_000_000


async def test_expired_undo_tokens_are_left_alone_and_a_failing_undo_hides_nothing() -> None:
    service = Service([token("old", 5), token("two"), refused(500), refused(500)])
    with pytest.raises(errors.ServerTrouble):
        await service.api().unlabel(ids(450), SystemLabel.ARCHIVE)
    assert service.body()["Token"] == "two"


# ---------------------------------------------------------------------------------------------- attachments, events


async def test_an_attachment_comes_whole_or_in_pieces() -> None:
    data = bytes(range(256)) * 100
    service = Service([httpx.Response(200, content=data), httpx.Response(200, content=data)])
    api = service.api()
    assert await api.attachment(AttachmentId("a=")) == data
    async with api.open_attachment(AttachmentId("a=")) as stream:
        assert stream.size == len(data)
        assert b"".join([chunk async for chunk in stream.chunks()]) == data


async def test_an_attachments_error_is_json() -> None:
    with pytest.raises(errors.Gone, match="not exist"):
        await Service([refused(422, 2501, "Attachment does not exist")]).api().attachment(AttachmentId("a"))


async def test_an_attachment_beyond_its_limit_is_refused() -> None:
    with pytest.raises(errors.Malformed):
        await Service([httpx.Response(200, content=b"x" * 11)]).api().attachment(AttachmentId("a"), limit=10)


async def test_events() -> None:
    service = Service([ok(EventID="e1"), ok(EventID="e2", More=0)])
    api = service.api()
    assert await api.latest_event() == "e1"
    event = await api.events(EventId("e1=="))
    assert event.id == "e2"
    assert service.asked[1].url.raw_path == b"/core/v4/events/e1%3D%3D"
