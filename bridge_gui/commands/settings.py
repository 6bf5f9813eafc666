"""The commands about settings and the certificate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge_gui.commands import text
from bridge_gui.commands.call import JsonOption, ProfileOption, call_of, group
from bridge_gui.control.client import quoted
from bridge_gui.errors import Refused

settings = group("Settings.")
certificate = group("The certificate that mail programs have to trust.")


@settings.command(name="list")
def settings_list(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """All settings with their meaning."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.get("/v1/settings")
    call.show(found, text.settings(found))


@settings.command(name="get")
def settings_get(context: typer.Context, key: str, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """The value of one setting."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.get(f"/v1/settings/{quoted(key)}")
    call.show(found, found["value"])


@settings.command(name="set")
def settings_set(
    context: typer.Context, key: str, value: str, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Change one setting."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.put(f"/v1/settings/{quoted(key)}", {"value": value})
    call.show(found, " ".join(filter(None, (f"{key} is {found['value']} now.", found["needs"]))))


@settings.command(name="reset")
def settings_reset(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="One setting; all of them without it.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put one setting, or all, back to its default."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.post("/v1/settings/reset", {"key": key})
    call.show(found, text.settings(found))


@certificate.command(name="show")
def certificate_show(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """The certificate's fingerprints, file and end."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.get("/v1/certificate")
    call.show(found, text.certificate(found))


@certificate.command(name="export")
def certificate_export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the certificate to trust to a PEM file."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        pem = core.get("/v1/certificate")["pem"]
    try:
        file.write_text(pem, encoding="ascii")
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from error
    call.show({"path": str(file.absolute())}, f"Written to {file}.")


@certificate.command(name="renew")
def certificate_renew(context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Make a new certificate; mail programs have to trust it anew."""
    call = call_of(context, profile, as_json)
    with call.core() as core:
        found = core.post("/v1/certificate/renew")
    call.show(found, text.certificate(found))


@certificate.command(name="import")
def certificate_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PEM: the certificate, its issuers, its key.")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a certificate of your own; mail programs have to trust it anew."""
    call = call_of(context, profile, as_json)
    try:
        pem = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read as a PEM file.") from error
    with call.core() as core:
        found = core.post("/v1/certificate/import", {"pem": pem})
    call.show(found, text.certificate(found))
