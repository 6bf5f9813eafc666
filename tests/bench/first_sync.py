"""First sync against the demo service in a process of its own: `python -m tests.bench.first_sync --messages 5000`.

Prints one JSON line: seconds from sign-in to a usable INBOX, seconds until everything is here, messages a second, and
the core's peak memory.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

from tests.bench.bench.meter import cpu_seconds, pss_kb, rss_kb
from tests.bench.core import core, service, sign_in


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--latency-ms", type=int, default=0)
    parser.add_argument("--usable-only", action="store_true", help="do not wait for the bodies")
    args = parser.parse_args()
    options = ["--messages", str(args.messages)]
    if args.latency_ms:
        options += ["--latency-ms", str(args.latency_ms)]
    with (
        tempfile.TemporaryDirectory(prefix="bridge-bench-") as folder,
        service(*options) as api,
        core(Path(folder), api) as ours,
    ):
        peak = [0]
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.2):
                peak[0] = max(peak[0], rss_kb(ours.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        idle = rss_kb(ours.pid)
        start = time.perf_counter()
        account = api.accounts[0]
        usable = sign_in(ours, account)
        result = {"messages": args.messages, "latency_ms": args.latency_ms, "usable_s": round(usable, 2)}
        if not args.usable_only:
            ours.cli("account", "wait", account["username"], "--synced", "--timeout", "3600")
            whole = time.perf_counter() - start
            total = ours.cli("status")["accounts"][0]["sync"]["total"]
            result |= {"synced_s": round(whole, 2), "messages_s": round(total / whole, 1), "total": total}
        done.set()
        watcher.join()
        result |= {
            "rss_before_mb": idle // 1024,
            "rss_peak_mb": peak[0] // 1024,
            "pss_mb": pss_kb(ours.pid) // 1024,
            "core_cpu_s": round(cpu_seconds(ours.pid), 2),
            "service_cpu_s": round(cpu_seconds(api.pid), 2),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
