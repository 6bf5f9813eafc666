"""What pages ask the core for, made by hand: settings, checks, a certificate, a report."""

from __future__ import annotations

import datetime
from dataclasses import replace

from bridge_gui.answers import CertificateState, Check, CheckResult, ReportPart, SettingState
from bridge_gui.config import SETTINGS, Settings, as_text, get_setting
from bridge_gui.core.attempts import Attempts
from bridge_gui.core.doctor import Facts, judge
from bridge_gui.core.listeners import problem_of
from bridge_gui.model import Protocol
from bridge_gui.state import ListenerPhase
from bridge_gui.vault.certificate import CertificateInfo
from bridge_gui.vault.vault import KeyPlace
from tests.ui.snapshots import LISTENERS, NOW, THUNDERBIRD, USUAL


def settings(**changed: str) -> tuple[SettingState, ...]:
    """All settings at their defaults, but for those given with `__` in place of the dot."""
    values = {key.replace("__", "."): value for key, value in changed.items()}
    return tuple(
        SettingState(
            key,
            values.get(key, as_text(get_setting(Settings(), key))),
            as_text(info.default),
            info.meaning,
            ("true", "false") if isinstance(info.default, bool) else info.choices,
            info.needs,
        )
        for key, info in SETTINGS.items()
    )


CERTIFICATE = CertificateState(
    fingerprint=":".join(f"{(37 * number) % 256:02X}" for number in range(32)),
    ca_fingerprint=":".join(f"{(59 * number) % 256:02X}" for number in range(32)),
    path="/home/anna/.config/bridge-gui/certificate.pem",
    not_after=NOW + 300 * 86400,
    hosts=("127.0.0.1", "::1", "localhost"),
)
_FACTS = Facts(
    NOW,
    80 * 10**9,
    KeyPlace.KEYCHAIN,
    CertificateInfo("AA", "BB", datetime.datetime(2029, 3, 3, tzinfo=datetime.UTC), ("127.0.0.1",)),
    clock_offset=500.0,
    attempts=(
        Attempts(Protocol.IMAP, "old-password", THUNDERBIRD.id, count=4, last=NOW - 60),
        Attempts(Protocol.SMTP, "untrusted", count=2, last=NOW - 600),
    ),
)
_BUSY = replace(
    LISTENERS[1], phase=ListenerPhase.BUSY, problem=problem_of(1025, 1026, "Proton Mail Bridge"), suggested_port=1026
)
CHECKS: tuple[Check, ...] = tuple(judge(replace(USUAL, listeners=(LISTENERS[0], _BUSY)), _FACTS))
WELL = tuple(check for check in CHECKS if check.result is CheckResult.GOOD)
REPORT = (
    ReportPart(
        "letter.txt", "Category: receiving\nTitle: A folder is empty\n\nThe folder Travel is empty since noon.\n"
    ),
    ReportPart("checks.txt", "[good] IMAP listens on 127.0.0.1, port 1143.\n[good] a…@… is connected.\n" * 20),
    ReportPart("bridge.log", "2026-11-18 10:42:07 INFO account: up to date\n" * 60),
)
