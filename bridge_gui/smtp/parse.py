"""Command lines of SMTP submission: bytes in, one frozen command out, or a reply that says what is wrong.

Grammar of RFC 5321 4.1 with the parameters of the extensions we offer: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8
(RFC 6531), AUTH (RFC 4954), BDAT (RFC 3030). Two habits of mail programs are accepted although the grammar forbids
them: a space after `FROM:` or `TO:`, and an address without its angle brackets.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from bridge_gui.secret import Secret
from bridge_gui.smtp.backend import Reply

MAX_ADDRESS = 320
"""Octets: local part 64 and domain 255 (RFC 5321 4.5.3.1), with their `@`."""


@dataclass(frozen=True, slots=True)
class BadCommand(Exception):
    """The line is not a command we can run; `reply` says why."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Ehlo:
    name: str


@dataclass(frozen=True, slots=True)
class Helo:
    name: str


@dataclass(frozen=True, slots=True)
class StartTls:
    pass


@dataclass(frozen=True, slots=True)
class Auth:
    """`initial` is the decoded initial response; None when there was none, and the server has to ask."""

    mechanism: str
    initial: Secret[bytes] | None


@dataclass(frozen=True, slots=True)
class MailFrom:
    """`address` is empty for the null reverse-path `<>`."""

    address: str
    size: int | None = None
    eight_bit: bool = False
    utf8: bool = False


@dataclass(frozen=True, slots=True)
class RcptTo:
    address: str


@dataclass(frozen=True, slots=True)
class Data:
    pass


@dataclass(frozen=True, slots=True)
class Bdat:
    size: int
    last: bool


@dataclass(frozen=True, slots=True)
class Rset:
    pass


@dataclass(frozen=True, slots=True)
class Noop:
    pass


@dataclass(frozen=True, slots=True)
class Vrfy:
    pass


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Command = (
    Ehlo | Helo | StartTls | Auth | MailFrom | RcptTo | Data | Bdat | Rset | Noop | Vrfy | Help | Quit
)  # fmt: skip


def parse_command(line: bytes) -> Command:
    """Read one line without its CRLF. Raise `BadCommand`, and nothing else, for whatever is no command of ours."""
    if b"\x00" in line or b"\r" in line or b"\n" in line:
        raise BadCommand(Reply(500, "5.5.2", "Control characters are not allowed in a command."))
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadCommand(Reply(500, "5.5.2", "The command is neither ASCII nor UTF-8.")) from None
    verb, _, rest = text.partition(" ")
    parser = _PARSERS.get(verb.upper())
    if parser is None:
        raise BadCommand(Reply(500, "5.5.1", "This command is not known."))
    return parser(rest.strip(" \t"))


def decode_response(line: bytes) -> Secret[bytes]:
    """Read the base64 of a SASL response (RFC 4954 4); raise `BadCommand` for `*` (cancelled) and for what is no
    base64."""
    if line == b"*":
        raise BadCommand(Reply(501, "5.0.0", "Authentication was cancelled."))
    if not _BASE64.fullmatch(line) or len(line) % 4:
        raise BadCommand(Reply(501, "5.5.2", "The response is not base64."))
    try:
        return Secret(binascii.a2b_base64(line, strict_mode=True))
    except binascii.Error:
        raise BadCommand(Reply(501, "5.5.2", "The response is not base64.")) from None


_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


def _bad(text: str, status: str = "5.5.4") -> BadCommand:
    return BadCommand(Reply(501, status, text))


# ehlo = "EHLO" SP ( Domain / address-literal ) CRLF
def _ehlo(rest: str) -> Ehlo:
    return Ehlo(_name(rest))


# helo = "HELO" SP Domain CRLF
def _helo(rest: str) -> Helo:
    return Helo(_name(rest))


def _name(rest: str) -> str:
    """The client's name is for the record only, so any word will do: programs send what they find, `_` and all."""
    if not rest or len(rest) > 255 or not rest.isprintable():
        raise _bad("Give the name of your computer.")
    return rest.split(" ")[0]


# STARTTLS takes no parameter (RFC 3207 4)
def _starttls(rest: str) -> StartTls:
    _nothing(rest)
    return StartTls()


# auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF cancel-response] CRLF
def _auth(rest: str) -> Auth:
    mechanism, _, initial = rest.partition(" ")
    if not mechanism:
        raise _bad("Name a mechanism.")
    if not initial:
        return Auth(mechanism.upper(), None)
    if initial == "=":  # an empty initial response (RFC 4954 4)
        return Auth(mechanism.upper(), Secret(b""))
    return Auth(mechanism.upper(), decode_response(initial.encode()))


# mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF
def _mail(rest: str) -> MailFrom:
    path, parameters = _path(rest, "FROM:")
    size: int | None = None
    eight_bit = utf8 = False
    for keyword, value in parameters:
        if keyword == "SIZE" and value is not None and re.fullmatch(r"[0-9]{1,20}", value):
            size = int(value)
        elif keyword == "BODY" and value is not None and value.upper() in ("7BIT", "8BITMIME"):
            eight_bit = value.upper() == "8BITMIME"
        elif keyword == "SMTPUTF8" and value is None:
            utf8 = True
        elif keyword == "AUTH" and value is not None:
            pass  # RFC 4954 5: who submitted it first; a submission server may ignore it
        else:
            raise BadCommand(Reply(555, "5.5.4", f"The parameter {keyword} is not supported."))
    address = "" if not path else _mailbox(path, utf8=utf8)
    return MailFrom(address, size, eight_bit, utf8)


# rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF
def _rcpt(rest: str) -> RcptTo:
    path, parameters = _path(rest, "TO:")
    if parameters:
        raise BadCommand(Reply(555, "5.5.4", f"The parameter {parameters[0][0]} is not supported."))
    if not path:
        raise _bad("A recipient needs an address.", "5.1.3")
    # Whether non-ASCII is allowed depends on MAIL FROM: the connection decides.
    return RcptTo(_mailbox(path, utf8=True))


# data = "DATA" CRLF
def _data(rest: str) -> Data:
    _nothing(rest)
    return Data()


# bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF
def _bdat(rest: str) -> Bdat:
    match = re.fullmatch(r"([0-9]{1,19})( +LAST)?", rest, re.IGNORECASE)
    if match is None:
        raise _bad("BDAT takes a size, and LAST with the last piece.")
    return Bdat(int(match[1]), match[2] is not None)


def _rset(rest: str) -> Rset:
    _nothing(rest)
    return Rset()


def _noop(_: str) -> Noop:
    return Noop()


def _vrfy(_: str) -> Vrfy:
    return Vrfy()


def _help(_: str) -> Help:
    return Help()


def _quit(rest: str) -> Quit:
    _nothing(rest)
    return Quit()


def _nothing(rest: str) -> None:
    if rest:
        raise _bad("This command takes no parameter.")


_PARSERS: dict[str, Callable[[str], Command]] = {
    "EHLO": _ehlo,
    "HELO": _helo,
    "STARTTLS": _starttls,
    "AUTH": _auth,
    "MAIL": _mail,
    "RCPT": _rcpt,
    "DATA": _data,
    "BDAT": _bdat,
    "RSET": _rset,
    "NOOP": _noop,
    "VRFY": _vrfy,
    "HELP": _help,
    "QUIT": _quit,
}

# esmtp-param = esmtp-keyword ["=" esmtp-value]
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\x00-\x20=\x7f]+))?")
# A path in brackets may hold a quoted local part, and that a `>`.
_BRACKETED = re.compile(r'<((?:[^<>"\\]|"(?:[^"\\]|\\.)*")*)>')
# A-d-l = At-domain *( "," At-domain ): source routes are to be accepted and ignored (RFC 5321 4.1.1.3, appendix C)
_SOURCE_ROUTE = re.compile(r"@[^:,<>\s]+(?:,@[^:,<>\s]+)*:")

_ATEXT = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\U0010ffff]"
_DOT_STRING = rf"{_ATEXT}+(?:\.{_ATEXT}+)*"
_QUOTED = r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\U0010ffff]|\\[\x20-\x7e])*"'
_LABEL = r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9_\-\u0080-\U0010ffff]*[A-Za-z0-9\u0080-\U0010ffff])?"
_LITERAL = r"\[[A-Za-z0-9:.\-]+\]"
# Mailbox = Local-part "@" ( Domain / address-literal ), with UTF8-non-ascii of RFC 6531 3.3
_MAILBOX = re.compile(rf"(?P<local>{_DOT_STRING}|{_QUOTED})@(?P<domain>{_LABEL}(?:\.{_LABEL})*|{_LITERAL})")


def _path(rest: str, keyword: str) -> tuple[str, list[tuple[str, str | None]]]:
    """Split `FROM:<path> PARAMETER=value ...`; the path without its brackets."""
    if rest[: len(keyword)].upper() != keyword:
        raise _bad(f"{keyword} is missing.", "5.5.2")
    rest = rest[len(keyword) :].lstrip(" ")
    if rest.startswith("<"):
        match = _BRACKETED.match(rest)
        if match is None or rest[match.end() : match.end() + 1] not in ("", " "):
            raise _bad("The address is not closed by >.", "5.1.3")
        path, tail = match[1], rest[match.end() :]
    else:
        path, _, tail = rest.partition(" ")
        if not path:
            raise _bad("An address is missing.", "5.1.3")
    parameters: list[tuple[str, str | None]] = []
    for word in tail.split():
        found = _PARAMETER.fullmatch(word)
        if found is None:
            raise _bad("A parameter is malformed.")
        parameters.append((found[1].upper(), found[2]))
    return path, parameters


def _mailbox(path: str, *, utf8: bool) -> str:
    route = _SOURCE_ROUTE.match(path)
    if route is not None:
        path = path[route.end() :]
    if len(path.encode()) > MAX_ADDRESS or not path.isprintable() or _MAILBOX.fullmatch(path) is None:
        raise BadCommand(Reply(553, "5.1.3", "This is not a mail address."))
    if not utf8 and not path.isascii():
        raise BadCommand(Reply(553, "5.6.7", "An address that is not ASCII needs SMTPUTF8."))
    return path
