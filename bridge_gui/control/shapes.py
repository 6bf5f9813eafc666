"""The JSON that the control interface and the command line speak; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge_gui.answers import (
    CertificateState,
    Check,
    Credentials,
    LetterResult,
    LoginFailed,
    LoginStep,
    NeedHumanCheck,
    NeedMailboxPassword,
    NeedTwoFactor,
    ProgramFound,
    ServerAddress,
    SettingState,
    SetupMade,
    SetupPlan,
    SetupStep,
    SetupValue,
)
from bridge_gui.errors import BridgeError
from bridge_gui.state import (
    AccountState,
    BridgeState,
    ClientState,
    CoreState,
    Mails,
    Notice,
    Problem,
    SessionState,
    SetupProgress,
)

Json = dict[str, Any]


def error(caught: BridgeError) -> Json:
    shape = {"code": caught.code, "title": caught.title, "message": caught.message, "remedy": caught.remedy}
    return {"error": shape}


def problem(value: Problem | None) -> Json | None:
    if value is None:
        return None
    return {"code": value.code, "title": value.title, "message": value.message, "remedy": value.remedy}


def status(state: BridgeState) -> Json:
    """The whole state, as `bridge-gui status --json` prints it."""
    return {
        "core": core(state.core),
        "accounts": [account(entry) for entry in state.accounts],
        "listeners": [
            {
                "protocol": listener.protocol.value,
                "host": listener.host,
                "port": listener.port,
                "state": listener.phase.value,
                "suggested_port": listener.suggested_port,
                "problem": problem(listener.problem),
            }
            for listener in state.listeners
        ],
        "clients": [client(entry) for entry in state.clients],
        "sessions": [session(entry) for entry in state.sessions],
        "notices": [notice(entry) for entry in state.notices],
        "setups": [setup_progress(entry) for entry in state.setups],
    }


def core(state: CoreState) -> Json:
    return {
        "version": state.version,
        "state": state.phase.value,
        "api": state.api,
        "demo": state.demo,
        "pid": state.pid,
        "problem": problem(state.problem),
        "can_start_anew": state.can_start_anew,
    }


def account(state: AccountState) -> Json:
    trouble = state.problem
    return {
        "id": state.id,
        "username": state.username,
        "addresses": [address.email for address in state.addresses],
        "mode": state.mode.value,
        "state": state.phase.value,
        "reason": (trouble.message or trouble.title) if trouble else "",
        "problem": problem(trouble),
        "sync": {
            "phase": state.sync.phase.value,
            "usable": state.sync.usable,
            "complete": state.sync.complete,
            "done": state.sync.done,
            "total": state.sync.total,
            "remaining_s": state.sync.remaining_s,
            "on_demand": state.sync.on_demand,
        },
        "used_bytes": state.used_bytes,
        "max_bytes": state.max_bytes,
        "disk_bytes": state.disk_bytes,
        "checked_at": state.checked_at,
        "outbox": [
            {
                "id": item.id,
                "subject": item.subject,
                "recipients": item.recipients,
                "since": item.since,
                "problem": problem(item.problem),
                "failed": item.failed,
            }
            for item in state.outbox
        ],
    }


def self_test(letters: Sequence[LetterResult]) -> Json:
    return {
        "good": all(letter.good for letter in letters),
        "letters": [
            {
                "name": letter.name,
                "good": letter.good,
                "seconds": letter.seconds,
                "problem": letter.problem,
                "differences": [
                    {"what": each.what, "sent": each.sent, "arrived": each.arrived, "known": each.known}
                    for each in letter.differences
                ],
            }
            for letter in letters
        ],
    }


def client(state: ClientState) -> Json:
    return {
        "id": state.id,
        "label": state.label,
        "account": state.account,
        "app": state.app,
        "access": state.access.value,
        "username": state.username,
        "created_at": state.created_at,
        "last_used": state.last_used,
        "program": state.program,
        "last_failure": state.last_failure,
    }


def session(state: SessionState) -> Json:
    return {
        "id": state.id,
        "client": state.client,
        "protocol": state.protocol.value,
        "since": state.since,
        "program": state.program,
        "activity": state.activity,
    }


def notice(value: Notice) -> Json:
    return {
        "key": value.key,
        "kind": value.kind.value,
        "at": value.at,
        "account": value.account,
        "problem": problem(value.problem),
        "messages": mails(value.messages) if value.messages is not None else None,
    }


def mails(value: Mails) -> Json:
    return {"subjects": list(value.subjects), "more": value.more}


def credentials(value: Credentials) -> Json:
    """The one shape that carries a password: it is what was asked for."""
    return {
        "id": value.id,
        "label": value.label,
        "username": value.username,
        "password": value.password.reveal(),
        "access": value.access.value,
        "imap": _server(value.imap),
        "smtp": _server(value.smtp),
    }


def _server(value: ServerAddress) -> Json:
    return {"host": value.host, "port": value.port, "security": value.security}


def setting(value: SettingState) -> Json:
    return {
        "key": value.key,
        "value": value.value,
        "default": value.default,
        "meaning": value.meaning,
        "choices": list(value.choices),
        "needs": value.needs,
    }


def certificate(value: CertificateState) -> Json:
    return {
        "fingerprint": value.fingerprint,
        "ca_fingerprint": value.ca_fingerprint,
        "path": value.path,
        "not_after": value.not_after,
        "hosts": list(value.hosts),
    }


def check(value: Check) -> Json:
    shown = {"key": value.key, "state": value.result.value, "sentence": value.sentence, "remedy": value.remedy}
    return shown | ({"cure": value.cure} if value.cure not in ("", "none") else {})


def program(value: ProgramFound) -> Json:
    return {
        "app": value.app,
        "name": value.name,
        "target": value.target,
        "title": value.title,
        "addresses": list(value.addresses),
        "installed": value.installed,
        "running": value.running,
        "guided": value.guided,
        "unproven": value.unproven,
        "problem": problem(value.problem),
        "one_address": value.one_address,
        "accesses": [access.value for access in value.accesses],
        "clients": list(value.clients),
    }


def setup_step(value: SetupStep) -> Json:
    return {
        "title": value.title,
        "where": value.where,
        "lines": list(value.lines),
        "by_user": value.by_user,
        "values": [setup_value(entry) for entry in value.values],
        "unproven": value.unproven,
    }


def setup_value(value: SetupValue) -> Json:
    return {"label": value.label, "value": value.value, "secret": value.secret, "client": value.client}


def setup_plan(value: SetupPlan) -> Json:
    return {
        "program": program(value.program),
        "access": value.access.value,
        "steps": [setup_step(entry) for entry in value.steps],
    }


def setup_progress(value: SetupProgress) -> Json:
    return {
        "account": value.account,
        "app": value.app,
        "target": value.target,
        "phase": value.phase.value,
        "client": value.client,
        "written_at": value.written_at,
        "imap_at": value.imap_at,
        "smtp_at": value.smtp_at,
        "program": value.program,
        "folders": value.folders,
        "messages": value.messages,
        "problem": problem(value.problem),
    }


def setup_made(value: SetupMade) -> Json:
    return {
        "id": value.id,
        "app": value.app,
        "target": value.target,
        "account": value.account,
        "names": list(value.names),
        "clients": list(value.clients),
        "made_at": value.made_at,
    }


def step(value: LoginStep) -> Json:
    """One step of a sign-in; `need` says what is asked next."""
    if isinstance(value, NeedTwoFactor):
        return {"need": "code", "flow": value.flow, "problem": problem(value.problem)}
    if isinstance(value, NeedMailboxPassword):
        left = value.attempts_left
        return {"need": "mailbox-password", "flow": value.flow, "left": left, "problem": problem(value.problem)}
    if isinstance(value, NeedHumanCheck):
        return {"need": "human-check", "flow": value.flow, "url": value.url, "problem": problem(value.problem)}
    if isinstance(value, LoginFailed):
        return {"need": "", "failed": True, "problem": problem(value.problem), "retry": value.retry}
    return {"need": "", "account": value.account}
