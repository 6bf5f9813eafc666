"""What the commands have in common: their options, the way to the running core, and how answers are printed."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge_gui.config import Profile, open_profile
from bridge_gui.control.client import ControlClient
from bridge_gui.errors import UsageError

Json = dict[str, Any]

ProfileOption = Annotated[
    Path | None, typer.Option("--profile", help="Folder of the profile (also: BRIDGE_GUI_PROFILE).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="User name, address or id.")]
ClientArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the mail program.")]


@dataclass(frozen=True, slots=True)
class Call:
    """How this command was called."""

    profile: Profile
    as_json: bool

    def core(self) -> ControlClient:
        return ControlClient(self.profile)

    def show(self, document: Any, words: str) -> None:
        """Print the document or the words, whichever was asked for."""
        typer.echo(json.dumps(document, ensure_ascii=False) if self.as_json else words)


def call_of(context: typer.Context, profile: Path | None, as_json: bool) -> Call:
    outer: Json = context.find_root().obj or {}
    return Call(open_profile(profile or outer.get("profile")), as_json or bool(outer.get("json")))


def group(words: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(no_args_is_help=True, help=words, rich_markup_mode=None)


def ask_secret(what: str) -> str:
    """Ask for a secret on the terminal, without showing it."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{what}: ")
    raise UsageError(f"{what}: there is no terminal to ask on.", remedy="Give it on standard input; see --help.")


def read_line(what: str) -> str:
    """Read the next line of standard input."""
    line = sys.stdin.readline()
    if not line:
        raise UsageError(f"Standard input ended before the {what}.")
    return line.rstrip("\r\n")
