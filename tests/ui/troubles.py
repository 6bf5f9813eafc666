"""Every state in which something is wrong, as the core would show it (`bridge_gui.state` lists them), and busy ones."""

from __future__ import annotations

from dataclasses import replace

from bridge_gui import errors
from bridge_gui.account import keys
from bridge_gui.account.shown import change_refused, unexpected
from bridge_gui.core.gate import Refusal
from bridge_gui.core.life import LOCKED, NO_FOLDER
from bridge_gui.core.listeners import problem_of
from bridge_gui.core.notices import of_refusal
from bridge_gui.core.setting_calls import MOVING
from bridge_gui.errors import BridgeError
from bridge_gui.model import AccountId, AddressId, AddressMode, ClientId
from bridge_gui.proton import errors as proton
from bridge_gui.state import (
    AccountPhase,
    AddressState,
    BridgeState,
    CorePhase,
    ListenerPhase,
    ListenerState,
    Mails,
    Notice,
    NoticeKind,
    OutboxItem,
    Problem,
    SyncPhase,
    SyncState,
)
from bridge_gui.sync.poll import BadEvents
from tests.ui import snapshots
from tests.ui.snapshots import ANNA, BACKUP, BO, CORE, LISTENERS, NOW, SESSIONS, THUNDERBIRD, USUAL


def problem(error: BridgeError) -> Problem:
    return Problem(error.code, error.title, error.message, error.remedy)


def of_service(kind: type[proton.ApiError]) -> Problem:
    return problem(kind(""))


def with_anna(phase: AccountPhase, wrong: Problem | None = None) -> BridgeState:
    sessions = USUAL.sessions if phase is AccountPhase.CONNECTED else ()
    return replace(USUAL, accounts=(replace(ANNA, phase=phase, problem=wrong), BO), sessions=sessions)


def locked(error: BridgeError) -> BridgeState:
    opens = isinstance(error, errors.PassphraseNeeded | errors.KeychainMissing)
    lost = isinstance(error, errors.VaultDamaged | errors.KeyLost | errors.PassphraseNeeded)
    core = replace(CORE, phase=CorePhase.LOCKED, problem=problem(error), passphrase_opens=opens, can_start_anew=lost)
    return BridgeState(core)


def noticed(*notices: Notice) -> BridgeState:
    return replace(USUAL, notices=notices)


def refused(reason: Refusal) -> BridgeState:
    wrong = of_refusal(reason, THUNDERBIRD.label)
    assert wrong is not None
    return noticed(Notice(f"password {THUNDERBIRD.id}", NoticeKind.ATTENTION, wrong, NOW - 30, ANNA.id))


def busy_port(suggested: int | None) -> BridgeState:
    imap = ListenerState(
        LISTENERS[0].protocol, "127.0.0.1", 1143, ListenerPhase.BUSY, problem_of(1143, suggested), suggested
    )
    return replace(USUAL, listeners=(imap, LISTENERS[1]))


OLD_PASSWORD = refused(Refusal.FORMER)

