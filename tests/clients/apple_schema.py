"""Apple's published keys of the payloads that we write, and a validator on them.

From apple/device-management, mdm/profiles: TopLevel, CommonPayloadKeys, com.apple.mail.managed and
com.apple.security.root. Only what macOS supports may stand in a profile for a Mac; the keys of iOS alone are named so
that they are told apart from unknown ones.
"""

from __future__ import annotations

import plistlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Key:
    type: type
    required: bool = False
    values: tuple[Any, ...] = ()
    ios_only: bool = False


COMMON = {
    "PayloadIdentifier": Key(str, True),
    "PayloadUUID": Key(str, True),
    "PayloadType": Key(str, True),
    "PayloadVersion": Key(int, True, (1,)),
    "PayloadDescription": Key(str),
    "PayloadDisplayName": Key(str),
    "PayloadOrganization": Key(str),
}
TOP = {
    **COMMON,
    "PayloadType": Key(str, True, ("Configuration",)),
    "IsEncrypted": Key(bool),
    "PayloadContent": Key(list, True),
    "HasRemovalPasscode": Key(bool),
    "PayloadRemovalDisallowed": Key(bool),
    "PayloadScope": Key(str, False, ("System", "User")),
    "TargetDeviceType": Key(int, False, (0, 1, 2, 3, 4, 5)),
}
AUTHENTICATION = ("EmailAuthNone", "EmailAuthPassword", "EmailAuthCRAMMD5", "EmailAuthNTLM", "EmailAuthHTTPMD5")


def _server(direction: str) -> dict[str, Key]:
    return {
        f"{direction}MailServerAuthentication": Key(str, True, AUTHENTICATION),
        f"{direction}MailServerHostName": Key(str, True),
        f"{direction}MailServerPortNumber": Key(int),
        f"{direction}MailServerUseSSL": Key(bool),
        f"{direction}MailServerUsername": Key(str),
        f"{direction}Password": Key(str),
    }


MAIL = {
    **COMMON,
    "EmailAccountDescription": Key(str),
    "EmailAccountName": Key(str),
    "EmailAccountType": Key(str, True, ("EmailTypeIMAP", "EmailTypePOP")),
    "EmailAddress": Key(str),
    **_server("Incoming"),
    **_server("Outgoing"),
    "OutgoingPasswordSameAsIncomingPassword": Key(bool),
    "IncomingMailServerIMAPPathPrefix": Key(str),
    "allowMailDrop": Key(bool),
    **{
        name: Key(bool, ios_only=True)
        for name in (
            "PreventMove",
            "PreventAppSheet",
            "SMIMEEnabled",
            "SMIMESigningEnabled",
            "SMIMEEncryptionEnabled",
            "SMIMEEnablePerMessageSwitch",
            "disableMailRecentsSyncing",
        )
    },
    "VPNUUID": Key(str, ios_only=True),
}
ROOT = {**COMMON, "PayloadCertificateFileName": Key(str), "PayloadContent": Key(bytes, True)}
PAYLOADS = {"com.apple.mail.managed": MAIL, "com.apple.security.root": ROOT}


def faults(profile: bytes) -> list[str]:
    """What is wrong with a profile for a Mac; empty when nothing is."""
    top = plistlib.loads(profile)
    found = [f"top: {fault}" for fault in _faults(top, TOP)]
    seen = set()
    for payload in top.get("PayloadContent", []):
        kind = payload.get("PayloadType")
        if kind not in PAYLOADS:
            found.append(f"{kind}: unknown payload")
            continue
        found += [f"{kind}: {fault}" for fault in _faults(payload, PAYLOADS[kind])]
        for name in ("PayloadIdentifier", "PayloadUUID"):
            if payload.get(name) in seen:
                found.append(f"{kind}: {name} twice")
            seen.add(payload.get(name))
    return found


def _faults(payload: Mapping[str, Any], keys: Mapping[str, Key]) -> Iterator[str]:
    for name, value in payload.items():
        key = keys.get(name)
        if key is None:
            yield f"{name} is unknown"
        elif key.ios_only:
            yield f"{name} is for iOS only"
        elif type(value) is not key.type:  # a bool is an int to Python, and is not to Apple
            yield f"{name} has the wrong type"
        elif key.values and value not in key.values:
            yield f"{name} has the wrong value"
    for name, key in keys.items():
        if key.required and name not in payload:
            yield f"{name} is missing"
