"""The demo service as a process of its own.

    python -m bridge_gui.demo [--port 0] [--messages N] [--prepare] [--latency S] [--cache DIR] [--state FILE]

Prints one JSON line when it listens: `{"event": "ready", "url": ..., "accounts": [...]}`. Ends on SIGINT or SIGTERM,
and then writes its state, if a file is given.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from bridge_gui.demo import persist
from bridge_gui.demo.server import DemoServer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bridge_gui.demo", description="A Proton API on loopback")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--messages", type=int, default=None, help="size of the first account's mailbox")
    parser.add_argument(
        "--prepare", action="store_true", help="encrypt that mailbox first, to measure who downloads it"
    )
    parser.add_argument("--seed", default="demo", help="the same seed makes the same mail")
    parser.add_argument("--now", type=float, default=None, help="time of the newest mail, seconds since 1970")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to every answer")
    parser.add_argument("--cache", type=Path, default=None, help="folder that keeps the made keys")
    parser.add_argument("--state", type=Path, default=None, help="file the state is read from and written to")
    parser.add_argument("--record", type=int, default=0, help="bytes of requests to keep for /demo/received")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    world = None
    if arguments.state:
        world = persist.load(arguments.state, cache_folder=arguments.cache, record_bytes=arguments.record)
    server = DemoServer(
        messages=arguments.messages,
        seed=arguments.seed,
        now=arguments.now,
        port=arguments.port,
        cache_folder=arguments.cache,
        world=world,
        record_bytes=arguments.record,
    )
    server.world.options.latency = arguments.latency
    if arguments.prepare:
        server.world.prepare(server.world.accounts[0])
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with server:
        ready = {"event": "ready", "url": server.url, "accounts": [asdict(each) for each in server.accounts]}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stop.wait()
    if arguments.state:
        persist.save(server.world, arguments.state)


def main() -> None:
    """Serve until told to end; on uvloop where the extra `fast` is installed, which saves a sixth of the CPU."""
    try:
        from uvloop import run
    except ImportError:
        asyncio.run(_serve(_arguments()))
    else:
        run(_serve(_arguments()))


if __name__ == "__main__":
    main()
