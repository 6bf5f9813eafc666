"""Apple Mail: a configuration profile that the person approves in the system's settings.

Its identifiers are made from the account's, so that a second one replaces the first. It holds the password in clear, as
encrypting it needs a certificate on that very Mac: so it lies in a folder of the user's alone and is deleted once Mail
has signed in, or after ten minutes. Keys: Apple's schema (apple/device-management, mdm/profiles: TopLevel,
com.apple.mail.managed, com.apple.security.root). None of it was run on a Mac yet.
"""

from __future__ import annotations

import plistlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from bridge_gui.answers import ProgramFound, SetupStep
from bridge_gui.clients import journal, system
from bridge_gui.clients.base import AccountSetup, Wanted
from bridge_gui.clients.journal import Applied, FileChange
from bridge_gui.clients.system import System
from bridge_gui.errors import BridgeError, NotFound, Refused
from bridge_gui.model import Access, AccountId
from bridge_gui.state import Problem

APP, NAME = "apple-mail", "Apple Mail"
FILE = "Bridge Manager.mobileconfig"
DOMAIN = "bridge-gui.mail"
_NAMESPACE = uuid.UUID("5b8c2a0e-6a3d-5f0e-9a41-7d1f6c1f7c11")
PLACES = ("System/Applications/Mail.app", "Applications/Mail.app")
ELSEWHERE = Problem(
    "only-mac", "Apple Mail runs on a Mac only", "Bridge Manager has to run on that Mac as well.", "Install it there."
)


