"""Hand-made snapshots for tests and screenshots of the window; no core is needed."""

from __future__ import annotations

from dataclasses import replace

from bridge_gui.answers import Credentials, ServerAddress
from bridge_gui.model import Access, AccountId, AddressId, ClientId, Protocol, SessionId
from bridge_gui.secret import Secret
from bridge_gui.state import (
    AccountPhase,
    AccountState,
    AddressState,
    BridgeState,
    ClientState,
    CorePhase,
    CoreState,
    ListenerPhase,
    ListenerState,
    Problem,
    SessionState,
    SyncPhase,
    SyncState,
)

NOW = 1_795_000_000.0

ANNA = AccountState(
    id=AccountId("anna"),
    username="anna",
    phase=AccountPhase.CONNECTED,
    addresses=(
        AddressState(AddressId("a1"), "anna@bridge.example", "Anna Berg"),
        AddressState(AddressId("a2"), "anna.berg@bridge.example", "Anna Berg"),
        AddressState(AddressId("a3"), "old@bridge.example", enabled=False),
    ),
    sync=SyncState(SyncPhase.DONE, usable=True, complete=True, done=412, total=412),
    used_bytes=1_240_000_000,
    max_bytes=15_000_000_000,
    disk_bytes=312_000_000,
    checked_at=NOW - 12,
)
BO = AccountState(
    id=AccountId("bo"),
    username="bo",
    phase=AccountPhase.CONNECTED,
    addresses=(AddressState(AddressId("b1"), "bo@bridge.example", "Bo"),),
    sync=SyncState(SyncPhase.DOWNLOADING, usable=True, done=4100, total=10_000, remaining_s=130.0),
)
LISTENERS = (
    ListenerState(Protocol.IMAP, "127.0.0.1", 1143, ListenerPhase.LISTENING),
    ListenerState(Protocol.SMTP, "127.0.0.1", 1025, ListenerPhase.LISTENING),
)
THUNDERBIRD = ClientState(
    id=ClientId("c1"),
    label="Thunderbird",
    account=ANNA.id,
    app="thunderbird",
    access=Access.FULL,
    username="anna@bridge.example",
    created_at=NOW - 90_000,
    last_used=NOW - 20,
    program="Thunderbird 153.7",
)
BACKUP = ClientState(
    id=ClientId("c2"),
    label="backup (mbsync)",
    account=ANNA.id,
    app="other",
    access=Access.READ_ONLY,
    username="anna@bridge.example",
    created_at=NOW - 900_000,
    last_used=NOW - 80_000,
)
SESSIONS = (
    SessionState(SessionId("s1"), THUNDERBIRD.id, Protocol.IMAP, NOW - 3, "Thunderbird 153.7", "reading INBOX"),
    SessionState(SessionId("s2"), THUNDERBIRD.id, Protocol.IMAP, NOW - 400, "Thunderbird 153.7", "waiting"),
)
CREDENTIALS = Credentials(
    THUNDERBIRD.id,
    "Thunderbird",
    THUNDERBIRD.access,
    "anna@bridge.example",
    Secret("v3l0Xq9sT2mYpR7kWc1uEg"),
    ServerAddress("127.0.0.1", 1143),
    ServerAddress("127.0.0.1", 1025),
)
CORE = CoreState("0.1.0", CorePhase.RUNNING, "https://mail-api.proton.me")

EMPTY = BridgeState(core=CORE, listeners=LISTENERS)
USUAL = BridgeState(CORE, (ANNA, BO), LISTENERS, (THUNDERBIRD, BACKUP), SESSIONS)
FIRST_LISTING = BridgeState(CORE, (replace(ANNA, sync=SyncState(SyncPhase.LISTING), checked_at=None),), LISTENERS)
OFFLINE = replace(
    USUAL, accounts=tuple(replace(one, phase=AccountPhase.OFFLINE) for one in USUAL.accounts), sessions=()
)
SIGNED_OUT = replace(
    USUAL,
    accounts=(
        replace(
            ANNA,
            phase=AccountPhase.SIGNED_OUT,
            problem=Problem(
                "signed-out", "Proton signed this account out", "", "Sign in again. The mail on this computer stays."
            ),
        ),
        BO,
    ),
)
PORT_BUSY = replace(
    USUAL,
    listeners=(
        ListenerState(
            Protocol.IMAP,
            "127.0.0.1",
            1143,
            ListenerPhase.BUSY,
            Problem(
                "port-busy",
                "Port 1143 is used by another program",
                "",
                "Close the other program, or use the next free port.",
            ),
            suggested_port=1144,
        ),
        LISTENERS[1],
    ),
)
DAMAGED = replace(
    USUAL,
    accounts=(
        replace(
            ANNA,
            phase=AccountPhase.ERROR,
            problem=Problem(
                "store-damaged",
                "The local copy of the mail is damaged",
                "",
                "Repair the account: its mail is downloaded again. Nothing at Proton is touched.",
            ),
        ),
        BO,
    ),
)
LOCKED = BridgeState(
    replace(
        CORE,
        phase=CorePhase.LOCKED,
        problem=Problem(
            "vault-locked", "The keychain is locked", "", "Unlock the keychain of this computer, then try again."
        ),
    )
)

STATES = {
    "empty": EMPTY,
    "usual": USUAL,
    "first-listing": FIRST_LISTING,
    "offline": OFFLINE,
    "signed-out": SIGNED_OUT,
    "port-busy": PORT_BUSY,
    "damaged": DAMAGED,
    "locked": LOCKED,
}
