"""Thunderbird, set up by itself: account, identities, pin of the certificate and password in one all-or-nothing change.

prefs.js and not user.js, which would come back at every start; a pin for these ports alone, which makes nothing else
trusted. With a primary password, or before the profile has a key, the password is left to the person. prefs.js is
written last and taken back first: without it there is no account, whatever else a crash has left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge_gui.answers import ProgramFound, ServerAddress, SetupStep, SetupValue
from bridge_gui.clients import journal
from bridge_gui.clients import thunderbird_logins as logins
from bridge_gui.clients import thunderbird_prefs as prefs
from bridge_gui.clients.base import AccountSetup, Wanted
from bridge_gui.clients.journal import Applied, FileChange, Original
from bridge_gui.clients.thunderbird_profiles import Installs, found_at, locked
from bridge_gui.errors import NotFound, Refused

APP = "thunderbird"
_WHY_PASTED = (
    "Thunderbird keeps its passwords under a primary password, or has kept none yet, so that Bridge Manager cannot add "
    "this one. It asks when it fetches mail, and once more when the first message is sent; after that only for the "
    "primary password."
)
Pin = tuple[str, int]
"""Host and port of a pinned certificate."""
PREFS, LOGINS, OVERRIDES, KEYS = "prefs.js", "logins.json", "cert_override.txt", "key4.db"


@dataclass(frozen=True, slots=True)
class Thunderbird:
    """`base.Configurator`. Targets are folders of profiles; an empty one is the profile that the first start makes."""

    installs: Installs
    app: str = APP
    mends_alone: bool = True
    follows_addresses: bool = True

    def detect(self) -> Sequence[ProgramFound]:
        return self.installs.detect()

    def aim(self, target: str | None) -> ProgramFound:
        if target:
            return found_at(Path(target).expanduser().resolve())
        return self.installs.only()

    def plan(self, wanted: Wanted) -> Sequence[SetupStep]:
        if not wanted.target:
            first = SetupStep(
                "Start Thunderbird once, without a window, so that it makes its profile", str(self.installs.home)
            )
            return (first, *_steps(wanted, "", has_key=True))
        profile = Path(wanted.target)
        text = _text(_prefs(profile))
        return _steps(wanted, text, has_key=logins.open_key(profile / KEYS) is not None)

    def prepare(self, wanted: Wanted) -> str:
        return wanted.target or str(self.installs.first_start())

    def check(self, wanted: Wanted) -> None:
        profile = Path(wanted.target)
        _prefs(profile)
        with locked(profile):
            _compose(profile, wanted, ())

    def apply(self, wanted: Wanted, folder: Path) -> Applied:
        profile = Path(wanted.target)
        with locked(profile):
            changes, record = _compose(profile, wanted, _needed_pins(folder, wanted.target))
            return journal.write(wanted.change(folder, APP, record), changes)

    def guide(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        stored = change.record["logins"]
        return _paste(account for account in wanted.accounts if account.username not in stored)

    def tidy(self, change: Applied) -> None:
        """Nothing is there for a while only."""

    def undo(self, change: Applied) -> Sequence[SetupStep]:
        profile = Path(change.target)
        if not profile.is_dir():
            return ()  # the profile is gone, and all of ours with it
        with locked(profile):
            kept = (*_kept_mail(profile, change.record), *_kept_passwords(profile, change))
            journal.begin_undo(change)
            journal.sweep(change)
            needed = _needed_pins(change.folder, change.target)
            for original in journal.originals(change):
                now = journal.read(original.path)
                after = _undone(original, now, change.record, needed)
                if after != now:
                    journal.put(original.path, after)
        return kept

    def repair(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        profile = Path(change.target)
        with locked(profile):
            return _repair(profile, change, wanted)


# ---------------------------------------------------------------------------------------------- the plan


def _steps(wanted: Wanted, before: str, *, has_key: bool) -> tuple[SetupStep, ...]:
    profile = Path(wanted.target or "(the new profile)")
    after, old = before, set(before.splitlines())
    for account in wanted.accounts:
        _refuse_send_only(account)
        after, _ = prefs.add_account(after, account, keep_copies=wanted.options.keep_copies)
    steps = [
        SetupStep(
            "Add the account to Thunderbird's settings",
            str(profile / PREFS),
            tuple(line for line in after.splitlines() if line not in old),
        ),
        SetupStep(
            "Trust the certificate of this computer's bridge, on its two ports only",
            str(profile / OVERRIDES),
            tuple(prefs.override_line(address, wanted.certificate.fingerprint) for address in _servers(wanted)),
        ),
    ]
    if has_key:
        names = tuple(
            f"{origin}  {account.username}  ****" for account in wanted.accounts for origin in _origins(account)
        )
        title = "Store the password, encrypted under the profile's key; one saved for the same account is replaced"
        steps.append(SetupStep(title, str(profile / LOGINS), names))
    else:
        steps += _paste(wanted.accounts)
    return tuple(steps)


def _paste(accounts: Iterable[AccountSetup]) -> tuple[SetupStep, ...]:
    """What is left to the person where the store of passwords is closed: Thunderbird asks, and fills it itself."""
    return tuple(
        SetupStep(
            f"When Thunderbird asks for the password of {account.username}, paste it and tick that it is to be "
            "remembered",
            _WHY_PASTED if number == 0 else "",
            by_user=True,
            values=(SetupValue("Password", secret=True, client=account.client),),
        )
        for number, account in enumerate(accounts)
    )


def _refuse_send_only(account: AccountSetup) -> None:
    if not account.access.reads:
        raise Refused(
            "Thunderbird cannot send without reading.",
            remedy="Let it read and send, or take another program for sending alone.",
        )


# ---------------------------------------------------------------------------------------------- writing


def _compose(profile: Path, wanted: Wanted, shared: Sequence[Pin]) -> tuple[list[FileChange], dict[str, Any]]:
    """The changes of files, and the record of what they add. Without passwords, as for a check, none is stored. A pin
    that is there already is the person's own, unless it is `shared` with another set-up of ours."""
    old_prefs = _prefs(profile)
    text, accounts = _text(old_prefs), []
    for account in wanted.accounts:
        _refuse_send_only(account)
        text, added = prefs.add_account(text, account, keep_copies=wanted.options.keep_copies)
        accounts.append({**added, "client": account.client})
    old_pins, servers = journal.read(profile / OVERRIDES), _servers(wanted)
    old_text = None if old_pins is None else _text(old_pins)
    pins = prefs.add_overrides(old_text, servers, wanted.certificate.fingerprint)
    lines = [prefs.override_line(address, wanted.certificate.fingerprint) for address in servers]
    present = (old_text or "").splitlines()
    ours = [pin for pin, line in zip(_places(servers), lines, strict=True) if pin in shared or line not in present]
    old_logins, key = journal.read(profile / LOGINS), logins.open_key(profile / KEYS)
    new_logins, guids, replaced = old_logins, dict[str, list[str]](), list[dict[str, Any]]()
    for account in wanted.accounts:
        if key is not None and account.password is not None:
            stored = logins.add_logins(new_logins, _origins(account), account.username, account.password, key)
            new_logins, guids[account.username] = stored.content, list(stored.guids)
            replaced += [{"at": entry.at, "entry": entry.entry} for entry in stored.replaced]
    changes = [FileChange(profile / OVERRIDES, old_pins, _bytes(pins))]
    if guids:
        changes.append(FileChange(profile / LOGINS, old_logins, new_logins))
    changes.append(FileChange(profile / PREFS, old_prefs, _bytes(text)))
    return changes, {
        "accounts": accounts,
        "logins": guids,
        "replaced": replaced,
        "origins": list(dict.fromkeys(origin for account in wanted.accounts for origin in _origins(account))),
        "keep_copies": wanted.options.keep_copies,
        "pins": [list(pin) for pin in ours],
        "fingerprint": wanted.certificate.fingerprint,
    }


