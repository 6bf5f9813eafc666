"""Mail programs, plans and progress for tests and pictures of the wizard; no core is needed."""

from __future__ import annotations

from dataclasses import replace

from bridge_gui.answers import Check, CheckResult, ProgramFound, SetupOptions, SetupPlan, SetupStep, SetupValue
from bridge_gui.model import Access, AccountId, AddressMode, ClientId
from bridge_gui.state import BridgeState, ClientState, Problem, SetupPhase, SetupProgress
from tests.ui.snapshots import ANNA, NOW, USUAL

NEW = ClientId("c9")
SECOND = ClientId("c10")
SPLIT = replace(ANNA, mode=AddressMode.SPLIT)
THUNDERBIRD = ProgramFound(
    "thunderbird",
    "Thunderbird",
    "/home/anna/.thunderbird/x7k2.default-esr",
    "default-esr",
    ("anna@work.example", "anna@home.example", "club@home.example"),
    accesses=(Access.FULL, Access.READ_ONLY),
)
RUNNING = replace(THUNDERBIRD, target="/home/anna/.thunderbird/b1.work", title="work", addresses=(), running=True)
THERE = replace(THUNDERBIRD, clients=(ClientId("c1"),))
EVOLUTION = ProgramFound("other", "Evolution", "evolution", guided=True, unproven=True, one_address=True)
MBSYNC = ProgramFound(
    "other", "mbsync", "mbsync", guided=True, one_address=True, accesses=(Access.FULL, Access.READ_ONLY)
)
ANY = ProgramFound("other", "Another program", "any", installed=False, guided=True, one_address=True)
APPLE = ProgramFound("apple-mail", "Apple Mail", unproven=True, accesses=(Access.FULL, Access.READ_ONLY))
OUTLOOK = ProgramFound(
    "outlook", "Outlook (classic)", "classic", unproven=True, accesses=(Access.FULL,), one_address=True
)
NEW_OUTLOOK = ProgramFound(
    "outlook",
    "Outlook (new)",
    "new",
    accesses=(Access.FULL,),
    problem=Problem(
        "new-outlook",
        "The new Outlook cannot work with Bridge Manager",
        "It hands your password and mail to Microsoft's servers. They cannot reach this computer, so it cannot work, "
        "and we advise against trying.",
        "Switch New Outlook off in its window, and set up the classic one; or take Thunderbird.",
    ),
)
PHONE = ProgramFound(
    "other",
    "Telephone",
    "phone",
    installed=False,
    problem=Problem(
        "phone",
        "A telephone cannot reach Bridge Manager",
        "It serves mail to this computer alone. To serve it to the network would show your decrypted mail to it.",
        "On a telephone use Proton's own app.",
    ),
)
KMAIL = replace(EVOLUTION, name="KMail", target="kmail", installed=False)
FOUND = (THUNDERBIRD, RUNNING, EVOLUTION, MBSYNC, NEW_OUTLOOK, KMAIL, ANY, PHONE)

