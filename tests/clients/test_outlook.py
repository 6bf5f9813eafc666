"""Outlook: the Autodiscover file against its documented elements, and the registry on a Windows that is played."""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge_gui.answers import ServerAddress
from bridge_gui.clients import journal, outlook, registry
from bridge_gui.clients.base import AccountSetup, Certificate, Identity, Wanted
from bridge_gui.clients.outlook import ALONE, AUTODISCOVER, Outlook
from bridge_gui.clients.registry import Value
from bridge_gui.clients.system import System
from bridge_gui.errors import Refused
from bridge_gui.model import AccountId, ClientId
from bridge_gui.secret import Secret
from bridge_gui.vault.certificate import make_certificate

DOMAIN = "bridge.example"
ACCOUNT = AccountSetup(
    "anna@bridge.example",
    (Identity("anna@bridge.example", "Anna Berg"),),
    ServerAddress("127.0.0.1", 1143),
    ServerAddress("127.0.0.1", 1025),
    client=ClientId("c1"),
    password=Secret("the-password"),
)


class Interrupted(Exception):
    """The computer was switched off."""


@dataclass
class FakeRegistry:
    values: dict[tuple[str, str], Value] = field(default_factory=dict)
    machine: set[str] = field(default_factory=lambda: {outlook.APP_PATH})
    changes_left: int | None = None
    """After so many changes the computer is switched off."""

    def get(self, key: str, name: str) -> Value | None:
        return self.values.get((key, name))

    def set(self, key: str, name: str, value: Value | None) -> None:
        if self.changes_left == 0:
            raise Interrupted
        if self.changes_left is not None:
            self.changes_left -= 1
        if value is None:
            self.values.pop((key, name), None)
        else:
            self.values[key, name] = value

    def has_machine_key(self, key: str) -> bool:
        return key in self.machine


@dataclass
class Tools:
    answers: dict[str, int] = field(default_factory=lambda: {"-verifystore": 1})
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, command: Sequence[str]) -> int:
        self.calls.append(tuple(command))
        return self.answers.get(command[2], 0)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_text(make_certificate(datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)).ca_pem)
    return path


@pytest.fixture
def wanted(ca: Path) -> Wanted:
    return Wanted(AccountId("id1"), ("anna",), (ACCOUNT,), Certificate("AA", ca), outlook.CLASSIC)


@pytest.fixture
def values() -> FakeRegistry:
    return FakeRegistry({(AUTODISCOVER, "PreferLocalXML"): 0, (AUTODISCOVER, "mine"): "kept"})


@pytest.fixture
def tools() -> Tools:
    return Tools()


@pytest.fixture
def program(tmp_path: Path, values: FakeRegistry, tools: Tools) -> Outlook:
    return Outlook(System("win32", tmp_path, (), tools), values, tmp_path)


# ---------------------------------------------------------------------------------------------- the file

SWITCH = ("on", "off")
PROTOCOL = {
    "Type": ("IMAP", "SMTP"),
    "Server": None,
    "Port": None,
    "LoginName": None,
    "DomainRequired": SWITCH,
    "SPA": SWITCH,
    "SSL": SWITCH,
    "Encryption": ("None", "SSL", "TLS", "Auto"),
    "AuthRequired": SWITCH,
}
"""Documented children of Protocol that we write, with their values; SPA and SSL count as on when they are left out."""
OF_SMTP = {"UsePOPAuth": SWITCH, "SMTPLast": SWITCH}


def test_the_file_has_the_documented_elements() -> None:
    root = ET.fromstring(outlook.document(ACCOUNT))
    assert root.tag == f"{{{outlook.OUTER}}}Autodiscover"
    inner = f"{{{outlook.INNER}}}"
    response = root.find(f"{inner}Response")
    assert response is not None
    assert [entry.tag for entry in response] == [f"{inner}User", f"{inner}Account"]
    assert response.findtext(f"{inner}Account/{inner}AccountType") == "email"
    assert response.findtext(f"{inner}Account/{inner}Action") == "settings"
    protocols = response.findall(f"{inner}Account/{inner}Protocol")
    found = [{entry.tag.removeprefix(inner): entry.text or "" for entry in protocol} for protocol in protocols]
    assert [entry["Type"] for entry in found] == ["IMAP", "SMTP"]
    for entry in found:
        allowed = PROTOCOL | (OF_SMTP if entry["Type"] == "SMTP" else {})
        assert entry.keys() == allowed.keys()
        assert all(choices is None or entry[name] in choices for name, choices in allowed.items())
    assert [entry["Port"] for entry in found] == ["1143", "1025"]
    assert {entry["LoginName"] for entry in found} == {"anna@bridge.example"}
    assert b"the-password" not in outlook.document(ACCOUNT)


# ---------------------------------------------------------------------------------------------- the registry


