"""The demo's own control routes, below `/demo/`: for tests and benchmarks that run the service as another process.

They need no session and no app version, and faults do not touch them.
"""

from __future__ import annotations

import html
from dataclasses import asdict, fields

from bridge_gui.demo import drafts
from bridge_gui.demo.calls import Call, Op, Reply, integer, objects, ok, text, texts
from bridge_gui.demo.errors import INVALID_VALUE, NOT_FOUND, ApiError
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Enclosure, Letter, Shape
from bridge_gui.demo.records import Json, Person


def set_faults(call: Call) -> Reply:
    """`POST /demo/faults {Rules: [...], Keep?: 1}`: replace the rules (or add to them)."""
    try:
        faults = [Fault.from_json(each) for each in objects(call.json, "Rules")]
    except (TypeError, ValueError) as error:
        raise ApiError(422, INVALID_VALUE, str(error)) from error
    if not integer(call.json, "Keep", 0):
        call.world.faults.clear()
    for fault in faults:
        call.world.faults.add(fault)
    return get_faults(call)


def get_faults(call: Call) -> Reply:
    """`GET /demo/faults`: the rules with how many requests they saw and hit."""
    rules = [{**asdict(rule.fault), "seen": rule.seen, "hits": rule.hits} for rule in call.world.faults.rules]
    return ok(Rules=rules)


def clear_faults(call: Call) -> Reply:
    call.world.faults.clear()
    return ok(Rules=[])


def set_options(call: Call) -> Reply:
    """`PUT /demo/options {latency: 0.05, access_life: 60, per_event: 5, ...}`: change behaviour."""
    world = call.world
    known = {each.name for each in fields(world.options)} - {"public_keys"}
    for name, value in call.json.items():
        if name in known and isinstance(value, str if name == "app_version" else (int, float)):
            setattr(world.options, name, value)
        elif name in ("access_life", "locked_life") and isinstance(value, (int, float)):
            setattr(world.sessions, name, float(value))
        elif name == "refresh_grace":
            world.sessions.grace = bool(value)
        elif name == "clock_offset" and isinstance(value, (int, float)):
            world.clock_offset = float(value)
        elif name == "per_event" and isinstance(value, int):
            for account in world.accounts:
                account.feed.per_event = value
        elif name == "record_bytes" and isinstance(value, int):
            world.received.limit = value
        else:
            raise ApiError(422, INVALID_VALUE, f"{name} is unknown or has a wrong value")
    return ok()


def accounts(call: Call) -> Reply:
    listed: list[Json] = [
        {
            "username": account.name,
            "password": account.profile.password,
            "address": account.profile.addresses[0].email,
            "addresses": [address.email for address in account.ordered],
            "mailbox_password": account.profile.mailbox_password,
            "totp_secret": account.profile.totp_secret,
            "messages": len(account.mailbox.messages),
        }
        for account in call.world.accounts
    ]
    return ok(Accounts=listed)


def act(call: Call) -> Reply:
    """`POST /demo/act {Do, Account, ...}`: change an account's state as the service itself would."""
    data = call.json
    account = call.world.find(text(data, "Account"))
    if account is None:
        raise ApiError(422, NOT_FOUND, "No such account")
    sessions, mailbox = call.world.sessions, account.mailbox
    match text(data, "Do"):
        case "refresh":
            account.feed.refresh(integer(data, "Bits", 255))
        case "expire-access":
            sessions.expire_access(account.number)
        case "revoke":
            sessions.close_all(account.number)
        case "lock":
            sessions.lock(account.number)
        case "read" | "unread" as wish:
            mailbox.mark(texts(data, "IDs"), unread=wish == "unread")
        case "label":
            mailbox.label(texts(data, "IDs"), text(data, "LabelID"))
        case "unlabel":
            mailbox.unlabel(texts(data, "IDs"), text(data, "LabelID"))
        case "delete":
            for message_id in texts(data, "IDs"):
                mailbox.get(message_id)
                mailbox.remove(message_id)
        case "notify":
            account.notify(text(data, "Title"), text(data, "Subtitle", ""), text(data, "Body", ""), call.world.now())
        case _:
            raise ApiError(422, INVALID_VALUE, "Do is not known")
    return ok(EventID=account.feed.latest)


def deliver(call: Call) -> Reply:
    """`POST /demo/deliver {To, From?, Subject?, Body?, Shape?, Files?: [{Name, MIMEType, Data}]}`: let a mail from
    outside arrive. `Shape` is one of `letters.Shape`, `Data` is base64."""
    data = call.json
    to, sender = text(data, "To"), text(data, "From", "carla@outside.example")
    if call.world.local(to) is None:
        raise ApiError(422, NOT_FOUND, "No such address")
    shape = Shape(text(data, "Shape", Shape.PLAIN))
    letter = Letter(
        subject=text(data, "Subject", "Hello"),
        sender=Person(text(data, "FromName", ""), sender),
        to=(Person("", to),),
        body=text(data, "Body", "Hello from outside.\n"),
        time=integer(data, "Time", call.world.now()),
        external_id=text(data, "ExternalID", ""),
        shape=shape,
        signed=shape is Shape.SIGNED_MIME,
        enclosures=tuple(
            Enclosure(text(each, "Name"), text(each, "MIMEType"), drafts.unbase64(each.get("Data")))
            for each in objects(data, "Files")
        ),
    )
    message = call.world.deliver(letter, to)
    return ok(ID=message.id)


def outside(call: Call) -> Reply:
    """`GET /demo/outside`: mails that left for outside, as their recipients open them."""
    shown: list[Json] = [
        {
            "sender": each.sender,
            "recipient": each.recipient,
            "type": each.package_type,
            "mime_type": each.mime_type,
            "subject": each.subject,
            "body": each.body.decode("utf-8", "replace"),
            "signed": each.signed,
            "encrypted": each.encrypted,
            "attachments": [[name, mime_type, len(data)] for name, mime_type, data in each.attachments],
        }
        for each in call.world.outside
    ]
    return ok(Outside=shown)


def received(call: Call) -> Reply:
    """`GET /demo/received?contains=`: how many requests came, and whether a text stands in one as it is."""
    recorder = call.world.received
    needle = call.query.get("contains", "")
    return ok(Total=recorder.total, Kept=len(recorder), Contains=int(bool(needle) and recorder.contains(needle)))


def verify(call: Call) -> Reply:
    """`GET /demo/verify`: where the browser ends up when the service asks for a person."""
    token = html.escape(call.query.get("token", ""))
    page = (
        "<!doctype html><meta charset=utf-8><title>Human verification</title>"
        "<body style='font:16px sans-serif;margin:4em auto;max-width:32em'>"
        "<h1>You are a person</h1><p>The demo service believes you. Go back to Bridge Manager and choose Continue.</p>"
        f"<p style='color:#888'>Token {token[:8]}…</p>"
    )
    return Reply(content=page.encode(), content_type="text/html; charset=utf-8")


OPS = (
    Op("GET", "/demo/faults", get_faults),
    Op("POST", "/demo/faults", set_faults),
    Op("DELETE", "/demo/faults", clear_faults),
    Op("PUT", "/demo/options", set_options),
    Op("GET", "/demo/accounts", accounts),
    Op("POST", "/demo/act", act),
    Op("POST", "/demo/deliver", deliver),
    Op("GET", "/demo/outside", outside),
    Op("GET", "/demo/received", received),
    Op("GET", "/demo/verify", verify),
)
