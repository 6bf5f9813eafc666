"""Many mails through a core that is killed and a service that fails.

    python -m tests.send.fault_run --seed 1 --sends 500

A core in a process of its own, the demo service here, and a mail program that does what programs do: it hands the same
bytes in again until it hears 250 or 5xx. Meanwhile answers are lost, connections cut, requests refused, and the core
is killed with SIGKILL at chosen moments (above all while the service handles the sending) and started anew. In the end
each mail has to lie once in Sent and once at each of its recipients, or nowhere if the program was told 5xx, or, if
the outbox had taken it and the service refused it, be shown there as failed.

Prints one JSON line; exit code 1 and a line for each mail that is not as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import signal
import smtplib
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bridge_gui.demo.faults import Fault, Rule
from bridge_gui.demo.mailbox import DRAFTS, INBOX, SENT
from bridge_gui.demo.server import DemoServer
from tests.ports import choose_ports
from tests.send.post_office import ANNA, BO, CARLA, DIETER, letter

CLI = (sys.executable, "-m", "bridge_gui")
SEND = "POST /mail/v4/messages/[!i]*"
DRAFT = "POST /mail/v4/messages"
UPLOAD = "POST /mail/v4/attachments"
KEYS = "GET /core/v4/keys"
RSA = "rsa@bridge.example"
PEOPLE = (BO, RSA, DIETER, CARLA)
PATIENCE = 60.0
"""Seconds after which a mail program that heard nothing final is a mistake of ours."""


@dataclass
class Mail:
    number: int
    message: EmailMessage
    recipients: tuple[str, ...]
    code: int = 0
    """What the program heard at last: 250 or 5xx."""
    tries: int = 0


@dataclass
class Core:
    """The core under test: started, killed, started again on the same profile."""

    folder: Path
    url: str
    process: asyncio.subprocess.Process | None = None
    ready: Mapping[str, Any] = field(default_factory=dict)
    kills: int = 0

    async def start(self) -> None:
        passphrase = self.folder / "passphrase"
        if not passphrase.exists():
            passphrase.write_text("correct horse battery staple\n")
            passphrase.chmod(0o600)
            choose_ports(self.folder / "profile")  # after a kill nobody else may take them
        # Its own words are only wanted when it fails.
        with (self.folder / "stderr.txt").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *CLI, "serve", "--profile", str(self.folder / "profile"), "--passphrase-file", str(passphrase),
                stdout=asyncio.subprocess.PIPE, stderr=log, env={**os.environ, "BRIDGE_GUI_API_URL": self.url},
            )  # fmt: skip
        assert self.process.stdout is not None
        self.ready = json.loads(await self.process.stdout.readline())

    async def kill(self) -> None:
        """SIGKILL, and a new start."""
        self.kills += 1
        await self.stop(signal.SIGKILL)
        await self.start()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
        await self.process.wait()

    async def cli(self, *arguments: str, stdin: str = "") -> Any:
        asked = await asyncio.create_subprocess_exec(
            *CLI, *arguments, "--json", "--profile", str(self.folder / "profile"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asked.communicate(stdin.encode())
        if asked.returncode != 0:
            raise RuntimeError(f"{arguments}: {err.decode()}")
        return json.loads(out or b"null")


@dataclass(frozen=True)
class Result:
    """What a run found. `wrong` is empty when it is good."""

    sent: int
    refused: int
    failed_in_outbox: int
    tries: int
    kills: int
    hits: int
    """Requests that went wrong on purpose."""
    unused_drafts: int
    seconds: float
    wrong: tuple[str, ...]


async def run(folder: Path, *, seed: int, sends: int, kills: float, outbox: bool, cache: Path | None = None) -> Result:
    """`kills` is the chance of a mail that the core is killed while it is sent."""
    dice = random.Random(seed)
    began = time.monotonic()
    async with DemoServer(messages=20, thread=True, cache_folder=cache) as demo:
        core = Core(folder, demo.url)
        await core.start()
        try:
            account = demo.accounts[0]
            await core.cli("account", "login", account.username, "--password-stdin", stdin=account.password + "\n")
            await core.cli("account", "wait", account.username, "--usable", "--timeout", "30")
            await core.cli("settings", "set", "outbox.enabled", "true" if outbox else "false")
            program = await core.cli("client", "add", "fault run", "--account", ANNA)
            mails = [_mail(number, dice) for number in range(sends)]
            hits = 0
            for mail in mails:
                rules = demo.world.faults.set(_trouble(dice))
                await _hand_in(core, demo, program, mail, dice, kill=dice.random() < kills)
                hits += sum(rule.hits for rule in rules)
            demo.world.faults.clear()
            failed = await _outbox_settled(core)
            wrong, drafts = judge(demo, mails, failed)
        finally:
            await core.stop()
    codes = Counter(mail.code // 100 for mail in mails)
    return Result(
        codes[2], codes[5], len(failed), sum(mail.tries for mail in mails), core.kills, hits, drafts,
        round(time.monotonic() - began, 1), tuple(wrong),
    )  # fmt: skip


def _mail(number: int, dice: random.Random) -> Mail:
    recipients = tuple(dice.sample(PEOPLE, dice.randint(1, 3)))
    message = letter(f"mail {number}\n", f"Mail {number}", to=", ".join(recipients[:2]))
    message.replace_header("Message-ID", f"<mail-{number}@client.example>")
    if dice.random() < 0.3:
        message.add_attachment(dice.randbytes(5_000), maintype="application", subtype="pdf", filename="a.pdf")
    return Mail(number, message, recipients)


def _trouble(dice: random.Random) -> list[Fault]:
    """A service in a bad mood: answers lost, connections cut, errors, refusals; and every fourth time in a good one."""
    if dice.random() < 0.25:
        return []
    kinds = [
        Fault(cut="after"),
        Fault(cut="before"),
        Fault(cut="body"),
        Fault(status=500),
        Fault(status=422, code=2001),
    ]
    kind = dice.choice(kinds)
    return [
        Fault(
            dice.choice([SEND, SEND, DRAFT, UPLOAD, KEYS, "* /mail/*"]),
            status=kind.status, code=kind.code, cut=kind.cut, count=dice.randint(1, 6),
            probability=dice.choice([0.5, 1.0]), seed=dice.randrange(2**30),
        )
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- the mail program


async def _hand_in(
    core: Core, demo: DemoServer, program: Mapping[str, Any], mail: Mail, dice: random.Random, *, kill: bool
) -> None:
    """Try until the answer is final."""
    deadline = time.monotonic() + PATIENCE
    while True:
        mail.tries += 1
        moment = _moment(demo, dice) if kill and mail.tries == 1 else None
        task = asyncio.ensure_future(asyncio.to_thread(_submit, core.ready, program, mail))
        if moment is not None:
            await _until(moment, task)
            await core.kill()
        code = await task
        if code // 100 in (2, 5):
            mail.code = code
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"mail {mail.number}: still {code} after {PATIENCE} s")
        if mail.tries >= 3:
            demo.world.faults.clear()
        await asyncio.sleep(0.2)


def _submit(ready: Mapping[str, Any], program: Mapping[str, Any], mail: Mail) -> int:
    """One try; the reply's code, or 0 when the connection was lost."""
    context = ssl.create_default_context(cafile=ready["certificate"])
    raw = mail.message.as_bytes(policy=mail.message.policy.clone(linesep="\r\n"))
    try:
        with smtplib.SMTP_SSL("127.0.0.1", ready["smtp"]["port"], context=context, timeout=PATIENCE) as client:
            client.login(program["username"], program["password"])
            client.sendmail(ANNA, list(mail.recipients), raw)
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code
    except smtplib.SMTPRecipientsRefused as refused:
        return max(code for code, _ in refused.recipients.values())
    except (OSError, smtplib.SMTPException):
        return 0
    return 250


