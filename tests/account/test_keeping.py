"""What is kept on this computer: the selection, as a table; and downloads by folder and age, seen on an account."""

from __future__ import annotations

import pytest

from bridge_gui.account.keeping import DAY, select
from bridge_gui.account.progress import Progress
from bridge_gui.config import SyncSettings
from bridge_gui.model import LabelId, LabelKind, SystemLabel
from bridge_gui.state import SyncPhase
from bridge_gui.store.records import Label
from bridge_gui.sync.download import Selection

NOW = 1_780_000_000.0
LABELS = [
    Label(SystemLabel.INBOX, LabelKind.SYSTEM, "Inbox", None),
    Label(SystemLabel.SENT, LabelKind.SYSTEM, "Sent", None),
    Label(LabelId("w"), LabelKind.FOLDER, "Work", None),
    Label(LabelId("w1"), LabelKind.FOLDER, "Acme", LabelId("w")),
    Label(LabelId("x"), LabelKind.FOLDER, "Workshop", None),
    Label(LabelId("t"), LabelKind.LABEL, "Work", None),
]


@pytest.mark.parametrize(
    ("days", "mailboxes", "expected"),
    [
        pytest.param(0, "", Selection(), id="everything"),
        pytest.param(30, "", Selection(None, (int(NOW) // DAY - 30) * DAY), id="the newest"),
        pytest.param(0, "inbox", Selection(frozenset({"0"})), id="INBOX is written in any case"),
        pytest.param(0, " Sent ,INBOX", Selection(frozenset({"0", "7"})), id="several"),
        pytest.param(0, "Folders/Work", Selection(frozenset({"w", "w1"})), id="with what lies below, and no namesake"),
        pytest.param(0, "Labels/Work", Selection(frozenset({"t"})), id="a label"),
        pytest.param(0, "Folders/Gone", Selection(frozenset()), id="one that is not there selects nothing"),
        pytest.param(7, "Sent", Selection(frozenset({"7"}), (int(NOW) // DAY - 7) * DAY), id="both"),
    ],
)
def test_the_selection_of_settings(days: int, mailboxes: str, expected: Selection) -> None:
    assert select(SyncSettings(days=days, mailboxes=mailboxes), LABELS, NOW) == expected


def test_a_pause_shows_while_the_list_is_read_too() -> None:
    progress = Progress()
    state = progress.listing(10, 100, False, paused=True, now=0.0)
    assert (state.phase, state.done, state.remaining_s) == (SyncPhase.PAUSED, 10, None)


def test_the_guess_follows_the_speed_of_the_last_minute_and_forgets_a_pause() -> None:
    progress = Progress()
    assert progress.listing(0, 1000, False, paused=False, now=0.0).remaining_s is None
    assert progress.listing(100, 1000, False, paused=False, now=10.0).remaining_s == pytest.approx(90.0)
    assert progress.listing(100, 1000, False, paused=True, now=500.0).remaining_s is None
    assert progress.listing(100, 1000, False, paused=False, now=1000.0).remaining_s is None
    assert progress.listing(200, 1000, False, paused=False, now=1005.0).remaining_s == pytest.approx(40.0)