STEPS = (
    SetupStep(
        "Add the account to Thunderbird's settings",
        "/home/anna/.thunderbird/x7k2.default-esr/prefs.js",
        (
            'user_pref("mail.account.account3.server", "server3");',
            'user_pref("mail.server.server3.hostname", "127.0.0.1");',
            'user_pref("mail.server.server3.port", 1143);',
        ),
    ),
    SetupStep(
        "Trust the certificate of this computer's bridge, on its two ports only",
        "/home/anna/.thunderbird/x7k2.default-esr/cert_override.txt",
        ("127.0.0.1:1143:\tOID.2.16.840.1.101.3.4.2.1\tAA:BB:CC", "127.0.0.1:1025:\tOID.2.16.840.1.101.3.4.2.1\tAA"),
    ),
)
PLAN = SetupPlan(THUNDERBIRD, Access.FULL, SetupOptions(), STEPS)
SIGN_IN = (SetupValue("User name", "anna@bridge.example"), SetupValue("Password", secret=True))
GUIDE = (
    SetupStep(
        "In Evolution choose Edit > Accounts > Add > Mail account, and switch off the look-up of server details",
        by_user=True,
        values=(SetupValue("Name", "Anna Berg"), SetupValue("Address", "anna@bridge.example")),
    ),
    SetupStep(
        "Receiving email: server type IMAP, encryption STARTTLS after connecting, authentication Password",
        by_user=True,
        values=(SetupValue("IMAP server", "127.0.0.1"), SetupValue("IMAP port", "1143"), *SIGN_IN),
    ),
    SetupStep(
        "When Evolution asks about the certificate compare the fingerprint, then choose Accept permanently",
        by_user=True,
        values=(SetupValue("Fingerprint (SHA-256)", "AB:CD:" * 15 + "AB:CD"),),
    ),
)
TEXT = (
    SetupStep(
        "Put this into the program's configuration",
        "~/.mbsyncrc",
        (
            "IMAPAccount anna-bridge-example",
            "Host 127.0.0.1",
            "Port 1143",
            'User "anna@bridge.example"',
            'PassCmd "/usr/bin/bridge-gui client password c9"',
            "SSLType STARTTLS",
        ),
        by_user=True,
    ),
    SetupStep("Make the folder ~/Mail and the one named under Path first, then run mbsync -a.", by_user=True),
)
WHY_PASTED = (
    "Thunderbird keeps its passwords under a primary password, or has kept none yet, so that Bridge Manager cannot add "
    "this one. It asks when it fetches mail, and once more when the first message is sent; after that only for the "
    "primary password."
)
PASTE = tuple(
    SetupStep(
        f"When Thunderbird asks for the password of {address}, paste it and tick that it is to be remembered",
        WHY_PASTED if client == NEW else "",
        by_user=True,
        values=(SetupValue("Password", secret=True, client=client),),
    )
    for address, client in (("anna@bridge.example", NEW), ("berg@bridge.example", SECOND))
)
MAC = tuple(
    SetupStep(title, where, by_user=True, picture=f"pictures/mac-{name}.svg", unproven=True)
    for name, title, where in (
        (
            "pane",
            "Open the list of profiles; it may have come to the front by itself",
            "System Settings > General > Device Management",
        ),
        ("profile", "Double-click the profile of Bridge Manager under Downloaded", ""),
        ("install", "Choose Install, and confirm with your login password if macOS asks", ""),
        ("mail", "Open Mail: the account is there, and asks nothing", ""),
    )
)
REMOVE = (
    SetupStep(
        "Select the profile of Bridge Manager and remove it; its account in Mail goes with it",
        "System Settings > General > Device Management",
        by_user=True,
        unproven=True,
    ),
)
CHECKS = (
    Check("port-imap", CheckResult.GOOD, "IMAP listens on 127.0.0.1, port 1143."),
    Check("port-smtp", CheckResult.BAD, "SMTP does not listen.", "Choose another port in the settings."),
    Check("client-c1", CheckResult.ATTENTION, "Another one has never signed in."),
)

WAITING = SetupProgress(
    AccountId("anna"), "thunderbird", THUNDERBIRD.target, SetupPhase.WAITING, NEW, written_at=NOW - 5
)
SILENT = replace(
    WAITING,
    written_at=NOW - 65,
    problem=Problem(
        "setup-silent",
        "Thunderbird has not signed in yet",
        "",
        "Start Thunderbird. If it runs and says that it cannot connect, open the Doctor.",
    ),
)
REFUSED = replace(
    SILENT,
    problem=Problem(
        "setup-refused",
        "Thunderbird was refused",
        "It tried to sign in with an old password, or with another user name.",
        "Repair the set-up of Thunderbird.",
    ),
)
SIGNED_IN = replace(WAITING, phase=SetupPhase.SIGNED_IN, imap_at=NOW, program="Thunderbird 153.7")
REPAIR = replace(
    SIGNED_IN,
    phase=SetupPhase.REPAIR,
    problem=Problem(
        "setup-certificate",
        "Thunderbird trusts an old certificate",
        "The certificate was renewed since it was set up.",
        "Repair the set-up of Thunderbird.",
    ),
)
CLIENT = ClientState(
    NEW, "Thunderbird", AccountId("anna"), "thunderbird", Access.FULL, "anna@bridge.example", created_at=NOW - 5
)


def state_with(progress: SetupProgress, last_failure: float | None = None) -> BridgeState:
    """The usual snapshot, with the new program and how far its set-up is."""
    client = replace(CLIENT, last_failure=last_failure)
    return replace(USUAL, clients=(*USUAL.clients, client), setups=(progress,))
