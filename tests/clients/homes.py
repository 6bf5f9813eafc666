"""A home with a Thunderbird profile in it, as the program itself leaves one."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from bridge_gui.clients.base import Configurator
from bridge_gui.clients.thunderbird import Thunderbird
from bridge_gui.clients.thunderbird_profiles import Installs

FOREIGN = (
    "// Mozilla User Preferences\n\n"
    'user_pref("mail.account.account1.identities", "id1");\n'
    'user_pref("mail.account.account1.server", "server1");\n'
    'user_pref("mail.accountmanager.accounts", "account1");\n'
    'user_pref("mail.accountmanager.defaultaccount", "account1");\n'
    'user_pref("mail.identity.id1.useremail", "old@example.org");\n'
    'user_pref("mail.server.server1.hostname", "mail.example.org");\n'
    'user_pref("mail.smtpservers", "smtp1");\n'
    'user_pref("mail.smtp.defaultserver", "smtp1");\n'
)
KEY = bytes(range(32))
KEY_ID = b"\xf8" + bytes(14) + b"\x01"
ROUNDS = 3


def thunderbird_of(home: Path) -> Mapping[str, Configurator]:
    """The table of configurators with Thunderbird alone, looked for in a home."""
    return {"thunderbird": Thunderbird(Installs(home))}


def make_profile(home: Path, prefs: str = FOREIGN, *, primary_password: str | None = "") -> Path:
    """The one profile of a home; with a primary password of None it has no key yet."""
    root = home / ".thunderbird"
    folder = root / "abcd1234.default-release"
    folder.mkdir(parents=True)
    (folder / "prefs.js").write_text(prefs)
    (root / "installs.ini").write_text(f"[FDC34C9F024745EB]\nDefault={folder.name}\nLocked=1\n")
    make_key_store(folder / "key4.db", primary_password)
    return folder


def make_key_store(path: Path, primary_password: str | None, key: bytes = KEY) -> None:
    """key4.db as NSS lays it out: the check of the password, and the key that seals stored passwords."""
    salt = os.urandom(20)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metaData (id PRIMARY KEY UNIQUE ON CONFLICT REPLACE, item1, item2)")
        database.execute("CREATE TABLE nssPrivate (id PRIMARY KEY UNIQUE ON CONFLICT ABORT, a100, a102, a11)")
        check = _sealed(b"password-check", salt, primary_password or "")
        database.execute("INSERT INTO metaData VALUES ('password', ?, ?)", (salt, check))
        if primary_password is not None:
            kind = (0x1F if len(key) == 32 else 0x15).to_bytes(4, "big")
            sealed = _sealed(key, salt, primary_password)
            database.execute("INSERT INTO nssPrivate VALUES (1, ?, ?, ?)", (kind, KEY_ID, sealed))
    database.close()


def _sealed(data: bytes, global_salt: bytes, password: str) -> bytes:
    """PBES2 as NSS writes it: the vector is an octet string of 14 bytes, used with its tag and length."""
    salt, iv = os.urandom(32), os.urandom(14)
    secret = hashlib.sha1(global_salt + password.encode()).digest()
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, ROUNDS).derive(secret)
    padder = padding.PKCS7(128).padder()
    cipher = Cipher(AES256(key), CBC(b"\x04\x0e" + iv)).encryptor()
    sealed = cipher.update(padder.update(data) + padder.finalize())
    prf = _der(0x30, _der(0x06, bytes.fromhex("2a864886f70d0209")))
    parameters = _der(0x30, _der(0x04, salt) + _der(0x02, bytes([ROUNDS])) + _der(0x02, bytes([32])) + prf)
    derivation = _der(0x30, _der(0x06, bytes.fromhex("2a864886f70d01050c")) + parameters)
    encryption = _der(0x30, _der(0x06, bytes.fromhex("60864801650304012a")) + _der(0x04, iv))
    scheme = _der(0x30, _der(0x06, bytes.fromhex("2a864886f70d01050d")) + _der(0x30, derivation + encryption))
    return _der(0x30, scheme + _der(0x04, sealed))


def _der(tag: int, content: bytes) -> bytes:
    length = [len(content)] if len(content) < 0x80 else [0x81, len(content)]
    return bytes([tag, *length]) + content


def files(folder: Path) -> dict[str, bytes]:
    """The files that a set-up may touch, as they are now."""
    names = ("prefs.js", "logins.json", "cert_override.txt", "key4.db")
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


@contextmanager
def running(profile: Path) -> Iterator[None]:
    """Hold Thunderbird's lock in another process, as it does itself."""
    code = (
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True);"
        " sys.stdin.read()"
    )
    line = [sys.executable, "-c", code, str(profile / ".parentlock")]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield
        assert process.stdin is not None
        process.stdin.close()
