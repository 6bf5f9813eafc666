"""Nothing of the mail lies on the disk in clear: every byte of every file is searched while the core is in use.

A core on a profile of its own talks to a service in another process. Mail with words that stand nowhere else is
downloaded, read, searched, changed, appended, sent and put into the outbox, with the log at its most talkative; all
that time, and once more after a `kill -9`, the files of the profile and of its temporary folder are searched, and what
the process has open and deleted.
"""

from __future__ import annotations

import base64
import http.client
import imaplib
import json
import os
import signal
import smtplib
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.config import open_profile
from bridge_gui.control.client import ControlClient

ROOT = Path(__file__).parents[1]
SECONDS = 40
BLOCK = 4096
"""Bytes that are compared with what stood there at the last look."""
PASSPHRASE = "correct-horse-battery-staple-vulpine"
WORDS = {
    "subject": "Zwölfton-Quetzalcoatl",
    "subject without accents": "Quetzalcoatl",
    "body": "Xylophonistin",
    "body at its end": "Wurzelgnom",
    "sender": "krambambuli@outside.example",
    "sender's name": "Rumpelstilzchen",
    "sent subject": "Vogelhochzeit",
    "sent body": "Brombeerstrauch",
    "recipient": "pumpernickel@outside.example",
    "appended": "Katzenkonzert",
    "draft": "Nebelkrähenentwurf",
    "waiting in the outbox": "Flaschenpost",
    "searched for": "Sternwartenkuppel",
    "keyword": "Schnurrbartkeyword",
    "own address": "anna@bridge.example",
    "seeded mail": "bridge.example",
}


def forms(word: str) -> tuple[set[bytes], set[bytes]]:
    """The ways in which a text may stand in a file: those to be looked for in lower case, and those as they are.

    UTF-16 without its last byte is found in either order of bytes.
    """
    small = {word.lower().encode(), word.lower().encode("latin-1"), word.lower().encode("utf-16-le")[:-1]}
    small |= {variant.encode().hex().encode() for variant in (word, word.lower(), word.upper())}
    exact: set[bytes] = set()
    for variant in (word, word.lower(), word.upper()):
        for shift in range(3):
            # What does not depend on the bytes before and after.
            whole = base64.b64encode(b"\0" * shift + variant.encode())
            first, last = -(-shift * 8 // 6), (shift + len(variant.encode())) * 8 // 6
            exact |= {whole[first:last], whole[first:last].translate(bytes.maketrans(b"+/", b"-_"))}
    return small, exact


class Search:
    """Looks through files for the forms of words; what has not changed since is not looked at again."""

    def __init__(self, words: dict[str, str]) -> None:
        self._small = [(name, form) for name, word in words.items() for form in forms(word)[0]]
        self._exact = [(name, form) for name, word in words.items() for form in forms(word)[1]]
        self._longest = max(len(form) for _, form in self._small + self._exact)
        self._seen: dict[str, bytes] = {}
        self.found: set[str] = set()
        self.bytes = 0
        self.kinds: set[str] = set()

    def look(self, *folders: Path, process: int = 0) -> None:
        for folder in folders:
            for path in folder.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    self._file(path, path.relative_to(folder).as_posix())
        for number in os.listdir(f"/proc/{process}/fd") if process else ():
            path = Path(f"/proc/{process}/fd/{number}")
            try:
                name = os.readlink(path)
            except OSError:
                continue  # closed meanwhile
            if name.endswith(" (deleted)"):
                self._file(path, name)

    def _file(self, path: Path, name: str) -> None:
        try:
            data = path.read_bytes()
        except OSError:
            return  # gone meanwhile
        before, self._seen[name] = self._seen.get(name, b""), data
        self.kinds.add(name.rpartition(".")[2])
        for part in self._changed(before, data):
            self.bytes += len(part)
            small = part.lower()
            self.found |= {f"{kind} in {name}" for kind, form in self._small if form in small}
            self.found |= {f"{kind} in {name}" for kind, form in self._exact if form in part}

    def _changed(self, before: bytes, data: bytes) -> Iterator[bytes]:
        """The blocks that are others now, each with as much around it as belongs to a word that begins or ends in it;
        blocks side by side in one piece."""
        first = None
        for at in range(0, len(data) + BLOCK, BLOCK):
            same = at >= len(data) or before[at : at + BLOCK] == data[at : at + BLOCK]
            if same and first is not None:
                yield data[max(0, first - self._longest) : at + self._longest]
            if same:
                first = None
            elif first is None:
                first = at


@contextmanager
def running(*arguments: str, **environ: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A program that prints a line of JSON when it is ready."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BRIDGE_GUI")}
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**kept, "PYTHONPATH": str(ROOT), **environ},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


