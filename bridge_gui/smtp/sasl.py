"""Signing in: PLAIN (RFC 4616) and LOGIN, as exchanges of challenges and responses (RFC 4954 4)."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_gui.secret import Secret
from bridge_gui.smtp.backend import Reply
from bridge_gui.smtp.parse import BadCommand

MECHANISMS = ("PLAIN", "LOGIN")


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: Secret[str]


class Exchange:
    """One attempt to sign in. Ask with `challenge`, give what comes to `respond`, until there are credentials."""

    def __init__(self, mechanism: str) -> None:
        """Raise `BadCommand` for a mechanism that is not offered."""
        if mechanism not in MECHANISMS:
            raise BadCommand(Reply(504, "5.5.4", "PLAIN and LOGIN are the mechanisms here."))
        self._login = mechanism == "LOGIN"
        self._username: str | None = None

    @property
    def challenge(self) -> Reply:
        """What to ask next: of LOGIN the words `Username:` and `Password:`, of PLAIN nothing."""
        if not self._login:
            return Reply(334, "", "")
        return Reply(334, "", "VXNlcm5hbWU6" if self._username is None else "UGFzc3dvcmQ6")

    def respond(self, response: Secret[bytes]) -> Credentials | None:
        """Take a decoded response; None when there is more to ask. Raise `BadCommand`."""
        try:
            text = response.reveal().decode()
        except UnicodeDecodeError:
            raise BadCommand(Reply(501, "5.5.2", "The response is not UTF-8.")) from None
        if not self._login:
            return _plain(text)
        if self._username is None:
            self._username = text
            return None
        return Credentials(self._username, Secret(text))


# message = [authzid] UTF8NUL authcid UTF8NUL passwd
def _plain(text: str) -> Credentials:
    parts = text.split("\0")
    if len(parts) != 3 or not parts[1]:
        raise BadCommand(Reply(501, "5.5.2", "The response is not of the form of PLAIN."))
    if parts[0] not in ("", parts[1]):
        raise BadCommand(Reply(535, "5.7.8", "Acting for another user is not possible."))
    return Credentials(parts[1], Secret(parts[2]))
