"""Run `bridge-gui serve --demo`, make a password for a first mail program, and say in words how to connect it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

BRIDGE = (sys.executable, "-m", "bridge_gui")
HOW = """
Bridge Manager serves the demo account. Enter this into any mail program of this computer:

  User      {username}
  Password  {password}
  IMAP      {imap[host]}:{imap[port]}
  SMTP      {smtp[host]}:{smtp[port]}
            (STARTTLS, or TLS from the first byte, on the same port)
  Trust     {certificate}

Read the newest message:

  curl --cacert '{certificate}' --ssl-reqd \\
       --user '{username}:{password}' 'imap://{imap[host]}:{imap[port]}/INBOX;MAILINDEX=*'

Write to the second demo account, {second}. More: bridge-gui --help (add --profile '{profile}' to each command).
"""


def ready_line(server: subprocess.Popen[str]) -> dict[str, Any]:
    """What the server prints when it listens; an empty document when it ended instead."""
    assert server.stdout is not None
    for line in server.stdout:
        ready: dict[str, Any] = json.loads(line)
        if ready.get("event") == "ready":
            return ready
    return {}


def add_program(ready: dict[str, Any]) -> dict[str, Any]:
    """Make a password for a first mail program of the demo account."""
    account = ready["demo"]["accounts"][0]["address"]
    done = subprocess.run(
        [*BRIDGE, "client", "add", "My mail program", "--account", account, "--json", "--profile", ready["profile"]],
        check=True,
        capture_output=True,
        text=True,
    )
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def main() -> int:
    """Start the server, print the words, and wait for its end."""
    with subprocess.Popen([*BRIDGE, "serve", "--demo", *sys.argv[1:]], stdout=subprocess.PIPE, text=True) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            if ready := ready_line(server):
                made = add_program(ready)
                second = ready["demo"]["accounts"][1]["address"]
                print(HOW.format(**{**ready, **made, "second": second}), flush=True)
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()
            return server.wait()


if __name__ == "__main__":
    sys.exit(main())
