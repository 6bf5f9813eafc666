"""Contact routes (API document 4.9)."""

from __future__ import annotations

from typing import TypeVar

from bridge_gui.demo import contacts, wire
from bridge_gui.demo.calls import Call, Op, Reply, integer, many, objects, ok, texts
from bridge_gui.demo.errors import ApiError
from bridge_gui.demo.records import Json

PAGE_LIMIT = 150
T = TypeVar("T")


def _page(call: Call, found: list[T]) -> list[T]:
    size = max(1, min(integer(call.query, "PageSize", PAGE_LIMIT), PAGE_LIMIT))
    start = integer(call.query, "Page", 0) * size
    return found[start : start + size]


def emails(call: Call) -> Reply:
    """`GET /contacts/v4/emails?Email=`: addresses of contacts, all or those equal to one."""
    wanted = call.query.get("Email", "").lower()
    found = [each for contact in call.account.contacts.values() for each in wire.contact_emails(contact)]
    found = [each for each in found if not wanted or str(each["Email"]).lower() == wanted]
    return ok(ContactEmails=_page(call, found), Total=len(found))


def listing(call: Call) -> Reply:
    found = list(call.account.contacts.values())
    return ok(Contacts=[wire.contact(each, cards=False) for each in _page(call, found)], Total=len(found))


def contact(call: Call) -> Reply:
    return ok(Contact=wire.contact(contacts.get(call.account, call.path["id"]), cards=True))


def create(call: Call) -> Reply:
    responses: list[Json] = []
    for index, each in enumerate(objects(call.json, "Contacts")):
        try:
            made = contacts.add(call.world, call.account, contacts.read_cards(each))
            responses.append({"Index": index, "Response": {"Code": 1000, "Contact": wire.contact(made, cards=True)}})
        except ApiError as error:
            responses.append({"Index": index, "Response": {"Code": error.code, "Error": error.text}})
    return many(Responses=responses)


def change(call: Call) -> Reply:
    changed = contacts.change(call.world, call.account, call.path["id"], contacts.read_cards(call.json))
    return ok(Contact=wire.contact(changed, cards=True))


def delete(call: Call) -> Reply:
    return many(Responses=contacts.remove(call.account, texts(call.json, "IDs")))


OPS = (
    Op("GET", "/contacts/v4/emails", emails),
    Op("GET", "/contacts/v4", listing),
    Op("POST", "/contacts/v4", create),
    Op("PUT", "/contacts/v4/delete", delete),
    Op("GET", "/contacts/v4/{id}", contact),
    Op("PUT", "/contacts/v4/{id}", change),
)
