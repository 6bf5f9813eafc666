"""The keychain's door: which backends are taken, and what their errors become."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring.backend
import pytest
from keyring import errors

from bridge_gui.errors import KeychainMissing, VaultDamaged, VaultError, VaultLocked
from bridge_gui.vault.keychain import SystemKeychain


def backend(module: str, priority: float = 5, fault: Exception | None = None, keeps: bool = True) -> Any:
    """A made-up backend that claims to be of `module`."""
    items: dict[tuple[str, str], str] = {}

    def guarded(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: object, *args: Any) -> Any:
            if fault is not None:
                raise fault
            return work(*args)

        return call

    def put(service: str, name: str, value: str) -> None:
        if keeps:
            items[service, name] = value

    methods = {
        "priority": priority,
        "items": items,
        "get_password": guarded(lambda service, name: items.get((service, name))),
        "set_password": guarded(put),
        "delete_password": guarded(lambda service, name: items.pop((service, name))),
    }
    return type("Keyring", (SimpleNamespace,), {**methods, "__module__": module})()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def install(*found: Any) -> None:
        monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
        monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: list(found))

    return install


GOOD = "keyring.backends.SecretService"


def test_a_plain_text_backend_is_never_taken(installed: Callable[..., None]) -> None:
    installed(backend("keyrings.alt.file", priority=99), backend("keyring.backends.fail", 0))
    with pytest.raises(KeychainMissing):
        SystemKeychain().probe()


def test_the_best_good_backend_is_taken_unless_another_worked_before(installed: Callable[..., None]) -> None:
    installed(backend("keyrings.alt.file", 99), backend("keyring.backends.kwallet", 4), backend(GOOD, 5))
    assert SystemKeychain().name == "secret-service"
    assert SystemKeychain("kwallet").name == "kwallet"
    assert SystemKeychain("macos").name == "secret-service"


def test_what_is_put_in_comes_out(installed: Callable[..., None]) -> None:
    store = backend(GOOD)
    installed(store)
    chain = SystemKeychain()
    assert chain.get("a") is None
    chain.set("a", b"\x00\xff" * 16)
    assert chain.get("a") == b"\x00\xff" * 16
    chain.delete("a")
    chain.delete("a")
    assert chain.get("a") is None
    chain.probe()
    assert store.items == {}


@pytest.mark.parametrize(
    ("fault", "becomes"),
    [
        (errors.KeyringLocked("x"), VaultLocked),
        (errors.InitError("x"), VaultLocked),
        (errors.NoKeyringError("x"), KeychainMissing),
        (errors.PasswordSetError("x"), VaultError),
        (OSError("the bus is gone"), KeychainMissing),
    ],
)
def test_what_fails_is_never_taken_for_missing(
    fault: Exception, becomes: type[VaultError], installed: Callable[..., None]
) -> None:
    installed(backend(GOOD, fault=fault))
    with pytest.raises(becomes):
        SystemKeychain().get("a")
    with pytest.raises(becomes):
        SystemKeychain().probe()


def test_one_that_forgets_fails_its_probe(installed: Callable[..., None]) -> None:
    installed(backend(GOOD, keeps=False))
    with pytest.raises(KeychainMissing, match="does not keep"):
        SystemKeychain().probe()


def test_an_item_changed_by_others_is_named_damaged(installed: Callable[..., None]) -> None:
    store = backend(GOOD)
    installed(store)
    store.set_password("Bridge Manager", "a", "no base64!")
    with pytest.raises(VaultDamaged):
        SystemKeychain().get("a")


@pytest.mark.desktop
def test_a_real_keychain_locked_and_unlocked(tmp_path: Path) -> None:
    """gnome-keyring on a bus of its own: an unlocked one keeps things, a bus without it answers `KeychainMissing` or
    `VaultLocked`, and neither hangs."""
    work = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from bridge_gui.vault.keychain import SystemKeychain\n"
        "from bridge_gui.errors import VaultError\n"
        "chain = SystemKeychain()\n"
        "try:\n"
        "    chain.probe(); chain.set('t', b'k' * 32)\n"
        "    print(chain.name, chain.get('t') == b'k' * 32); chain.delete('t'); print(chain.get('t'))\n"
        "except VaultError as error:\n"
        "    print(error.code)\n"
    )
    root = str(Path(__file__).parents[2])

    def run(start: str) -> list[str]:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
        (tmp_path / "run").mkdir(mode=0o700, exist_ok=True)
        script = f'{start}"$0" -c "$1" "$2"'
        command = ["dbus-run-session", "--", "bash", "-c", script, sys.executable, work, root]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=50, check=False)
        return done.stdout.split("\n")

    unlocked = run('printf "test\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null; ')
    assert unlocked == ["secret-service True", "None", ""]
    assert run("")[0] in ("keychain-missing", "vault-locked")
