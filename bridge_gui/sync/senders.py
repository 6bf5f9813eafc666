"""Whose signature is it? Public keys of senders, asked for once and kept for a while.

Only for messages that are signed. A look-up that is refused says that the key is not known; one that fails for now
says nothing, and the message waits for it, as what is shown of it never changes. Where it fails again and again while
the service answers otherwise, the signature is shown as one of an unknown key.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence

from bridge_gui.errors import BridgeError, CryptoError
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.sync.service import Service, Verdict, judge, passes

MOST = 500
"""Senders whose keys are kept; a certificate takes a few kilobytes."""
KEPT = 24 * 3600.0
"""Seconds after which keys are asked for anew."""
TRIES = 4
"""Look-ups of one address that fail in a row before its messages are shown without."""

log = logging.getLogger(__name__)


class Senders:
    """Certificates by address."""

    def __init__(
        self, service: Service, own: Callable[[str], Sequence[Certificate]], monotonic: Callable[[], float]
    ) -> None:
        self._service = service
        self._own = own
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, tuple[Certificate, ...]]] = OrderedDict()
        self._failed: dict[str, int] = {}

    async def certificates(self, email: str) -> Sequence[Certificate]:
        """Keys that may have signed a message from `email`: those of an own address, or what the service knows.

        Raise the error of a look-up that may go well later.
        """
        own = self._own(email)
        if own:
            return own
        email = email.lower()
        found = self._kept.get(email)
        if found is not None and self._monotonic() - found[0] < KEPT:
            self._kept.move_to_end(email)
            return found[1]
        try:
            keys = await self._service.public_keys(email)
        except BridgeError as error:
            if passes(error):
                self._failed[email] = self._failed.get(email, 0) + 1
                if self._failed[email] < TRIES or judge(error) is Verdict.OFFLINE:
                    raise
                return ()
            if judge(error) not in (Verdict.GONE, Verdict.REFUSED):
                raise
            keys = ()  # refused: no such address, and asking again for the next message would not help
        self._failed.pop(email, None)
        certificates: list[Certificate] = []
        for key in keys:
            try:
                certificates.append(Certificate.from_armor(key.public_key))
            except CryptoError as error:
                log.info("a sender's key cannot be read: %s", error.code)
        self._kept[email] = (self._monotonic(), tuple(certificates))
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return self._kept[email][1]
