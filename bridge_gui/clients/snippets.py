"""Configuration for programs of the terminal: one piece of text each, whole, that works as it stands.

The password is never in it: the program asks for it by running `bridge-gui client password ID`. Our CA is the only one
that is trusted. The connection is secured by STARTTLS, which does not depend on how quickly a busy computer sends its
first byte; getmail alone knows only TLS from that byte on.

Each format quotes in its own way, and what a format cannot express (a back-tick in a path of neomutt) is refused rather
than written wrongly.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bridge_gui.clients.base import AccountSetup, Certificate
from bridge_gui.errors import Refused, UsageError
from bridge_gui.model import Access


@dataclass(frozen=True, slots=True)
class Request:
    """What a snippet is made from."""

    setup: AccountSetup
    certificate: Certificate
    command: tuple[str, ...]
    """What prints the password, as arguments."""

    @property
    def access(self) -> Access:
        return self.setup.access

    @property
    def name(self) -> str:
        """The account's name in the program's own file: letters, digits and dashes."""
        return re.sub(r"[^a-z0-9]+", "-", self.setup.username.lower()).strip("-")

    @property
    def ca(self) -> str:
        return _plain(str(self.certificate.ca_path))

    @property
    def shell(self) -> str:
        return _plain(shlex.join(self.command))

    @property
    def sender(self) -> str:
        """The first address, with its name if it has one."""
        first = self.setup.identities[0]
        if not first.name:
            return first.email
        name = _plain(first.name).replace("\\", "").replace('"', "")
        return f'"{name}" <{first.email}>'


@dataclass(frozen=True, slots=True)
class Kind:
    """A program that is set up by a piece of text."""

    key: str
    title: str
    program: str
    """The command by which it is found on this computer."""
    file: str
    """Where the program reads it, as its manual says."""
    reads: bool
    sends: bool
    write: Callable[[Request], str]
    hint: str = ""
    """What is to be done besides saving it, as a sentence."""
    writes: bool = True
    """It changes flags, or moves and deletes mail."""
    tried: bool = True
    """Run with the real program; the others are written from their manuals."""

    @property
    def accesses(self) -> tuple[Access, ...]:
        """What its password may do, the most fitting first: one that only fetches need not write."""
        if not self.reads:
            return (Access.SEND_ONLY,)
        if self.sends:
            return tuple(Access)
        return (Access.FULL, Access.READ_ONLY) if self.writes else (Access.READ_ONLY, Access.FULL)


def snippet(kind: str, request: Request) -> str:
    """The text for one program, which ends with a newline. Raise `UsageError` for an unknown one."""
    found = KINDS.get(kind)
    if found is None:
        raise UsageError(f"There is no ready text for {kind}.", remedy=f"There is one for: {', '.join(KINDS)}.")
    return found.write(request)


# ------------------------------------------------------------------------------------------ quoting


def _plain(text: str) -> str:
    """Refuse what no configuration file can hold in one line."""
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in text):
        raise Refused("A path or a name holds a control character; it cannot be written into a configuration file.")
    return text


def _without(text: str, characters: str, program: str) -> str:
    for char in characters:
        if char in text:
            raise Refused(
                f"{program} cannot take a path with the character {char}.",
                remedy="Move the profile to a folder with a plainer name.",
            )
    return text


def _in_quotes(text: str, special: str = '\\"') -> str:
    """Text in double quotes, with a backslash before each special character."""
    return '"' + "".join(f"\\{char}" if char in special else char for char in text) + '"'


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _percent(text: str) -> str:
    """For Python's configparser, to which a percent sign means something."""
    return text.replace("%", "%%")


# ------------------------------------------------------------------------------------------ the programs


def _mbsync(request: Request) -> str:
    setup, name = request.setup, request.name
    return f"""\
IMAPAccount {name}
Host {setup.imap.host}
Port {setup.imap.port}
User {_in_quotes(setup.username)}
PassCmd {_in_quotes(request.shell)}
SSLType STARTTLS
CertificateFile {_in_quotes(request.ca)}

IMAPStore {name}-remote
Account {name}

MaildirStore {name}-local
Path ~/Mail/{name}/
Inbox ~/Mail/{name}/INBOX
SubFolders Verbatim

Channel {name}
Far :{name}-remote:
Near :{name}-local:
Patterns * !"All Mail"
Create Near
Expunge Both
SyncState *
"""


def _msmtp(request: Request) -> str:
    setup = request.setup
    # msmtp takes the rest of the line as it is, and strips one pair of double quotes around it.
    return f"""\
account {request.name}
host {setup.smtp.host}
port {setup.smtp.port}
auth on
user {setup.username}
passwordeval {request.shell}
tls on
tls_starttls on
tls_trust_file "{_without(request.ca, '"', "msmtp")}"
from {setup.identities[0].email}
"""


def _neomutt(request: Request) -> str:
    setup = request.setup
    special = '\\"$`'
    command = _without(request.shell, "`\\", "Mutt")
    user = quote(setup.username, safe="")
    lines = [
        f"set my_bridge_password=`{command}`",
        f"set certificate_file={_in_quotes(request.ca, special)}",
        "set ssl_starttls=yes",
        "set ssl_force_tls=yes",
        f"set from={_in_quotes(request.sender, special)}",
    ]
    if request.access.reads:
        lines += [
            f'set folder="imap://{user}@{setup.imap.host}:{setup.imap.port}/"',
            'set imap_pass="$my_bridge_password"',
            'set spoolfile="+INBOX"',
            'set postponed="+Drafts"',
            "set imap_check_subscribed=yes",
        ]
    if request.access.sends:
        lines += [
            f'set smtp_url="smtp://{user}@{setup.smtp.host}:{setup.smtp.port}/"',
            'set smtp_pass="$my_bridge_password"',
            "# Sent mail appears in Sent by itself.",
            "set copy=no",
        ]
    return "\n".join([*lines, ""])


