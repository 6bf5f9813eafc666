"""The command line. `serve` is a core without a window; everything else talks to the running core.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no core is running. With `--json` there is one JSON document
on standard output, and errors are one on standard error. Passwords come from a terminal or from standard input, never
from the arguments, which every program of the computer can read.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge_gui.commands import account, client, settings, setup, text
from bridge_gui.commands.call import JsonOption, ProfileOption, ask_secret, call_of, read_line
from bridge_gui.config import version
from bridge_gui.control.client import Answered
from bridge_gui.errors import BridgeError, NoCore, Refused, UsageError

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_NO_CORE = 0, 1, 2, 3
END_SECONDS = 30.0
"""How long `quit` waits for the core to say good-bye to its mail programs."""

Json = dict[str, Any]

# typer carries a click of its own and names few of its errors; these are the ancestors of one that it does name.
_WrongUsage: Any = typer.BadParameter.__base__
_ParserError: Any = _WrongUsage.__base__

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(account.commands, name="account")
app.add_typer(client.commands, name="client")
app.add_typer(setup.commands, name="setup")
app.add_typer(settings.settings, name="settings")
app.add_typer(settings.certificate, name="certificate")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version())
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Bridge Manager: Proton Mail for any mail program of this computer.

    Without a command, tray and window are opened: bridge-gui [--demo] [--no-window] [--profile DIR]
    """
    context.obj = {"profile": profile, "json": as_json}


# ---------------------------------------------------------------------------------------------- the core


@app.command()
def serve(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Serve a demonstration account.")] = False,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="Protect the passwords by the words in this file.")
    ] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the core without a window; print one JSON line when it listens."""
    import asyncio

    from bridge_gui import start
    from bridge_gui.options import options

    outer: Json = context.find_root().obj or {}
    folder = profile or outer.get("profile")
    chosen = options(folder, demo=demo, passphrase_file=passphrase_file)
    asyncio.run(start.serve(chosen, say=typer.echo, complain=partial(typer.echo, err=True)))


@app.command()
def status(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", help="Go on, and print it again whenever it changes.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Core, accounts, listeners, mail programs and their sessions."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        if follow:
            for document in core.events():
                call.show(document, text.status(document) + "\n")
                sys.stdout.flush()
        else:
            document = core.get("/v1/status")
            call.show(document, text.status(document))


@app.command(name="quit")
def end(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """End the running core, and wait until it has ended."""
    from bridge_gui.desktop.single import AlreadyRunning, ProfileLock

    call = call_of(context, profile, as_json)
    with call.core() as core:
        core.post("/v1/quit")
    deadline = time.monotonic() + END_SECONDS
    while True:
        try:
            with ProfileLock(call.profile.lock_file):
                break
        except FileNotFoundError:
            break  # a temporary profile, gone with its core
        except AlreadyRunning:
            if time.monotonic() > deadline:
                raise Refused("The core was asked to end and has not ended yet.") from None
        time.sleep(0.05)
    call.show({"ended": True}, "Bridge Manager has ended.")


@app.command()
def unlock(
    context: typer.Context,
    passphrase_stdin: Annotated[bool, typer.Option("--passphrase-stdin", help="Read it from the first line.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try again to open the stored passwords, with a passphrase if they have one."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        state = core.post("/v1/unlock")
        if state["state"] == "locked" and state["problem"]["code"] in ("vault-locked", "locked-by-user"):
            words = read_line("passphrase") if passphrase_stdin else ask_secret("Passphrase")
            state = core.post("/v1/unlock", {"passphrase": words})
    _refuse_locked(state)
    call.show(state, "The stored passwords are open.")


def _refuse_locked(state: Json) -> None:
    if state["state"] == "locked":
        problem = state["problem"]
        raise Answered(problem["code"], problem["message"], title=problem["title"], remedy=problem["remedy"])


@app.command(name="start-anew")
def start_anew(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give up stored passwords that nothing opens any more: their file is damaged, their key or passphrase is lost.

    The sign-ins of all accounts and the passwords of all mail programs are lost. The mail on this computer is deleted,
    with mail that was waiting to be sent, and downloaded anew. The mail at Proton stays as it is. The file of stored
    passwords is kept under another name.
    """
    call = call_of(context, profile, as_json)
    with call.core() as core:
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("There is no terminal to ask on.", remedy="Agree with --yes; see --help.")
            typer.confirm("Sign-ins, passwords of mail programs and the mail here are lost. Start anew?", abort=True)
        state = core.post("/v1/start-anew")
    _refuse_locked(state)
    call.show(state, "Started anew. `bridge-gui account add` signs in to an account.")


