"""User, addresses, keys, labels, settings and contacts."""

from __future__ import annotations

import pytest

from bridge_gui.model import AddressId, LabelId, LabelKind
from bridge_gui.proton import errors
from tests.proton.service import Service, ok, refused


async def test_addresses_come_in_their_order() -> None:
    addresses = [{"ID": "b", "Order": 2}, {"ID": "a", "Order": 1}, {"ID": "c", "Order": 3}]
    service = Service([ok(Addresses=addresses), ok(Address={"ID": "a/=", "Email": "x@y"})])
    api = service.api()
    assert [each.id for each in await api.addresses()] == ["a", "b", "c"]
    assert (await api.address(AddressId("a/="))).email == "x@y"
    assert service.asked[1].url.raw_path.endswith(b"a%2F%3D")


async def test_user_salts_and_settings() -> None:
    service = Service(
        [
            ok(User={"ID": "u", "Name": "anna", "Keys": [{"ID": "k", "PrivateKey": "p", "Primary": 1, "Active": 1}]}),
            ok(KeySalts=[{"ID": "k", "KeySalt": "c2FsdA=="}, {"ID": "old", "KeySalt": None}]),
            ok(MailSettings={"PGPScheme": 16, "Sign": 1, "AttachPublicKey": 1, "DraftMIMEType": "text/plain"}),
            ok(UserSettings={"Telemetry": 1}),
        ]
    )
    api = service.api()
    user = await api.user()
    assert user.keys[0].primary
    assert [each.salt for each in await api.key_salts()] == ["c2FsdA==", ""]
    settings = await api.mail_settings()
    assert (settings.pgp_scheme, settings.sign, settings.attach_public_key) == (16, True, True)
    assert (await api.user_settings()).telemetry


async def test_recipient_keys() -> None:
    service = Service(
        [ok(RecipientType=1, Keys=[{"Flags": 3, "PublicKey": "k"}]), refused(422, 33102, "No such address")]
    )
    api = service.api()
    assert (await api.recipient_keys("a+b@x.example")).internal
    assert service.asked[0].url.params["Email"] == "a+b@x.example"
    with pytest.raises(errors.RecipientKeysError, match="No such address"):
        await api.recipient_keys("nobody@bridge.example")


async def test_labels() -> None:
    label = {"ID": "l", "Name": "Work", "Path": "Work", "Color": "#123456", "Type": 3}
    service = Service([ok(Labels=[label]), ok(Label=label), ok(Label=label), ok(Label=label), ok()])
    api = service.api()
    assert (await api.labels(LabelKind.FOLDER))[0].name == "Work"
    assert service.asked[0].url.params["Type"] == "3"
    await api.create_label(LabelKind.FOLDER, "Work", LabelId("p"))
    assert service.body() == {"Name": "Work", "Color": "#f66", "Type": 3, "ParentID": "p"}
    await api.create_label(LabelKind.LABEL, "Work", color="#fff")
    assert service.body() == {"Name": "Work", "Color": "#fff", "Type": 1}
    await api.update_label(LabelId("l"), "Play", "#123456")
    assert service.body() == {"Name": "Play", "Color": "#123456"}
    await api.delete_label(LabelId("l"))
    assert service.paths()[2:] == ["POST /core/v4/labels", "PUT /core/v4/labels/l", "DELETE /core/v4/labels/l"]


@pytest.mark.parametrize("answer", [refused(409), refused(422, 2500, "Exists")])
async def test_a_name_that_is_taken(answer: object) -> None:
    with pytest.raises(errors.Conflict):
        await Service([answer]).api().create_label(LabelKind.FOLDER, "Inbox")  # type: ignore[list-item]


async def test_contacts() -> None:
    def page(*names: str) -> dict[str, object]:
        return {"ContactEmails": [{"ID": n, "Email": n, "ContactID": "c"} for n in names], "Total": 3}

    service = Service(
        [
            ok(**page("a")),
            ok(**page("a", "b")),
            ok(**page("c")),
            ok(Contact={"ID": "c", "Name": "C", "Cards": [{"Type": 2, "Data": "BEGIN:VCARD", "Signature": "s"}]}),
        ]
    )
    api = service.api()
    assert [each.id for each in await api.contact_emails("a@b")] == ["a"]
    assert service.asked[0].url.params["Email"] == "a@b"
    assert [each.id async for each in api.all_contact_emails()] == ["a", "b", "c"]
    contact = await api.contact("c")
    assert contact.cards[0].type == 2
    assert "BEGIN:VCARD" not in repr(contact)