def _git(request: Request) -> str:
    setup = request.setup
    place = f"smtp://{setup.smtp.host}:{setup.smtp.port}"
    helper = f'!f() {{ test "$1" = get && echo "password=$({request.shell})"; }}; f'
    # The empty helper keeps others, such as one that stores in plain text, from ever seeing the password.
    return f"""\
[sendemail]
	smtpServer = {setup.smtp.host}
	smtpServerPort = {setup.smtp.port}
	smtpEncryption = tls
	smtpSSLCertPath = {_in_quotes(request.ca)}
	smtpUser = {_in_quotes(setup.username)}
	from = {_in_quotes(request.sender)}
[credential "{place}"]
	username = {_in_quotes(setup.username)}
	helper =
	helper = {_in_quotes(helper)}
"""


def _offlineimap(request: Request) -> str:
    setup, name = request.setup, request.name
    call = f'__import__("subprocess").check_output({list(request.command)!r}, text=True).strip()'
    return f"""\
[general]
accounts = {name}

[Account {name}]
localrepository = {name}-local
remoterepository = {name}-remote

[Repository {name}-local]
type = Maildir
localfolders = ~/Mail/{name}

[Repository {name}-remote]
type = IMAP
remotehost = {setup.imap.host}
remoteport = {setup.imap.port}
remoteuser = {_percent(setup.username)}
remotepasseval = {_percent(call)}
ssl = no
starttls = yes
sslcacertfile = {_percent(request.ca)}
folderfilter = lambda name: name != "All Mail"
"""


def _getmail(request: Request) -> str:
    setup, name = request.setup, request.name
    return f"""\
[retriever]
type = SimpleIMAPSSLRetriever
server = {setup.imap.host}
port = {setup.imap.port}
username = {setup.username}
password_command = {request.command!r}
ca_certs = {request.ca}
mailboxes = ("INBOX",)

[destination]
type = Maildir
path = ~/Mail/{name}/

[options]
read_all = false
delete = false
"""


def _aerc(request: Request) -> str:
    setup = request.setup
    user = quote(setup.username, safe="")
    # Back-ticks: within them, aerc's format takes everything as it is, also what would begin a comment elsewhere.
    command = f"`{_without(request.shell, '`', 'aerc')}`"
    lines = [f"[{request.name}]", f"from = {request.sender}"]
    if request.access.reads:
        lines += [
            f"source = imap://{user}@{setup.imap.host}:{setup.imap.port}",
            f"source-cred-cmd = {command}",
            "default = INBOX",
            "folders-exclude = All Mail",
        ]
    if request.access.sends:
        lines += [
            f"outgoing = smtp+plain://{user}@{setup.smtp.host}:{setup.smtp.port}",
            "smtp-starttls = yes",
            f"outgoing-cred-cmd = {command}",
        ]
    return "\n".join([*lines, ""])


def _himalaya(request: Request) -> str:
    setup = request.setup
    lines = [f"[accounts.{request.name}]", f"email = {_toml(setup.identities[0].email)}"]
    if setup.identities[0].name:
        lines.append(f"display-name = {_toml(_plain(setup.identities[0].name))}")

    def server(prefix: str, kind: str, host: str, port: int) -> list[str]:
        return [
            f'{prefix}.type = "{kind}"',
            f"{prefix}.host = {_toml(host)}",
            f"{prefix}.port = {port}",
            f'{prefix}.encryption.type = "start-tls"',
            f"{prefix}.encryption.cert = {_toml(request.ca)}",
            f"{prefix}.login = {_toml(setup.username)}",
            f'{prefix}.auth.type = "password"',
            f"{prefix}.auth.cmd = {_toml(request.shell)}",
        ]

    if request.access.reads:
        lines += server("backend", "imap", setup.imap.host, setup.imap.port)
    if request.access.sends:
        lines += [
            *server("message.send.backend", "smtp", setup.smtp.host, setup.smtp.port),
            "message.send.save-copy = false",
        ]
    return "\n".join([*lines, ""])


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "mbsync",
            "mbsync",
            "mbsync",
            "~/.mbsyncrc",
            True,
            False,
            _mbsync,
            "Make the folder ~/Mail and the one named under Path first, then run mbsync -a.",
        ),
        Kind("msmtp", "msmtp", "msmtp", "~/.msmtprc", False, True, _msmtp),
        Kind("neomutt", "NeoMutt or Mutt", "neomutt", "~/.muttrc", True, True, _neomutt),
        Kind("git", "git send-email", "git", "~/.gitconfig", False, True, _git),
        Kind("offlineimap", "OfflineIMAP", "offlineimap", "~/.offlineimaprc", True, False, _offlineimap),
        Kind(
            "getmail",
            "getmail",
            "getmail",
            "~/.getmail/getmailrc",
            True,
            False,
            _getmail,
            "Make the folder named under path first, with cur, new and tmp in it.",
            writes=False,
        ),
        Kind(
            "aerc",
            "aerc",
            "aerc",
            "~/.config/aerc/accounts.conf",
            True,
            True,
            _aerc,
            "Start aerc with SSL_CERT_FILE set to the file of the certificate: it has no setting of its own for it.",
        ),
        Kind(
            "himalaya",
            "Himalaya 1",
            "himalaya",
            "~/.config/himalaya/config.toml",
            True,
            True,
            _himalaya,
            tried=False,
        ),
    )
}
