from __future__ import annotations

import pytest

from bridge_gui.core.sessions import Sessions, program_name
from bridge_gui.model import AccountId, ClientId, Protocol


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Thunderbird", "version": "153.7"}, "Thunderbird 153.7"),
        ({"NAME": "Mutt"}, "Mutt"),
        ({"version": "1"}, "1"),
        ({}, ""),
        ({"name": "a\x1b[31m\r\nb"}, "a[31mb"),
        ({"name": "x" * 500}, "x" * 80),
    ],
)
def test_the_name_a_program_gives_itself(fields: dict[str, str], name: str) -> None:
    assert program_name(fields) == name


def test_sessions_end_once_and_those_that_listen_late_are_told_too() -> None:
    changes: list[int] = []
    names: list[object] = []
    sessions = Sessions(lambda: changes.append(1), lambda *named: names.append(named))
    one = sessions.open(ClientId("c1"), AccountId("a"), Protocol.IMAP, 1.0)
    two = sessions.open(ClientId("c2"), AccountId("a"), Protocol.SMTP, 2.0)
    told: list[str] = []
    one.on_ended(told.append)
    assert sessions.end_client(ClientId("c1"), "bye") == 1
    one.end("again")
    assert told == ["bye"]
    assert sessions.end_account(AccountId("a"), "all") == 2
    two.on_ended(told.append)
    assert told == ["bye", "all"]
    one.close()
    one.close()
    assert [state.client for state in sessions.states()] == ["c2"]
    before = len(changes)
    two.do("waiting")
    two.do("waiting")
    assert len(changes) == before + 1
    two.identify("Mutt")
    two.identify("")
    assert names == [("c2", "Mutt")]
    assert sessions.states()[0].activity == "waiting"


def test_the_log_of_one_program_begins_and_ends_with_its_sessions_open(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    sessions = Sessions(lambda: None, lambda *named: None)
    told: dict[str, list[object]] = {"c1": [], "c2": []}
    one = sessions.open(ClientId("c1"), AccountId("a"), Protocol.IMAP, 1.0)
    other = sessions.open(ClientId("c2"), AccountId("a"), Protocol.IMAP, 2.0)
    one.on_traced(told["c1"].append)
    other.on_traced(told["c2"].append)
    assert sessions.log_client(ClientId("c1"), True) == 1
    later = sessions.open(ClientId("c1"), AccountId("a"), Protocol.IMAP, 3.0)
    later.on_traced(told["c1"].append)
    assert [callable(sink) for sink in told["c1"]] == [True, True]
    told["c1"][0]("C: a NOOP")  # type: ignore[operator]
    assert "imap session s1 of program c1: C: a NOOP" in caplog.text
    assert sessions.log_client(ClientId("c1"), False) == 2
    assert told["c1"][2:] == [None, None]
    assert told["c2"] == []
