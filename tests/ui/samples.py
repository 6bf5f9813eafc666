"""What pages ask the core for, made by hand: settings, checks, a certificate, a report."""

from __future__ import annotations

from bridge_gui.answers import CertificateState, Check, CheckResult, ReportPart, SettingState
from bridge_gui.config import SETTINGS, Settings, as_text, get_setting
from bridge_gui.core.doctor import Facts, judge
from tests.ui.snapshots import NOW, USUAL


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
CHECKS: tuple[Check, ...] = (
    *judge(USUAL, Facts(NOW, 80 * 10**9, clock_offset=0.4)),
    Check(
        "port-smtp",
        CheckResult.BAD,
        "Port 1025 is used by Proton Mail Bridge.",
        "Use port 1026 instead, or close Proton Mail Bridge.",
        "use-port",
    ),
    Check(
        "client-c1",
        CheckResult.BAD,
        "Thunderbird was refused at its last sign-in.",
        "Copy user name and password into Thunderbird again.",
    ),
)
WELL = tuple(check for check in CHECKS if check.result is CheckResult.GOOD)
REPORT = (
    ReportPart(
        "letter.txt", "Category: receiving\nTitle: A folder is empty\n\nThe folder Travel is empty since noon.\n"
    ),
    ReportPart("checks.txt", "[good] IMAP listens on 127.0.0.1, port 1143.\n[good] a…@… is connected.\n" * 20),
    ReportPart("bridge.log", "2026-11-18 10:42:07 INFO account: up to date\n" * 60),
)
