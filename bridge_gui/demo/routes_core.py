"""User, addresses, keys, labels, settings, events (API document 3, 4.8, 4.10, 5)."""

from __future__ import annotations

from bridge_gui.demo import wire
from bridge_gui.demo.account import Account
from bridge_gui.demo.calls import Call, Op, Reply, integer, ok, text, texts
from bridge_gui.demo.errors import INVALID_VALUE, NOT_FOUND, ApiError
from bridge_gui.demo.feed import REFRESH_ALL
from bridge_gui.demo.records import Action, Json, Report
from bridge_gui.demo.sessions import LOCKED


def ping(call: Call) -> Reply:
    return ok()


def user(call: Call) -> Reply:
    return ok(User=wire.user(call.account))


def organization(call: Call) -> Reply:
    return ok(Organization={"Name": "", "DisplayName": "", "PlanName": "mail2022", "MaxMembers": 1})


def key_salts(call: Call) -> Reply:
    """`GET /core/v4/keys/salts`: one salt for all keys; needs a password given not long ago."""
    account = call.account
    ids = [wire.key_id(account, "", held.number) for held in account.kit.user_keys]
    for address in account.ordered:
        ids += [wire.key_id(account, address.id, held.number) for held in account.keys_of(address)]
    return ok(KeySalts=[{"ID": id_, "KeySalt": account.kit.key_salt} for id_ in ids])


def public_keys(call: Call) -> Reply:
    """`GET /core/v4/keys?Email=`: the keys of a recipient."""
    email = call.query.get("Email", "")
    if "@" not in email:
        raise ApiError(422, 33101, "Email is invalid")
    found = call.world.public_keys(email)
    return ok(
        RecipientType=1 if found.internal else 2,
        MIMEType=found.mime_type or ("text/html" if found.internal else None),
        IsProton=int(found.internal),
        Keys=[{"Flags": flags, "PublicKey": armored} for flags, armored in found.keys],
        Warnings=[],
        SignedKeyList=None,
    )


# -------------------------------------------------------------------------------------------------- addresses


def addresses(call: Call) -> Reply:
    account = call.account
    listed = [wire.address(account, each) for each in account.ordered]
    return ok(Addresses=listed, Total=len(listed))


def address(call: Call) -> Reply:
    return ok(Address=wire.address(call.account, call.account.address(call.path["id"])))


def order_addresses(call: Call) -> Reply:
    call.account.order_addresses(texts(call.json, "AddressIDs"))
    return ok()


def enable_address(call: Call) -> Reply:
    call.account.enable_address(call.path["id"])
    return ok()


def disable_address(call: Call) -> Reply:
    call.account.disable_address(call.path["id"])
    return ok()


def delete_address(call: Call) -> Reply:
    call.account.delete_address(call.path["id"])
    return ok()


# -------------------------------------------------------------------------------------------------- labels


def labels(call: Call) -> Reply:
    """`GET /core/v4/labels?Type=`: labels, groups, folders or system labels; without a type the first three."""
    mailbox = call.account.mailbox
    wanted = [int(call.query["Type"])] if call.query.get("Type", "").isdigit() else [1, 2, 3]
    found = [each for each in mailbox.labels.values() if each.type in wanted]
    found.sort(key=lambda each: each.order)
    return ok(Labels=[wire.label(mailbox, each) for each in found])


def labels_by_id(call: Call) -> Reply:
    mailbox = call.account.mailbox
    wanted = texts(call.json, "LabelIDs")
    return ok(Labels=[wire.label(mailbox, mailbox.labels[i]) for i in wanted if i in mailbox.labels])


def create_label(call: Call) -> Reply:
    data, mailbox = call.json, call.account.mailbox
    label = mailbox.create_label(
        text(data, "Name"), integer(data, "Type"), text(data, "Color", "#8080FF"), text(data, "ParentID", "")
    )
    return ok(Label=wire.label(mailbox, label))


