"""Outlook: the classic one on Windows by a local Autodiscover file, the one on a Mac by hand, the new one not at all.

Classic Outlook reads the file because registry values of the current user point to it; they act on all accounts, so
they are there only until Outlook has signed in, or for ten minutes, and then have their former values again. The
password is pasted once. Elements and values: Microsoft Learn, "Protocol (POX)", "SPA (POX)", "SSL (POX)"; Microsoft
support 3211279. None of it was run with a real Outlook yet.

The new Outlook for Windows hands the password to Microsoft's servers, which sign in from there: they cannot reach this
computer.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge_gui.answers import ProgramFound, SetupStep, SetupValue
from bridge_gui.clients import guided, journal, registry, system
from bridge_gui.clients.base import AccountSetup, Wanted, aimed, only_account
from bridge_gui.clients.journal import Applied, FileChange
from bridge_gui.clients.registry import Registry
from bridge_gui.clients.system import System
from bridge_gui.errors import BridgeError
from bridge_gui.model import Access
from bridge_gui.state import Problem

APP = "outlook"
CLASSIC, NEW, MAC = "classic", "new", "mac"
FILE = "autodiscover.xml"
APP_PATH = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\OUTLOOK.EXE"
SWITCH = (r"Software\Microsoft\Office\16.0\Outlook\Preferences", "UseNewOutlook")
AUTODISCOVER = r"Software\Microsoft\Office\16.0\Outlook\AutoDiscover"
ALONE = (
    "PreferLocalXML",
    "ExcludeExplicitO365Endpoint",
    "ExcludeHttpsRootDomain",
    "ExcludeHttpsAutoDiscoverDomain",
    "ExcludeHttpRedirect",
    "ExcludeSrvRecord",
    "ExcludeScpLookup",
    "ExcludeLastKnownGoodURL",
)
"""Values of 1 that leave the local file as the only place where Outlook looks."""
OUTER = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
INNER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
ACCESSES = (Access.FULL,)
"""Its accounts always have both servers."""
NEW_PROBLEM = Problem(
    "new-outlook",
    "The new Outlook cannot work with Bridge Manager",
    "It hands your password and mail to Microsoft's servers. They cannot reach this computer, so it cannot work, and "
    "we advise against trying.",
    "Switch New Outlook off in its window, and set up the classic one; or take Thunderbird.",
)
ELSEWHERE = Problem(
    "only-windows-or-mac",
    "Outlook runs on Windows and on a Mac only",
    "Bridge Manager has to run on the same computer.",
    "Install it there.",
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """`base.Configurator`. Targets: `classic`, `new`, `mac`."""

    system: System
    registry: Registry
    root: Path = Path("/")
    app: str = APP
    mends_alone: bool = False
    follows_addresses: bool = False

    def detect(self) -> Sequence[ProgramFound]:
        blank = ProgramFound(APP, "Outlook", installed=False, accesses=ACCESSES, one_address=True)
        if self.system.is_windows:
            classic = self.registry.has_machine_key(APP_PATH)
            new = self.registry.get(*SWITCH) == 1
            return (
                replace(blank, name="Outlook (classic)", target=CLASSIC, installed=classic, unproven=True),
                replace(blank, name="Outlook (new)", target=NEW, installed=new, problem=NEW_PROBLEM),
            )
        if self.system.is_mac:
            installed = (self.root / "Applications/Microsoft Outlook.app").is_dir()
            return (replace(blank, target=MAC, installed=installed, guided=True, unproven=True),)
        return (replace(blank, problem=ELSEWHERE),)

    def aim(self, target: str | None) -> ProgramFound:
        return aimed(self.detect(), target, "Outlook")

    def plan(self, wanted: Wanted) -> Sequence[SetupStep]:
        account = only_account(wanted)
        print_ = system.thumbprint(wanted.certificate.ca_path)
        if wanted.target == MAC:
            asks = "Trust the certificate of this computer's bridge; macOS asks for your password or Touch ID"
            return (SetupStep(asks, f"SHA-1 {print_}", unproven=True), *_by_hand_on_mac(account))
        asks = "Trust the certificate of this computer's bridge; Windows asks once, and shows this thumbprint"
        file = document(account).decode()
        values = (f"{name} = {value}" for name, value in _values(account, "(the file)").items())
        return (
            SetupStep(asks, f"SHA-1 {print_}", unproven=True),
            SetupStep("Write the settings of the account as an Autodiscover file", FILE, tuple(file.splitlines())),
            SetupStep(
                "Point Outlook to that file until it has signed in; then the former values are put back",
                f"HKEY_CURRENT_USER\\{AUTODISCOVER}",
                tuple(values),
                unproven=True,
            ),
            *_classic(account),
        )

    def prepare(self, wanted: Wanted) -> str:
        return wanted.target

    def check(self, wanted: Wanted) -> None:
        only_account(wanted)
        system.certificate_of(wanted.certificate.ca_path)

    def apply(self, wanted: Wanted, folder: Path) -> Applied:
        """The record with the former values is on the disk before the first one is changed."""
        account = only_account(wanted)
        for other in journal.changes_of(folder.parent):
            if other.app == APP:
                self.tidy(other)  # so that what is noted as former values is the person's, not ours
        file = folder / FILE
        values: tuple[registry.Change, ...] = ()
        files = []
        if wanted.target == CLASSIC:
            values = registry.changes(self.registry, AUTODISCOVER, _values(account, str(file)))
            files = [FileChange(file, None, document(account))]
        record = {
            "thumbprint": system.thumbprint(wanted.certificate.ca_path),
            "values": [change.as_json() for change in values],
        }
        change = wanted.change(folder, APP, record)

        def trust_and_point() -> None:
            try:
                system.trust(self.system, wanted.certificate.ca_path)
                registry.make(self.registry, values)
            except (BridgeError, OSError):
                registry.take_back(self.registry, change.record["values"])
                self._distrust(change)
                raise

        return journal.write(change, files, trust_and_point)

    def guide(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        account = only_account(wanted)
        return _by_hand_on_mac(account) if change.target == MAC else _classic(account)

    def tidy(self, change: Applied) -> None:
        registry.take_back(self.registry, change.record["values"])
        journal.put(change.folder / FILE, None)

    def undo(self, change: Applied) -> Sequence[SetupStep]:
        journal.begin_undo(change)
        self.tidy(change)
        self._distrust(change)
        place = "Tools > Accounts" if change.target == MAC else "File > Account settings"
        return (SetupStep("Remove the account in Outlook", place, by_user=True, unproven=True),)

    def repair(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        """Outlook keeps its own copy of what it was told: ports and password are changed by hand."""
        print_ = system.thumbprint(wanted.certificate.ca_path)
        if print_ != change.record["thumbprint"]:
            self._distrust(change)
        journal.rewrite(change, (), {**change.record, "thumbprint": print_})
        system.trust(self.system, wanted.certificate.ca_path)
        account = only_account(wanted)
        place = "Tools > Accounts" if change.target == MAC else "File > Account settings > Server settings"
        values = _values_to_copy(account)
        return (SetupStep("Bring the account in Outlook in line", place, by_user=True, values=values, unproven=True),)

    def _distrust(self, change: Applied) -> None:
        """Unless another set-up still needs it."""
        if not journal.others_with(change, "thumbprint"):
            system.distrust(self.system, str(change.record["thumbprint"]))


# ---------------------------------------------------------------------------------------------- what is written


def document(account: AccountSetup) -> bytes:
    """The Autodiscover answer. TLS from the first byte: guides disagree on what STARTTLS is called, `SSL` is clear."""
    root = ET.Element("Autodiscover", xmlns=OUTER)
    response = ET.SubElement(root, "Response", xmlns=INNER)
    user = ET.SubElement(response, "User")
    ET.SubElement(user, "DisplayName").text = account.identities[0].name or account.identities[0].email
    entry = ET.SubElement(response, "Account")
    ET.SubElement(entry, "AccountType").text = "email"
    ET.SubElement(entry, "Action").text = "settings"
    for kind, server in (("IMAP", account.imap), ("SMTP", account.smtp)):
        protocol = ET.SubElement(entry, "Protocol")
        own = {"UsePOPAuth": "off", "SMTPLast": "off"} if kind == "SMTP" else {}
        for name, text in {
            "Type": kind,
            "Server": server.host,
            "Port": str(server.port),
            "LoginName": account.username,
            "DomainRequired": "off",
            "SPA": "off",
            "SSL": "on",
            "Encryption": "SSL",
            "AuthRequired": "on",
            **own,
        }.items():
            ET.SubElement(protocol, name).text = text
    ET.indent(root)
    written: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{written}\n'.encode()


def _values(account: AccountSetup, file: str) -> dict[str, registry.Value]:
    """The domain's value points to the file; one file a domain, so it is for the address that is being set up."""
    domain = account.identities[0].email.rpartition("@")[2]
    return {domain: file, **dict.fromkeys(ALONE, 1)}