@dataclass(frozen=True, slots=True)
class AppleMail:
    """`base.Configurator`. `signing` is a PEM file of a key with its certificates; the profile is signed if it is
    there. Only one that Apple has issued makes a difference."""

    system: System
    signing: Path
    root: Path = Path("/")
    app: str = APP
    mends_alone: bool = False
    follows_addresses: bool = True

    def detect(self) -> Sequence[ProgramFound]:
        accesses = (Access.FULL, Access.READ_ONLY)
        if not self.system.is_mac:
            return (ProgramFound(APP, NAME, installed=False, problem=ELSEWHERE, accesses=accesses),)
        installed = any((self.root / place).is_dir() for place in PLACES)
        return (ProgramFound(APP, NAME, installed=installed, unproven=True, accesses=accesses),)

    def aim(self, target: str | None) -> ProgramFound:
        if target:
            raise NotFound("There is only one Apple Mail.")
        return self.detect()[0]

    def plan(self, wanted: Wanted) -> Sequence[SetupStep]:
        written = plistlib.loads(profile(wanted))
        lines = tuple(
            f"{key}: {'(the certificate)' if key == 'PayloadContent' else '****' if 'Password' in key else value}"
            for payload in written["PayloadContent"]
            for key, value in payload.items()
            if not key.startswith("Payload") or key == "PayloadContent"
        )
        print_ = system.thumbprint(wanted.certificate.ca_path)
        trusted = "Trust the certificate of this computer's bridge; macOS asks for your password or Touch ID"
        made = "Make a configuration profile, which is deleted when Mail has signed in or after ten minutes"
        return (
            SetupStep(trusted, f"SHA-1 {print_}", unproven=True),
            SetupStep(made, FILE, lines, unproven=True),
            *steps(self.system.release),
        )

    def prepare(self, wanted: Wanted) -> str:
        return ""

    def check(self, wanted: Wanted) -> None:
        system.certificate_of(wanted.certificate.ca_path)

    def apply(self, wanted: Wanted, folder: Path) -> Applied:
        content = profile(wanted)
        if self.signing.is_file():
            content = signed(content, self.signing)
        path = folder / FILE
        record = {
            "profile": identifier(wanted.account),
            "thumbprint": system.thumbprint(wanted.certificate.ca_path),
        }
        change = wanted.change(folder, APP, record)

        def trust_and_open() -> None:
            try:
                system.trust(self.system, wanted.certificate.ca_path)
                if self.system.run(open_command(self.system.release, path)) != 0:
                    raise Refused("The system's settings could not be opened.")
            except BridgeError:
                self._distrust(change)
                raise

        return journal.write(change, [FileChange(path, None, content)], trust_and_open)

    def guide(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        return steps(self.system.release)

    def tidy(self, change: Applied) -> None:
        journal.put(change.folder / FILE, None)

    def undo(self, change: Applied) -> Sequence[SetupStep]:
        journal.begin_undo(change)
        self.tidy(change)
        self._distrust(change)
        where = pane(self.system.release)
        title = "Select the profile of Bridge Manager and remove it; its account in Mail goes with it"
        return (SetupStep(title, where, by_user=True, unproven=True),)

    def repair(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        """A new profile takes the place of the old one."""
        path, before = change.folder / FILE, journal.read(change.folder / FILE)
        record = {**change.record, "thumbprint": system.thumbprint(wanted.certificate.ca_path)}
        if record["thumbprint"] != change.record["thumbprint"]:
            self._distrust(change)
        content = profile(wanted)
        if self.signing.is_file():
            content = signed(content, self.signing)
        journal.rewrite(change, [FileChange(path, before, content)], record, wanted.amended(change, record))
        system.trust(self.system, wanted.certificate.ca_path)
        self.system.run(open_command(self.system.release, path))
        return steps(self.system.release)

    def _distrust(self, change: Applied) -> None:
        """Unless another set-up still needs it."""
        if not journal.others_with(change, "thumbprint"):
            system.distrust(self.system, str(change.record["thumbprint"]))


# ---------------------------------------------------------------------------------------------- the profile


def identifier(account: AccountId) -> str:
    """The same for every profile of an account, so that a new one replaces the old."""
    return f"{DOMAIN}.{uuid.uuid5(_NAMESPACE, account)}"


def profile(wanted: Wanted) -> bytes:
    """The profile as a property list. Without passwords, as for a plan, it has none."""
    top = identifier(wanted.account)
    label = wanted.accounts[0].username if len(wanted.accounts) == 1 else wanted.names[0]
    payloads = [_mail(top, account) for account in wanted.accounts]
    ca = system.certificate_of(wanted.certificate.ca_path)
    payloads.append(
        {
            **_heading(f"{top}.certificate", "com.apple.security.root", "Certificate of Bridge Manager"),
            "PayloadCertificateFileName": "Bridge Manager.cer",
            "PayloadContent": ca.public_bytes(serialization.Encoding.DER),
        }
    )
    return plistlib.dumps(
        {
            **_heading(top, "Configuration", f"{label} (Bridge Manager)"),
            "PayloadDescription": f"Adds {label} to Mail, by way of Bridge Manager on this Mac.",
            "PayloadRemovalDisallowed": False,
            "PayloadScope": "User",
            "TargetDeviceType": 5,
            "PayloadContent": payloads,
        }
    )


def _heading(name: str, kind: str, label: str) -> dict[str, Any]:
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": name,
        "PayloadUUID": str(uuid.uuid5(_NAMESPACE, name)).upper(),
        "PayloadDisplayName": label,
        "PayloadOrganization": "Bridge Manager",
    }


def _mail(top: str, account: AccountSetup) -> dict[str, Any]:
    """One account. `UseSSL` with a port of one's own is TLS from the first byte."""
    first = account.identities[0]
    password: Mapping[str, str] = {}
    if account.password is not None:
        secret = account.password.reveal()
        password = {"IncomingPassword": secret, "OutgoingPassword": secret}
    servers: dict[str, Any] = {}
    for direction, server in (("Incoming", account.imap), ("Outgoing", account.smtp)):
        prefix = f"{direction}MailServer"
        servers |= {
            f"{prefix}HostName": server.host,
            f"{prefix}PortNumber": server.port,
            f"{prefix}UseSSL": True,
            f"{prefix}Username": account.username,
            f"{prefix}Authentication": "EmailAuthPassword",
        }
    return {
        **_heading(f"{top}.{account.username.casefold()}", "com.apple.mail.managed", account.username),
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAddress": ", ".join(identity.email for identity in account.identities),
        "EmailAccountName": first.name or first.email,
        "EmailAccountDescription": account.username,
        **servers,
        **password,
    }


def signed(content: bytes, signing: Path) -> bytes:
    """A CMS signature around the profile (RFC 5652), with the certificates of the file."""
    try:
        pem = signing.read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        own, *chain = x509.load_pem_x509_certificates(pem)
    except (OSError, ValueError, TypeError) as error:
        raise Refused(f"{signing} holds no key with its certificate.") from error
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise Refused(f"{signing} holds a key of a kind that cannot sign.")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(own, key, hashes.SHA256())
    for certificate in chain:
        builder = builder.add_certificate(certificate)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


# ---------------------------------------------------------------------------------------------- macOS by release


def pane(release: Sequence[int]) -> str:
    """Where the settings list profiles, as that release calls it."""
    major = release[0] if release else 15
    if major >= 15:
        return "System Settings > General > Device Management"
    if major >= 13:
        return "System Settings > Privacy & Security > Profiles"
    return "System Preferences > Profiles"


def open_command(release: Sequence[int], path: Path) -> tuple[str, ...]:
    """What brings the profile to the settings, without installing it."""
    major = release[0] if release else 15
    if major >= 13:
        return ("open", "x-apple.systempreferences:com.apple.preferences.configurationprofiles", str(path))
    if major >= 11:
        return ("open", "/System/Library/PreferencePanes/Profiles.prefPane", str(path))
    return ("open", str(path))


def steps(release: Sequence[int]) -> tuple[SetupStep, ...]:
    """What macOS makes the person do."""
    return tuple(
        SetupStep(title, where, by_user=True, picture=f"pictures/mac-{name}.svg", unproven=True)
        for name, title, where in (
            ("pane", "Open the list of profiles; it may have come to the front by itself", pane(release)),
            ("profile", "Double-click the profile of Bridge Manager under Downloaded", ""),
            ("install", "Choose Install, and confirm with your login password if macOS asks", ""),
            ("mail", "Open Mail: the account is there, and asks nothing", ""),
        )
    )
