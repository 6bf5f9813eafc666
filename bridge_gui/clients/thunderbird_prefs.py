"""Thunderbird's prefs.js and cert_override.txt as text: accounts added and removed, every other byte kept. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge_gui.answers import ServerAddress
from bridge_gui.clients.base import AccountSetup, Identity
from bridge_gui.errors import Refused

Value = str | int | bool

_LINE = re.compile(r'^user_pref\("((?:[^"\\\r\n]|\\.)*)",[ \t]*([^\r\n]*)\);[ \t]*(?:\r?\n|$)', re.MULTILINE)
ACCOUNTS, SERVERS = "mail.accountmanager.accounts", "mail.smtpservers"
DEFAULT_ACCOUNT, DEFAULT_SERVER = "mail.accountmanager.defaultaccount", "mail.smtp.defaultserver"
LAST_KEY = "mail.account.lastKey"
_SOCKET_TYPES = {"STARTTLS": 2, "TLS": 3}
_PASSWORD = 3
"""The authentication method: the password itself, inside TLS."""
_SHA256 = "OID.2.16.840.1.101.3.4.2.1"
_OVERRIDE_HEAD = "# PSM Certificate Override Settings file\n# This is a generated file!  Do not edit.\n"
_NUMBERED = re.compile(r"^mail\.(account|server|identity|smtpserver)\.(account|server|id|smtp)(\d+)\.")


@dataclass(frozen=True, slots=True)
class Keys:
    """The names under which one account was added."""

    account: str
    server: str
    smtp: str
    identities: tuple[str, ...]


def values(text: str) -> dict[str, Value]:
    """All preferences of the file; the last line of a name counts, as for Thunderbird."""
    found: dict[str, Value] = {}
    for match in _LINE.finditer(text):
        value = _value(match[2])
        if value is not None:
            found[match[1]] = value
    return found


def _value(source: str) -> Value | None:
    if source in ("true", "false"):
        return source == "true"
    try:
        value = json.loads(re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", source), strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str | int) else None


def addresses(text: str) -> tuple[str, ...]:
    """The addresses of a profile's identities, to tell profiles apart."""
    found = (value for name, value in values(text).items() if re.fullmatch(r"mail\.identity\.\w+\.useremail", name))
    return tuple(dict.fromkeys(str(value) for value in found))


def set_value(text: str, name: str, value: Value) -> str:
    """Change a preference in its place, or append it."""
    line = f'user_pref("{name}", {_literal(value)});'
    matches = [match for match in _LINE.finditer(text) if match[1] == name]
    if matches:
        last = matches[-1]
        end = last.start() + len(last[0].rstrip("\r\n"))
        return text[: last.start()] + line + text[end:]
    eol = "\r\n" if "\r\n" in text else "\n"
    return text + line + eol


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not value.isprintable():
        raise Refused("A name with control characters cannot be written into Thunderbird's settings.")
    return json.dumps(value, ensure_ascii=False)


def remove(text: str, names: Iterable[str], prefixes: Sequence[str] = ()) -> str:
    """Delete preferences by name, and all whose names begin with one of the prefixes."""
    wanted = set(names)

    def keep(match: re.Match[str]) -> str:
        gone = match[1] in wanted or match[1].startswith(tuple(prefixes))
        return "" if gone else match[0]

    return _LINE.sub(keep, text)


def _next(found: Mapping[str, Value]) -> dict[str, int]:
    """One above the highest number in use, for each kind of key; names in the lists count too."""
    highest = dict.fromkeys(("account", "server", "id", "smtp"), 0)
    for name in found:
        match = _NUMBERED.match(name)
        if match:
            highest[match[2]] = max(highest[match[2]], int(match[3]))
    listed = ",".join(
        str(value)
        for name, value in found.items()
        if name in (ACCOUNTS, SERVERS, DEFAULT_ACCOUNT, DEFAULT_SERVER)
        or re.fullmatch(r"mail\.account\.\w+\.(server|identities)", name)
    )
    for kind, number in re.findall(r"\b(account|server|id|smtp)(\d+)\b", listed):
        highest[kind] = max(highest[kind], int(number))
    last = found.get(LAST_KEY)
    if isinstance(last, int):
        highest["account"] = max(highest["account"], last)
    return {kind: number + 1 for kind, number in highest.items()}


def has_account(text: str, setup: AccountSetup) -> bool:
    """Whether type, user name and host, which must be unique, are taken."""
    found = values(text)
    return any(
        re.fullmatch(r"mail\.server\.\w+\.userName", name)
        and value == setup.username
        and found.get(name.removesuffix("userName") + "hostname") == setup.imap.host
        and found.get(name.removesuffix("userName") + "type") == "imap"
        for name, value in found.items()
    )


