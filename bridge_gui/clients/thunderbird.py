"""Thunderbird, set up by itself: account, identities, pin of the certificate and password in one all-or-nothing change.

prefs.js and not user.js, which would come back at every start; a pin for these ports alone, which makes nothing else
trusted. With a primary password, or before the profile has a key, the password is left to the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bridge_gui.clients import base
from bridge_gui.clients import thunderbird_logins as logins
from bridge_gui.clients import thunderbird_prefs as prefs
from bridge_gui.clients.base import AccountSetup, Applied, Certificate, FileChange, Step
from bridge_gui.clients.thunderbird_profiles import locked
from bridge_gui.errors import NotFound, Refused
from bridge_gui.state import ServerAddress

APP = "thunderbird"
PREFS, LOGINS, OVERRIDES, KEYS = "prefs.js", "logins.json", "cert_override.txt", "key4.db"


def plan(
    profile: Path, setups: Sequence[AccountSetup], certificate: Certificate, *, keep_copies: bool = True
) -> tuple[Step, ...]:
    """What `apply` would write; nothing is written."""
    before = _text(_prefs(profile)).splitlines()
    after = _text(_prefs(profile))
    for setup in setups:
        after, _ = prefs.add_account(after, setup, keep_copies=keep_copies)
    old = set(before)
    pins = tuple(prefs.override_line(address, certificate.fingerprint) for address in _servers(setups))
    steps = [
        Step(
            "Add the account to Thunderbird's settings",
            str(profile / PREFS),
            tuple(line for line in after.splitlines() if line not in old),
        ),
        Step("Trust the certificate of this computer's bridge, on its two ports only", str(profile / OVERRIDES), pins),
    ]
    if logins.open_key(profile / KEYS) is not None:
        names = tuple(f"{origin}  {setup.username}  ****" for setup in setups for origin in _origins(setup))
        steps.append(Step("Store the password, encrypted under the profile's key", str(profile / LOGINS), names))
    else:
        steps.append(
            Step(
                "Paste the password when Thunderbird asks, and tick that it is to be remembered",
                "Thunderbird's stored passwords are closed by a primary password, or not yet made.",
                by_user=True,
            )
        )
    return tuple(steps)


def apply(
    profile: Path,
    setups: Sequence[AccountSetup],
    certificate: Certificate,
    backups: Path,
    *,
    keep_copies: bool = True,
) -> Applied:
    """Write it all, or nothing. Raise `Refused` while Thunderbird runs or when it has the account already."""
    with locked(profile):
        base.recover(backups)
        old_prefs = _prefs(profile)
        text, accounts = _text(old_prefs), []
        for setup in setups:
            text, record = prefs.add_account(text, setup, keep_copies=keep_copies)
            accounts.append(record)
        old_pins, servers = base.read(profile / OVERRIDES), _servers(setups)
        pins = prefs.add_overrides(None if old_pins is None else _text(old_pins), servers, certificate.fingerprint)
        old_logins = base.read(profile / LOGINS)
        new_logins, guids, key = old_logins, list[str](), logins.open_key(profile / KEYS)
        if key is not None:
            for setup in setups:
                if setup.password is None:
                    raise Refused("There is no password to store.")
                new_logins, added = logins.add_logins(new_logins, _origins(setup), setup.username, setup.password, key)
                guids += added
        changes = [
            FileChange(profile / OVERRIDES, old_pins, _bytes(pins)),
            FileChange(profile / PREFS, old_prefs, _bytes(text)),
        ]
        if guids:
            changes.insert(0, FileChange(profile / LOGINS, old_logins, new_logins))
        return base.apply(
            backups,
            APP,
            profile,
            changes,
            {
                "accounts": accounts,
                "logins": guids,
                "pins": [[address.host, address.port] for address in servers],
                "clients": [setup.client for setup in setups],
            },
        )


def undo(change: Applied) -> None:
    """Remove exactly what was added: a file that nobody changed since comes back byte by byte."""
    profile, record = change.target, change.record
    with locked(profile):
        changes = []
        for path, (original, untouched) in base.originals(change).items():
            now = base.read(path)
            after = original if untouched else _without(path.name, now, original, change)
            changes.append(FileChange(path, now, after))
        folder = base.apply(change.folder.parent, f"undo {APP}", profile, changes, record)
        base.forget(change)
        base.forget(folder)


def _without(name: str, now: bytes | None, original: bytes | None, change: Applied) -> bytes | None:
    record = change.record
    if now is None:
        return None
    if name == LOGINS:
        return logins.remove_logins(now, record["logins"])
    text = _text(now)
    if name == OVERRIDES:
        text = prefs.remove_overrides(text, [ServerAddress(host, port) for host, port in record["pins"]])
        return None if original is None and prefs.only_head(text) else _bytes(text)
    for account in reversed(record["accounts"]):
        text = prefs.remove_account(text, account)
    return _bytes(text)


def _prefs(profile: Path) -> bytes:
    content = base.read(profile / PREFS)
    if content is None:
        raise NotFound(
            f"{profile} is not a profile of Thunderbird.", remedy="Start Thunderbird once, close it, then try again."
        )
    return content


def _servers(setups: Sequence[AccountSetup]) -> list[ServerAddress]:
    return list(dict.fromkeys(address for setup in setups for address in (setup.imap, setup.smtp)))


def _origins(setup: AccountSetup) -> tuple[str, str]:
    return f"imap://{setup.imap.host}", f"smtp://{setup.smtp.host}"


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
