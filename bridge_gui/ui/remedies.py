"""Which button helps against which problem: pure tables, so that window, tray and tests agree."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from bridge_gui.model import ClientId
from bridge_gui.state import AccountPhase, AccountState, Notice, Problem

translate = QCoreApplication.translate

PROTON_URL = "https://account.proton.me/"


class Remedy(StrEnum):
    NONE = "none"
    SIGN_IN = "sign-in"
    REPAIR = "repair"
    TRY_AGAIN = "try-again"
    NETWORK = "network"
    """Open the settings of the network."""
    VERSION = "version"
    """Open the settings of the service and the application's version."""
    SPACE = "space"
    """Open the settings of the local copy."""
    PORTS = "ports"
    CERTIFICATE = "certificate"
    PROTON = "proton"
    """Open Proton's page of the account."""
    REPORT = "report"


_BY_CODE = {
    "signed-out": Remedy.SIGN_IN,
    "session-expired": Remedy.SIGN_IN,
    "scope": Remedy.SIGN_IN,
    "keys-locked": Remedy.SIGN_IN,
    "human-check": Remedy.SIGN_IN,
    "keys-unsupported": Remedy.PROTON,
    "address-keys-locked": Remedy.PROTON,
    "paid-plan": Remedy.PROTON,
    "device-check": Remedy.PROTON,
    "account-disabled": Remedy.PROTON,
    "account-restricted": Remedy.PROTON,
    "update-forced": Remedy.VERSION,
    "version-missing": Remedy.VERSION,
    "untrusted": Remedy.NETWORK,
    "offline": Remedy.TRY_AGAIN,
    "throttled": Remedy.NONE,
    "server-trouble": Remedy.TRY_AGAIN,
    "service-malformed": Remedy.TRY_AGAIN,
    "store-damaged": Remedy.REPAIR,
    "bad-events": Remedy.REPAIR,
    "store": Remedy.REPAIR,
    "disk-full": Remedy.SPACE,
    "port-busy": Remedy.PORTS,
    "port-forbidden": Remedy.PORTS,
    "certificate-renewed": Remedy.CERTIFICATE,
    "error": Remedy.REPORT,
    "internal": Remedy.REPORT,
}


def of_problem(problem: Problem) -> Remedy:
    return _BY_CODE.get(problem.code, Remedy.NONE)


def of_account(account: AccountState) -> Remedy:
    """What the account's banner offers; its phase decides where the code tells nothing."""
    found = of_problem(account.problem) if account.problem is not None else Remedy.NONE
    if found is not Remedy.NONE:
        return found
    match account.phase:
        case AccountPhase.SIGNED_OUT:
            return Remedy.SIGN_IN
        case AccountPhase.ERROR:
            return Remedy.REPAIR
        case AccountPhase.OFFLINE:
            return Remedy.TRY_AGAIN
        case _:
            return Remedy.NONE


def button_text(remedy: Remedy) -> str:
    return {
        Remedy.NONE: "",
        Remedy.SIGN_IN: translate("remedies", "Sign in again"),
        Remedy.REPAIR: translate("remedies", "Repair…"),
        Remedy.TRY_AGAIN: translate("remedies", "Try again"),
        Remedy.NETWORK: translate("remedies", "Network settings"),
        Remedy.VERSION: translate("remedies", "Open the settings"),
        Remedy.SPACE: translate("remedies", "Keep less here"),
        Remedy.PORTS: translate("remedies", "Change the port"),
        Remedy.CERTIFICATE: translate("remedies", "Show the certificate"),
        Remedy.PROTON: translate("remedies", "Open proton.me"),
        Remedy.REPORT: translate("remedies", "Report it…"),
    }[remedy]


def refused_program(notice: Notice) -> ClientId | None:
    """The mail program that was refused, where the notice is about one: its key says which."""
    kind, _, client = notice.key.partition(" ")
    return ClientId(client) if kind == "password" and client else None