def account_lines(setup: AccountSetup, keys: Keys, *, keep_copies: bool) -> dict[str, Value]:
    """The preferences of one account, apart from the shared lists."""
    server, smtp = f"mail.server.{keys.server}.", f"mail.smtpserver.{keys.smtp}."
    lines: dict[str, Value] = {
        f"mail.account.{keys.account}.server": keys.server,
        f"mail.account.{keys.account}.identities": ",".join(keys.identities),
        server + "type": "imap",
        server + "hostname": setup.imap.host,
        server + "port": setup.imap.port,
        server + "userName": setup.username,
        server + "name": setup.username,
        server + "socketType": _SOCKET_TYPES[setup.imap.security],
        server + "authMethod": _PASSWORD,
        server + "login_at_startup": True,
        server + "check_new_mail": True,
        server + "check_time": 10,
        server + "use_idle": True,
        server + "max_cached_connections": 5,
        server + "delete_model": 1,
        server + "offline_download": keep_copies,
        server + "autosync_offline_stores": keep_copies,
        server + "check_all_folders_for_new": False,
        smtp + "type": "smtp",
        smtp + "hostname": setup.smtp.host,
        smtp + "port": setup.smtp.port,
        smtp + "username": setup.username,
        smtp + "try_ssl": _SOCKET_TYPES[setup.smtp.security],
        smtp + "authMethod": _PASSWORD,
        smtp + "description": "Bridge Manager",
    }
    for key, identity in zip(keys.identities, setup.identities, strict=True):
        lines |= _identity_lines(key, identity, keys.smtp)
    return lines


def _identity_lines(key: str, identity: Identity, smtp: str) -> dict[str, Value]:
    start = f"mail.identity.{key}."
    return {
        start + "useremail": identity.email,
        start + "fullName": identity.name,
        start + "valid": True,
        start + "smtpServer": smtp,
        start + "fcc": False,
    }


def add_account(text: str, setup: AccountSetup, *, keep_copies: bool = True) -> tuple[str, dict[str, Any]]:
    """Return the text with the account, and the record that `remove_account` needs."""
    if has_account(text, setup):
        raise Refused(
            f"This Thunderbird profile has the account {setup.username} already.",
            remedy="If it was set up here, repair or undo that; else remove it in Thunderbird, then try again.",
        )
    found, free = values(text), _next(values(text))
    numbers = range(free["id"], free["id"] + len(setup.identities))
    keys = Keys(
        f"account{free['account']}",
        f"server{free['server']}",
        f"smtp{free['smtp']}",
        tuple(f"id{number}" for number in numbers),
    )
    glue = ""
    if text and not text.endswith("\n"):
        glue = "\r\n" if "\r\n" in text else "\n"
    text += glue
    added = []
    for name, key in ((ACCOUNTS, keys.account), (SERVERS, keys.smtp)):
        old = found.get(name)
        if old is None:
            added.append(name)
        text = set_value(text, name, f"{old},{key}" if old else key)
    for name, key in ((DEFAULT_ACCOUNT, keys.account), (DEFAULT_SERVER, keys.smtp)):
        if name not in found:
            added.append(name)
            text = set_value(text, name, key)
    for name, value in account_lines(setup, keys, keep_copies=keep_copies).items():
        text = set_value(text, name, value)
    last = found.get(LAST_KEY)
    if isinstance(last, int):
        # Where there is this count, Thunderbird gives its next number to a new account, whether it is free or not.
        text = set_value(text, LAST_KEY, free["account"])
    return text, {
        "last": [last, free["account"]] if isinstance(last, int) else None,
        "account": keys.account,
        "server": keys.server,
        "smtp": keys.smtp,
        "username": setup.username,
        "identities": list(keys.identities),
        "emails": dict(zip(keys.identities, (identity.email for identity in setup.identities), strict=True)),
        "added": added,
        "glue": glue,
    }


def remove_account(text: str, record: Mapping[str, Any]) -> str:
    """Take one added account out again; what Thunderbird itself wrote below its keys goes with it."""
    found = values(text)
    not_ours = _reused(found, record)
    account, server, smtp = (
        key if key not in not_ours else None for key in (record["account"], record["server"], record["smtp"])
    )
    # Identities that were added in Thunderbird belong to the account, and to nothing once it is gone.
    identities = {*record["identities"], *(_listed(found, account) if account else ())} - not_ours
    keys = (("account", account), ("server", server), ("smtpserver", smtp))
    prefixes = [f"mail.{kind}.{key}." for kind, key in keys if key is not None]
    text = remove(text, (), [*prefixes, *(f"mail.identity.{identity}." for identity in sorted(identities))])
    found = values(text)
    for name, key in ((ACCOUNTS, account), (SERVERS, smtp)):
        if name not in found or key is None:
            continue
        rest = [entry for entry in str(found[name]).split(",") if entry != key]
        if not rest and name in record["added"]:
            text = remove(text, [name])
        elif ",".join(rest) != found[name]:
            text = set_value(text, name, ",".join(rest))
    for name, key in ((DEFAULT_ACCOUNT, account), (DEFAULT_SERVER, smtp)):
        if key is not None and found.get(name) == key:
            text = remove(text, [name])
    if record["last"] is not None and found.get(LAST_KEY) == record["last"][1]:
        text = set_value(text, LAST_KEY, record["last"][0])
    glue = record["glue"]
    return text.removesuffix(glue) if glue else text