def test_former_values_come_back_once_it_has_signed_in(
    program: Outlook, wanted: Wanted, values: FakeRegistry, tools: Tools, tmp_path: Path
) -> None:
    before = dict(values.values)
    change = program.apply(wanted, tmp_path / "backups" / "1")
    file = change.folder / outlook.FILE
    assert values.get(AUTODISCOVER, DOMAIN) == str(file)
    assert all(values.get(AUTODISCOVER, name) == 1 for name in ALONE)
    assert [call[2] for call in tools.calls] == ["-verifystore", "-addstore"]
    program.tidy(change)
    assert values.values == before
    assert not file.exists()

    assert program.undo(change)[0].by_user
    assert tools.calls[-1][2] == "-delstore"


def test_what_the_person_has_changed_since_stays(
    program: Outlook, wanted: Wanted, values: FakeRegistry, tmp_path: Path
) -> None:
    change = program.apply(wanted, tmp_path / "backups" / "1")
    values.set(AUTODISCOVER, "PreferLocalXML", 7)
    program.tidy(change)
    assert values.get(AUTODISCOVER, "PreferLocalXML") == 7
    assert values.get(AUTODISCOVER, DOMAIN) is None


def test_a_second_address_remembers_the_persons_values(
    program: Outlook, wanted: Wanted, values: FakeRegistry, tmp_path: Path
) -> None:
    before = dict(values.values)
    program.apply(wanted, tmp_path / "backups" / "1")
    second = program.apply(wanted, tmp_path / "backups" / "2")
    program.tidy(second)
    assert values.values == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.dictionaries(st.sampled_from((DOMAIN, *ALONE, "mine")), st.one_of(st.integers(0, 2), st.text(max_size=3))),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_switched_off_at_any_moment_the_former_values_can_be_put_back(
    tmp_path_factory: pytest.TempPathFactory, ca: Path, there: dict[str, Value], making: int, taking: int
) -> None:
    """Whatever was there, absent values included, and whenever the change or its undoing was interrupted."""
    home = tmp_path_factory.mktemp("home")
    values = FakeRegistry({(AUTODISCOVER, name): value for name, value in there.items()}, changes_left=making)
    before = dict(values.values)
    wanted = Wanted(AccountId("id1"), ("anna",), (ACCOUNT,), Certificate("AA", ca), outlook.CLASSIC)
    program = Outlook(System("win32", home, (), Tools()), values)
    try:
        program.apply(wanted, home / "backups" / "1")
    except Interrupted:
        pass
    (change,) = journal.changes_of(home / "backups")
    values.changes_left = taking
    try:
        program.tidy(change)
    except Interrupted:
        pass
    values.changes_left = None
    program.tidy(change)
    assert values.values == before


def test_nothing_is_left_when_the_person_says_no(
    program: Outlook, wanted: Wanted, values: FakeRegistry, tools: Tools, tmp_path: Path
) -> None:
    before = dict(values.values)
    tools.answers["-addstore"] = 1
    with pytest.raises(Refused, match="trust"):
        program.apply(wanted, tmp_path / "backups" / "1")
    assert values.values == before
    assert list((tmp_path / "backups").iterdir()) == []


# ---------------------------------------------------------------------------------------------- which Outlook


def test_the_new_one_is_explained(program: Outlook, values: FakeRegistry) -> None:
    values.set(*outlook.SWITCH, 1)
    classic, new = program.detect()
    assert classic.installed
    assert classic.unproven
    assert classic.problem is None
    assert new.installed
    assert new.problem is not None
    assert "cannot reach this computer" in new.problem.message


def test_the_plan_announces_the_thumbprint(program: Outlook, wanted: Wanted, tools: Tools) -> None:
    step = program.plan(wanted)[0]
    thumbprint = step.where.removeprefix("SHA-1 ")
    assert len(thumbprint) == 40
    program.apply(wanted, program.root / "backups" / "1")
    assert tools.calls[0][-1] == thumbprint
    assert "the-password" not in repr(program.plan(wanted))


def test_on_a_mac_it_is_done_by_hand(tmp_path: Path, wanted: Wanted, tools: Tools) -> None:
    (tmp_path / "Applications/Microsoft Outlook.app").mkdir(parents=True)
    program = Outlook(System("darwin", tmp_path, (15,), tools), registry.NoRegistry(), tmp_path)
    found = program.aim(None)
    assert (found.target, found.guided, found.installed) == (outlook.MAC, True, True)
    wanted = replace(wanted, target=outlook.MAC)
    assert [step.by_user for step in program.plan(wanted)] == [False, True, True, True, True]
    change = program.apply(wanted, tmp_path / "backups" / "1")
    assert change.record["values"] == []
    assert program.guide(change, wanted) == program.plan(wanted)[1:]


def test_elsewhere_it_says_why_not(tmp_path: Path, tools: Tools) -> None:
    found = Outlook(System("linux", tmp_path, (), tools), registry.NoRegistry()).detect()
    assert [entry.problem is not None for entry in found] == [True]
