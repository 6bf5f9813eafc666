"""Measure the core and Dovecot back to back: `python -m tests.bench.beside_dovecot --count 10000`.

Both are filled by APPEND with the seeded corpus (ours through the demo service, encrypted and back), both asked over
STARTTLS, and the ratios are printed; above 1 means that ours is quicker.
"""

from __future__ import annotations

import argparse
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--only", default="", help="operations, with commas; seed comes first by itself")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--corpus", type=Path, help="keep the corpus there and use it again")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bridge-bench-") as name:
        folder = Path(name)
        corpus = args.corpus or folder / "corpus"
        if not (corpus / "manifest.json").exists():
            driver("corpus/generate.py", str(corpus), "--count", str(args.count))
        chosen = ["--only", "seed," + args.only] if args.only else ["--skip", SKIP]
        common = ["-m", "bench", "run", "--corpus", str(corpus), "--scale", str(args.scale), *chosen]
        theirs, ours = folder / "dovecot.json", folder / "ours.json"
        (folder / "dovecot").mkdir()
        with dovecot(folder / "dovecot") as other:
            driver(
                *common,
                "--label",
                "Dovecot",
                "--out",
                str(theirs),
                imap_port=other.port,
                user="user",
                password="pass",
                tls="starttls",
                server_pid=other.pid,
            )
        with service() as api, core(folder, api) as bridge:
            account = api.accounts[0]
            sign_in(bridge, account)
            bridge.cli("account", "wait", account["username"], "--synced", "--timeout", "600")
            made = bridge.cli("client", "add", "bench", "--account", account["username"])
            driver(
                *common,
                "--label",
                "Bridge Manager",
                "--out",
                str(ours),
                imap_port=bridge.ready["imap"]["port"],
                smtp_port=bridge.ready["smtp"]["port"],
                user=made["username"],
                password=made["password"],
                tls="starttls",
                folder_prefix="Folders/",
                server_pid=bridge.pid,
            )
        driver("-m", "bench", "compare", str(theirs), str(ours))


if __name__ == "__main__":
    main()