def _listed(found: Mapping[str, Value], account: str) -> list[str]:
    return re.findall(r"\bid\d+\b", str(found.get(f"mail.account.{account}.identities", "")))


def _reused(found: Mapping[str, Value], record: Mapping[str, Any]) -> set[str]:
    """Keys of an added account that Thunderbird has given to something else: it may do so once the account, or a part
    of it, was removed there."""
    reused = set[str]()
    for name, value in found.items():
        match = re.fullmatch(r"mail\.account\.(\w+)\.(server|identities)", name)
        if match and match[1] != record["account"]:
            reused.update(re.findall(r"\b(?:server|id)\d+\b", str(value)))
    if found.get(f"mail.account.{record['account']}.server", record["server"]) != record["server"]:
        reused.add(record["account"])
    user = found.get(f"mail.smtpserver.{record['smtp']}.username")
    if user is not None and user != record.get("username", user):
        reused.add(record["smtp"])
    return reused


def follow_addresses(
    text: str, record: Mapping[str, Any], setup: AccountSetup, former: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """Give an added account an identity for each address of now, and take away those of `former` addresses. What the
    person has made of an identity since stays, and one that they have deleted is not made again."""
    found, list_name = values(text), f"mail.account.{record['account']}.identities"
    listed = _listed(found, record["account"])
    emails = {key: str(found.get(f"mail.identity.{key}.useremail", "")).casefold() for key in listed}
    wanted = {identity.email.casefold(): identity for identity in setup.identities}
    past = {email.casefold() for email in (*former, *record.get("emails", {}).values())} - wanted.keys()
    ours = [key for key in record["identities"] if key in listed]
    gone = [key for key in ours if emails[key] in past]
    deleted = {email.casefold() for key, email in record.get("emails", {}).items() if key not in listed}
    missing = [identity for email, identity in wanted.items() if email not in deleted.union(emails.values())]
    fresh = {f"id{number}": identity for number, identity in enumerate(missing, _next(found)["id"])}
    if len(gone) == len(listed) and not fresh:
        gone = []  # an account has one at least
    text = remove(text, (), [f"mail.identity.{key}." for key in gone])
    for key, identity in fresh.items():
        for name, value in _identity_lines(key, identity, record["smtp"]).items():
            text = set_value(text, name, value)
    if gone or fresh:
        text = set_value(text, list_name, ",".join([*(key for key in listed if key not in gone), *fresh]))
    known = {key: email for key, email in record.get("emails", {}).items() if key not in gone}
    return text, {
        **record,
        "identities": [*(key for key in record["identities"] if key not in gone), *fresh],
        "emails": {**known, **{key: identity.email for key, identity in fresh.items()}},
    }


def username_of(text: str, record: Mapping[str, Any]) -> str:
    """The user name of an added account; empty when it is not there any more."""
    return str(values(text).get(f"mail.server.{record['server']}.userName", ""))


def move_ports(text: str, record: Mapping[str, Any], setup: AccountSetup) -> str:
    """Point an added account to the servers' present ports and kind of TLS; refuse when it is not there any more."""
    if not username_of(text, record):
        raise Refused(
            f"The account {setup.username} was removed in Thunderbird.", remedy="Undo the set-up, and make a new one."
        )
    for start, kind, address in (
        (f"mail.server.{record['server']}.", "socketType", setup.imap),
        (f"mail.smtpserver.{record['smtp']}.", "try_ssl", setup.smtp),
    ):
        text = set_value(text, start + "port", address.port)
        text = set_value(text, start + kind, _SOCKET_TYPES[address.security])
    return text


# ---------------------------------------------------------------------------------------------- the pin


def override_line(address: ServerAddress, fingerprint: str) -> str:
    """The line that trusts one certificate on one port; the colon closes an empty field of origin attributes."""
    return f"{address.host}:{address.port}:\t{_SHA256}\t{fingerprint}\t"


def add_overrides(text: str | None, addresses: Sequence[ServerAddress], fingerprint: str) -> str:
    """Pin the certificate for these ports, replacing older pins of them."""
    text = remove_overrides(_OVERRIDE_HEAD if text is None else text, addresses)
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(override_line(address, fingerprint) + "\n" for address in addresses)


def remove_overrides(text: str, addresses: Sequence[ServerAddress]) -> str:
    starts = tuple(f"{address.host}:{address.port}:\t" for address in addresses)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(starts))


def without_lines(text: str, lines: Sequence[str]) -> str:
    """Without the lines that are exactly these."""
    return "".join(line for line in text.splitlines(keepends=True) if line.rstrip("\r\n") not in lines)


def only_head(text: str) -> bool:
    """Whether nothing but comments is left."""
    return all(line.startswith("#") or not line.strip() for line in text.splitlines())