@app.command()
def lock(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Close the stored passwords, and with them the servers, until `unlock`."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        call.show(core.post("/v1/lock"), "Locked. `bridge-gui unlock` opens it again.")


@app.command()
def protect(
    context: typer.Context,
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="By the words of the first line.")
    ] = False,
    keychain: Annotated[bool, typer.Option("--keychain", help="By the keychain of this computer.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say by what the stored passwords are protected from now on: a passphrase, or the keychain."""
    if passphrase_stdin and keychain:
        raise UsageError("Choose one of --passphrase-stdin and --keychain.")
    call = call_of(context, profile, as_json)
    with call.core() as core:
        core.get("/v1/status")
        words = None
        if not keychain:
            words = read_line("passphrase") if passphrase_stdin else ask_secret("New passphrase")
            if not passphrase_stdin and ask_secret("The same again") != words:
                raise UsageError("These are two different passphrases.")
        found = core.post("/v1/protect", {"passphrase": words})
    call.show(found, f"The stored passwords are protected by the {found['protection']} now.")


@app.command()
def doctor(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Check everything that can be wrong, with a remedy for each."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        checks = core.get("/v1/doctor")
    call.show(checks, text.checks(checks))


@app.command()
def logs(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is added.")] = False,
    lines: Annotated[int, typer.Option("--lines", min=1, help="How many lines to begin with.")] = 50,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest lines of the log. Addresses in it are masked."""
    from bridge_gui.core.report import follow_log, last_lines

    call = call_of(context, profile, as_json)
    newest = last_lines(call.profile.logs, lines)
    if not follow:
        call.show({"lines": newest}, "\n".join(newest))
        return
    for line in newest:
        typer.echo(line)
    for line in follow_log(call.profile.logs):
        typer.echo(line)


@app.command()
def report(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", help="The file to write.")] = Path("bridge-gui-report.zip"),
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a ZIP file for a report: state, settings, checks and logs, with addresses masked; no mail, no passwords."""
    from bridge_gui.answers import ReportPart
    from bridge_gui.core import report as reports

    call = call_of(context, profile, as_json)
    try:
        with call.core() as core:
            found = core.post("/v1/report", {"logs": True})
            parts = tuple(ReportPart(part["name"], part["text"]) for part in found)
    except NoCore:
        parts = reports.compose(None, call.profile, None, (), (), logs=True)  # the logs say why there is none
    reports.save(parts, output)
    document = {"path": str(output.absolute()), "files": [part.name for part in parts]}
    call.show(document, f"Written to {output}. Look into it before you send it.")


# ---------------------------------------------------------------------------------------------- the entry


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    arguments = list(argv)
    as_json = "--json" in arguments
    try:
        result = typer.main.get_command(app).main(arguments, prog_name="bridge-gui", standalone_mode=False)
        return result if isinstance(result, int) else EXIT_DONE
    except BridgeError as error:
        return fail(error, as_json)
    except _WrongUsage as error:
        return fail(UsageError(error.format_message(), remedy="See `bridge-gui --help`."), as_json)
    except _ParserError as error:
        return fail(Refused(error.format_message()), as_json)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has enough; Python would complain at its end
        return EXIT_FAILED


def fail(error: BridgeError, as_json: bool) -> int:
    """Say what went wrong on standard error, and return the exit code that goes with it."""
    from bridge_gui.control.shapes import error as shape

    typer.echo(json.dumps(shape(error), ensure_ascii=False) if as_json else text.error(error), err=True)
    if isinstance(error, NoCore):
        return EXIT_NO_CORE
    return EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED
