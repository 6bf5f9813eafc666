"""Real mail programs send a message with a file to somebody, with a blind copy to somebody else.

Both get it to the byte, the first encrypted, and nobody can see who the second was.
"""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import json
import os
import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from bridge_gui.demo.mailbox import SENT
from bridge_gui.demo.records import Stored
from tests.programs.core import program
from tests.send.counter import PASSWORD, Counter
from tests.send.post_office import ANNA, BO, CARLA, DIETER, PostOffice
from tests.send.readers import shown_to

pytestmark = [pytest.mark.programs, pytest.mark.timeout(90)]

NODE = Path(__file__).parent / "node"
TEXT = "Grüße von hier\n"


@dataclass(frozen=True)
class Way:
    """Where to send, and the file that goes along."""

    port: int
    ca: Path
    file: Path
    home: Path


@dataclass(frozen=True)
class Call:
    command: list[str]
    stdin: bytes = b""


def _message(way: Way, *, bcc: bool) -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"Anna Lindqvist <{ANNA}>"
    made["To"] = BO
    if bcc:
        made["Bcc"] = CARLA
    made["Subject"] = "From a program"
    made.set_content(TEXT)
    made.add_attachment(way.file.read_bytes(), maintype="application", subtype="pdf", filename=way.file.name)
    return made


def swaks(way: Way) -> Call:
    return Call(
        ["swaks", "--server", "127.0.0.1", "--port", str(way.port), "--tls", "--tls-verify", "--tls-ca-path",
         str(way.ca), "--auth", "PLAIN", "--auth-user", ANNA, "--auth-password", PASSWORD, "--from", ANNA,
         "--to", f"{BO},{CARLA}", "--header", f"To: {BO}", "--header", "Subject: From a program", "--body", TEXT,
         "--attach-type", "application/pdf", "--attach-name", way.file.name, "--attach", f"@{way.file}"]
    )  # fmt: skip


def msmtp(way: Way) -> Call:
    """Reads the recipients from the header, and takes Bcc out of it."""
    return Call(
        ["msmtp", "-C", "/dev/null", "--host=127.0.0.1", f"--port={way.port}", "--tls=on", f"--tls-trust-file={way.ca}",
         "--auth=plain", f"--user={ANNA}", f"--passwordeval=printf %s {PASSWORD}", f"--from={ANNA}", "-t"],
        _message(way, bcc=True).as_bytes(),
    )  # fmt: skip


def curl(way: Way) -> Call:
    return Call(
        ["curl", "-sS", "--cacert", str(way.ca), "--ssl-reqd", "--user", f"{ANNA}:{PASSWORD}", "--mail-from", ANNA,
         "--mail-rcpt", BO, "--mail-rcpt", CARLA, "-H", f"From: {ANNA}", "-H", f"To: {BO}",
         "-H", "Subject: From a program", "-F", f"={TEXT};type=text/plain; charset=utf-8",
         "-F", f"file=@{way.file};type=application/pdf;encoder=base64", f"smtp://127.0.0.1:{way.port}"]
    )  # fmt: skip


def mutt(way: Way) -> Call:
    settings = (
        f"set smtp_url=smtp://{ANNA.replace('@', '%40')}@127.0.0.1:{way.port}",
        f"set smtp_pass={PASSWORD} from={ANNA} realname='Anna Lindqvist' copy=no charset=utf-8 send_charset=utf-8",
        "set ssl_force_tls=yes ssl_starttls=yes",
        f"set ssl_ca_certificates_file={way.ca} certificate_file={way.ca} write_bcc=no",
    )
    options = [each for setting in settings for each in ("-e", setting)]
    command = ["mutt", "-n", "-F", "/dev/null", *options, "-s", "From a program", "-b", CARLA, "-a", str(way.file)]
    return Call([*command, "--", BO], TEXT.encode())


def nodemailer(way: Way) -> Call:
    assert (NODE / "node_modules" / "nodemailer").is_dir(), f"nodemailer is missing: run `npm ci` in {NODE}"
    mail = {
        "from": f"Anna Lindqvist <{ANNA}>", "to": BO, "bcc": CARLA, "subject": "From a program", "text": TEXT,
        "attachments": [{"filename": way.file.name, "path": str(way.file), "contentType": "application/pdf"}],
    }  # fmt: skip
    asked = {"host": "127.0.0.1", "port": way.port, "user": ANNA, "pass": PASSWORD, "ca": str(way.ca), "mail": mail}
    return Call(["node", str(NODE / "send.mjs")], json.dumps(asked).encode())


async def run(call: Call, home: Path) -> None:
    """Run a program to its end; a missing or failing one fails the test with its own words."""
    process = await asyncio.create_subprocess_exec(
        program(call.command[0]), *call.command[1:], cwd=home,
        env={**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate(call.stdin)
    assert process.returncode == 0, output.decode(errors="replace")


@pytest.fixture
def way(port: int, tls: tuple[ssl.SSLContext, Path], tmp_path: Path) -> Way:
    file = tmp_path / "Bericht.pdf"
    file.write_bytes(os.urandom(70_000))
    return Way(port, tls[1], file, tmp_path)


def arrived_at_both(office: PostOffice, way: Way) -> None:
    content = way.file.read_bytes()
    (at_bo,) = office.folder("bo")
    assert at_bo.signed
    assert at_bo.body.replace("\r\n", "\n").rstrip("\n") == TEXT.rstrip("\n")
    assert [(name, data) for name, _, _, _, data in at_bo.attachments] == [(way.file.name, content)]
    (at_carla,) = office.outside(CARLA)
    assert [(name, data) for name, _, data in at_carla.attachments] == [(way.file.name, content)]
    assert at_bo.to == (BO,)
    assert at_bo.bcc == ()
    held = at_bo.record.content
    assert isinstance(held, Stored)
    for header in (held.header, at_carla.header):
        assert not any(CARLA in value for _, value in header)
    (sent,) = office.folder("anna", SENT)
    assert (sent.to, sent.bcc) == ((BO,), (CARLA,))
    assert office.drafts() == []


@pytest.mark.parametrize("make", [swaks, msmtp, curl, mutt, nodemailer], ids=lambda make: make.__name__)
async def test_a_file_and_a_blind_copy(counter: Counter, way: Way, make: Callable[[Way], Call]) -> None:
    await run(make(way), way.home)
    arrived_at_both(counter.office, way)


async def test_smtplib(counter: Counter, way: Way) -> None:
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", way.port, timeout=30) as client:
            client.starttls(context=ssl.create_default_context(cafile=str(way.ca)))
            client.login(ANNA, PASSWORD)
            client.send_message(_message(way, bcc=True))

    await asyncio.to_thread(send)
    arrived_at_both(counter.office, way)


# ------------------------------------------------------------------------------------------- git send-email

BLIND = "rsa@bridge.example"
SUBJECT = "Keep blanks, tabs and ümläute"
BODY = "A line with trailing blanks  \n\n  indented\n.\n.dot\n>From here on\nUnd ein ſ: ÄÖÜ\n"
FILES = {
    "a.txt": ("one\t\ntwo\nthree\n", "one\t\nnew  \n.\n..dots\nthree\n"),
    "umlaut.txt": ("Größe\n", "Größe und Maß\n"),
    "long.txt": ("x" * 1500 + "\n", "x" * 1500 + "y\n"),
    "crlf.txt": ("dos\r\nlines\r\n", "dos\r\nother lines\r\n"),
}


async def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    process = await asyncio.create_subprocess_exec(
        program("git"), "-c", "user.name=Anna Lindqvist", "-c", f"user.email={ANNA}", "-c", "core.autocrlf=false",
        *arguments, cwd=folder, env={**os.environ, "HOME": str(folder)},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate(stdin)
    assert process.returncode == 0, output.decode(errors="replace")
    return output.decode()


async def _commit(folder: Path, which: int, message: str, files: Iterable[str]) -> None:
    for name in files:
        (folder / name).write_bytes(FILES[name][which].encode())
    await git(folder, "add", "-A")
    await git(folder, "commit", "--quiet", "-m", message)


async def _repositories(home: Path, files: Iterable[str], subject: str) -> tuple[Path, Path]:
    """One that is a commit ahead of the other: theirs, ours."""
    theirs, ours = home / "theirs", home / "ours"
    ours.mkdir()
    await git(ours, "init", "--quiet")
    await _commit(ours, 0, "Begin", files)
    await git(home, "clone", "--quiet", str(ours), str(theirs))
    await _commit(ours, 1, f"{subject}\n\n{BODY}", files)
    return theirs, ours


async def _send(way: Way, folder: Path, to: str, what: str) -> None:
    await git(
        folder, "-c", f"sendemail.smtpSSLCertPath={way.ca}", "send-email", "--quiet", "--confirm=never",
        "--suppress-cc=all", f"--from=Anna Lindqvist <{ANNA}>", f"--to={to}", f"--bcc={BLIND}",
        "--smtp-server=127.0.0.1", f"--smtp-server-port={way.port}", "--smtp-encryption=tls", f"--smtp-user={ANNA}",
        f"--smtp-pass={PASSWORD}", what,
    )  # fmt: skip


async def _applies(literal: bytes, theirs: Path, ours: Path, *options: str) -> None:
    """`git am` makes the same tree, author and message of it."""
    # Mail programs save with the line ends of their system.
    (theirs.parent / "mail").write_bytes(literal.replace(b"\r\n", b"\n"))
    await git(theirs, "am", "--quiet", *options, str(theirs.parent / "mail"))
    for what in ("%T", "%an <%ae>", "%B"):
        assert await git(theirs, "log", "-1", f"--format={what}") == await git(ours, "log", "-1", f"--format={what}")


@pytest.mark.parametrize("to", [BO, DIETER, CARLA])
async def test_a_patch_applies(counter: Counter, way: Way, to: str) -> None:
    """`git am` at the recipient makes the same commit of what `git send-email` was given."""
    theirs, ours = await _repositories(way.home, FILES, SUBJECT)
    await _send(way, ours, to, "HEAD^")
    await _applies(await _literal(counter.office, to), theirs, ours)
    assert len(counter.office.folder("rsa")) == 1


@pytest.mark.parametrize("to", [BO, DIETER, CARLA])
async def test_a_patch_as_a_file(counter: Counter, way: Way, to: str) -> None:
    """`git format-patch --attach`: whoever gets it, seen or blind, has the file to the byte.

    Without the files of long lines and CRs, and with a plain subject: git would encode the whole multipart anew, which
    no program can read, and the subject twice.
    """
    theirs, ours = await _repositories(way.home, ("a.txt", "umlaut.txt"), "Keep blanks")
    patch = ours / (await git(ours, "format-patch", "--attach", "-1")).strip()
    written = email.message_from_bytes(patch.read_bytes(), policy=email.policy.default)
    (file,) = written.iter_attachments()  # type: ignore[attr-defined]
    expected = (file.get_filename(), file.get_payload(decode=True))
    await _send(way, ours, to, str(patch))

    (blind,) = counter.office.folder("rsa")
    assert _with_lf((name, data) for name, _, _, _, data in blind.attachments) == [expected]
    held = blind.record.content
    assert isinstance(held, Stored)
    headers = [held.header]
    if to == BO:
        (seen,) = counter.office.folder("bo")
        assert seen.attachments == blind.attachments
        # A text's line ends are CR LF (RFC 2046 4.1.1), which base64 hides from git.
        await _applies(await _literal(counter.office, to), theirs, ours, "--quoted-cr=strip")
    else:
        (arrived,) = counter.office.outside(to)
        headers.append(arrived.header)
        files = [(name, data) for name, _, data in arrived.attachments]
        if to == DIETER:
            entity = email.message_from_bytes(arrived.body, policy=email.policy.default)
            files = [(file.get_filename(), file.get_payload(decode=True)) for file in entity.iter_attachments()]  # type: ignore[attr-defined]
        assert _with_lf(files) == [expected]
    assert not any(BLIND in value for header in headers for _, value in header)
    (sent,) = counter.office.folder("anna", SENT)
    assert (sent.to, sent.bcc, blind.bcc) == ((to,), (BLIND,), ())


def _with_lf(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(name, data.replace(b"\r\n", b"\n")) for name, data in files]


async def _literal(office: PostOffice, to: str) -> bytes:
    """The whole message as its recipient has it."""
    if to == BO:
        return (await shown_to(office, "bo"))[0]
    (arrived,) = office.outside(to)
    header = "".join(
        f"{name}: {value}\r\n" for name, value in arrived.header if not name.lower().startswith("content-")
    )
    if arrived.mime_type == "multipart/mixed":
        return header.encode() + arrived.body
    kind = f"Content-Type: {arrived.mime_type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return (header + kind).encode() + base64.encodebytes(arrived.body.replace(b"\r\n", b"\n"))
