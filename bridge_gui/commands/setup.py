"""Setting up mail programs: what will be written is shown first, and can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge_gui.clients import base, thunderbird, thunderbird_profiles
from bridge_gui.clients.base import AccountSetup, Certificate, Identity, Step
from bridge_gui.commands.call import Call, Json, JsonOption, ProfileOption, call_of, group
from bridge_gui.control.client import ControlClient, quoted
from bridge_gui.errors import NotFound, Refused, UsageError
from bridge_gui.secret import Secret
from bridge_gui.state import ServerAddress

commands = group("Set up a mail program.")


@commands.command(name="thunderbird")
def set_up_thunderbird(
    context: typer.Context,
    account: Annotated[str, typer.Option("--account", help="User name, address or id.")],
    target: Annotated[Path | None, typer.Option("--target", help="The folder of Thunderbird's profile.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be written.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add the account to Thunderbird, which must be closed, with its password and certificate."""
    call = call_of(context, profile, as_json)
    folder = _thunderbird_profile(target)
    backups = call.profile.data / "client-backups"
    with call.core() as core:
        status = core.get("/v1/status")
        known = _account(status["accounts"], account)
        if undo:
            _undo_thunderbird(call, core, known, folder, backups)
            return
        setups, certificate = _setups(status, known), _certificate(core)
        steps = thunderbird.plan(folder, setups, certificate)
        if dry_run:
            call.show({"steps": [_step(step) for step in steps], "applied": False}, _words(steps))
            return
        made: list[str] = []
        try:
            with thunderbird_profiles.locked(folder):
                pass  # refused before a password is made
            ready = [_with_password(core, setup, known["id"], made) for setup in setups]
            thunderbird.apply(folder, ready, certificate, backups)
        except BaseException:
            for client in made:
                core.post(f"/v1/clients/{quoted(client)}/revoke")
            raise
    words = _words(steps) + "\n\nWritten. Start Thunderbird: `bridge-gui status` shows when it has signed in."
    call.show({"steps": [_step(step) for step in steps], "applied": True, "clients": made}, words)


def _undo_thunderbird(call: Call, core: ControlClient, known: Json, folder: Path, backups: Path) -> None:
    programs = {entry["id"] for entry in core.get("/v1/status")["clients"] if entry["account"] == known["id"]}
    changes = [
        change
        for change in base.applied(backups, thunderbird.APP, folder)
        if programs.intersection(change.record["clients"])
    ]
    if not changes:
        raise NotFound("Bridge Manager has not set up this account in this Thunderbird profile.")
    for change in reversed(changes):
        thunderbird.undo(change)
        for client in programs.intersection(change.record["clients"]):
            core.post(f"/v1/clients/{quoted(client)}/revoke")
    call.show({"undone": len(changes)}, "Thunderbird is as it was before, and its password is revoked.")


def _thunderbird_profile(target: Path | None) -> Path:
    if target is not None:
        return target.expanduser().resolve()
    found = thunderbird_profiles.detect(Path.home())
    if not found:
        raise NotFound("No profile of Thunderbird was found.", remedy="Start Thunderbird once, close it, try again.")
    if len(found) > 1:
        choices = "; ".join(f"{entry.folder} ({', '.join(entry.addresses) or 'no address'})" for entry in found)
        raise UsageError("Thunderbird has several profiles.", remedy=f"Choose one with --target: {choices}")
    return found[0].folder.resolve()


def _account(accounts: Sequence[Json], name: str) -> Json:
    for known in accounts:
        names = (known["id"], known["username"], *known["addresses"])
        if name.casefold() in (entry.casefold() for entry in names):
            return known
    raise NotFound(f"There is no account {name}.")


def _setups(status: Json, known: Json) -> list[AccountSetup]:
    """Split mode: one account for each address. Combined mode: one account that sends from all of them."""
    ports = {entry["protocol"]: entry for entry in status["listeners"]}
    imap, smtp = (ServerAddress(ports[name]["host"], int(ports[name]["port"])) for name in ("imap", "smtp"))
    emails = list(known["addresses"])
    if not emails:
        raise Refused("The addresses of this account are not known yet. Sign in first.")
    groups = [[email] for email in emails] if known["mode"] == "split" else [emails]
    return [AccountSetup(emails[0], tuple(Identity(email) for email in emails), imap, smtp) for emails in groups]


def _with_password(core: ControlClient, setup: AccountSetup, account: str, made: list[str]) -> AccountSetup:
    body = {
        "label": "Thunderbird",
        "account": account,
        "app": "thunderbird",
        "access": "full",
        "address": setup.username,
    }
    answer = core.post("/v1/clients", body)
    made.append(answer["id"])
    return AccountSetup(
        setup.username, setup.identities, setup.imap, setup.smtp, Secret(answer["password"]), answer["id"]
    )


def _certificate(core: ControlClient) -> Certificate:
    found = core.get("/v1/certificate")
    return Certificate(found["fingerprint"], Path(found["path"]))


def _step(step: Step) -> dict[str, Any]:
    return {"title": step.title, "where": step.where, "lines": list(step.lines), "by_user": step.by_user}


def _words(steps: Sequence[Step]) -> str:
    return "\n\n".join(
        "\n".join((f"{number}. {step.title}", f"   {step.where}", *(f"     {line}" for line in step.lines)))
        for number, step in enumerate(steps, 1)
    )