def update_label(call: Call) -> Reply:
    data, mailbox = call.json, call.account.mailbox
    label = mailbox.update_label(
        call.path["id"], text(data, "Name"), text(data, "Color", ""), text(data, "ParentID", "")
    )
    return ok(Label=wire.label(mailbox, label))


def delete_label(call: Call) -> Reply:
    call.account.mailbox.delete_label(call.path["id"])
    return ok()


# -------------------------------------------------------------------------------------------------- settings


def mail_settings(call: Call) -> Reply:
    return ok(MailSettings=call.account.mail_settings)


def user_settings(call: Call) -> Reply:
    return ok(UserSettings=call.account.user_settings)


_MAIL_SETTINGS = {
    "display": ("DisplayName", str),
    "signature": ("Signature", str),
    "drafttype": ("MIMEType", str),
    "attachpublic": ("AttachPublicKey", int),
    "sign": ("Sign", int),
    "pgpscheme": ("PGPScheme", int),
}


def set_mail_setting(call: Call) -> Reply:
    """`PUT /mail/v4/settings/<one>`."""
    if call.path["name"] not in _MAIL_SETTINGS:
        raise ApiError(404, NOT_FOUND, "No such setting")
    field, kind = _MAIL_SETTINGS[call.path["name"]]
    value = text(call.json, field) if kind is str else integer(call.json, field)
    if field == "MIMEType" and value not in ("text/html", "text/plain"):
        raise ApiError(422, INVALID_VALUE, "MIMEType is invalid")
    if field == "PGPScheme" and value not in (8, 16):
        raise ApiError(422, INVALID_VALUE, "PGPScheme is invalid")
    name = "DraftMIMEType" if field == "MIMEType" else field
    return ok(MailSettings=call.account.change_mail_settings(**{name: value}))


def set_user_setting(call: Call) -> Reply:
    names = {"telemetry": "Telemetry", "crashreports": "CrashReports"}
    name = names.get(call.path["name"])
    if name is None:
        raise ApiError(404, NOT_FOUND, "No such setting")
    return ok(UserSettings=call.account.change_user_settings(**{name: integer(call.json, name)}))


# -------------------------------------------------------------------------------------------------- events


def latest_event(call: Call) -> Reply:
    return ok(EventID=call.account.feed.latest)


def event(call: Call) -> Reply:
    """`GET /core/v4/events/{id}`: what happened since; the content is the objects' present state."""
    account = call.account
    span = account.feed.since(call.path["id"])
    data: Json = {"EventID": span.event_id, "Refresh": span.refresh, "More": int(span.more)}
    for kind, id_, action in span.items:
        _add_item(data, account, kind, id_, action)
    if "Messages" in data or span.refresh == REFRESH_ALL:
        data["UsedSpace"] = account.mailbox.used
        data["MessageCounts"] = wire.counts(account.mailbox)
    return ok(**data)


def _add_item(data: Json, account: Account, kind: str, id_: str, action: int) -> None:
    if kind == "User":
        data["User"] = wire.user(account)
    elif kind == "MailSettings":
        data["MailSettings"] = account.mail_settings
    elif kind == "UserSettings":
        data["UserSettings"] = account.user_settings
    elif kind == "Notifications":
        shown = [each for each in account.notifications if each["ID"] == id_]
        _listed(data, kind).extend(shown)
    elif action == Action.DELETE:
        _listed(data, kind).append({"ID": id_, "Action": int(action)})
    elif (shown_as := _present(account, kind, id_)) is not None:
        _listed(data, kind).append({"ID": id_, "Action": int(action), _SINGULAR[kind]: shown_as})


_SINGULAR = {
    "Messages": "Message",
    "Labels": "Label",
    "Addresses": "Address",
    "Contacts": "Contact",
    "ContactEmails": "ContactEmail",
}


def _listed(data: Json, kind: str) -> list[object]:
    value = data.setdefault(kind, [])
    assert isinstance(value, list)
    return value


def _present(account: Account, kind: str, id_: str) -> Json | None:
    """Return an object's present state, or None when it is gone: its delete is still to come."""
    mailbox = account.mailbox
    if kind == "Messages" and id_ in mailbox.messages:
        return wire.metadata(mailbox, mailbox.messages[id_])
    if kind == "Labels" and id_ in mailbox.labels:
        return wire.label(mailbox, mailbox.labels[id_])
    if kind == "Addresses" and id_ in account.addresses:
        return wire.address(account, account.addresses[id_])
    if kind == "Contacts" and id_ in account.contacts:
        return wire.contact(account.contacts[id_], cards=True)
    if kind == "ContactEmails":
        emails = (each for contact in account.contacts.values() for each in wire.contact_emails(contact))
        return next((each for each in emails if each["ID"] == id_), None)
    return None


# -------------------------------------------------------------------------------------------------- the rest


def features(call: Call) -> Reply:
    return ok(toggles=[{"name": "InboxBridgeImapAuthenticate", "enabled": True}])


def domains(call: Call) -> Reply:
    return ok(Domains=["bridge.example"])


_REPORT_FIELDS = (
    "OS",
    "OSVersion",
    "Client",
    "ClientVersion",
    "ClientType",
    "Title",
    "Description",
    "Username",
    "Email",
)


def report(call: Call) -> Reply:
    """`POST /core/v4/reports/bug`: a problem report, with logs in the same request."""
    fields = {part.name: part.data.decode("utf-8", "replace") for part in call.parts if part.filename is None}
    files = {part.filename: part.data for part in call.parts if part.filename}
    if missing := [name for name in _REPORT_FIELDS if not fields.get(name)]:
        raise ApiError(422, INVALID_VALUE, f"{missing[0]} is required")
    if fields.get("AsyncAttachments", "0") == "1":
        raise ApiError(422, INVALID_VALUE, "The demo service takes logs in the same request only")
    call.world.reports.append(Report(fields, files))
    return ok()


def accept(call: Call) -> Reply:
    """Take a statistic, and keep nothing of it."""
    return ok()


OPS = (
    Op("GET", "/core/v4/events/latest", latest_event),
    Op("GET", "/core/v4/events/{id}", event),
    Op("GET", "/tests/ping", ping, scope=None),
    Op("GET", "/core/v4/users", user, slow=True),
    Op("GET", "/core/v4/organizations", organization),
    Op("GET", "/core/v4/keys/salts", key_salts, scope=LOCKED),
    Op("GET", "/core/v4/keys", public_keys, slow=True),
    Op("GET", "/core/v4/addresses", addresses, slow=True),
    Op("PUT", "/core/v4/addresses/order", order_addresses),
    Op("GET", "/core/v4/addresses/{id}", address),
    Op("DELETE", "/core/v4/addresses/{id}", delete_address),
    Op("PUT", "/core/v4/addresses/{id}/enable", enable_address),
    Op("PUT", "/core/v4/addresses/{id}/disable", disable_address),
    Op("GET", "/core/v4/labels", labels),
    Op("POST", "/core/v4/labels/by-ids", labels_by_id),
    Op("POST", "/core/v4/labels", create_label),
    Op("PUT", "/core/v4/labels/{id}", update_label),
    Op("DELETE", "/core/v4/labels/{id}", delete_label),
    Op("GET", "/mail/v4/settings", mail_settings),
    Op("PUT", "/mail/v4/settings/{name}", set_mail_setting),
    Op("GET", "/core/v4/settings", user_settings),
    Op("PUT", "/core/v4/settings/{name}", set_user_setting),
    Op("GET", "/feature/v2/frontend", features, scope=None),
    Op("GET", "/core/v4/domains/available", domains, scope=None),
    Op("POST", "/core/v4/reports/bug", report, scope=None),
    Op("POST", "/data/v1/stats", accept),
    Op("POST", "/data/v1/stats/multiple", accept),
    Op("POST", "/data/v1/metrics", accept, scope=None),
)
