"""Programs that a person sets up by hand: their steps, each with the values to copy into it.

Nothing is written, because these programs spread an account over several files and a wallet, or keep it in a database
of their own. What they are called and where their settings are is from their own manuals; no step has been tried with
the real program, and the window says so.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge_gui.answers import SetupStep, SetupValue
from bridge_gui.clients.base import AccountSetup, Certificate


@dataclass(frozen=True, slots=True)
class Guided:
    """One program: where its form is, and what its forms ask for that ours does not say by itself."""

    key: str
    title: str
    commands: tuple[str, ...]
    """By which it is found on this computer; flatpaks have a dot in their name."""
    form: str
    """Where the form of a new account is."""
    reading: str
    sending: str
    trust: str
    """What it does about a certificate that it does not know."""


FLATPAKS = (Path("/var/lib/flatpak/app"), Path.home() / ".local/share/flatpak/app")

PROGRAMS: tuple[Guided, ...] = (
    Guided(
        "evolution",
        "Evolution",
        ("evolution", "org.gnome.Evolution"),
        "In Evolution choose Edit > Accounts > Add > Mail account, and switch off the look-up of server details",
        "Receiving email: server type IMAP, encryption STARTTLS after connecting, authentication Password",
        "Sending email: server type SMTP, Server requires authentication, encryption STARTTLS after connecting",
        "When Evolution asks about the certificate compare the fingerprint, then choose Accept permanently",
    ),
    Guided(
        "kmail",
        "KMail",
        ("kmail", "org.kde.kontact"),
        "In KMail choose Settings > Configure KMail > Accounts > Receiving > Add > Custom account > IMAP",
        "General: server, user name and password. Advanced: encryption STARTTLS, authentication PLAIN, and the port",
        "Under Sending choose Add > SMTP. General: server, login and password. Advanced: STARTTLS, PLAIN, and the port",
        "When KMail asks about the certificate compare the fingerprint, then choose Continue and Forever",
    ),
    Guided(
        "geary",
        "Geary",
        ("geary", "org.gnome.Geary"),
        "In Geary choose Accounts > Add > Other email provider",
        "Receiving: the server with its port after a colon, connection security StartTLS",
        "Sending: the server with its port after a colon, StartTLS, login: use the one for receiving",
        "When Geary asks about the certificate compare the fingerprint, then choose Always trust this server",
    ),
    Guided(
        "claws",
        "Claws Mail",
        ("claws-mail", "org.claws_mail.Claws-Mail"),
        "In Claws Mail choose Configuration > Create new account",
        "Basic: protocol IMAP, server and user name. SSL/TLS: Use STARTTLS for receiving. Advanced: the IMAP port",
        "Send: SMTP authentication, PLAIN. SSL/TLS: Use STARTTLS for sending. Advanced: the SMTP port",
        "When Claws Mail asks about the certificate compare the fingerprint, then choose Accept and save",
    ),
    Guided(
        "mailspring",
        "Mailspring",
        ("mailspring", "com.getmailspring.Mailspring"),
        "In Mailspring choose Preferences > Accounts > Add account > IMAP / SMTP",
        "Incoming mail: server and port, security STARTTLS, user name and password",
        "Outgoing mail: server and port, security STARTTLS, user name and password",
        "Mailspring cannot compare fingerprints: if it refuses the certificate, tick Allow insecure SSL, which on this "
        "computer's own address nobody else can use",
    ),
    Guided(
        "any",
        "Another program",
        (),
        "In your mail program add an account by hand: IMAP for receiving, SMTP for sending",
        "Receiving: security STARTTLS or SSL/TLS, both work on the same port; authentication: normal password",
        "Sending: security STARTTLS or SSL/TLS; authentication: normal password, with the same user name",
        "When the program asks about the certificate compare the fingerprint, then let it trust it for good",
    ),
)


def is_installed(program: Guided) -> bool:
    """Tell whether one of the program's commands, or its flatpak, is there."""
    return any(
        any((folder / command).is_dir() for folder in FLATPAKS) if "." in command else shutil.which(command)
        for command in program.commands
    )


def steps(program: Guided, account: AccountSetup, certificate: Certificate) -> tuple[SetupStep, ...]:
    """What the person does, in order, each with what is to be copied for it."""
    access = account.access
    sign_in = (SetupValue("User name", account.username), SetupValue("Password", secret=True))
    address = SetupValue("Address", account.identities[0].email)
    name = account.identities[0].name
    made = [SetupStep(program.form, by_user=True, values=(*([SetupValue("Name", name)] if name else []), address))]
    if access.reads:
        servers = server_values("IMAP", account.imap.host, account.imap.port)
        made.append(SetupStep(program.reading, by_user=True, values=(*servers, *sign_in)))
    if access.sends:
        servers = server_values("SMTP", account.smtp.host, account.smtp.port)
        made.append(SetupStep(program.sending, by_user=True, values=(*servers, *sign_in)))
    made.append(SetupStep(program.trust, by_user=True, values=(fingerprint_value(certificate),)))
    return tuple(made)


def server_values(protocol: str, host: str, port: int) -> Sequence[SetupValue]:
    return (SetupValue(f"{protocol} server", host), SetupValue(f"{protocol} port", str(port)))


def fingerprint_value(certificate: Certificate) -> SetupValue:
    return SetupValue("Fingerprint (SHA-256)", certificate.fingerprint)


AGAIN = SetupStep("Remove the account in the program itself: Bridge Manager has written nothing there", by_user=True)