TROUBLES: dict[str, BridgeState] = {
    "offline": replace(
        USUAL,
        accounts=tuple(replace(one, phase=AccountPhase.OFFLINE) for one in USUAL.accounts),
        sessions=(),
        notices=(Notice("network", NoticeKind.ATTENTION, problem(errors.Unreachable()), NOW - 40),),
    ),
    "untrusted": with_anna(AccountPhase.OFFLINE, problem(proton.Untrusted())),
    "throttled": with_anna(AccountPhase.CONNECTED, of_service(proton.Throttled)),
    "server-trouble": with_anna(AccountPhase.CONNECTED, of_service(proton.ServerTrouble)),
    "update-forced": with_anna(AccountPhase.ERROR, of_service(proton.UpdateForced)),
    "signed-out": with_anna(AccountPhase.SIGNED_OUT, of_service(proton.SignedOut)),
    "signed-out-by-hand": with_anna(AccountPhase.SIGNED_OUT),
    "scope": with_anna(AccountPhase.SIGNED_OUT, of_service(proton.ScopeMissing)),
    "session-expired": with_anna(AccountPhase.CONNECTED, of_service(proton.SessionExpired)),
    "connecting": with_anna(AccountPhase.CONNECTING),
    "keys-locked": with_anna(AccountPhase.LOCKED, problem(keys.KeysLocked())),
    "keys-unsupported": with_anna(
        AccountPhase.ERROR, problem(keys.KeysUnsupported("The account's keys use algorithms that cannot be read here."))
    ),
    "address-keys-locked": with_anna(
        AccountPhase.ERROR, problem(keys.AddressKeysLocked("None of the addresses' keys could be opened."))
    ),
    "error": with_anna(AccountPhase.ERROR, problem(unexpected(KeyError()))),
    "bad-events": with_anna(AccountPhase.ERROR, problem(BadEvents(""))),
    "disk-full": with_anna(AccountPhase.ERROR, problem(errors.DiskFull())),
    "store-damaged": with_anna(AccountPhase.ERROR, problem(errors.StoreDamaged())),
    "paid-plan": with_anna(AccountPhase.ERROR, of_service(proton.PaidPlanNeeded)),
    "account-disabled": with_anna(AccountPhase.ERROR, of_service(proton.AccountDisabled)),
    "port-busy": busy_port(1144),
    "port-busy-no-other": busy_port(None),
    "keychain-locked": locked(errors.VaultLocked()),
    "passphrase-needed": locked(errors.PassphraseNeeded("The stored passwords are protected by a passphrase.")),
    "keychain-missing": locked(errors.KeychainMissing()),
    "vault-damaged": locked(errors.VaultDamaged()),
    "key-lost": locked(errors.KeyLost("The keychain answers, but the key of the stored passwords is not in it.")),
    "locked-by-user": BridgeState(replace(CORE, phase=CorePhase.LOCKED, problem=LOCKED)),
    "locked-with-passphrase": BridgeState(replace(CORE, phase=CorePhase.LOCKED, problem=LOCKED, passphrase_opens=True)),
    "moving": replace(USUAL, core=replace(CORE, problem=replace(MOVING, message="41 % are copied."))),
    "folder-missing": BridgeState(
        replace(CORE, phase=CorePhase.LOCKED, problem=replace(NO_FOLDER, message="/media/disk/mail is not there."))
    ),
    "old-password": OLD_PASSWORD,
    "wrong-password": refused(Refusal.UNKNOWN),
    "wrong-name": refused(Refusal.NAME),
    "send-only": refused(Refusal.SEND_ONLY),
    "notices": noticed(
        *OLD_PASSWORD.notices,
        Notice(
            "change anna",
            NoticeKind.ATTENTION,
            change_refused(5, "Folder does not exist"),
            NOW - 20,
            ANNA.id,
            Mails(("Lunch on Friday", "Invoice 2026-11", "The plan of the house"), 2),
        ),
        Notice(
            "certificate",
            NoticeKind.ATTENTION,
            Problem(
                "certificate-renewed",
                "The certificate was renewed",
                "",
                "Let your mail programs trust the new certificate.",
            ),
            NOW - 90,
        ),
    ),
}
"""Each error state of the window, by name."""

MANY_PROGRAMS = tuple(
    replace(
        BACKUP,
        id=ClientId(f"m{number}"),
        label=label,
        app=app,
        last_used=NOW - 3000 * number if number % 3 else None,
        last_failure=NOW - 50 if number == 4 else None,
    )
    for number, (label, app) in enumerate(
        (
            ("Thunderbird", "thunderbird"),
            ("Apple Mail", "apple-mail"),
            ("Outlook", "outlook"),
            ("mutt", "other"),
            ("Evolution on the laptop in the kitchen, with a very long name", "other"),
            ("msmtp", "other"),
        )
    )
)
SPLIT = replace(
    USUAL,
    accounts=(replace(ANNA, mode=AddressMode.SPLIT), BO),
    clients=(THUNDERBIRD, replace(BACKUP, username="anna.berg@bridge.example")),
)
WAITING = replace(
    USUAL,
    accounts=(
        replace(
            ANNA,
            outbox=(
                OutboxItem("o1", "Minutes of the meeting", 3, NOW - 200),
                OutboxItem(
                    "o2",
                    "Photos of the summer at the lake, all of them, in full size",
                    1,
                    NOW - 4000,
                    Problem(
                        "not-sent",
                        "This message cannot be sent",
                        "The attachments are larger than the 25 MB this account allows.",
                        "Change what is wrong and try again, or discard it.",
                    ),
                    failed=True,
                ),
            ),
        ),
        BO,
    ),
)
TWENTY = replace(
    USUAL,
    accounts=tuple(
        replace(
            (ANNA, BO)[number % 2],
            id=AccountId("anna") if number == 0 else AccountId(f"n{number}"),
            addresses=(AddressState(AddressId(f"x{number}"), f"person.number{number}@a-rather-long-domain.example"),),
        )
        for number in range(20)
    ),
)

BUSY: dict[str, BridgeState] = {
    "starting": BridgeState(),
    "empty": snapshots.EMPTY,
    "usual": USUAL,
    "first-listing": snapshots.FIRST_LISTING,
    "downloading": replace(USUAL, accounts=(replace(ANNA, sync=BO.sync), BO)),
    "paused": replace(USUAL, accounts=(replace(ANNA, sync=SyncState(SyncPhase.PAUSED, done=50, total=412)), BO)),
    "no-program": replace(USUAL, clients=(), sessions=()),
    "many-programs": replace(USUAL, clients=MANY_PROGRAMS, sessions=()),
    "many-sessions": replace(
        USUAL,
        sessions=tuple(
            replace(SESSIONS[0], id=f"s{number}", activity=f"reading Lists/{number}") for number in range(9)
        ),  # type: ignore[arg-type]
    ),
    "split": SPLIT,
    "waiting": WAITING,
    "twenty-accounts": TWENTY,
    "demo": replace(USUAL, core=replace(CORE, demo=True)),
}
"""Each state in which nothing is wrong."""

STATES = {**BUSY, **TROUBLES}