def tell(url: str, method: str, path: str, data: object = None) -> None:
    """Ask the demo service for something that only a test asks for."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=SECONDS)
    connection.request(method, path, json.dumps(data), {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200
    connection.close()


def letter(subject: str, body: str, to: str = WORDS["recipient"]) -> bytes:
    text = f"From: {WORDS['own address']}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\n"
    return f"{text}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


def until(true: Any, what: str) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def use(imap: imaplib.IMAP4, smtp: smtplib.SMTP, url: str, core: ControlClient) -> None:
    """Do with a mail program what people do with one."""
    imap.select("INBOX")
    until(lambda: imap.uid("SEARCH", "SUBJECT", '"quetzalcoatl"')[1][0], "the mail did not come")
    imap.fetch("1:*", "(FLAGS ENVELOPE BODYSTRUCTURE PREVIEW)")
    imap.fetch("*", "(BODY.PEEK[])")
    (found,) = imap.uid("SEARCH", "TEXT", f'"{WORDS["body"]}"')[1]
    assert found
    imap.uid("SEARCH", "TEXT", f'"{WORDS["searched for"]}"')
    imap.uid("STORE", found.split()[0].decode(), "+FLAGS", f"(\\Flagged {WORDS['keyword']})")
    refuse = {"match": "PUT /mail/v4/messages/forward", "status": 422, "code": 2011}
    tell(url, "POST", "/demo/faults", {"Rules": [refuse]})
    imap.uid("STORE", found.split()[0].decode(), "+FLAGS", "($Forwarded)")
    until(lambda: WORDS["subject"] in named(core.get("/v1/status")), "what was taken back is not said")
    tell(url, "DELETE", "/demo/faults")
    imap.uid("COPY", found.split()[0].decode(), "Archive")
    assert imap.append("Archive", "", "", letter(WORDS["appended"], WORDS["appended"]))[0] == "OK"
    assert imap.append("Drafts", "", "", letter(WORDS["draft"], WORDS["draft"]))[0] == "OK"
    smtp.sendmail(WORDS["own address"], [WORDS["recipient"]], letter(WORDS["sent subject"], WORDS["sent body"]))
    imap.select("Sent")
    until(lambda: imap.noop() and imap.uid("SEARCH", "SUBJECT", f'"{WORDS["sent subject"]}"')[1][0], "nothing was sent")
    tell(url, "POST", "/demo/faults", {"Rules": [{"match": "* *", "cut": "before"}]})
    imap.uid("STORE", "1:*", "+FLAGS", "(\\Flagged)")
    outbox = letter(WORDS["waiting in the outbox"], WORDS["waiting in the outbox"])
    with_outbox = smtp.sendmail(WORDS["own address"], [WORDS["recipient"]], outbox)
    assert with_outbox == {}


def named(status: Any) -> list[str]:
    """Subjects of the messages that notices are about."""
    notices = [notice["messages"] for notice in status["notices"]]
    return [subject for messages in notices if messages for subject in messages["subjects"]]


@pytest.mark.timeout(180)
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are looked at in /proc")
def test_no_text_subject_address_or_password_lies_on_the_disk(tmp_path: Path) -> None:
    profile, temporary = tmp_path / "profile", tmp_path / "tmp"
    profile.mkdir()
    temporary.mkdir()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    passphrase.chmod(0o600)
    with running("bridge_gui.demo", "--messages", "150", "--cache", str(tmp_path / "keys")) as (_, service):
        url = service["url"]
        anna = service["accounts"][0]
        tell(
            url,
            "POST",
            "/demo/deliver",
            {
                "To": WORDS["own address"],
                "From": WORDS["sender"],
                "FromName": WORDS["sender's name"],
                "Subject": WORDS["subject"],
                "Body": f"{WORDS['body']} " + "and so on. " * 3000 + WORDS["body at its end"],
            },
        )
        serve = ("bridge_gui", "serve", "--profile", str(profile), "--passphrase-file", str(passphrase))
        places = {"BRIDGE_GUI_API_URL": url, "TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)}
        with running(*serve, **places) as (process, ready):
            core = ControlClient(open_profile(profile))
            core.put("/v1/settings/log.level", {"value": "DEBUG"})
            core.put("/v1/settings/outbox.enabled", {"value": "true"})
            search = Search(WORDS | {"account's password": anna["password"], "passphrase": PASSPHRASE})
            stop = threading.Event()

            def keep_looking() -> None:
                while not stop.wait(0.3):
                    search.look(profile, temporary, process=process.pid)

            looking = threading.Thread(target=keep_looking)
            looking.start()
            try:
                core.post("/v1/login", {"username": anna["username"], "password": anna["password"]})
                core.post(f"/v1/accounts/{anna['username']}/wait", {"goal": "synced", "timeout": SECONDS})
                mine = core.post("/v1/clients", {"label": "Mine", "account": anna["username"]})
                secrets = Search({"mail program's password": mine["password"]})
                trust = ssl.create_default_context(cafile=ready["certificate"])
                with (
                    imaplib.IMAP4_SSL("127.0.0.1", ready["imap"]["port"], ssl_context=trust, timeout=SECONDS) as imap,
                    smtplib.SMTP_SSL("127.0.0.1", ready["smtp"]["port"], context=trust, timeout=SECONDS) as smtp,
                ):
                    imap.login(mine["username"], mine["password"])
                    smtp.login(mine["username"], mine["password"])
                    use(imap, smtp, url, core)
                    status = core.get("/v1/status")
                    os.kill(process.pid, signal.SIGSTOP)
                    search.look(profile, temporary, process=process.pid)
                    os.kill(process.pid, signal.SIGCONT)
            finally:
                stop.set()
                looking.join()
                os.kill(process.pid, signal.SIGKILL)
        assert status["accounts"][0]["addresses"]
        assert [each["subject"] for each in status["accounts"][0]["outbox"]] == [WORDS["waiting in the outbox"]]
        search.look(profile, temporary)
        secrets.look(profile, temporary)
    assert search.found == set()
    assert secrets.found == set()
    assert {"db", "db-wal", "enc", "log"} <= search.kinds, search.kinds
    assert search.bytes > 1_000_000


def test_what_has_changed_is_searched_with_what_lies_around_it(tmp_path: Path) -> None:
    """Also a word of which only the last letter is new, and one at the end of a file that has grown."""
    word, file = WORDS["body"].encode(), tmp_path / "file"
    search = Search(WORDS)
    file.write_bytes(b"\0" * (BLOCK - len(word) + 1) + word[:-1] + b"\0" * 3 * BLOCK)
    search.look(tmp_path)
    assert search.found == set()
    before = search.bytes
    search.look(tmp_path)
    assert search.bytes == before
    with file.open("r+b") as changed:
        changed.seek(BLOCK)
        changed.write(word[-1:])
    search.look(tmp_path)
    assert search.found == {"body in file"}
    assert search.bytes < before + 2 * BLOCK
    search.found.clear()
    with file.open("ab") as grown:
        grown.write(WORDS["draft"].encode())
    search.look(tmp_path)
    assert search.found == {"draft in file"}


@pytest.mark.parametrize("write", [str.encode, lambda text: text.upper().encode("utf-16-le"), base64.b64encode])
def test_the_search_finds_what_is_there(tmp_path: Path, write: Any) -> None:
    text = f"something {WORDS['body']} else"
    data = write(text) if write is not base64.b64encode else base64.b64encode(b"x" + text.encode())
    (tmp_path / "file").write_bytes(b"\0" * 100 + data)
    search = Search(WORDS)
    search.look(tmp_path)
    assert search.found == {"body in file"}
