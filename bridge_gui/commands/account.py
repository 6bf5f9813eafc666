"""The commands about accounts, signing in among them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bridge_gui.commands import text
from bridge_gui.commands.call import (
    AccountArgument,
    Call,
    Json,
    JsonOption,
    ProfileOption,
    ask_secret,
    call_of,
    group,
    read_line,
)
from bridge_gui.control.client import Answered, ControlClient, quoted
from bridge_gui.errors import BridgeError, UsageError

commands = group("Sign in to accounts, list them, sign out.")


@commands.command()
def login(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="User name or address.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from the first line.")] = False,
    totp: Annotated[str | None, typer.Option("--totp", help="Six digits of the authenticator.")] = None,
    mailbox_password_stdin: Annotated[
        bool, typer.Option("--mailbox-password-stdin", help="Read it from the next line (two-password mode).")
    ] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign in to an account. What is missing is asked for, if there is a terminal."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        core.get("/v1/status")  # no password is asked for when no core is running
        password = read_line("password") if password_stdin else ask_secret("Password")
        mailbox_password = read_line("mailbox password") if mailbox_password_stdin else None
        step = core.post("/v1/login", {"username": name, "password": password})
        try:
            account = _finish_login(core, step, totp, mailbox_password)
        except (BridgeError, KeyboardInterrupt):
            if step.get("flow"):
                core.post(f"/v1/login/{step['flow']}/cancel")
            raise
        found = next(entry for entry in core.get("/v1/status")["accounts"] if entry["id"] == account)
    call.show(found, f"Signed in: {text.account_line(found)}")


def _finish_login(core: ControlClient, step: Json, totp: str | None, mailbox_password: str | None) -> str:
    """Answer what the sign-in asks until it has ended; return the account's id."""
    while step["need"]:
        path, trouble = f"/v1/login/{step['flow']}", step["problem"]
        if step["need"] == "code":
            code = totp if totp is not None else _ask(step, "Six digits of the authenticator", "--totp")
            totp = None
            step = core.post(f"{path}/code", {"code": code})
        elif step["need"] == "mailbox-password":
            answer = mailbox_password
            if answer is None:
                answer = _ask(step, "Mailbox password", "--mailbox-password-stdin", secret=True)
            mailbox_password = None
            step = core.post(f"{path}/mailbox-password", {"password": answer})
        else:
            if not sys.stdin.isatty():
                remedy = f"Open {step['url']} in a browser, solve it there, and sign in from a terminal."
                title = "Proton wants to see a person" if trouble is None else trouble["title"]
                raise Answered("human-check", title, title=title, remedy=remedy)
            typer.echo(f"Open this page, solve what it asks, then press Enter here:\n{step['url']}", err=True)
            input()
            step = core.post(f"{path}/verified")
    if step.get("failed"):
        raise _as_error(step["problem"])
    account: str = step["account"]
    return account


def _as_error(problem: Json) -> Answered:
    return Answered(problem["code"], problem["message"], title=problem["title"], remedy=problem["remedy"])


def _ask(step: Json, what: str, option: str, *, secret: bool = False) -> str:
    """Ask on the terminal. Without one, the problem of the last answer or the missing option is the error."""
    trouble = step["problem"]
    if not sys.stdin.isatty():
        if trouble is not None:
            raise _as_error(trouble)
        raise Answered(f"need-{step['need']}", f"{what} is needed.", title=what, remedy=f"Give it with {option}.")
    if trouble is not None:
        typer.echo(trouble["title"], err=True)
    return ask_secret(what) if secret else input(f"{what}: ")


@commands.command(name="list")
def account_list(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """All accounts."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        accounts = core.get("/v1/status")["accounts"]
    call.show(accounts, text.lines(text.account_line(entry) for entry in accounts) or "No account is signed in.")


def _on_account(call: Call, name: str, action: str, done: str, body: Json | None = None) -> None:
    with call.core() as core:
        document = core.post(f"/v1/accounts/{quoted(name)}/{action}", body)
    call.show(document, done)


@commands.command()
def logout(
    context: typer.Context, name: AccountArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Sign out; the mail on this computer and the programs' passwords stay."""
    _on_account(call_of(context, profile, as_json), name, "logout", f"{name} is signed out.")


@commands.command()
def remove(
    context: typer.Context, name: AccountArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Sign out and delete the account's mail from this computer. Nothing at Proton is touched."""
    _on_account(call_of(context, profile, as_json), name, "remove", f"{name} is removed.")


@commands.command()
def repair(
    context: typer.Context, name: AccountArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Compare the local copy with the service and mend it."""
    _on_account(call_of(context, profile, as_json), name, "repair", f"{name} is being repaired.")


@commands.command()
def mode(
    context: typer.Context,
    name: AccountArgument,
    mode: Annotated[str, typer.Argument(metavar="combined|split")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """One mailbox tree for all addresses, or one for each."""
    call = call_of(context, profile, as_json)
    _on_account(call, name, "mode", f"The addresses of {name} are {mode} now.", {"mode": mode})


@commands.command()
def pause(
    context: typer.Context,
    name: AccountArgument,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Go on by itself after so long.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop downloading for now."""
    call = call_of(context, profile, as_json)
    _on_account(call, name, "pause", f"{name} is paused.", {"seconds": seconds})


@commands.command()
def resume(
    context: typer.Context, name: AccountArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Go on downloading."""
    _on_account(call_of(context, profile, as_json), name, "resume", f"{name} goes on.")


@commands.command()
def wait(
    context: typer.Context,
    name: AccountArgument,
    synced: Annotated[bool, typer.Option("--synced", help="Until all mail is here (the default).")] = False,
    usable: Annotated[bool, typer.Option("--usable", help="Until the INBOX can be read.")] = False,
    timeout: Annotated[float | None, typer.Option("--timeout", help="Seconds after which to give up.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until an account's mail is there."""
    if synced and usable:
        raise UsageError("Choose one of --synced and --usable.")
    call = call_of(context, profile, as_json)
    body = {"goal": "usable" if usable else "synced", "timeout": timeout}
    with call.core() as core:
        found = core.post(f"/v1/accounts/{quoted(name)}/wait", body)
    call.show(found, text.account_line(found))


@commands.command()
def outbox(
    context: typer.Context,
    name: AccountArgument,
    retry: Annotated[str | None, typer.Option("--retry", metavar="ID", help="Try to send this one now.")] = None,
    cancel: Annotated[str | None, typer.Option("--cancel", metavar="ID", help="Never send this one.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Messages that wait to be sent."""
    if retry is not None and cancel is not None:
        raise UsageError("Choose one of --retry and --cancel.")
    call = call_of(context, profile, as_json)
    with call.core() as core:
        body = {"retry": retry, "cancel": cancel}
        waiting = core.post(f"/v1/accounts/{quoted(name)}/outbox", body)["outbox"]
    call.show(waiting, text.lines(text.outbox_line(item) for item in waiting) or "Nothing waits to be sent.")


@commands.command(name="self-test")
def self_test(
    context: typer.Context, name: AccountArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Send letters to yourself and show what Proton changes of them. They are deleted again."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.post(f"/v1/accounts/{quoted(name)}/self-test")
    call.show(found, text.self_test(found))
    if not found["good"]:
        raise typer.Exit(1)
