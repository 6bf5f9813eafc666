"""Measure submission: `python -m tests.bench.submission`. One JSON line for each figure.

Beside our core (STARTTLS, encrypting, the demo service in a process of its own) a sink that takes every message and
forgets it is measured in the same run: it is the driver's limit, not a rival, as it does nothing. `split` says where
the time of one message goes: parsing and encrypting are measured alone with the same messages, the rest is the service
and the way there. `memory` sends one message with a 25 MB attachment to each kind of recipient, reads the copy that
comes back into Sent, appends it to a folder, and receives such messages as PGP/MIME. It prints how far the memory of
`serve` rose each time, as a multiple of the attachment: over what it was before, and over what a `serve` takes to which
nobody has signed in yet.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import random
import smtplib
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bridge_gui.mime.parse import parse
from bridge_gui.openpgp import keys
from bridge_gui.secret import Secret
from bridge_gui.send import sealing
from bridge_gui.send.duplicates import message_hash
from bridge_gui.send.sealing import Signer
from tests.bench import imap
from tests.bench.bench.meter import cpu_seconds
from tests.bench.core import Core, core, service, sign_in
from tests.bench.dovecot import free_port

HERE = Path(__file__).parent
ATTACHMENT = 25_000_000
MESSAGE = 15_000
"""Octets of an ordinary message: the median of the corpus that the other measurements use."""
RECIPIENTS = {
    "internal": "bo@bridge.example",
    "PGP/MIME": "dieter@wkd.example",
    "clear": "carla@outside.example",
    "all at once": "bo@bridge.example, dieter@wkd.example, carla@outside.example",
}
Stage = contextlib.AbstractContextManager[None]
PIECE = 1024 * 1024
"""Octets that a mail program asks for at a time."""


def tell(what: str, **figures: object) -> None:
    print(json.dumps({"what": what, **figures}), flush=True)


def letter(sender: str, to: str, number: int, size: int = MESSAGE) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, f"Submission {time.time_ns()}"
    made["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
    made["Message-ID"] = f"<submission-{number}-{time.time_ns()}@client.example>"
    words = random.Random(number)
    text = "".join(words.choice("etaoin shrdlu\n") for _ in range(size * 2 // 3))
    made.set_content(text)
    made.add_alternative(f"<p>{text[: size // 3]}</p>", subtype="html")
    return made.as_bytes(policy=made.policy.clone(linesep="\r\n"))


class Program:
    """A mail program with one connection."""

    def __init__(self, port: int, login: Mapping[str, Any] | None = None, ca: str = "") -> None:
        self._client = smtplib.SMTP("127.0.0.1", port, timeout=120)
        if login is not None:
            self._client.starttls(context=ssl.create_default_context(cafile=ca))
            self._client.login(login["username"], login["password"])

    def send(self, sender: str, to: str, raw: bytes) -> float:
        """Hand one message in; seconds until it was accepted."""
        began = time.perf_counter()
        self._client.sendmail(sender, to.split(", "), raw)
        return time.perf_counter() - began

    def close(self) -> None:
        self._client.quit()


def rate(programs: Sequence[Program], sender: str, to: str, count: int) -> tuple[float, list[float]]:
    """Messages a second over these connections together, and the seconds of each message."""
    took: list[float] = []

    def work(program: Program, numbers: range) -> None:
        took.extend(program.send(sender, to, letter(sender, to, number)) for number in numbers)

    threads = [
        threading.Thread(target=work, args=(program, range(place, count, len(programs))))
        for place, program in enumerate(programs)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.perf_counter() - began), took


@contextlib.contextmanager
def sink() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.sink", "--port", str(port)], cwd=HERE)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
                break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


def measure_rates(ours: Core, login: Mapping[str, Any], sender: str, count: int) -> float:
    """Print the rates; return the median seconds of one message to a Proton address."""
    median = 0.0
    with sink() as sink_port:
        for connections in (1, 4):
            plain = [Program(sink_port) for _ in range(connections)]
            beside, _ = rate(plain, sender, RECIPIENTS["internal"], count * 4)
            for kind in ("internal", "PGP/MIME", "clear"):
                programs = [
                    Program(ours.ready["smtp"]["port"], login, ours.ready["certificate"]) for _ in range(connections)
                ]
                cpu = cpu_seconds(ours.pid)
                per_second, took = rate(programs, sender, RECIPIENTS[kind], count)
                cpu = cpu_seconds(ours.pid) - cpu
                tell(
                    "rate", recipients=kind, connections=connections, per_second=round(per_second, 1),
                    sink_per_second=round(beside, 1), p50_ms=round(statistics.median(took) * 1000, 1),
                    p95_ms=round(sorted(took)[int(len(took) * 0.95)] * 1000, 1),
                    core_cpu_ms=round(cpu / count * 1000, 1),
                )  # fmt: skip
                if (connections, kind) == (1, "internal"):
                    median = statistics.median(took)
                for each in programs:
                    each.close()
            for each in plain:
                each.close()
    return median


def measure_split(sender: str, median: float) -> None:
    """Parsing and encryption of the same messages alone."""
    secret = Secret(b"x")
    key = keys.unlock(keys.generate("Bench", sender, secret), secret)
    signer = Signer(key, int(time.time()))
    raws = [letter(sender, RECIPIENTS["internal"], number) for number in range(100)]
    began = time.perf_counter()
    parsed = [parse(raw) for raw in raws]
    for raw in raws:
        message_hash(raw)
    parsing = (time.perf_counter() - began) / len(raws)
    began = time.perf_counter()
    for each in parsed:
        sealing.draft_body(each, signer)
        for body in sealing.seal_bodies(each, ["text/html"], signer).values():
            signer.wrap(body.session_key, key.certificate)
    encrypting = (time.perf_counter() - began) / len(raws)
    tell(
        "split", whole_ms=round(median * 1000, 1), parse_ms=round(parsing * 1000, 2),
        encrypt_ms=round(encrypting * 1000, 2), service_ms=round((median - parsing - encrypting) * 1000, 1),
    )  # fmt: skip


def measure_memory(ours: Core, login: Mapping[str, Any], sender: str, *, api: str, start_kb: int, limit: float) -> bool:
    """A big message on each of its ways; True when memory stays below `limit` times its attachment over `start_kb`."""
    good = True
    data = random.Random(25).randbytes(ATTACHMENT)

    @contextlib.contextmanager
    def stage(way: str, recipients: str) -> Iterator[None]:
        nonlocal good
        began = time.perf_counter()
        with watching(ours.pid) as seen:
            yield
        rise, over_start = ((max(seen) - before) * 1024 / ATTACHMENT for before in (seen[0], start_kb))
        good = good and over_start < limit
        tell(
            "memory", way=way, recipients=recipients, seconds=round(time.perf_counter() - began, 2),
            start_mb=start_kb // 1024, before_mb=seen[0] // 1024, peak_mb=max(seen) // 1024, after_mb=seen[-1] // 1024,
            rise_in_attachments=round(rise, 2), over_start_in_attachments=round(over_start, 2),
        )  # fmt: skip

    with Reader(ours.ready, login["username"], login["password"]) as reader:
        for number, (kind, to) in enumerate(RECIPIENTS.items()):
            made = EmailMessage()
            made["From"], made["To"], made["Subject"] = sender, to, f"Large {number}"
            made["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
            made.set_content("See the attachment.\n")
            made.add_attachment(data, maintype="application", subtype="zip", filename="big.zip")
            raw = made.as_bytes(policy=made.policy.clone(linesep="\r\n"))
            program = Program(ours.ready["smtp"]["port"], login, ours.ready["certificate"])
            ours.cli("account", "pause", sender)  # or the copy that comes back would be measured as well
            with stage("sending", kind):
                program.send(sender, to, raw)
            program.close()
            with stage("its copy in Sent", kind):
                ours.cli("account", "resume", sender)
                uid = reader.find("Sent", f"Large {number}")
            with stage("FETCH of all", kind):
                reader.command(f"UID FETCH {uid} BODY.PEEK[]")
            with stage("FETCH in pieces", kind):
                for at in range(0, len(raw), PIECE):
                    reader.command(f"UID FETCH {uid} BODY.PEEK[]<{at}.{PIECE}>")
        through_the_outbox(ours, login, sender, raw, api, stage)
        with stage("APPEND", "none"):
            reader.append("Archive", raw)
        with stage("its copy", "none"):
            reader.find("Archive", f"Large {number}")
        for shape in ("mime", "signed-mime"):
            subject = f"From outside, {shape}"
            ours.cli("account", "pause", sender)
            deliver(api, To=sender, From="dieter@wkd.example", Subject=subject, Shape=shape, Files=[
                {"Name": "big.zip", "MIMEType": "application/zip", "Data": base64.b64encode(data).decode()}
            ])  # fmt: skip
            with stage("receiving", shape):
                ours.cli("account", "resume", sender)
                uid = reader.find("INBOX", subject)
            with stage("FETCH of all", shape):
                reader.command(f"UID FETCH {uid} BODY.PEEK[]")
            with stage("FETCH of its file in pieces", shape):
                for at in range(0, len(raw), PIECE):
                    reader.command(f"UID FETCH {uid} BODY.PEEK[{1 if shape == 'signed-mime' else 2}]<{at}.{PIECE}>")
    return good


def through_the_outbox(
    ours: Core, login: Mapping[str, Any], sender: str, raw: bytes, api: str, stage: Callable[[str, str], Stage]
) -> None:
    """Hand a message in while the service is in trouble, and wait until it has gone."""
    to = RECIPIENTS["clear"]
    raw = raw.replace(b"See the attachment.", b"It may come later.")  # or it would pass for one that was sent
    ours.cli("settings", "set", "outbox.enabled", "true")
    tell_service(api, "faults", Rules=[{"match": "GET /mail/v4/settings", "status": 500}])
    program = Program(ours.ready["smtp"]["port"], login, ours.ready["certificate"])
    with stage("into the outbox", "clear"):
        program.send(sender, to, raw)
    program.close()
    (item,) = ours.cli("account", "outbox", sender)
    tell_service(api, "faults", Rules=[])
    with stage("out of the outbox", "clear"):
        ours.cli("account", "outbox", sender, "--retry", item["id"])
        while ours.cli("account", "outbox", sender):
            time.sleep(0.1)


def deliver(api: str, **letter: object) -> None:
    """Have a mail from outside arrive at the service."""
    tell_service(api, "deliver", **letter)


def tell_service(api: str, what: str, **body: object) -> None:
    """Use one of the demo service's routes for tests."""
    request = urllib.request.Request(
        f"{api}/demo/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request):
        pass


class Reader(imap.Program):
    """A mail program that waits for a message, and reads it."""

    def find(self, mailbox: str, subject: str) -> int:
        """Wait until a message is there, and its content: its size is told only then."""
        self._imap.select(mailbox, readonly=True)
        for _ in range(600):
            found = self._imap.uid("SEARCH", "SUBJECT", f'"{subject}"')[1][0].split()
            if found:
                self.command(f"UID FETCH {int(found[0])} RFC822.SIZE")
                return int(found[0])
            time.sleep(0.1)
        raise RuntimeError("the message has not come")

    def append(self, mailbox: str, raw: bytes) -> None:
        answer = self._imap.append(mailbox, None, None, raw)  # type: ignore[arg-type]
        if answer[0] != "OK":
            raise RuntimeError(f"APPEND: {answer}")


@contextlib.contextmanager
def watching(pid: int) -> Iterator[list[int]]:
    """Resident kilobytes of the process and its children, over and over."""
    seen = [_tree(pid)]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            seen.append(_tree(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _tree(pid: int) -> int:
    total = 0
    with contextlib.suppress(OSError, StopIteration):  # a child that has just ended
        with open(f"/proc/{pid}/status") as lines:
            total = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            total += sum(_tree(int(child)) for child in children.read_text().split())
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="messages for each rate")
    parser.add_argument("--only", choices=("rates", "memory"), help="measure this alone")
    parser.add_argument("--limit", type=float, default=4.0, help="fail when memory rises by more attachments than this")
    args = parser.parse_args()
    good = True
    with (
        tempfile.TemporaryDirectory(prefix="bridge-bench-") as folder,
        service("--messages", "50") as api,
        core(Path(folder), api) as ours,
    ):
        account = api.accounts[0]
        start_kb = _tree(ours.pid)
        sign_in(ours, account)
        ours.cli("account", "wait", account["username"], "--synced", "--timeout", "60")
        login = ours.cli("client", "add", "bench", "--account", account["username"])
        if args.only != "memory":
            median = measure_rates(ours, login, account["address"], args.count)
            measure_split(account["address"], median)
        if args.only != "rates":
            good = measure_memory(ours, login, account["address"], api=api.url, start_kb=start_kb, limit=args.limit)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
