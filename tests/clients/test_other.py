"""Texts, steps and the autoconfig file of all other programs: what is in them, and that no password ever is."""

from __future__ import annotations

import configparser
import shlex
import subprocess
import threading
import tomllib
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge_gui.answers import ServerAddress, SetupOptions
from bridge_gui.clients import autoconfig, guided, journal, other, snippets
from bridge_gui.clients.base import AccountSetup, Certificate, Identity, Wanted
from bridge_gui.clients.other import Other
from bridge_gui.errors import NotFound, Refused, UsageError
from bridge_gui.model import Access, AccountId, ClientId
from bridge_gui.secret import Secret

ACCOUNT = AccountSetup(
    "anna@bridge.example",
    (Identity("anna@bridge.example", "Anna Berg"), Identity("a@other.example")),
    ServerAddress("127.0.0.1", 1143),
    ServerAddress("127.0.0.1", 1025),
    client=ClientId("c1"),
    password=Secret("the-password"),
)
CERTIFICATE = Certificate("AA:BB", Path("/profile/certificate.pem"))
WANTED = Wanted(AccountId("anna"), ("anna",), (ACCOUNT,), CERTIFICATE)
OTHER = Other(("/usr/bin/bridge-gui",))
paths = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)


def wanted(target: str, access: Access = Access.FULL, **options: str) -> Wanted:
    account = replace(ACCOUNT, access=access)
    return replace(WANTED, target=target, accounts=(account,), options=SetupOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("found", OTHER.detect(), ids=lambda found: found.target)
def test_every_program_has_a_plan_without_a_password(found: other.ProgramFound) -> None:
    if found.problem is not None:
        assert found.target == other.PHONE
        return
    for access in found.accesses:
        steps = OTHER.plan(wanted(found.target, access))
        assert steps
        assert "the-password" not in repr(steps)
        everything = repr(steps)
        assert ("1143" in everything) == (access.reads and found.target not in ("msmtp", "git")), found.target
        assert ("1025" in everything) == (access.sends and found.target not in ("mbsync", "offlineimap", "getmail"))


def test_no_target_is_any_program() -> None:
    assert OTHER.aim(None).target == "any"
    with pytest.raises(NotFound):
        OTHER.aim("no-such-program")


@settings(deadline=None)
@given(st.sampled_from(sorted(snippets.KINDS)), paths, paths)
def test_whatever_a_path_holds_is_written_rightly_or_refused(kind: str, profile: str, folder: str) -> None:
    command = ("/usr/bin/bridge-gui", "--profile", f"/{profile}", "client", "password", "c1")
    request = snippets.Request(ACCOUNT, Certificate("", Path(f"/{folder}/ca.pem")), command)
    try:
        text = snippets.snippet(kind, request)
    except Refused:
        return
    assert read_back(kind, text) == command
    assert "the-password" not in text


def read_back(kind: str, text: str) -> tuple[str, ...]:
    """The command in a snippet, by an independent reader of the format where Python has one."""
    lines = {line.strip().partition(" ")[0]: line.strip().partition(" ")[2] for line in text.split("\n")}
    if kind == "himalaya":
        account = next(iter(tomllib.loads(text)["accounts"].values()))
        return tuple(shlex.split(account["backend"]["auth"]["cmd"]))
    if kind == "offlineimap":
        parser = configparser.ConfigParser()
        parser.read_string(text)
        found = parser["Repository anna-bridge-example-remote"]["remotepasseval"]
        return tuple(eval(found, {"__import__": lambda name: Answering}))
    if kind == "getmail":
        parser = configparser.RawConfigParser()
        parser.read_string(text)
        return tuple(eval(parser["retriever"]["password_command"], {}))
    if kind == "mbsync":
        return tuple(shlex.split(lines["PassCmd"][1:-1].replace('\\"', '"').replace("\\\\", "\\")))
    if kind == "msmtp":
        return tuple(shlex.split(lines["passwordeval"]))
    if kind == "neomutt":
        return tuple(shlex.split(text.partition("`")[2].partition("`")[0]))
    if kind == "aerc":
        return tuple(shlex.split(lines["source-cred-cmd"].removeprefix("= `")[:-1]))
    helper = [line for line in text.split("\n") if "helper" in line][-1].partition("=")[2].strip()
    helper = helper[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return tuple(shlex.split(helper.partition("password=$(")[2].removesuffix(')"; }; f')))


class Answering:
    """Stands in for the module subprocess: the output of a command is the command."""

    class check_output(tuple[str, ...]):
        def __new__(cls, command: list[str], text: bool) -> Answering.check_output:
            return super().__new__(cls, command)

        def strip(self) -> tuple[str, ...]:
            return self


def test_the_text_names_the_client_when_it_has_one() -> None:
    planned = replace(WANTED, target="mbsync", accounts=(replace(ACCOUNT, client=None, password=None),))
    assert any("password ID" in line for line in OTHER.plan(planned)[0].lines)
    assert any("password c1" in line for line in OTHER.plan(wanted("mbsync"))[0].lines)


def test_a_file_is_written_once_and_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "msmtprc"
    ask = wanted("msmtp", Access.SEND_ONLY, file=str(file))
    OTHER.check(ask)
    change = OTHER.apply(ask, tmp_path / "backups" / "1")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "passwordeval /usr/bin/bridge-gui client password c1" in file.read_text()
    assert not OTHER.guide(change, ask)
    with pytest.raises(Refused, match="there already"):
        OTHER.check(ask)

    moved = replace(ask, accounts=(replace(ask.accounts[0], smtp=ServerAddress("127.0.0.1", 1030)),))
    assert not OTHER.repair(change, replace(moved, options=SetupOptions()))
    change = journal.changes_of(tmp_path / "backups")[0]
    assert "port 1030" in file.read_text()
    assert not OTHER.undo(change)
    assert not file.exists()


def test_a_changed_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "mbsyncrc"
    change = OTHER.apply(wanted("mbsync", file=str(file)), tmp_path / "backups" / "1")
    file.write_text("mine now")
    left = OTHER.undo(change)
    assert left[0].where == str(file)
    assert file.read_text() == "mine now"


def test_several_addresses_have_to_be_chosen_from() -> None:
    with pytest.raises(Refused, match="one address") as refused:
        OTHER.plan(replace(WANTED, target="any", accounts=(ACCOUNT, ACCOUNT)))
    assert "--address" in refused.value.remedy


def test_an_unknown_text_is_refused() -> None:
    with pytest.raises(UsageError, match="pine"):
        snippets.snippet("pine", snippets.Request(ACCOUNT, CERTIFICATE, ("x",)))


def test_a_guided_program_gets_what_its_access_allows() -> None:
    program = guided.PROGRAMS[0]
    steps = guided.steps(program, replace(ACCOUNT, access=Access.READ_ONLY), CERTIFICATE)
    assert [step.title for step in steps] == [program.form, program.reading, program.trust]
    values = [value for step in steps for value in step.values]
    assert next(value for value in values if value.secret).value == ""
    assert values[-1].value == "AA:BB"


# ---------------------------------------------------------------------------------------------- autoconfig


def test_autoconfig_says_what_is_to_be_typed() -> None:
    root = ET.fromstring(autoconfig.document(ACCOUNT))
    assert (root.tag, root.attrib) == ("clientConfig", {"version": "1.1"})
    assert [entry.text for entry in root.iter("domain")] == ["bridge.example", "other.example"]
    imap, smtp = root.find(".//incomingServer"), root.find(".//outgoingServer")
    assert imap is not None
    assert smtp is not None
    assert {entry.tag: entry.text for entry in imap} == {
        "hostname": "127.0.0.1",
        "port": "1143",
        "socketType": "STARTTLS",
        "authentication": "password-cleartext",
        "username": "anna@bridge.example",
    }
    assert smtp.findtext("port") == "1025"
    tls = replace(ACCOUNT, imap=replace(ACCOUNT.imap, security="TLS"), access=Access.READ_ONLY)
    root = ET.fromstring(autoconfig.document(tls))
    assert root.findtext(".//incomingServer/socketType") == "SSL"
    assert root.find(".//outgoingServer") is None


def test_autoconfig_is_served_on_loopback_under_our_own_name_only() -> None:
    with autoconfig.server(b"<x/>") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            base = f"http://127.0.0.1:{server.server_port}"
            assert server.server_address[0] == "127.0.0.1"
            for path in (*autoconfig.PATHS, "/v1.1/bridge.example?emailaddress=a"):
                with urllib.request.urlopen(base + path, timeout=5) as answer:
                    assert answer.read() == b"<x/>"
            assert refusal(urllib.request.Request(base + "/else")) == 404
            rebound = urllib.request.Request(base + autoconfig.PATHS[0], headers={"Host": "evil.example:80"})
            assert refusal(rebound) == 403
        finally:
            server.shutdown()
            thread.join()


def refusal(request: urllib.request.Request) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    with refused.value as answer:
        return answer.code


def test_git_reads_our_quoting(tmp_path: Path) -> None:
    file = tmp_path / "config"
    strange = Path('/a "b" #c;d\\e/ca.pem')
    file.write_text(snippets.snippet("git", snippets.Request(ACCOUNT, Certificate("", strange), ("/bin/x y", "z"))))
    command = ["git", "config", "--file", str(file), "sendemail.smtpsslcertpath"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip("\n") == str(strange)
