"""The profile for Apple Mail against Apple's schema, and what is done around it on a Mac that is played."""

from __future__ import annotations

import datetime
import plistlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import load_pem_x509_certificate

from bridge_gui.answers import ServerAddress
from bridge_gui.clients import apple_mail, journal
from bridge_gui.clients.apple_mail import AppleMail
from bridge_gui.clients.base import AccountSetup, Certificate, Identity, Wanted
from bridge_gui.clients.system import System
from bridge_gui.errors import NotFound, Refused
from bridge_gui.model import AccountId, ClientId
from bridge_gui.secret import Secret
from bridge_gui.vault.certificate import make_certificate
from tests.clients.apple_schema import faults

NOW = datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)
IMAP, SMTP = ServerAddress("127.0.0.1", 1143), ServerAddress("127.0.0.1", 1025)


@dataclass
class Tools:
    """The system's tools: they write down how they were called, and answer as told."""

    answers: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, command: Sequence[str]) -> int:
        self.calls.append(tuple(command))
        return self.answers.get(command[1] if command[0] == "security" else command[0], 0)

    @property
    def verbs(self) -> list[str]:
        return [call[1] if call[0] == "security" else call[0] for call in self.calls]


@pytest.fixture
def tools() -> Tools:
    return Tools({"verify-cert": 1})


@pytest.fixture
def mail(tmp_path: Path, tools: Tools) -> AppleMail:
    (tmp_path / "System/Applications/Mail.app").mkdir(parents=True)
    return AppleMail(System("darwin", tmp_path, (15, 1), tools), tmp_path / "signing.pem", tmp_path)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_text(make_certificate(NOW).ca_pem)
    return path


def account(*emails: str, client: str = "c1") -> AccountSetup:
    identities = tuple(Identity(email, "Anna Berg") for email in emails)
    return AccountSetup(
        emails[0], identities, IMAP, SMTP, client=ClientId(client), password=Secret(f"password-of-{client}")
    )


@pytest.fixture
def wanted(ca: Path) -> Wanted:
    combined = account("anna@bridge.example", "berg@bridge.example")
    return Wanted(AccountId("id1"), ("anna", "anna@bridge.example"), (combined,), Certificate("AA", ca))


@pytest.fixture
def split(wanted: Wanted) -> Wanted:
    return replace(wanted, accounts=(account("anna@bridge.example"), account("berg@bridge.example", client="c2")))


# ---------------------------------------------------------------------------------------------- the profile


def test_it_follows_apples_schema(wanted: Wanted, split: Wanted) -> None:
    assert faults(apple_mail.profile(wanted)) == []
    assert faults(apple_mail.profile(split)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"IncomingMailServerPortNumber": "1143"}, "IncomingMailServerPortNumber has the wrong type"),
        ({"IncomingMailServerUseSSL": 1}, "IncomingMailServerUseSSL has the wrong type"),
        ({"IncomingMailServerPortNumber": True}, "IncomingMailServerPortNumber has the wrong type"),
        ({"EmailAccountType": "EmailTypeExchange"}, "EmailAccountType has the wrong value"),
        ({"EmailAccountType": None}, "EmailAccountType is missing"),
        ({"OutgoingMailServerHostName": None}, "OutgoingMailServerHostName is missing"),
        ({"PayloadUUID": None}, "PayloadUUID is missing"),
        ({"EmailColour": "red"}, "EmailColour is unknown"),
        ({"PreventMove": True}, "PreventMove is for iOS only"),
        ({"SMIMEEnabled": False}, "SMIMEEnabled is for iOS only"),
    ],
)
def test_the_validator_sees_faults(wanted: Wanted, change: dict[str, Any], fault: str) -> None:
    profile = plistlib.loads(apple_mail.profile(wanted))
    payload = profile["PayloadContent"][0]
    for name, value in change.items():
        if value is None:
            del payload[name]
        else:
            payload[name] = value
    assert faults(plistlib.dumps(profile)) == [f"com.apple.mail.managed: {fault}"]


def test_a_second_profile_replaces_the_first(wanted: Wanted, split: Wanted) -> None:
    moved = replace(wanted, accounts=(replace(wanted.accounts[0], imap=replace(IMAP, port=1144)),))
    first, second = (plistlib.loads(apple_mail.profile(entry)) for entry in (wanted, moved))
    for name in ("PayloadIdentifier", "PayloadUUID"):
        assert first[name] == second[name]
        assert [entry[name] for entry in first["PayloadContent"]] == [entry[name] for entry in second["PayloadContent"]]
    other = plistlib.loads(apple_mail.profile(replace(wanted, account=AccountId("id2"))))
    assert other["PayloadUUID"] != first["PayloadUUID"]
    assert len({entry["PayloadUUID"] for entry in plistlib.loads(apple_mail.profile(split))["PayloadContent"]}) == 3


def test_it_holds_the_account(wanted: Wanted, split: Wanted, ca: Path) -> None:
    mail, root = plistlib.loads(apple_mail.profile(wanted))["PayloadContent"]
    assert mail["EmailAddress"] == "anna@bridge.example, berg@bridge.example"
    assert (mail["IncomingMailServerPortNumber"], mail["OutgoingMailServerPortNumber"]) == (1143, 1025)
    assert mail["IncomingMailServerUseSSL"] is True
    assert mail["OutgoingMailServerUseSSL"] is True
    assert mail["IncomingPassword"] == mail["OutgoingPassword"] == "password-of-c1"
    certificate = load_pem_x509_certificate(ca.read_bytes())
    assert root["PayloadContent"] == certificate.public_bytes(serialization.Encoding.DER)
    two = [entry for entry in plistlib.loads(apple_mail.profile(split))["PayloadContent"] if "EmailAddress" in entry]
    assert [entry["EmailAddress"] for entry in two] == ["anna@bridge.example", "berg@bridge.example"]
    assert [entry["IncomingPassword"] for entry in two] == ["password-of-c1", "password-of-c2"]


def test_a_signed_one_is_verified_by_openssl(wanted: Wanted, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signing = tmp_path / "signing.pem"
    (tmp_path / "key.pem").write_bytes(private)
    made = ("openssl", "req", "-x509", "-key", str(tmp_path / "key.pem"), "-subj", "/CN=Signer", "-out")
    subprocess.run([*made, str(tmp_path / "signer.pem")], check=True, capture_output=True)
    signing.write_bytes(private + (tmp_path / "signer.pem").read_bytes())
    content = apple_mail.profile(wanted)
    (tmp_path / "signed").write_bytes(apple_mail.signed(content, signing))
    verify = ("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(tmp_path / "signed"), "-CAfile")
    done = subprocess.run([*verify, str(tmp_path / "signer.pem"), "-purpose", "any"], capture_output=True, check=True)
    assert done.stdout == content
    signing.write_text("no key")
    with pytest.raises(Refused, match="no key"):
        apple_mail.signed(content, signing)


# ---------------------------------------------------------------------------------------------- around it


def test_it_is_written_for_the_user_alone_and_opened(
    mail: AppleMail, wanted: Wanted, tools: Tools, tmp_path: Path
) -> None:
    folder = tmp_path / "backups" / "1"
    change = mail.apply(wanted, folder)
    file = folder / apple_mail.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert faults(file.read_bytes()) == []
    assert tools.verbs == ["verify-cert", "add-trusted-cert", "open"]
    assert "password-of" not in repr(tools.calls)
    assert "password-of" not in (folder / journal.MANIFEST).read_text()
    mail.tidy(change)
    assert not file.exists()
    mail.tidy(change)

    assert mail.undo(change)[0].where == "System Settings > General > Device Management"
    assert tools.verbs[-1] == "delete-certificate"


def test_a_trusted_certificate_is_not_asked_for_again(
    mail: AppleMail, wanted: Wanted, tools: Tools, tmp_path: Path
) -> None:
    tools.answers["verify-cert"] = 0
    mail.apply(wanted, tmp_path / "backups" / "1")
    assert tools.verbs == ["verify-cert", "open"]


def test_nothing_is_left_when_the_person_says_no(mail: AppleMail, wanted: Wanted, tools: Tools, tmp_path: Path) -> None:
    tools.answers["add-trusted-cert"] = 1
    with pytest.raises(Refused, match="trust"):
        mail.apply(wanted, tmp_path / "backups" / "1")
    assert list((tmp_path / "backups").iterdir()) == []


def test_trust_stays_while_another_set_up_needs_it(
    mail: AppleMail, wanted: Wanted, tools: Tools, tmp_path: Path
) -> None:
    first = mail.apply(wanted, tmp_path / "backups" / "1")
    second = mail.apply(replace(wanted, account=AccountId("id2")), tmp_path / "backups" / "2")
    mail.undo(first)
    journal.forget(first)
    assert "delete-certificate" not in tools.verbs
    mail.undo(second)
    assert "delete-certificate" in tools.verbs


def test_a_repair_opens_a_new_profile(mail: AppleMail, wanted: Wanted, tools: Tools, tmp_path: Path) -> None:
    change = mail.apply(wanted, tmp_path / "backups" / "1")
    mail.tidy(change)
    moved = replace(wanted, accounts=(replace(wanted.accounts[0], imap=replace(IMAP, port=1200)),))
    assert mail.repair(change, moved)
    assert b"1200" in (change.folder / apple_mail.FILE).read_bytes()
    assert tools.verbs[-1] == "open"


def test_the_plan_has_no_password_and_says_that_it_is_unproven(mail: AppleMail, wanted: Wanted) -> None:
    planned = replace(wanted, accounts=(replace(wanted.accounts[0], client=None, password=None),))
    steps = mail.plan(planned)
    assert all(step.unproven for step in steps)
    assert "password-of" not in repr(mail.plan(wanted))
    assert all(step.picture for step in steps if step.by_user)


@pytest.mark.parametrize(
    ("release", "place", "command"),
    [
        ((15, 1), "System Settings > General > Device Management", "x-apple.systempreferences:"),
        ((14,), "System Settings > Privacy & Security > Profiles", "x-apple.systempreferences:"),
        ((12, 7), "System Preferences > Profiles", "/System/Library/PreferencePanes/Profiles.prefPane"),
        ((10, 15), "System Preferences > Profiles", "p.mobileconfig"),
    ],
)
def test_each_release_has_its_own_pane(release: tuple[int, ...], place: str, command: str) -> None:
    assert apple_mail.pane(release) == place
    assert apple_mail.open_command(release, Path("p.mobileconfig"))[1].startswith(command)


def test_elsewhere_it_says_why_not(tmp_path: Path, tools: Tools) -> None:
    found = AppleMail(System("linux", tmp_path, (), tools), tmp_path / "none").detect()[0]
    assert not found.installed
    assert found.problem is not None


def test_there_is_only_one(mail: AppleMail) -> None:
    assert mail.aim(None).installed
    with pytest.raises(NotFound):
        mail.aim("second")
