"""The current user's part of the Windows registry, as far as we need it, and changes of it that can be taken back."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bridge_gui.errors import Refused

Value = str | int
"""REG_SZ or REG_DWORD."""


class Registry(Protocol):
    """What is asked of it; keys are paths with backslashes."""

    def get(self, key: str, name: str) -> Value | None:
        """A value of the current user; None when there is none. Raise `Refused` for one of another kind, which could
        not be put back as it was."""
        ...

    def set(self, key: str, name: str, value: Value | None) -> None:
        """Set a value of the current user, making its key; None deletes it."""
        ...

    def has_machine_key(self, key: str) -> bool:
        """Tell whether a key of the whole machine is there."""
        ...


class NoRegistry:
    """Systems that are not Windows have none."""

    def get(self, key: str, name: str) -> Value | None:
        return None

    def set(self, key: str, name: str, value: Value | None) -> None:
        raise Refused("This system has no registry.")

    def has_machine_key(self, key: str) -> bool:
        return False


if sys.platform == "win32":
    import winreg

    class WindowsRegistry:
        def get(self, key: str, name: str) -> Value | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    value, kind = winreg.QueryValueEx(opened, name)
            except FileNotFoundError:
                return None
            if kind not in (winreg.REG_SZ, winreg.REG_DWORD):
                raise Refused(f"The registry's value {name} is of a kind that cannot be put back.")
            found: Value = value
            return found

        def set(self, key: str, name: str, value: Value | None) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                if value is None:
                    with contextlib.suppress(FileNotFoundError):
                        winreg.DeleteValue(opened, name)
                else:
                    kind = winreg.REG_SZ if isinstance(value, str) else winreg.REG_DWORD
                    winreg.SetValueEx(opened, name, 0, kind, value)

        def has_machine_key(self, key: str) -> bool:
            try:
                winreg.CloseKey(winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key))
            except OSError:
                return False
            return True


def this_registry() -> Registry:
    """The registry of this system."""
    if sys.platform == "win32":
        return WindowsRegistry()
    return NoRegistry()


@dataclass(frozen=True, slots=True)
class Change:
    """One value as it was and as we want it; `before` None was absent."""

    key: str
    name: str
    before: Value | None
    after: Value

    def as_json(self) -> dict[str, Any]:
        return {"key": self.key, "name": self.name, "before": self.before, "after": self.after}


def changes(registry: Registry, key: str, wanted: Mapping[str, Value]) -> tuple[Change, ...]:
    """What is to be set, with what is there now: to be on the disk before `make`."""
    return tuple(Change(key, name, registry.get(key, name), value) for name, value in wanted.items())


def make(registry: Registry, wanted: Iterable[Change]) -> None:
    for change in wanted:
        registry.set(change.key, change.name, change.after)


def take_back(registry: Registry, recorded: Sequence[Mapping[str, Any]]) -> None:
    """Put the former values back, last first; one that somebody has changed since is left as it is. Also right for
    changes that were made in part, or taken back in part."""
    for entry in reversed(recorded):
        if registry.get(entry["key"], entry["name"]) == entry["after"]:
            registry.set(entry["key"], entry["name"], entry["before"])
