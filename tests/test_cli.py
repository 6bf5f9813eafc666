"""The command line against a core that runs in this process, and once as a process of its own."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge_gui import cli
from bridge_gui.commands import text
from bridge_gui.control.server import control_interface
from bridge_gui.core.report import follow_log, last_lines
from bridge_gui.state import Mails, OutboxItem, Problem, TakenBack
from bridge_gui.vault import vault as vault_room
from tests.core.fakes import Rig


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The one document on standard error."""
        assert self.code != 0
        assert self.out == ""
        return json.loads(self.err)["error"]


Command = Callable[..., Any]


def run_cli(arguments: Sequence[str]) -> int:
    return cli.run(arguments)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "profile") as made, control_interface(made.bridge, made.profile):
        yield made


@pytest.fixture
def command(rig: Rig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run one command beside the core, with text on standard input."""

    async def run(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = await asyncio.to_thread(run_cli, [*arguments, "--profile", str(rig.profile.config)])
        return Result(code, *capsys.readouterr())

    return run


async def test_status_in_words_and_as_json(rig: Rig, command: Command) -> None:
    await rig.signed_in()
    document = (await command("status", "--json")).json
    assert [account["username"] for account in document["accounts"]] == ["anna"]
    words = await command("status")
    assert words.code == 0
    assert "anna  connected" in words.out
    assert f"IMAP 127.0.0.1:{document['listeners'][0]['port']} listening" in words.out


async def test_options_may_stand_before_the_command(rig: Rig) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.StringIO())
        code = await asyncio.to_thread(run_cli, ["--profile", str(rig.profile.config), "--json", "status"])
        assert json.loads(sys.stdout.getvalue())["core"]["state"] == "running"  # type: ignore[attr-defined]
    assert code == 0


# ---------------------------------------------------------------------------------------------- signing in


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("anna", "--password-stdin"), "anna-pass\n"),
        (("tom", "--password-stdin", "--totp", "123456"), "tom-pass\n"),
        (("two", "--password-stdin", "--mailbox-password-stdin"), "two-pass\nbox-pass\n"),
    ],
)
async def test_signing_in_from_a_script(arguments: tuple[str, ...], stdin: str, command: Command) -> None:
    account = (await command("account", "login", *arguments, "--json", stdin=stdin)).json
    assert account["username"] == arguments[0]
    assert account["state"] == "connected"
    assert (await command("account", "list", "--json")).json == [account]


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "error"),
    [
        (("anna", "--password-stdin"), "wrong\n", 1, "credentials"),
        (("anna", "--password-stdin"), "", 2, "usage"),
        (("anna",), "anna-pass\n", 2, "usage"),
        (("tom", "--password-stdin"), "tom-pass\n", 1, "need-code"),
        (("tom", "--password-stdin", "--totp", "000000"), "tom-pass\n", 1, "wrong-code"),
        (("two", "--password-stdin"), "two-pass\n", 1, "need-mailbox-password"),
        (("two", "--password-stdin", "--mailbox-password-stdin"), "two-pass\nbad\n", 1, "mailbox-password"),
        (("all", "--password-stdin"), "all-pass\n", 1, "human-check"),
    ],
)
async def test_what_a_script_lacks_is_said_and_nothing_is_left(
    arguments: tuple[str, ...], stdin: str, code: int, error: str, rig: Rig, command: Command
) -> None:
    result = await command("account", "login", *arguments, "--json", stdin=stdin)
    assert result.code == code
    assert result.error["code"] == error
    assert result.error["title"]
    assert rig.bridge.now().accounts == ()
    assert len(rig.service.cancelled) == (0 if code == 2 else 1)


async def test_at_a_terminal_everything_is_asked_for(
    rig: Rig, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    secrets = iter(["all-pass", "wrong", "all-box"])
    lines = iter(["", "000000", "654321"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(secrets))
    monkeypatch.setattr("builtins.input", lambda prompt="": next(lines))
    monkeypatch.setattr(io, "StringIO", Terminal)
    result = await command("account", "login", "all")
    assert result.code == 0
    assert "all@proton.test" in result.out
    assert "https://verify.test/?token=t" in result.err
    assert "The code is wrong" in result.err


# ---------------------------------------------------------------------------------------------- accounts, programs


async def test_accounts_are_driven(rig: Rig, command: Command) -> None:
    account = await rig.signed_in()
    assert (await command("account", "mode", "anna", "split", "--json")).json["mode"] == "split"
    assert (await command("account", "mode", "anna", "mixed", "--json")).error["code"] == "usage"
    assert (await command("account", "pause", "anna@proton.test", "--json")).json["sync"]["phase"] == "paused"
    assert (await command("account", "resume", "id-anna", "--json")).json["sync"]["phase"] == "downloading"
    assert (await command("account", "wait", "anna", "--usable", "--json")).json["sync"]["usable"]
    late = await command("account", "wait", "anna", "--synced", "--timeout", "0.05", "--json")
    assert (late.code, late.error["code"]) == (1, "refused")
    account.synced()
    assert (await command("account", "wait", "anna", "--json")).json["sync"]["complete"]
    assert (await command("account", "wait", "anna", "--synced", "--usable", "--json")).code == 2
    await command("account", "repair", "anna")
    assert "repair" in account.calls
    assert (await command("account", "logout", "anna", "--json")).json["state"] == "signed-out"
    assert (await command("account", "remove", "anna", "--json")).json == {"removed": "id-anna"}
    assert (await command("account", "list", "--json")).json == []
    missing = await command("account", "logout", "anna", "--json")
    assert (missing.code, missing.error["code"]) == (1, "not-found")


async def test_programs_are_driven(rig: Rig, command: Command) -> None:
    await rig.signed_in()
    made = (
        await command(
            "client", "add", "Work Mail", "--account", "anna", "--app", "outlook", "--access", "read-only", "--json"
        )
    ).json
    assert made["label"] == "Work Mail"
    assert made["imap"] == {"host": "127.0.0.1", "port": rig.bridge.now().listeners[0].port, "security": "STARTTLS"}
    shown = await command("client", "show", made["id"])
    assert made["password"] in shown.out
    assert (await command("client", "password", made["id"])).out == made["password"] + "\n"
    listed = (await command("client", "list", "--json")).json
    assert listed[0]["app"] == "outlook"
    assert made["password"] not in json.dumps(listed)
    await command("client", "rename", made["id"], "Home")
    await command("client", "access", made["id"], "full")
    (entry,) = (await command("client", "list", "--json")).json
    assert (entry["label"], entry["access"]) == ("Home", "full")
    renewed = (await command("client", "renew", made["id"], "--json")).json
    assert renewed["password"] != made["password"]
    assert (await command("client", "disconnect", made["id"], "--json")).json["ended"] == 0
    assert (await command("client", "log", made["id"], "on", "--json")).json["on"] is True
    assert "No longer logged" in (await command("client", "log", made["id"], "off")).out
    await command("client", "revoke", made["id"])
    assert (await command("client", "list", "--json")).json == []
    assert (await command("client", "show", made["id"], "--json")).error["code"] == "not-found"
    await command("client", "restore", made["id"])
    assert (await command("client", "show", made["id"], "--json")).json["password"] == renewed["password"]


# ---------------------------------------------------------------------------------------------- settings, help


async def test_settings_are_driven(command: Command) -> None:
    listed = (await command("settings", "list", "--json")).json
    assert {"key", "value", "default", "meaning"} <= set(listed[0])
    assert (await command("settings", "set", "sync.parallel", "3", "--json")).json["value"] == "3"
    assert (await command("settings", "get", "sync.parallel")).out == "3\n"
    bad = await command("settings", "set", "sync.parallel", "x", "--json")
    assert (bad.code, bad.error["code"]) == (2, "usage")
    unknown = await command("settings", "get", "no.such", "--json")
    assert (unknown.code, unknown.error["code"]) == (1, "not-found")
    assert "sync.parallel = 3 (default 16)" in (await command("settings", "list")).out


async def test_settings_are_reset(command: Command) -> None:
    await command("settings", "set", "sync.parallel", "3")
    await command("settings", "set", "ui.theme", "dark")
    found = {entry["key"]: entry["value"] for entry in (await command("settings", "reset", "ui.theme", "--json")).json}
    assert (found["ui.theme"], found["sync.parallel"]) == ("system", "3")
    found = {entry["key"]: entry["value"] for entry in (await command("settings", "reset", "--json")).json}
    assert found["sync.parallel"] == "16"


async def test_locking_and_protection(rig: Rig, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_room, "SCRYPT_N", 2**8)
    done = await command("protect", "--passphrase-stdin", "--json", stdin="words\n")
    assert done.json == {"protection": "passphrase"}
    assert (await command("lock", "--json")).json["state"] == "locked"
    assert (await command("client", "add", "x", "--account", "anna", "--json")).error["code"] == "vault-locked"
    wrong = await command("unlock", "--passphrase-stdin", "--json", stdin="wrong\n")
    assert (wrong.code, wrong.error["code"]) == (1, "vault-locked")
    assert (await command("unlock", "--json")).code == 2
    assert (await command("unlock", "--passphrase-stdin", "--json", stdin="words\n")).json["state"] == "running"
    assert (await command("protect", "--keychain", "--passphrase-stdin", "--json")).code == 2


async def test_starting_anew(rig: Rig, command: Command) -> None:
    await rig.signed_in()
    too_early = await command("start-anew", "--yes", "--json")
    assert (too_early.code, too_early.error["code"]) == (1, "refused")
    await command("lock")
    for file in rig.profile.config.glob("vault.enc*"):
        file.write_bytes(file.read_bytes()[:-3])
    damaged = await command("unlock", "--json")
    assert (damaged.code, damaged.error["code"]) == (1, "vault-damaged")
    unasked = await command("start-anew", "--json")
    assert (unasked.code, unasked.error["code"]) == (2, "usage")
    status = (await command("status", "--json")).json
    assert status["core"]["can_start_anew"]
    assert (await command("start-anew", "--yes", "--json")).json["state"] == "running"
    assert (await command("status", "--json")).json["accounts"] == []


async def test_the_self_test_shows_differences(rig: Rig, command: Command) -> None:
    await rig.signed_in()
    shown = await command("account", "self-test", "anna")
    assert shown.code == 1
    assert "ok  plain text: arrived after 0.5 s" in shown.out
    assert "format of the text: format=flowed -> -\n" in shown.out
    assert "text: a -> b  (not expected)" in shown.out
    found = json.loads((await command("account", "self-test", "anna", "--json")).out)
    assert (found["good"], [each["good"] for each in found["letters"]]) == (False, [True, False])


async def test_the_outbox_is_shown_and_driven(rig: Rig, command: Command) -> None:
    account = await rig.signed_in()
    assert (await command("account", "outbox", "anna")).out == "Nothing waits to be sent.\n"
    account.change(outbox=(OutboxItem("o1", "hello", 2, 0.0, Problem("offline", "Offline")),))
    (item,) = (await command("account", "outbox", "anna", "--json")).json
    assert (item["id"], item["subject"], item["problem"]["code"]) == ("o1", "hello", "offline")
    assert "o1  hello  2 recipients" in (await command("account", "outbox", "anna", "--retry", "o1")).out
    await command("account", "outbox", "anna", "--cancel", "o1")
    assert account.calls[-2:] == [("retry", "o1"), ("cancel", "o1")]


async def test_what_was_taken_back_is_said_with_its_messages(rig: Rig, command: Command) -> None:
    account = await rig.signed_in()
    problem = Problem("change-refused", "A change was taken back")
    refused = (
        TakenBack(problem, 1.0, Mails(("Lunch\x1b[2J", "", "Plan"), 2)),
        TakenBack(problem, 2.0, Mails(("Invoice",))),
    )
    account.change(taken_back=refused)
    shown = (await command("status")).out
    assert '  "Lunch [2J", (no subject), "Plan" and 2 more\n' in shown
    assert '  "Invoice"\n' in shown
    told = (await command("status", "--json")).json["notices"]
    assert [each["messages"] for each in told] == [
        {"subjects": ["Lunch\x1b[2J", "", "Plan"], "more": 2},
        {"subjects": ["Invoice"], "more": 0},
    ]


async def test_the_certificate_is_shown_exported_and_renewed(rig: Rig, command: Command, tmp_path: Path) -> None:
    before = (await command("certificate", "show", "--json")).json
    assert before["path"] == str(rig.profile.certificate_file)
    target = tmp_path / "ca.pem"
    await command("certificate", "export", str(target))
    assert target.read_text() == rig.profile.certificate_file.read_text()
    after = (await command("certificate", "renew", "--json")).json
    assert after["fingerprint"] != before["fingerprint"]
    assert (await command("certificate", "export", str(tmp_path / "no" / "ca.pem"))).code == 1


async def test_the_doctor_prints_sentences(rig: Rig, command: Command) -> None:
    await rig.signed_in()
    checks = (await command("doctor", "--json")).json
    assert {"vault", "certificate", "port-imap", "disk", "account-id-anna"} <= {check["key"] for check in checks}
    assert all(check["state"] == "good" for check in checks)
    assert "ok  anna@proton.test is connected." in (await command("doctor")).out


async def test_the_report_holds_no_secret_and_no_address(rig: Rig, command: Command, tmp_path: Path) -> None:
    await rig.signed_in()
    made = (await command("client", "add", "Mail", "--account", "anna", "--json")).json
    (rig.profile.logs / "bridge.log").write_text("refused anna@proton.test\n")
    await command("settings", "set", "network.proxy", "http://user:hush@proxy.test:8080")
    target = tmp_path / "report.zip"
    document = (await command("report", "--output", str(target), "--json")).json
    assert set(document["files"]) == {"system.json", "state.json", "doctor.json", "settings.json", "logs/bridge.log"}
    with zipfile.ZipFile(target) as archive:
        content = {name: archive.read(name).decode() for name in archive.namelist()}
    for secret in (made["password"], "anna@proton.test", "hush"):
        assert all(secret not in part for part in content.values())
    assert json.loads(content["settings.json"])["network.proxy"] == "http://proxy.test:8080"
    assert content["logs/bridge.log"] == "refused a***@p***\n"


def test_the_report_is_written_without_a_core_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.zip"
    assert run_cli(["report", "--output", str(target), "--profile", str(tmp_path), "--json"]) == 0
    assert "system.json" in json.loads(capsys.readouterr().out)["files"]


def test_logs_are_shown_and_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    log = folder / "bridge.log"
    assert last_lines(folder, 3) == []
    log.write_text("".join(f"line {number}\n" for number in range(9)))
    assert run_cli(["logs", "--lines", "2", "--profile", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"lines": ["line 7", "line 8"]}
    following = follow_log(folder)
    new = iter(["more", "after rotation"])

    def write(seconds: float) -> None:
        """Time passes: something is added, and then the log begins anew."""
        line = next(new)
        if line == "more":
            with log.open("a") as file:
                file.write("mo")
            with log.open("a") as file:
                file.write("re\n")
        else:
            log.write_text(f"{line}\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bridge_gui.core.report.time.sleep", write)
        assert [next(following), next(following)] == ["more", "after rotation"]


# ---------------------------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status"], 3),
        (["account", "login", "anna", "--password-stdin"], 3),
        (["quit"], 3),
        (["status", "--nonsense"], 2),
        (["nonsense"], 2),
        (["client", "add"], 2),
        (["serve", "--passphrase-file", "/no/such/file"], 2),
    ],
)
def test_exit_codes_without_a_core(
    arguments: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    option = [] if arguments == ["nonsense"] else ["--profile", str(tmp_path)]
    assert run_cli([*arguments, *option, "--json"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    error = json.loads(err)["error"]
    assert {"code", "title", "remedy"} <= set(error)
    assert run_cli([*arguments, *option]) == code
    assert error["title"] in capsys.readouterr().err


def test_the_text_says_how_to_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_cli(["status", "--profile", str(tmp_path)])
    assert "bridge-gui serve" in capsys.readouterr().err


def test_a_second_core_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig(tmp_path)
    from bridge_gui.desktop.single import ProfileLock

    with ProfileLock(rig.profile.lock_file):
        assert run_cli(["serve", "--profile", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "already-running"


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (120, "2 min"), (7200, "2.0 h")])
def test_durations(seconds: float, words: str) -> None:
    assert text.duration(seconds) == words


# ---------------------------------------------------------------------------------------------- a process of its own


def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("BRIDGE_GUI")}
    return subprocess.Popen(
        [sys.executable, "-m", "bridge_gui", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )


@pytest.mark.parametrize("way", ["signal", "quit"])
def test_serve_with_a_passphrase_says_ready_and_ends_cleanly(way: str, tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text("correct horse\n")
    profile = tmp_path / "profile"
    server = start("serve", "--passphrase-file", str(words), "--profile", str(profile), cwd=tmp_path)
    assert server.stdout is not None
    try:
        ready = json.loads(server.stdout.readline())
        assert ready["event"] == "ready"
        assert set(ready) == {"event", "imap", "smtp", "certificate", "control", "profile"}
        assert Path(ready["certificate"]).read_text().startswith("-----BEGIN CERTIFICATE")
        if way == "signal":
            server.send_signal(signal.SIGTERM)
        else:
            done = start("quit", "--profile", str(profile), "--json", cwd=tmp_path)
            assert json.loads(done.communicate(timeout=30)[0]) == {"ended": True}
        assert server.wait(timeout=30) == 0
        assert server.communicate()[1] == ""
    finally:
        server.kill()
        server.communicate()
    assert not (profile / "control.json").exists()
    words.write_text("wrong")
    refused = start("serve", "--passphrase-file", str(words), "--profile", str(profile), "--json", cwd=tmp_path)
    _, err = refused.communicate(timeout=30)
    assert refused.returncode == 1
    assert json.loads(err)["error"]["code"] == "vault-locked"
