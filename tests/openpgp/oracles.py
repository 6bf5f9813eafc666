"""Other implementations of OpenPGP, which the tests compare ours with: GnuPG and openpgp.js."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

NODE = Path(__file__).parent / "node"


class Gpg:
    """GnuPG with a home of its own."""

    def __init__(self, home: Path) -> None:
        if shutil.which("gpg") is None:
            raise RuntimeError("gpg is missing: install the Debian package gnupg")
        home.mkdir(mode=0o700)
        # The agent's own choice, a tenth of a second for each use of a passphrase, would make the tests slow.
        (home / "gpg-agent.conf").write_text("s2k-count 65536\n")
        self._home = home

    def run(self, *arguments: str, data: bytes = b"", fails: bool = False) -> tuple[bytes, str]:
        """Run gpg; return (stdout, status lines)."""
        status = self._home / "status"
        command = ["gpg", "--homedir", str(self._home), "--batch", "--yes", "--quiet", "--no-tty", "--pinentry-mode"]
        command += ["loopback", "--trust-model", "always", "--status-file", str(status), *arguments]
        done = subprocess.run(command, input=data, capture_output=True, timeout=50, check=False)
        if (done.returncode == 0) is fails:
            raise AssertionError(f"gpg {arguments}: {done.returncode} {done.stderr.decode()}")
        return done.stdout, status.read_text() if status.exists() else ""

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self._home), "--kill", "all"], check=True, capture_output=True)

    def generate(self, email: str, algorithm: str, passphrase: str, expire: str = "never") -> str:
        """Make a key that signs and encrypts; return the armored private key."""
        usage: dict[str, tuple[str, str]] = {
            "rsa2048": ("rsa2048", "rsa2048"),
            "ed25519": ("ed25519", "cv25519"),
            "nistp521": ("nistp521",) * 2,
        }
        usage["brainpoolP256r1"] = ("brainpoolP256r1",) * 2
        usage["dsa2048"] = ("dsa2048", "elg1024")
        main, sub = usage[algorithm]
        lock = ("--passphrase", passphrase)
        _, status = self.run(*lock, "--quick-generate-key", f"Someone <{email}>", main, "sign,cert", expire)
        fingerprint = next(line.split()[3] for line in status.splitlines() if "KEY_CREATED" in line)
        self.run(*lock, "--quick-add-key", fingerprint, sub, "encr", expire)
        armored, _ = self.run(*lock, "--armor", "--export-secret-keys", fingerprint)
        return armored.decode()

    def load(self, armored: str, passphrase: str = "") -> None:
        self.run("--passphrase", passphrase, "--import", data=armored.encode())


class OpenPgpJs:
    """openpgp.js in one process of Node, asked by lines of JSON."""

    def __init__(self) -> None:
        if shutil.which("node") is None:
            raise RuntimeError("node is missing: install Node.js 18 or newer")
        if not (NODE / "node_modules" / "openpgp").is_dir():
            raise RuntimeError(f"openpgp.js is missing: run `npm ci` in {NODE}")
        self._process = subprocess.Popen(
            ["node", "oracle.mjs"], cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        """Ask for one operation; bytes go and come as base64 under the names given."""
        sent = {name: _text(value) for name, value in request.items()}
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"operation": operation, **sent}) + "\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        return answer

    def get(self, operation: str, name: str, **request: Any) -> bytes:
        """Ask, demand success, and return one binary value of the answer."""
        answer = self.ask(operation, **request)
        assert "error" not in answer, answer
        return base64.b64decode(answer[name])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()


def _text(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