def _moment(demo: DemoServer, dice: random.Random) -> Rule | float:
    """When to kill: while the service handles a certain request, or after some time."""
    path = dice.choice([SEND, SEND, SEND, DRAFT, UPLOAD, KEYS, ""])
    if not path:
        return dice.random() * 0.15
    # The service goes on with what it was asked, although who asked is dead: or it never saw it.
    return demo.world.faults.add(Fault(path, cut=dice.choice(["", "before", "after"]), delay=0.3, count=1))


async def _until(moment: Rule | float, task: asyncio.Future[int]) -> None:
    if isinstance(moment, float):
        await asyncio.sleep(moment)
        return
    while not moment.hits and not task.done():  # noqa: ASYNC110
        await asyncio.sleep(0.002)


# ------------------------------------------------------------------------------------------- the end


async def _outbox_settled(core: Core) -> set[str]:
    """Wait until nothing waits any more but what was refused; return the subjects of that."""
    deadline = time.monotonic() + PATIENCE
    while True:
        (account,) = (await core.cli("status"))["accounts"]
        waiting = [item for item in account["outbox"] if not item["failed"]]
        if not waiting and account["state"] == "connected":
            return {item["subject"] for item in account["outbox"]}
        if time.monotonic() > deadline:
            raise RuntimeError(f"the outbox does not empty: {waiting}, {account['state']}")
        await asyncio.sleep(0.5)


def judge(demo: DemoServer, mails: Sequence[Mail], failed: set[str]) -> tuple[list[str], int]:
    """What is wrong, a sentence for each mail, and how many unused drafts are left."""
    world = demo.world
    arrived: Counter[tuple[str, str]] = Counter((each.recipient, each.subject) for each in world.outside)
    for recipient in (BO, RSA):
        for each in world.account(recipient).mailbox.messages.values():
            if INBOX in each.labels:
                arrived[recipient, each.subject] += 1
    own = world.account(ANNA).mailbox.messages.values()
    in_sent = Counter(each.subject for each in own if SENT in each.labels)
    wrong = []
    for mail in mails:
        subject = str(mail.message["Subject"])
        wanted = 1 if mail.code == 250 and subject not in failed else 0
        found = {each: arrived[each, subject] for each in PEOPLE}
        expected = {each: wanted if each in mail.recipients else 0 for each in PEOPLE}
        if found != expected or in_sent[subject] != wanted:
            wrong.append(f"{subject}: told {mail.code}, {in_sent[subject]} in Sent, arrived {found}, not {expected}")
    drafts = sum(DRAFTS in each.labels and each.subject.startswith("Mail ") for each in own)
    return wrong, drafts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sends", type=int, default=500)
    parser.add_argument("--kills", type=float, default=0.06, help="chance of a kill, for each mail")
    parser.add_argument("--outbox", choices=("on", "off", "both"), default="both")
    args = parser.parse_args()
    # The service's own server tells of each connection that it was made to cut.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    modes = {"on": (True,), "off": (False,), "both": (False, True)}[args.outbox]
    good = True
    for outbox in modes:
        sends = args.sends // len(modes)
        with tempfile.TemporaryDirectory(prefix="bridge-faults-") as folder:
            result = asyncio.run(run(Path(folder), seed=args.seed, sends=sends, kills=args.kills, outbox=outbox))
        figures = {name: value for name, value in asdict(result).items() if name != "wrong"}
        print(json.dumps({"seed": args.seed, "sends": sends, "outbox": outbox, **figures}), flush=True)
        for line in result.wrong:
            print(line, file=sys.stderr)
        good = good and not result.wrong
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
