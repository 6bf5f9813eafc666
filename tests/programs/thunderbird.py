"""The real Thunderbird on a screen of its own: started, asked what it has, and made to write."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.desktop.screen import Screen, until
from tests.programs.core import program
from tests.programs.marionette import Marionette

PRIMARY = "Password Required - "
"""How the title of the window begins in which Thunderbird asks for its primary password."""
PROMPTS = ("Password Required", "Enter your password for")
"""Titles of all windows in which it asks for a password: to send, to read."""
OWN = {"marionette.port": "0", "remote.prefs.recommended": "false"}
"""Marionette's own preferences for tests would switch off much that a person sees, such as the password manager."""
START_SECONDS = 40.0
PICTURES = Path(tempfile.gettempdir()) / "bridge-gui-failures"
_SERVICES = "const {MailServices} = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');"
_MESSAGE = (
    _SERVICES
    + """
    const account = MailServices.accounts.accounts.find(one => one.incomingServer.username == arguments[0]);
    const inbox = account.incomingServer.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
    const message = [...inbox.messages].find(one => one.mime2DecodedSubject == arguments[1]);"""
)


class Thunderbird:
    """A running one. `answers` are typed into the windows that ask, by a part of their title."""

    def __init__(
        self, process: subprocess.Popen[bytes], profile: Path, screen: Screen | None, answers: Mapping[str, str]
    ) -> None:
        self.process = process
        self._profile = profile
        self._screen = screen
        self._answers = answers
        self.asked: list[str] = []
        """Titles of the windows that asked for something."""
        self._remote: Marionette | None = None

    def answer(self) -> None:
        """Type into each window that asks at this moment."""
        if self._screen is None:
            return
        for title in PROMPTS:
            for window in self._screen.windows(title):
                # A window may close between two looks; then there is nothing to answer.
                with contextlib.suppress(subprocess.CalledProcessError):
                    full = self._screen.run("xdotool", "getwindowname", window).decode().strip()
                    known = [text for part, text in self._answers.items() if part in full]
                    self.asked.append(full)
                    assert known, f"Thunderbird asks: {full}"
                    self._screen.run("xdotool", "windowfocus", "--sync", window, "type", "--delay", "5", known[0])
                    # As the steps say, it is to be remembered; the box comes after the field.
                    remember = () if full.startswith(PRIMARY) else ("Tab", "space")
                    self._screen.press(*remember, "Return")

    def until(self, found: Any, what: str, timeout: float = START_SECONDS) -> Any:
        """Wait for something, answering meanwhile."""

        def look() -> Any:
            assert self.process.poll() is None, "Thunderbird has ended"
            self.answer()
            return found()

        return until(look, what, timeout)

    @property
    def remote(self) -> Marionette:
        """Only after the windows that ask at the start are gone: they keep it from answering."""
        if self._remote is None:
            port = self._profile / "MarionetteActivePort"
            self._remote = Marionette(int(until(lambda: port.exists() and port.read_text(), "Marionette listens")))
        return self._remote

    def windows(self) -> list[str]:
        """Kinds of the windows that are open."""
        kinds = "return [...Services.wm.getEnumerator(null)].map(w => w.document.documentElement?.getAttribute(a[0]))"
        return list(self.remote.script(f"const a = arguments; {kinds}", "windowtype"))

    def accounts(self) -> list[dict[str, Any]]:
        """Accounts with their folders: name, the roles as flags, the number of messages that are listed."""
        found: list[dict[str, Any]] = self.remote.script(
            _SERVICES
            + """
            return MailServices.accounts.accounts.map(account => ({
                type: account.incomingServer.type,
                host: account.incomingServer.hostname ?? account.incomingServer.hostName,
                user: account.incomingServer.username,
                identities: account.identities.map(identity => identity.email),
                names: account.identities.map(identity => identity.fullName),
                folders: account.incomingServer.rootFolder.descendants.map(folder => ({
                    name: folder.name, flags: folder.flags, messages: folder.getTotalMessages(false)
                })),
            }))"""
        )
        return found

    def read(self, user: str, subject: str) -> str:
        """Open a message of an account's INBOX in a tab, as a double click does, and return what it shows, its
        header first."""
        self.until(lambda: self.remote.script(_MESSAGE + "return !!message", user, subject), f"{subject} is listed")
        self.remote.script(
            _MESSAGE
            + """
            const {MailUtils} = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
            MailUtils.displayMessage(message);""",
            user,
            subject,
        )
        shown = """
            const tab = Services.wm.getMostRecentWindow("mail:3pane").document.getElementById("tabmail");
            const view = tab.currentAboutMessage;
            if (view?.gMessage?.mime2DecodedSubject != arguments[1]) return "";
            return view.getMessagePaneBrowser().contentDocument?.body?.textContent ?? "";"""
        return str(self.until(lambda: self.remote.script(shown, user, subject).strip(), f"the text of {subject}"))

    def send(self, sender: str, to: str, subject: str) -> None:
        """Write a message in the compose window, and press Send; it closes when the message has gone."""
        self.remote.script(
            _SERVICES
            + """
            const [sender, to, subject] = arguments;
            const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
            Object.assign(fields, {to, subject, body: "Written in the window."});
            const parameters = Cc["@mozilla.org/messengercompose/composeparams;1"]
                .createInstance(Ci.nsIMsgComposeParams);
            parameters.composeFields = fields;
            parameters.type = Ci.nsIMsgCompType.New;
            parameters.format = Ci.nsIMsgCompFormat.PlainText;
            parameters.identity = MailServices.accounts.allIdentities.find(one => one.email == sender);
            MailServices.compose.OpenComposeWindowWithParams(null, parameters);""",
            sender,
            to,
            subject,
        )
        window = "const w = Services.wm.getMostRecentWindow('msgcompose'); "
        self.until(
            lambda: self.remote.script(window + "return !!w && w.composeEditorReady === true"), "a window to write in"
        )
        self.remote.script(window + "w.setTimeout(() => w.goDoCommand('cmd_sendNow'))")
        self.until(lambda: "msgcompose" not in self.windows(), "the message has gone")

    def add_foreign_account(self) -> None:
        """Another account, as the program itself writes one; it never connects by itself."""
        self.remote.script(
            _SERVICES
            + """
            const server = MailServices.accounts.createIncomingServer("old", "mail.example.org", "imap");
            const identity = MailServices.accounts.createIdentity();
            identity.email = "old@example.org";
            const outgoing = MailServices.outgoingServer.createServer("smtp");
            outgoing.QueryInterface(Ci.nsISmtpServer).hostname = "mail.example.org";
            identity.smtpServerKey = outgoing.key;
            const account = MailServices.accounts.createAccount();
            account.addIdentity(identity);
            account.incomingServer = server;
            MailServices.accounts.defaultAccount = account;"""
        )

    def set_primary_password(self, password: str) -> None:
        token = "Cc['@mozilla.org/security/internalkeytoken;1'].createInstance(Ci.nsIPKCS11Token)"
        self.remote.script(f"{token}.changePassword('', arguments[0])", password)