def _undone(original: Original, now: bytes | None, record: Mapping[str, Any], needed: Sequence[Pin]) -> bytes | None:
    """A file without what was added to it: as it was, if nobody has changed it since."""
    name = original.path.name
    if now is None:
        return None
    if name == OVERRIDES:
        return _without_pins(original, _text(now), record, needed)
    if original.untouched:
        return original.content
    if name == LOGINS:
        guids = [guid for guids in record["logins"].values() for guid in guids]
        return logins.remove_logins(now, guids, [logins.Replaced(e["at"], e["entry"]) for e in record["replaced"]])
    text = _text(now)
    for account in reversed(record["accounts"]):
        text = prefs.remove_account(text, account)
    return _bytes(text)


def _without_pins(original: Original, now: str, record: Mapping[str, Any], needed: Sequence[Pin]) -> bytes | None:
    """The pins are shared by all set-ups of a profile: the last one that is undone takes them away."""
    ours = [pin for pin in _pins(record) if pin not in needed]
    if original.untouched and not needed:
        if original.content is None:
            return None
        lines = [prefs.override_line(ServerAddress(*pin), record["fingerprint"]) for pin in ours]
        return _bytes(prefs.without_lines(_text(original.content), lines))
    text = prefs.remove_overrides(now, [ServerAddress(*pin) for pin in ours])
    return None if original.content is None and prefs.only_head(text) else _bytes(text)


