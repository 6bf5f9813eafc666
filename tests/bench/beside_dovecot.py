"""Measure the core and Dovecot back to back: `python -m tests.bench.beside_dovecot --count 10000`.

Both are filled by APPEND with the seeded corpus (ours through the demo service, encrypted and back), both asked over
STARTTLS, and the ratios are printed; above 1 means that ours is quicker. With `--keep FOLDER` both mailboxes and the
figures stay there, so that the next run measures at once (with `--ours`, ours alone beside Dovecot's last figures).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.core import core, service, sign_in
from tests.bench.dovecot import dovecot

HERE = Path(__file__).parent
SKIP = "smtp_one,smtp_new"


def driver(*arguments: str, **target: object) -> None:
    environment = {**os.environ, **{f"HARNESS_{name.upper()}": str(value) for name, value in target.items()}}
    subprocess.run([sys.executable, *arguments], cwd=HERE, env=environment, check=False)


def measure_dovecot(folder: Path, run: list[str], fsync: str) -> None:
    """Fill and ask Dovecot; its mail stays below `folder`."""
    (folder / "dovecot").mkdir(exist_ok=True)
    with dovecot(folder / "dovecot", fsync) as other:
        driver(
            *run,
            *("--label", "Dovecot", "--out", str(folder / "dovecot.json")),
            imap_port=other.port,
            user="user",
            password="pass",
            tls="starttls",
            server_pid=other.pid,
        )


def measure_ours(folder: Path, run: list[str]) -> None:
    """Fill and ask the core; its profile and the demo service's state stay below `folder`."""
    with service("--state", str(folder / "service.json")) as api, core(folder, api) as bridge:
        account = api.accounts[0]
        if not bridge.cli("account", "list"):
            sign_in(bridge, account)
        bridge.cli("account", "wait", account["username"], "--synced", "--timeout", "600")
        made = bridge.cli("client", "add", "bench", "--account", account["username"])
        driver(
            *run,
            *("--label", "Bridge Manager", "--out", str(folder / "ours.json")),
            imap_port=bridge.ready["imap"]["port"],
            smtp_port=bridge.ready["smtp"]["port"],
            user=made["username"],
            password=made["password"],
            tls="starttls",
            folder_prefix="Folders/",
            server_pid=bridge.pid,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--only", default="", help="operations, with commas; seed comes first by itself")
    parser.add_argument("--skip", default=SKIP, help="operations, with commas")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--corpus", type=Path, help="keep the corpus there and use it again")
    parser.add_argument("--keep", type=Path, help="keep corpus, mailboxes and figures there and use them again")
    parser.add_argument("--ours", action="store_true", help="ask ours alone, beside Dovecot's figures of a run before")
    parser.add_argument("--fsync", action="store_true", help="have Dovecot flush each change to the disk, as ours does")
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridge-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        corpus = args.corpus or folder / "corpus"
        if not (corpus / "manifest.json").exists():
            driver("corpus/generate.py", str(corpus), "--count", str(args.count))
        chosen = ["--only", "seed," + args.only] if args.only else ["--skip", args.skip]
        run = ["-m", "bench", "run", "--corpus", str(corpus), "--scale", str(args.scale), *chosen]
        if not args.ours:
            measure_dovecot(folder, run, "always" if args.fsync else "optimized")
        measure_ours(folder, run)
        driver("-m", "bench", "compare", str(folder / "dovecot.json"), str(folder / "ours.json"))


if __name__ == "__main__":
    main()
