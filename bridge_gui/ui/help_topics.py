"""The built-in help: short answers as data, shown on the help page and suggested before a report is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Topic:
    key: str
    title: str
    text: str
    words: str
    """Words that people use for it, beside those of its title."""


def topics() -> tuple[Topic, ...]:
    """All answers, in the window's language."""
    return (
        Topic(
            "set-up",
            translate("help", "Set up a mail program"),
            translate(
                "help",
                "Choose the account, then Add program. The programs of this computer come first; most are set up by "
                "themselves or step by step, and you see what is written before it is. For any other choose Another "
                "program: incoming server IMAP, outgoing server SMTP, both at 127.0.0.1, with the ports, the user name "
                "and the password that are shown. As the connection's security choose STARTTLS or SSL/TLS; both work "
                "on the same port.",
            ),
            translate("help", "thunderbird outlook apple mail configure account server port"),
        ),
        Topic(
            "certificate",
            translate("help", "The mail program warns about the certificate"),
            translate(
                "help",
                "That is expected at the first connection, as the certificate was made on this computer. Compare the "
                "fingerprint that the program shows with the one in the settings under Certificate, then let the "
                "program trust it for good. If the warning comes back later, the certificate was renewed.",
            ),
            translate("help", "ssl tls trust warning security exception fingerprint"),
        ),
        Topic(
            "password",
            translate("help", "The mail program says that the password is wrong"),
            translate(
                "help",
                "A mail program does not use your Proton password, but the one that Bridge Manager made for it. Copy "
                "it from the program's card, or from the tray's menu, and paste it for incoming and outgoing mail. "
                "After New password or Revoke the old one is refused.",
            ),
            translate("help", "login sign in refused authentication failed credentials"),
        ),
        Topic(
            "connection",
            translate("help", "The mail program cannot connect"),
            translate(
                "help",
                "Bridge Manager has to run: look for its icon in the tray. Server is 127.0.0.1 for incoming and "
                "outgoing mail. The Doctor shows whether both ports are open, and which other program may have taken "
                "one. Firewalls and virus scanners sometimes close ports of this computer as well.",
            ),
            translate("help", "timeout refused port firewall antivirus offline server not found"),
        ),
        Topic(
            "sync",
            translate("help", "Mail is missing, or comes late"),
            translate(
                "help",
                "At first the list of all messages is read, then their content is downloaded, newest first; a message "
                "that you open is fetched at once. The account's page shows how far it is. If something stays wrong, "
                "use Repair in the account's menu: it compares with Proton and changes nothing there.",
            ),
            translate("help", "messages folder empty slow download synchronise update new mail"),
        ),
        Topic(
            "sending",
            translate("help", "A mail could not be sent"),
            translate(
                "help",
                "The mail program shows the reason that Bridge Manager gives. The sender has to be one of the "
                "account's addresses, and the program needs the right to send. While offline, mail is refused so that "
                "it stays in the program's outbox, unless Send later when offline is on in the settings.",
            ),
            translate("help", "smtp outgoing send outbox recipient attachment too large"),
        ),
        Topic(
            "access",
            translate("help", "What a mail program may do"),
            translate(
                "help",
                "Each program has a password with rights of its own: full access, read-only, or send-only. You can "
                "change them, disconnect the program or revoke its password at any time in its card; the other "
                "programs are not touched.",
            ),
            translate("help", "rights read-only send-only revoke disconnect security"),
        ),
        Topic(
            "split",
            translate("help", "Several addresses"),
            translate(
                "help",
                "Combined: all addresses of an account share one mailbox, and mail can be sent from each. Split: each "
                "address has a mailbox of its own, with passwords of its own. Changing it makes mail programs read "
                "their mailboxes anew.",
            ),
            translate("help", "address alias split combined identity mode"),
        ),
        Topic(
            "space",
            translate("help", "Where the mail is kept"),
            translate(
                "help",
                "The mail of this computer lies in an encrypted database, whose key is in the keychain. In the "
                "settings you choose how much space it may take; what does not fit is fetched again when it is read.",
            ),
            translate("help", "disk space cache folder encryption storage full"),
        ),
    )


def _stems(text: str) -> set[str]:
    """Words cut to their first letters, so that forms of one word meet."""
    return {word[:5] for word in re.findall(r"\w{4,}", text.lower())}


def suggestions(text: str, most: int = 3) -> list[Topic]:
    """The answers that fit what a person has written, best first."""
    asked = _stems(text)
    scored = []
    for topic in topics():
        score = 2 * len(asked & _stems(topic.title)) + len(asked & _stems(topic.words))
        if score >= 2:
            scored.append((score, topic))
    scored.sort(key=lambda pair: -pair[0])
    return [topic for _, topic in scored[:most]]
