"""Setting up mail programs: what will be written is shown first, and can be taken back.

All of it is done by the core; a command that is killed leaves nothing half done.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bridge_gui.clients import autoconfig as autoconfigs
from bridge_gui.commands import text
from bridge_gui.commands.call import Call, ClientArgument, Json, JsonOption, ProfileOption, call_of, group
from bridge_gui.control.client import Answered, ControlClient, quoted
from bridge_gui.errors import NotFound, ProgramRunning, Refused, UsageError

commands = group("Set up a mail program.")

CLOSED_SECONDS = 1.0
"""How often we ask whether the program was closed."""
SIGN_IN_SECONDS = 0.5
SEEN_SECONDS = 5.0
"""How long after the sign-in we wait for what the program does first: it lists the folders and opens INBOX."""
PROGRAMS = {
    "thunderbird": "Add the account to Thunderbird, which must be closed, with its password and certificate.",
    "apple-mail": "Set up Apple Mail.",
    "outlook": "Set up Outlook.",
    "other": "Set up another mail program; --target names it, `setup list` lists them.",
}


def _command(app: str) -> Callable[..., None]:
    def set_up(
        context: typer.Context,
        account: Annotated[str, typer.Option("--account", help="User name, address or id.")],
        target: Annotated[str | None, typer.Option("--target", help="Which one: a profile's folder or a name.")] = None,
        access: Annotated[str, typer.Option("--access", help="full, read-only or send-only")] = "full",
        security: Annotated[str, typer.Option("--security", help="STARTTLS, or TLS from the first byte.")] = "STARTTLS",
        address: Annotated[
            str | None, typer.Option("--address", help="With split addresses: set up this one only.")
        ] = None,
        label: Annotated[str | None, typer.Option("--label", help="What it is called in the list.")] = None,
        save: Annotated[
            Path | None, typer.Option("--save", help="Write a text made for the program to this new file.")
        ] = None,
        copies: Annotated[bool, typer.Option(help="Let the program keep its own copies of the mail.")] = True,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be written.")] = False,
        undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
        repair: Annotated[
            bool, typer.Option("--repair", help="After a change of address, port, certificate, password.")
        ] = False,
        wait: Annotated[
            bool, typer.Option("--wait", help="Wait until it is closed, and then until it has signed in.")
        ] = False,
        timeout: Annotated[float | None, typer.Option("--timeout", help="Seconds after which to stop waiting.")] = None,
        profile: ProfileOption = None,
        as_json: JsonOption = False,
    ) -> None:
        if dry_run + undo + repair > 1:
            raise UsageError("Choose one of --dry-run, --undo and --repair.")
        call = call_of(context, profile, as_json)
        if target is not None and app == "thunderbird":
            target = str(Path(target).expanduser().resolve())
        until = None if timeout is None else time.monotonic() + timeout
        with call.core() as core:
            if undo or repair:
                _change(call, core, app, account, target, "undo" if undo else "repair", _Patience(wait, until))
                return
            wish = {
                "account": account,
                "app": app,
                "target": target,
                "access": access,
                "security": security.upper(),
                "keep_copies": copies,
                "address": address,
                "label": label,
                "file": str(save.expanduser().absolute()) if save is not None else None,
            }
            plan = core.post("/v1/setup/plan", wish)
            if dry_run:
                call.show({**plan, "applied": False}, text.steps(plan["steps"]))
                return
            made = _Patience(wait, until).ask(call, core, "/v1/setup/apply", wish)["clients"]
            _show_applied(call, core, plan, made, _Patience(wait, until))

    set_up.__doc__ = PROGRAMS[app]
    return set_up


for _app in PROGRAMS:
    commands.command(name=_app)(_command(_app))


@commands.command(name="list")
def programs(
    context: typer.Context,
    account: Annotated[str, typer.Option("--account", help="User name, address or id.")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """The mail programs that can be set up, those of this computer first."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.get(f"/v1/accounts/{quoted(account)}/programs")
    found.sort(key=lambda program: not program["installed"])
    call.show(found, text.lines(text.program_line(program) for program in found))