@contextlib.contextmanager
def thunderbird(
    home: Path, profile: Path, screen: Screen | None = None, answers: Mapping[str, str] | None = None
) -> Iterator[Thunderbird]:
    """Run it until the block ends, without a window where there is no screen. On a failure, a picture of the screen
    stays beside the profile."""
    (profile / "user.js").write_text("".join(f'user_pref("{name}", {value});\n' for name, value in OWN.items()))
    (profile / "MarionetteActivePort").unlink(missing_ok=True)
    environ = {**(screen.environ if screen else {"PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"}), "HOME": str(home)}
    line = [program("thunderbird"), "--marionette", "--remote-allow-system-access", "--profile", str(profile)]
    with (profile / "thunderbird.log").open("wb") as log:
        process = subprocess.Popen(line, env=environ, stdout=log, stderr=log)
    made = Thunderbird(process, profile, screen, answers or {})
    try:
        yield made
        made.remote.command("Marionette:Quit", flags=["eAttemptQuit"])
        process.wait(30)
    except BaseException:
        if screen is not None:
            PICTURES.mkdir(exist_ok=True)
            print(f"The screen at that moment: {screen.picture(PICTURES / f'{profile.name}.png')}")
        raise
    finally:
        if made._remote is not None:
            made._remote.close()
        if process.poll() is None:
            process.kill()
            process.wait()
        (profile / "user.js").unlink()
