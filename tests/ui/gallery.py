"""Write a picture of every page, dialog, step and state, so that somebody looks at all of them.

    python -m tests.ui.gallery FOLDER [--sets light-en-100,dark-ru-200] [--only window-usual]

The sets are light and dark, English and Russian, at 100 % and 200 %; besides one from right to left and two of high
contrast. A set is a process of its own, as Qt takes its scale when it starts; no screen is needed.
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PySide6.QtWidgets import QApplication, QWidget

from bridge_gui.answers import (
    LoginFailed,
    LoginStep,
    NeedHumanCheck,
    NeedMailboxPassword,
    NeedTwoFactor,
    ProgramFound,
    ServerAddress,
    SetupStep,
)
from bridge_gui.clients import outlook
from bridge_gui.clients.base import AccountSetup, Certificate, Identity, Wanted
from bridge_gui.clients.registry import NoRegistry
from bridge_gui.clients.system import System
from bridge_gui.model import AccountId, ClientId, FlowId, Protocol
from bridge_gui.state import BridgeState, Problem
from bridge_gui.ui import languages, theme
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.dialogs import Question, RenameDialog
from bridge_gui.ui.help_page import AboutDialog
from bridge_gui.ui.main_window import MainWindow
from bridge_gui.ui.protection import PassphraseDialog
from bridge_gui.ui.report import ReportDialog
from bridge_gui.ui.setup import flow
from bridge_gui.ui.setup.flow import Step
from bridge_gui.ui.setup.keep_question import KeepQuestion
from bridge_gui.ui.setup.wizard import SetupWizard
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.theme import Tokens
from bridge_gui.vault.certificate import make_certificate
from tests.ui import samples, setups, troubles
from tests.ui.snapshots import CREDENTIALS, NOW, THUNDERBIRD, USUAL

translate = QCoreApplication.translate
FLOW = FlowId("1")
STEPS: dict[str, LoginStep] = {
    "two-factor": NeedTwoFactor(FLOW),
    "two-factor-wrong": NeedTwoFactor(
        FLOW,
        Problem(
            "wrong-code",
            "Wrong code",
            "Proton does not accept this code.",
            "Wait for the next code of the authenticator app, and check that this computer's clock is right.",
        ),
    ),
    "mailbox-password": NeedMailboxPassword(FLOW),
    "mailbox-password-wrong": NeedMailboxPassword(
        FLOW,
        2,
        Problem(
            "wrong-mailbox-password",
            "Wrong mailbox password",
            "This password does not open the mailbox.",
            "It is the second password of the account, not the one for signing in.",
        ),
    ),
    "human": NeedHumanCheck(FLOW, "https://verify.proton.me/"),
    "wrong-password": LoginFailed(
        Problem(
            "wrong-credentials",
            "Wrong user name or password",
            "Proton does not accept this user name and password.",
            "Check both, also upper and lower case, and try again.",
        )
    ),
    "paid-plan": LoginFailed(
        Problem(
            "paid-plan",
            "This needs a paid plan",
            "Proton allows a bridge only for accounts with a paid mail plan.",
            "Choose a paid plan at proton.me, then sign in again.",
        )
    ),
}


@dataclass(frozen=True, slots=True)
class Set:
    """One way of looking at everything."""

    name: str
    scheme: theme.Scheme
    language: str = "en"
    scale: int = 1
    contrast: bool = False
    mirrored: bool = False


SETS = (
    *(
        Set(f"{scheme}-{language}-{scale * 100}", scheme, language, scale)
        for scale in (1, 2)
        for language in ("en", "ru")
        for scheme in (theme.Scheme.LIGHT, theme.Scheme.DARK)
    ),
    Set("contrast-light", theme.Scheme.LIGHT, contrast=True),
    Set("contrast-dark", theme.Scheme.DARK, contrast=True),
    Set("mirrored", theme.Scheme.LIGHT, mirrored=True),
)


class NoBridge:
    """Stands in for the core where nothing is called."""

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: object) -> None: ...

        return nothing


class NoBorder:
    async def call(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        return await method(*args, **kwargs)


class Quiet(Actions):
    """Wishes of the window come to nothing."""

    def start(self, work: Any, name: str) -> Any:
        work.close()


Picture = tuple[str, QWidget]

MOST_CARDS = len(troubles.MANY_PROGRAMS)


def quiet_actions() -> Actions:
    return Quiet(NoBorder(), NoBridge())  # type: ignore[arg-type]


class Album:
    """Makes every widget that is to be looked at."""

    def __init__(self, tokens: Tokens, places: QSettings) -> None:
        self.tokens = tokens
        self.places = places
        self.actions = quiet_actions()
        self._windows: list[MainWindow] = []

    def window(self, width: int = 940, height: int = 640) -> MainWindow:
        made = MainWindow(self.actions, Clipboard(), self.tokens, self.places, Path("/tmp"))
        made.resize(width, height)
        self._windows.append(made)
        return made

    def throw_away(self) -> None:
        """Delete the windows: each that is left makes every change of the style slower."""
        for window in self._windows:
            window.deleteLater()
        self._windows.clear()

    def windows(self) -> Iterator[Picture]:
        window = self.window()
        for name, state in troubles.STATES.items():
            window.render_state(BridgeState())  # so that each begins anew
            window.render_state(state)
            yield f"window-{name}", window
        window = self.window(720, 520)
        for name in ("usual", "many-programs", "empty", "old-password", "locked-by-user"):
            window.render_state(BridgeState())
            window.render_state(troubles.STATES[name])
            yield f"smallest-{name}", window
        window = self.window(height=1150)
        for name in ("usual", "waiting", "split", "many-sessions"):
            window.render_state(BridgeState())
            window.render_state(troubles.STATES[name])
            yield f"whole-{name}", window
        window = self.window()
        window.render_state(USUAL)
        card = window.account_page._cards[THUNDERBIRD.id]
        card.password.setText(CREDENTIALS.password.reveal())
        for button in (card.copy_user, card.copy_password, card.servers[Protocol.IMAP].copies[1]):
            button.copied()
        window.toast.say(translate("program", "The password is copied. In a minute it is taken off the clipboard."))
        yield "window-copied", window
        window = self.window()
        window.render_state(USUAL)
        window.account_page.revoked(THUNDERBIRD.id, THUNDERBIRD.label)
        yield "window-revoked", window

    def pages(self) -> Iterator[Picture]:
        for name, checks in (("mixed", samples.CHECKS), ("well", samples.WELL)):
            window = self._page("doctor")
            window.doctor_page.wait.hide()
            window.doctor_page.again.setEnabled(True)
            window.doctor_page.render_checks(checks)
            yield f"doctor-{name}", window
        for name, height in (("settings", 640), ("settings-whole", 2300)):
            yield name, self._settings(height)
        window = self._settings(640)
        for row, text in (
            (window.settings_page.rows["imap.port"], "80"),
            (window.settings_page.rows["smtp.port"], "1143"),
        ):
            assert row.field is not None
            row.field.setText(text)
            row._typed(text)
        window.settings_page.show_section("servers")
        yield "settings-wrong-port", window
        for kind in ("keychain", "passphrase", "file"):
            window = self._settings(640)
            window.settings_page.protection.render_kind(kind)
            window.settings_page.show_section("protection")
            yield f"settings-protection-{kind}", window
        window = self._page("help")
        yield "help", window
        window = self._page("help", 1800)
        for topic in window.help_page.topics.values():
            topic.unfold(True)
        yield "help-unfolded", window

    def _page(self, page: str, height: int = 640) -> MainWindow:
        window = self.window(height=height)
        window.render_state(USUAL)
        window.open_page(page)
        return window

    def _settings(self, height: int) -> MainWindow:
        window = self._page("settings", height)
        page = window.settings_page
        page.render_settings(samples.settings(ui__theme="dark", imap__port="1144", network__proxy="http://proxy:3128"))
        page.certificate.render_certificate(samples.CERTIFICATE)
        page.protection.render_kind("keychain")
        return window

    def dialogs(self) -> Iterator[Picture]:
        yield "sign-in", SignInDialog(self.actions, self.tokens)
        for name, step in STEPS.items():
            sign_in = SignInDialog(self.actions, self.tokens, "anna@bridge.example")
            sign_in.render_step(step)
            yield f"sign-in-{name}", sign_in
        busy = SignInDialog(self.actions, self.tokens, "anna@bridge.example")
        busy._set_busy(True)
        yield "sign-in-busy", busy
        window = self.window()
        report = ReportDialog(self.actions, self.tokens)
        report.subject.setText("password wrong")
        report.description.setPlainText("Thunderbird login пароль неверный войти")
        report._suggest()
        yield "report", report
        look = ReportDialog(self.actions, self.tokens)
        look.render_parts(samples.REPORT)
        yield "report-look", look
        yield "about", AboutDialog()
        passphrase = PassphraseDialog(self.tokens)
        passphrase.first.setText("short")
        passphrase._save()
        yield "passphrase", passphrase
        window.render_state(USUAL)
        card = window.account_page._cards[THUNDERBIRD.id]
        card._rename()
        rename = card.findChild(RenameDialog)
        assert rename is not None
        yield "rename", rename

    def wizards(self) -> Iterator[Picture]:
        """Every step of setting up each kind of program."""
        for name, program, plan in (
            ("thunderbird", setups.THUNDERBIRD, setups.STEPS),
            ("evolution", setups.EVOLUTION, setups.GUIDE),
            ("mbsync", setups.MBSYNC, setups.TEXT),
            ("apple", setups.APPLE, setups.MAC),
            ("outlook", setups.OUTLOOK, self._outlook_steps()),
        ):
            wizard = self._wizard(program)
            wizard._planned = wizard.answers
            wizard._go(Step.PLAN)
            wizard._planned = wizard.answers
            wizard.plan_view.render_steps(plan)
            wizard._draw_buttons()
            yield f"setup-{name}-plan", wizard
            wizard = self._wizard(program)
            wizard._signing_in([step for step in plan if step.by_user])
            wizard.answers = replace(wizard.answers, clients=(setups.NEW,))
            wizard.render_state(setups.state_with(setups.WAITING))
            yield f"setup-{name}-sign-in", wizard
        yield "setup-program", self._wizard(setups.THUNDERBIRD)
        for step in (Step.ADDRESS, Step.ACCESS):
            wizard = self._wizard(setups.THUNDERBIRD)
            wizard._go(step)
            yield f"setup-{step}", wizard
        for name, program in (("new-outlook", setups.NEW_OUTLOOK), ("phone", setups.PHONE)):
            wizard = self._wizard(program)
            wizard._go(Step.WHY_NOT)
            yield f"setup-{name}", wizard
        wizard = self._wizard(setups.THERE)
        wizard._go(Step.AGAIN)
        yield "setup-again", wizard
        wizard = self._wizard(setups.THUNDERBIRD)
        wizard._go(Step.PLAN)
        problem = Problem(
            "refused",
            "Not possible",
            "This Thunderbird profile has the account anna@bridge.example already.",
            "If it was set up here, repair or undo that; else remove it in Thunderbird, then try again.",
        )
        wizard.banner.show_problem(problem, theme.Tone.BAD)
        yield "setup-plan-refused", wizard
        for name, running in (("writing", False), ("close-it", True)):
            wizard = self._wizard(setups.RUNNING)
            wizard._running = running
            wizard._go(Step.WORK)
            yield f"setup-{name}", wizard
        for name, state in (
            ("waiting", setups.state_with(setups.WAITING)),
            ("silent", setups.state_with(setups.SILENT, last_failure=NOW - 20)),
            ("refused", setups.state_with(setups.REFUSED, last_failure=NOW - 20)),
            ("signed-in", setups.state_with(replace(setups.SIGNED_IN, folders=22, messages=14))),
        ):
            wizard = self._wizard(setups.THUNDERBIRD)
            wizard.answers = replace(wizard.answers, clients=(setups.NEW,))
            wizard._checks = samples.CHECKS
            wizard._signing_in(())
            wizard.render_state(state)
            yield f"setup-{name}", wizard
        wizard = self._wizard(setups.THUNDERBIRD)
        wizard.answers = replace(wizard.answers, clients=(setups.NEW,))
        wizard._signing_in(setups.PASTE)
        wizard.render_state(setups.state_with(setups.WAITING))
        yield "setup-primary-password", wizard
        wizard = self._wizard(setups.APPLE)
        wizard.left_view.render_steps(setups.REMOVE)
        wizard._go(Step.LEFT)
        yield "setup-left", wizard
        yield "setup-keep", KeepQuestion("Thunderbird")
        window = self.window()
        window.render_state(replace(USUAL, setups=(replace(setups.REPAIR, client=THUNDERBIRD.id),)))
        yield "window-set-up-again", window

    def _wizard(self, program: ProgramFound) -> SetupWizard:
        wizard = SetupWizard(setups.SPLIT, self.actions, self.window().clipboard, self.tokens)
        wizard.programs.render_programs(setups.FOUND)
        wizard.answers = flow.chosen(wizard.answers, program)
        return wizard

    @staticmethod
    def _outlook_steps() -> Sequence[SetupStep]:
        account = AccountSetup(
            "anna@bridge.example",
            (Identity("anna@bridge.example", "Anna Berg"),),
            ServerAddress("127.0.0.1", 1143),
            ServerAddress("127.0.0.1", 1025),
        )
        with tempfile.TemporaryDirectory() as folder:
            ca = Path(folder) / "ca.pem"
            ca.write_text(make_certificate(datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)).ca_pem)
            wanted = Wanted(AccountId("anna"), ("anna",), (account,), Certificate("AA", ca), outlook.CLASSIC)
            return outlook.Outlook(System("win32", Path(folder)), NoRegistry()).plan(wanted)

    def questions(self) -> Iterator[Picture]:
        """What is asked before something that is not easily taken back."""
        window = self._settings(640)
        window.show_account(AccountId("anna"))
        page, settings = window.account_page, window.settings_page
        settings.protection.render_kind("passphrase")
        for name, ask in (
            ("new-password", page._cards[ClientId("c1")]._renew),
            ("split", page._change_mode),
            ("repair", page.repair),
            ("remove", page._remove),
            ("reset-all", settings._reset_all),
            ("renew-certificate", settings.certificate._renew),
            ("keychain", settings.protection._change),
            ("lock", settings.protection._lock),
            ("start-anew", window.locked_page._start_anew),
        ):
            ask()
            yield f"ask-{name}", window.findChildren(Question)[0]


def shown(app: QApplication, album: Album) -> Iterator[Picture]:
    """Every widget of the album while it is shown, one at a time; none of them outlives it."""
    with patch.object(time, "time", return_value=NOW):
        for pictures in (album.windows(), album.pages(), album.dialogs(), album.wizards(), album.questions()):
            for name, widget in pictures:
                widget.show()
                for _ in range(MOST_CARDS + 3):  # each makes one card
                    app.processEvents()
                yield name, widget
                widget.hide()
                if not isinstance(widget, MainWindow):
                    widget.deleteLater()
                    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            album.throw_away()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def draw(folder: Path, chosen: Set, only: str) -> None:
    """Write the pictures of one set."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    languages.apply(app, chosen.language)
    if chosen.mirrored:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    tokens = theme.dress(app, theme.resolve(chosen.scheme, contrast=chosen.contrast))
    folder.mkdir(parents=True, exist_ok=True)
    places = QSettings(str(folder / "places.ini"), QSettings.Format.IniFormat)
    for name, widget in shown(app, Album(tokens, places)):
        if name.startswith(only):
            widget.grab().save(str(folder / f"{name}.png"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ui.gallery", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default="", help="some sets only, with commas between them")
    parser.add_argument("--only", default="", help="how the names of the pictures begin")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        draw(given.folder / given.one, next(one for one in SETS if one.name == given.one), given.only)
        return
    wanted = given.sets.split(",") if given.sets else [one.name for one in SETS]
    for chosen in (one for one in SETS if one.name in wanted):
        environment = {**os.environ, "QT_SCALE_FACTOR": str(chosen.scale)}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [
            sys.executable,
            "-m",
            "tests.ui.gallery",
            str(given.folder),
            "--one",
            chosen.name,
            "--only",
            given.only,
        ]
        subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
