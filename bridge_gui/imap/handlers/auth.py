"""CAPABILITY, NOOP, LOGOUT, ID, STARTTLS, LOGIN, AUTHENTICATE, ENABLE, COMPRESS."""

from __future__ import annotations

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.backend import LoginRefused
from bridge_gui.imap.capabilities import ENABLED_BY_NAME, capabilities
from bridge_gui.imap.connection import Line, State
from bridge_gui.imap.conversation import MAX_LOGINS, Conversation
from bridge_gui.imap.grammar import NotSupported, ParseError
from bridge_gui.imap.handlers.tree import become_condstore
from bridge_gui.imap.parse import sasl_decode
from bridge_gui.mime.structure import string
from bridge_gui.secret import Secret


def names(conv: Conversation) -> list[str]:
    return capabilities(conv.connection, can_start_tls=conv.link.can_start_tls)


def greeting(conv: Conversation) -> bytes:
    """The first line (RFC 3501 7.1.1), with the capabilities that save the client a question."""
    identity = conv.shared.identity
    return responses.ok("*", f"{identity.name} is ready", "CAPABILITY " + " ".join(names(conv)))


async def capability(conv: Conversation, command: c.Capability) -> None:
    if conv.user is None:
        conv.left_unencrypted = not conv.connection.tls
    conv.say(responses.capability(names(conv)))
    conv.say(responses.ok(command.tag, "CAPABILITY completed"))


async def noop(conv: Conversation, command: c.Noop | c.Check) -> None:
    conv.tell(command)
    conv.say(responses.ok(command.tag, f"{command.name} completed"))


async def logout(conv: Conversation, command: c.Logout) -> None:
    conv.say(responses.bye("goodbye"))
    conv.say(responses.ok(command.tag, "LOGOUT completed"))
    conv.leave_mailbox()
    conv.connection.move_to(State.LOGOUT)


async def identify(conv: Conversation, command: c.Id) -> None:
    """RFC 2971: both sides name themselves."""
    if command.fields:
        conv.client_id = dict(command.fields)
        if conv.user is not None:
            conv.user.identify(conv.client_id)
    identity = conv.shared.identity
    ours = {"name": identity.name, "version": identity.version, **identity.fields, **conv.shared.backend.server_id}
    shown = b" ".join(
        b"%s %s" % (string(name.encode()), string(value.encode())) for name, value in ours.items() if value
    )
    conv.say(b"* ID (%s)\r\n" % shown if shown else b"* ID NIL\r\n")
    conv.say(responses.ok(command.tag, "ID completed"))


async def start_tls(conv: Conversation, command: c.StartTls) -> None:
    if conv.connection.tls:
        raise ParseError("TLS is active already")
    if not conv.link.can_start_tls:
        raise NotSupported("TLS cannot be started here")
    conv.say(responses.ok(command.tag, "begin TLS now"))
    await conv.flush()
    conv.connection.begin_tls()
    await conv.link.start_tls()


async def login(conv: Conversation, command: c.Login) -> None:
    await _sign_in(conv, command, command.username, command.password)


async def authenticate(conv: Conversation, command: c.Authenticate) -> None:
    """PLAIN alone (RFC 4616): [authzid] NUL authcid NUL passwd."""
    if command.mechanism != "PLAIN":
        raise NotSupported("this mechanism is not offered")
    if not conv.connection.tls:
        conv.wants_no_tls()
        raise NotSupported("start TLS first", "PRIVACYREQUIRED")
    if command.initial is not None:
        message = command.initial
    else:
        conv.say(responses.continuation())
        line = await _line(conv)
        if line is None:
            return
        if line.text == b"*":
            raise ParseError("the sign-in was cancelled")
        message = Secret(sasl_decode(line.text))
    parts = message.reveal().split(b"\0")
    if len(parts) != 3:
        raise ParseError("this is no PLAIN message")
    try:
        authorised, username, password = (part.decode("utf-8") for part in parts)
    except UnicodeDecodeError as error:
        raise ParseError("this is no UTF-8") from error
    if authorised and authorised != username:
        raise NotSupported("one user cannot act for another here", "AUTHORIZATIONFAILED")
    await _sign_in(conv, command, username, Secret(password))


async def _line(conv: Conversation) -> Line | None:
    """The client's part of a SASL exchange; None when it has gone."""
    conv.connection.expect_lines(True)
    try:
        while True:
            await conv.flush()
            event = conv.connection.next_event()
            if isinstance(event, Line):
                return event
            if conv.link.closed or conv.connection.over or conv.bye is not None:
                return None
            if conv.login_time_left <= 0 or not await conv.link.wait(conv.login_time_left):
                conv.connection.say_bye("nobody signed in")
    finally:
        conv.connection.expect_lines(False)


async def _sign_in(conv: Conversation, command: c.Login | c.Authenticate, username: str, password: Secret[str]) -> None:
    if not conv.connection.tls:
        # The password has been sent in clear, but it shall not become a habit (RFC 5530 PRIVACYREQUIRED).
        conv.wants_no_tls(username)
        raise NotSupported("start TLS first", "PRIVACYREQUIRED")
    answer = await conv.shared.backend.login(username, password, conv.peer)
    if isinstance(answer, LoginRefused):
        conv.refused_logins += 1
        conv.say(responses.no(command.tag, answer.text, answer.reason.value))
        if conv.refused_logins >= MAX_LOGINS:
            conv.connection.say_bye("too many wrong passwords")
        return
    conv.user = answer
    answer.on_revoked(conv.end)
    answer.on_traced(conv.connection.trace)
    if conv.client_id:
        answer.identify(conv.client_id)
    conv.connection.append_limit = answer.append_limit
    conv.connection.move_to(State.AUTHENTICATED)
    answer.activity("signed in")
    conv.say(responses.ok(command.tag, "signed in", "CAPABILITY " + " ".join(names(conv))))


async def enable(conv: Conversation, command: c.Enable) -> None:
    """RFC 5161. QRESYNC turns CONDSTORE on with it (RFC 7162 3.2.3), IMAP4rev2 brings UTF-8 names (RFC 9051 5.1)."""
    fresh = [name for name in dict.fromkeys(command.capabilities) if name in ENABLED_BY_NAME]
    if conv.view is not None and "UTF8=ACCEPT" in fresh:
        raise ParseError("UTF8=ACCEPT is enabled before a mailbox is selected (RFC 6855 3)")
    if {"CONDSTORE", "QRESYNC"}.intersection(fresh):
        become_condstore(conv)
    conv.enabled.update(fresh)
    if conv.enabled & {"UTF8=ACCEPT", "IMAP4REV2"}:
        conv.connection.utf8 = True
    if conv.view is not None:
        conv.view.qresync |= "QRESYNC" in conv.enabled
        conv.view.recent = not conv.rev2
    conv.say(responses.untagged(" ".join(["ENABLED", *(ENABLED_BY_NAME[name] for name in fresh)]).encode("ascii")))
    conv.say(responses.ok(command.tag, "ENABLE completed"))


async def compress(conv: Conversation, command: c.Compress) -> None:
    """RFC 4978: compression begins with the octet behind our OK, and behind the client's CRLF."""
    if command.mechanism != "DEFLATE":
        raise NotSupported("this compression is not offered")
    if conv.connection.compressed:
        raise NotSupported("compression is active already", "COMPRESSIONACTIVE")
    conv.say(responses.ok(command.tag, "DEFLATE active"))
    await conv.flush()
    conv.connection.begin_compression()