def _pins(record: Mapping[str, Any]) -> list[Pin]:
    return [(host, port) for host, port in record["pins"]]


def _needed_pins(folder: Path, target: str) -> list[Pin]:
    """The pins that other set-ups in the same profile need."""
    return [
        pin
        for other in journal.changes_of(folder.parent)
        if (other.app, other.target, other.stage) == (APP, target, journal.Stage.DONE) and other.id != folder.name
        for pin in _pins(other.record)
    ]


def _kept_mail(profile: Path, record: Mapping[str, Any]) -> tuple[SetupStep, ...]:
    """What Thunderbird keeps of the mail stays where it is: it is told, and not deleted."""
    found = prefs.values(_text(journal.read(profile / PREFS) or b""))
    folders = []
    for account in record["accounts"]:
        place = str(found.get(f"mail.server.{account['server']}.directory-rel", ""))
        folder = profile / place.removeprefix("[ProfD]")
        if place.startswith("[ProfD]") and folder.is_dir():
            folders.append(str(folder))
    title = "Delete Thunderbird's own copies of the mail, if you do not want to keep them"
    return (SetupStep(title, folders[0], tuple(folders), by_user=True),) if folders else ()


def _kept_passwords(profile: Path, change: Applied) -> tuple[SetupStep, ...]:
    """What Thunderbird was told to remember under its primary password: whose it is cannot be read."""
    content = journal.read(profile / LOGINS)
    if content is None or change.record["logins"] or not logins.has_saved(content, change.record.get("origins", ())):
        return ()
    title = "Delete the password that Thunderbird remembers, if no other account there uses it: it is revoked"
    where = f"Settings > Privacy & Security > Saved Passwords, {' and '.join(change.record['origins'])}"
    return (SetupStep(title, where, by_user=True),)


# ---------------------------------------------------------------------------------------------- mending


