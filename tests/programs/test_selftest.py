"""`account self-test`: what Proton changes of one's own letters is shown, and nothing of them stays."""

from __future__ import annotations

import time

import pytest

from tests.programs.core import DemoCore, signed_in

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]


def test_only_what_the_service_has_to_change_is_changed(demo_core: DemoCore) -> None:
    address = demo_core.sign_in(0)
    found = demo_core.cli("account", "self-test", address)
    assert found["good"], found
    changed = {each["what"] for letter in found["letters"] for each in letter["differences"]}
    assert changed == {
        "date", "x-self-test", "format of the text", "plain text beside the HTML",
        "signature or encryption of the author",
    }  # fmt: skip
    with signed_in(demo_core, address) as imap:
        for mailbox in ("INBOX", "Sent", "Trash", '"All Mail"'):
            imap.select(mailbox)
            for _ in range(100):
                imap.noop()
                if not (left := imap.search(None, "SUBJECT", '"Self-test"')[1][0]):
                    break
                time.sleep(0.2)
            assert not left, mailbox
