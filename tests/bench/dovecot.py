"""Debian's Dovecot on loopback with a configuration of its own, as the server to compare with."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
{internal}
mail_fsync = {fsync}
mail_location = maildir:{folder}/mail
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
mail_max_userip_connections = 2000
default_client_limit = 5000
default_process_limit = 2000
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service imap {{
  process_limit = 2000
}}
passdb {{
  driver = static
  args = password=pass
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
"""


@dataclass(frozen=True)
class Running:
    port: int
    certificate: Path
    pid: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _users() -> tuple[str, str, str]:
    """User and group that own the mail, and the lines that name Dovecot's own users where we are not root."""
    if os.geteuid() == 0:
        return "nobody", "nogroup", ""
    user = getpass.getuser()
    group = subprocess.run(["id", "-gn"], check=True, capture_output=True, text=True).stdout.strip()
    names = f"default_login_user = {user}\ndefault_internal_user = {user}\ndefault_internal_group = {group}"
    return user, group, names


@contextlib.contextmanager
def dovecot(folder: Path, fsync: str = "optimized") -> Iterator[Running]:
    """Run Dovecot until the block ends; its mail lies below `folder`. User `user`, password `pass`.

    `fsync`: its setting mail_fsync; with `always` its changes survive a power failure, as ours do.
    """
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    for name in ("run", "mail", "home"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    user, group, internal = _users()
    if user == "nobody":
        # Dovecot refuses to touch mail as root, and its processes must reach the folder as others.
        folder.chmod(0o755)
        folder.parent.chmod(0o755)
        for name in ("mail", "home"):
            shutil.chown(folder / name, user, group)
    port = free_port()
    config = folder / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            fsync=fsync,
            folder=folder,
            certificate=certificate,
            key=key,
            user=user,
            group=group,
            port=port,
            internal=internal,
        )
    )
    process = subprocess.Popen([program, "-F", "-c", str(config)])
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                raise RuntimeError(f"dovecot ended: {(folder / 'dovecot.log').read_text()[-500:]}")
            time.sleep(0.1)
        yield Running(port, certificate, process.pid)
    finally:
        process.terminate()
        process.wait()
