"""Run `bridge-gui serve --demo` and say in words how to connect a mail program."""

from __future__ import annotations

import json
import subprocess
import sys

HOW = """
Bridge Manager serves the demo account.

  IMAP   {imap_host}:{imap_port}    SMTP   {smtp_host}:{smtp_port}    (STARTTLS, or TLS from the first byte, on the same port)
  User   {username}
  Password for a mail program:
         bridge-gui client add "My program" --account {username} --profile {profile}
  Certificate to trust:
         {certificate}

  A look at the newest message:
         curl --cacert {certificate} --ssl-reqd --user {username}:PASSWORD "imap://{imap_host}:{imap_port}/INBOX;MAILINDEX=1"

The second demo account, to write to: {second}
"""


def main() -> int:
    """Start the server, read its ready line, print the words, and wait for its end."""
    command = [sys.executable, "-m", "bridge_gui", "serve", "--demo", *sys.argv[1:]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            for line in server.stdout:
                ready = json.loads(line)
                if ready.get("event") != "ready":
                    continue
                accounts = ready["demo"]["accounts"]
                print(
                    HOW.format(
                        imap_host=ready["imap"]["host"],
                        imap_port=ready["imap"]["port"],
                        smtp_host=ready["smtp"]["host"],
                        smtp_port=ready["smtp"]["port"],
                        certificate=ready["certificate"],
                        username=accounts[0]["address"],
                        second=accounts[1]["address"],
                        profile=ready["profile"],
                    ),
                    flush=True,
                )
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()
            return server.wait()


if __name__ == "__main__":
    sys.exit(main())
