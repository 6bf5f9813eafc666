"""What a person may want from the tray or from a notification, as values; `shell.Shell` fulfils them."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_gui.model import AccountId, ClientId
from bridge_gui.ui.remedies import Remedy


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """Bring the window to the front as it was left."""


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Open `settings`, `help`, `doctor`, `report` or `about`."""

    page: str


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Open the page of an account."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class OpenProgram:
    """Show the card of a mail program."""

    client: ClientId


@dataclass(frozen=True, slots=True)
class CopyPassword:
    client: ClientId


@dataclass(frozen=True, slots=True)
class CopyText:
    text: str


@dataclass(frozen=True, slots=True)
class AddProgram:
    account: AccountId


@dataclass(frozen=True, slots=True)
class CureAccount:
    """Do what helps an account, as the button on its page does."""

    remedy: Remedy
    account: AccountId


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop downloading for some time; None: until resumed."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Wish = (
    OpenWindow
    | OpenPage
    | OpenAccount
    | OpenProgram
    | CopyPassword
    | CopyText
    | AddProgram
    | CureAccount
    | Pause
    | Resume
    | Quit
)
