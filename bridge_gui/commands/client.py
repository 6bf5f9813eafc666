"""The commands about mail programs and their passwords."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bridge_gui.commands import text
from bridge_gui.commands.call import Call, ClientArgument, Json, JsonOption, ProfileOption, call_of, group
from bridge_gui.control.client import quoted

commands = group("Mail programs, each with a password of its own.")


@commands.command()
def add(
    context: typer.Context,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="A name to know the program by.")],
    account: Annotated[str, typer.Option("--account", help="User name, address or id.")],
    app: Annotated[str, typer.Option("--app", help="thunderbird, apple-mail, outlook or other")] = "other",
    access: Annotated[str, typer.Option("--access", help="full, read-only or send-only")] = "full",
    address: Annotated[str | None, typer.Option("--address", help="The address it signs in with.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a password for a mail program, and print all that is typed into it."""
    call = call_of(context, profile, as_json)
    body = {"label": label, "account": account, "app": app, "access": access, "address": address}
    with call.core() as core:
        made = core.post("/v1/clients", body)
    call.show(made, text.credentials(made))


@commands.command(name="list")
def client_list(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """All mail programs."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        clients = core.get("/v1/status")["clients"]
    call.show(clients, text.lines(text.client_line(entry) for entry in clients) or "No mail program has a password.")


@commands.command()
def show(
    context: typer.Context, client: ClientArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """All that is typed into a mail program, its password included."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        made = core.get(f"/v1/clients/{quoted(client)}")
    call.show(made, text.credentials(made))


@commands.command()
def password(
    context: typer.Context, client: ClientArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """The password alone, for programs that run a command to get it."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        made = core.get(f"/v1/clients/{quoted(client)}")
    call.show({"password": made["password"]}, made["password"])


def _on_client(call: Call, client: str, action: str, done: str, body: Json | None = None) -> None:
    with call.core() as core:
        document = core.post(f"/v1/clients/{quoted(client)}/{action}", body)
    call.show(document, done)


@commands.command()
def revoke(
    context: typer.Context, client: ClientArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Take a program's password away and end its sessions."""
    _on_client(call_of(context, profile, as_json), client, "revoke", "Revoked. `client restore` undoes it for now.")


@commands.command()
def restore(
    context: typer.Context, client: ClientArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Undo a revocation, as long as the core that did it runs."""
    _on_client(call_of(context, profile, as_json), client, "restore", "Restored.")


@commands.command()
def rename(
    context: typer.Context,
    client: ClientArgument,
    label: Annotated[str, typer.Argument(metavar="LABEL")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a program another name."""
    _on_client(call_of(context, profile, as_json), client, "rename", f"It is called {label} now.", {"label": label})


@commands.command()
def access(
    context: typer.Context,
    client: ClientArgument,
    access: Annotated[str, typer.Argument(metavar="full|read-only|send-only")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what a program may do."""
    _on_client(call_of(context, profile, as_json), client, "access", f"Its access is {access} now.", {"access": access})


@commands.command()
def disconnect(
    context: typer.Context, client: ClientArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """End a program's live sessions; it may come back."""
    _on_client(call_of(context, profile, as_json), client, "disconnect", "Disconnected.")


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


@commands.command()
def log(
    context: typer.Context,
    client: ClientArgument,
    switch: Annotated[Switch, typer.Argument(metavar="on|off")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what a program says over IMAP, and what it is answered, into the log; without passwords and mail."""
    done = "Logged from now on. See `logs`; a `report` holds it too." if switch is Switch.ON else "No longer logged."
    _on_client(call_of(context, profile, as_json), client, "log", done, {"on": switch is Switch.ON})


@commands.command()
def renew(
    context: typer.Context, client: ClientArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Make a new password for a program; the old one is refused from now on."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        made = core.post(f"/v1/clients/{quoted(client)}/renew")
    call.show(made, text.credentials(made))