def _repair(profile: Path, change: Applied, wanted: Wanted) -> tuple[SetupStep, ...]:
    old_prefs, old_pins = _prefs(profile), journal.read(profile / OVERRIDES)
    text, during, after, gone = _accounts_repaired(_text(old_prefs), change, wanted)
    servers, needed = _servers(wanted), _needed_pins(change.folder, change.target)
    record = {**change.record, "accounts": during}
    record["pins"] = [list(pin) for pin in dict.fromkeys((*_pins(change.record), *_places(servers)))]
    record["fingerprint"] = wanted.certificate.fingerprint
    old = [ServerAddress(*pin) for pin in _pins(change.record) if pin not in needed]
    pins = None if old_pins is None else prefs.remove_overrides(_text(old_pins), old)
    pins = prefs.add_overrides(pins, servers, wanted.certificate.fingerprint)
    changes = [
        FileChange(profile / OVERRIDES, old_pins, _bytes(pins)),
        FileChange(profile / PREFS, old_prefs, _bytes(text)),
    ]
    old_logins, key = journal.read(profile / LOGINS), logins.open_key(profile / KEYS)
    new_logins, guids = old_logins, dict(change.record["logins"])
    for username in gone:
        if new_logins is not None:
            new_logins = logins.remove_logins(new_logins, guids.get(username, ()))
    for account in wanted.accounts if key is not None else ():
        assert account.password is not None
        assert key is not None
        ours = logins.remove_logins(new_logins, guids.get(account.username, ())) if new_logins else new_logins
        stored = logins.add_logins(ours, _origins(account), account.username, account.password, key)
        new_logins, guids[account.username] = stored.content, list(stored.guids)
        record["replaced"] = [
            *record["replaced"],
            *({"at": entry.at, "entry": entry.entry} for entry in stored.replaced),
        ]
    if new_logins != old_logins:
        changes.insert(1, FileChange(profile / LOGINS, old_logins, new_logins))
    both = {name: [*change.record["logins"].get(name, ()), *guids[name]] for name in guids}
    record["logins"] = both
    left = {name: known for name, known in both.items() if name not in gone}
    journal.rewrite(change, changes, record, wanted.amended(change, {**record, "accounts": after, "logins": left}))
    return () if key is not None else _paste(wanted.accounts)


def _accounts_repaired(
    text: str, change: Applied, wanted: Wanted
) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]], set[str]]:
    """The preferences in line with what is wanted; the accounts to be recorded while they are written and from then on;
    the user names of accounts that were taken out.

    An account whose client the change does not know was left by a repair that was interrupted, and goes as well.
    """
    record: list[dict[str, Any]] = change.record["accounts"]
    out = [entry for entry in record if entry["client"] in wanted.gone or entry["client"] not in change.clients]
    kept = [dict(entry) for entry in record if entry not in out]
    gone = {prefs.username_of(text, entry) for entry in out} - {account.username for account in wanted.accounts}
    for entry in reversed(out):
        text = prefs.remove_account(text, {**entry, "glue": ""})
        if kept:  # the last one that goes takes away what was there for all
            kept[0]["added"] = [*kept[0]["added"], *entry["added"]]
            kept[0]["glue"] = kept[0]["glue"] or entry["glue"]
    for account in wanted.accounts:
        known = next((entry for entry in kept if entry["client"] == account.client), None)
        if known is None:
            copies = bool(change.record.get("keep_copies", True))
            text, added = prefs.add_account(text, account, keep_copies=copies)
            kept.append({**added, "client": account.client})
            continue
        text = prefs.move_ports(text, known, account)
        if wanted.addresses_known:
            text, followed = prefs.follow_addresses(text, known, account, change.names)
            known.update(followed)
    during = {entry["account"]: dict(entry) for entry in kept}
    for entry in record:
        now = during.setdefault(entry["account"], dict(entry))
        now["identities"] = list(dict.fromkeys((*entry["identities"], *now["identities"])))
    return text, list(during.values()), kept, gone


def _places(servers: Iterable[ServerAddress]) -> list[Pin]:
    return [(address.host, address.port) for address in servers]


def _prefs(profile: Path) -> bytes:
    content = journal.read(profile / PREFS)
    if content is None:
        raise NotFound(
            f"{profile} is not a profile of Thunderbird.", remedy="Start Thunderbird once, close it, then try again."
        )
    return content


def _servers(wanted: Wanted) -> list[ServerAddress]:
    servers = [address for account in wanted.accounts for address in (account.imap, account.smtp)]
    return list({(address.host, address.port): address for address in servers}.values())


def _origins(account: AccountSetup) -> tuple[str, str]:
    return f"imap://{account.imap.host}", f"smtp://{account.smtp.host}"


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
