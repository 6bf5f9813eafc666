"""The recorder keeps the newest requests within its bound."""

from __future__ import annotations

from bridge_gui.demo.received import Recorder
from bridge_gui.demo.records import Received


def request(body: bytes) -> Received:
    return Received("PUT", "/x", (), body)


def test_the_oldest_are_forgotten() -> None:
    recorder = Recorder(3_000)
    for n in range(5):
        recorder.add(request(bytes([n]) * 1000))
    assert [each.body[0] for each in recorder] == [3, 4]
    assert recorder.total == 5
    assert recorder.contains(b"\x04\x04")
    assert not recorder.contains(b"\x01\x01")
    recorder.clear()
    assert len(recorder) == 0


def test_nothing_is_kept_with_a_limit_of_zero() -> None:
    recorder = Recorder(0)
    recorder.add(request(b"x"))
    assert (len(recorder), recorder.total) == (0, 1)