# ---------------------------------------------------------------------------------------------- what is left


def _values_to_copy(account: AccountSetup) -> tuple[SetupValue, ...]:
    return (
        SetupValue("Address", account.identities[0].email),
        *guided.server_values("IMAP", account.imap.host, account.imap.port),
        *guided.server_values("SMTP", account.smtp.host, account.smtp.port),
        SetupValue("Encryption", "STARTTLS"),
        SetupValue("User name", account.username),
        SetupValue("Password", secret=True),
    )


def _classic(account: AccountSetup) -> tuple[SetupStep, ...]:
    return (
        SetupStep(
            "In Outlook choose File > Add account, type the address and choose Connect",
            by_user=True,
            values=(SetupValue("Address", account.identities[0].email),),
            unproven=True,
        ),
        SetupStep(
            "Paste the password when Outlook asks, and tick that it is to be remembered",
            by_user=True,
            values=(SetupValue("Password", secret=True),),
            unproven=True,
        ),
        SetupStep(
            "If Outlook does not find the settings: Advanced options > Let me set up manually > IMAP",
            by_user=True,
            values=_values_to_copy(account),
            unproven=True,
        ),
    )


def _by_hand_on_mac(account: AccountSetup) -> tuple[SetupStep, ...]:
    return (
        SetupStep("In Outlook choose Tools > Accounts > +, and type the address", by_user=True, unproven=True),
        SetupStep(
            "Choose IMAP/POP. If you are offered to sync with the Microsoft Cloud, choose to sync directly: "
            "Microsoft's servers cannot reach this computer",
            by_user=True,
            unproven=True,
        ),
        SetupStep("Copy each value into the form", by_user=True, values=_values_to_copy(account), unproven=True),
        SetupStep("Choose Add account", by_user=True, unproven=True),
    )
