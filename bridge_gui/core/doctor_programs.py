"""What the doctor says of mail programs that tried to sign in and could not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bridge_gui.answers import Check, CheckResult
from bridge_gui.core.attempts import Attempts
from bridge_gui.model import Protocol
from bridge_gui.state import BridgeState, ClientState

STRANGERS_SECONDS = 3600.0
"""For so long is said what no known program did: nobody will say when it was mended."""

ATTENTION, BAD = CheckResult.ATTENTION, CheckResult.BAD


def of_client(client: ClientState, vain: Attempts, state: BridgeState) -> Check:
    """What a known program does wrong. One that Bridge Manager has set up is repaired; others get what they lack."""
    key, label, port, count = f"client-{client.id}", client.label, vain.protocol.upper(), vain.count
    made = any(progress.client == client.id for progress in state.setups)

    def cured(sentence: str, remedy: str, cure: str) -> Check:
        if made:
            return Check(key, BAD, sentence, f"Repair the set-up of {label}.", "repair-set-up")
        return Check(key, BAD, sentence, remedy, cure)

    match vain.trouble:
        case "old-password":
            sentence = f"{label} signs in to {port} with a password that was replaced (refused: {count})."
            return cured(sentence, f"Copy the new password into {label}.", "copy-password")
        case "wrong-name":
            sentence = f"{label} signs in to {port} with a user name that is not its own (refused: {count})."
            return cured(sentence, f"Copy the user name into {label} again.", "copy-name")
        case "send-only":
            sentence = f"{label} wants to read mail, and may only send (refused: {count})."
            remedy = f"Allow {label} to read, or remove its incoming server."
            return Check(key, BAD, sentence, remedy, "show-program")
        case "read-only":
            sentence = f"{label} wants to send mail, and may only read (refused: {count})."
            remedy = f"Allow {label} to send, or remove its outgoing server."
            return Check(key, BAD, sentence, remedy, "show-program")
        case "unencrypted":
            sentence = f"{label} wants to use {port} without encryption (refused: {count})."
            remedy = f"Choose STARTTLS or SSL/TLS for {port} in {label}."
            return cured(sentence, remedy, "show-program")
        case _:
            sentence = f"{label} signs in to {port} with a wrong password (refused: {count})."
            remedy = f"Copy the password into {label} again. It is not that of Proton."
            return cured(sentence, remedy, "copy-password")


def of_strangers(state: BridgeState, attempts: Sequence[Attempts], now: float) -> Iterator[Check]:
    """What was seen of programs that did not tell which they are."""
    known = {client.id for client in state.clients}
    for vain in attempts:
        if vain.client in known or now - vain.last > STRANGERS_SECONDS:
            continue
        check = _of_stranger(vain, state)
        if vain.trouble != "wrong-password" and (silent := _silent(state)):
            check = replace(check, remedy=f"{check.remedy} {silent}")
        yield check


def _of_stranger(vain: Attempts, state: BridgeState) -> Check:
    key, port, count = f"sign-in-{vain.protocol}-{vain.trouble}", vain.protocol.upper(), vain.count
    match vain.trouble:
        case "untrusted":
            sentence = f"A mail program does not trust the certificate of {port} (attempts: {count})."
            remedy = "Set it up again, or let it trust the certificate (Settings)."
            return Check(key, ATTENTION, sentence, remedy, "renew")
        case "old-tls":
            sentence = f"A mail program speaks only old versions of TLS at {port} (attempts: {count})."
            return Check(key, ATTENTION, sentence, "Update it, or allow TLS 1.2 in it.", "none")
        case "other-protocol":
            theirs = Protocol.SMTP if vain.protocol is Protocol.IMAP else Protocol.IMAP
            sentence = f"A mail program speaks {theirs.upper()} at the port of {port} (attempts: {count})."
            ports = {listener.protocol: listener.port for listener in state.listeners}
            imap, smtp = ports.get(Protocol.IMAP, 0), ports.get(Protocol.SMTP, 0)
            remedy = f"Correct the ports in its settings: IMAP is {imap}, SMTP is {smtp}."
            return Check(key, ATTENTION, sentence, remedy, "none")
        case "left-unencrypted":
            sentence = f"A program looked at {port} without encryption, and left again (attempts: {count})."
            remedy = "If a mail program cannot connect, choose STARTTLS or SSL/TLS in its settings."
            return Check(key, ATTENTION, sentence, remedy, "none")
        case "unencrypted":
            sentence = f"A mail program wants to use {port} without encryption (refused: {count})."
            return Check(key, ATTENTION, sentence, "Choose STARTTLS or SSL/TLS in its settings.", "none")
        case _:
            sentence = f"A mail program signs in to {port} with a wrong password (refused: {count})."
            account = next((one for one in state.accounts if one.id == vain.account), None)
            if account is not None:
                sentence = f"A mail program of {account.email} uses a wrong password for {port} (refused: {count})."
            remedy = "Copy user name and password again from the card of the program that complains."
            return Check(key, ATTENTION, sentence, remedy, "none")


def _silent(state: BridgeState) -> str:
    """Name the programs that have never signed in: one of them it may be."""
    silent = [client.label for client in state.clients if client.last_used is None]
    return f"It may be {', '.join(silent)}: not signed in yet." if silent else ""