@commands.command()
def show(
    context: typer.Context, client: ClientArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """What is left to you of a set-up that was made, with the values of now."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        steps = core.get(f"/v1/clients/{quoted(client)}/setup")
    call.show(steps, text.steps(steps, client) or "Nothing is left to do.")


@commands.command()
def autoconfig(
    context: typer.Context,
    account: Annotated[str, typer.Option("--account", help="User name, address or id.")],
    address: Annotated[str | None, typer.Option("--address", help="With split addresses: this one.")] = None,
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.")] = 0,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the autoconfig document on this computer until it is interrupted, for a program that can be pointed to it.
    There is no password in it."""
    call = call_of(context, profile, as_json)
    wish = {"account": account, "app": "other", "target": "autoconfig", "address": address}
    with call.core() as core:
        lines = core.post("/v1/setup/plan", wish)["steps"][0]["lines"]
    with autoconfigs.server("\n".join([*lines, ""]).encode(), port) as server:
        url = f"http://127.0.0.1:{server.server_port}{autoconfigs.PATHS[1]}"
        call.show({"url": url}, f"{url}\nPress Ctrl+C to end.")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


class _Patience:
    """Whether, and until when, to wait for a person."""

    def __init__(self, wait: bool, until: float | None) -> None:
        self.wait = wait
        self._until = until

    @property
    def is_over(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until

    def ask(self, call: Call, core: ControlClient, path: str, body: Json) -> Json:
        """Ask until the program is closed. Each question is a short one: who stops asking has stopped it."""
        told = False
        while True:
            try:
                answer: Json = core.post(path, body)
            except Answered as error:
                if error.code != ProgramRunning.code or not self.wait or self.is_over:
                    raise
                if not told and not call.as_json:
                    typer.echo(f"{error.message} {error.remedy}")
                told = True
                time.sleep(CLOSED_SECONDS)
            else:
                return answer


def _done(plan: Json) -> str:
    """What is to be done now."""
    if any(step["by_user"] for step in plan["steps"]):
        return "The password is made; the steps above are yours."
    return f"Done. Start {plan['program']['name']}."


def _has_looked(progress: Json) -> bool:
    return progress["imap_at"] is None or (progress["folders"] > 0 and progress["messages"] is not None)


def _show_applied(call: Call, core: ControlClient, plan: Json, made: list[str], patience: _Patience) -> None:
    left = core.get(f"/v1/clients/{quoted(made[0])}/setup")
    plan = {**plan, "steps": [*(step for step in plan["steps"] if not step["by_user"]), *left]}
    document = {**plan, "applied": True, "clients": made}
    if not patience.wait:
        hint = "`bridge-gui status` shows when it has signed in."
        call.show(document, f"{text.steps(plan['steps'], made[0])}\n\n{_done(plan)} {hint}")
        return
    if not call.as_json:
        typer.echo(f"{text.steps(plan['steps'], made[0])}\n\n{_done(plan)} Waiting for it to sign in.")
    signed_in_at: float | None = None
    while True:
        status = core.get("/v1/status")
        mine = [entry for entry in status["setups"] if entry["client"] in made]
        if not mine:
            raise Refused("The set-up was taken back before the program signed in.")
        if all(entry["phase"] == "signed-in" for entry in mine):
            signed_in_at = signed_in_at or time.monotonic()
            enough = time.monotonic() >= signed_in_at + SEEN_SECONDS or patience.is_over
            if enough or all(map(_has_looked, mine)):
                lines = [text.setup_line(entry, plan["program"]["name"]) for entry in mine]
                call.show({**document, "setups": mine}, text.lines(lines))
                return
        elif patience.is_over:
            problem = next((entry["problem"] for entry in mine if entry["problem"]), None)
            remedy = problem["remedy"] if problem else "It is set up; only its sign-in was not seen yet."
            raise Refused(f"{plan['program']['name']} has not signed in in time.", title="Still waiting", remedy=remedy)
        time.sleep(SIGN_IN_SECONDS)


def _change(
    call: Call, core: ControlClient, app: str, account: str, target: str | None, action: str, patience: _Patience
) -> None:
    """Undo or repair every set-up of this account in this program: also one whose account or password is gone."""
    wanted = account.strip().casefold()
    found = [
        made
        for made in core.get("/v1/setup")
        if made["app"] == app
        and target in (None, made["target"])
        and wanted in (made["account"].casefold(), *(name.casefold() for name in made["names"]))
    ]
    if not found:
        raise NotFound("Bridge Manager has not set up this account there.")
    left: list[Json] = []
    for made in reversed(found):
        left += patience.ask(call, core, f"/v1/clients/{quoted(made['clients'][0])}/setup-{action}", {})["steps"]
    if action == "undo":
        words = "Taken back: all that was added is removed, and its password is revoked."
    else:
        words = "Repaired: addresses, ports, certificate and password are as they are now."
    rest = f"\n\nLeft to you:\n{text.steps(left)}" if left else ""
    call.show({"undone" if action == "undo" else "repaired": len(found), "steps": left}, words + rest)
