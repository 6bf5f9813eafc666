"""A short run of `tests.imap.fuzz`."""

from __future__ import annotations

from tests.imap.fuzz import Fuzzer


async def test_hostile_bytes_are_answered_soon_and_with_little_memory() -> None:
    report = await Fuzzer(seed=7).run(4_000)
    assert report.inputs == 4_000
    assert report.commands > 500, "many inputs are still commands"
    assert report.answers > 500
    assert report.split == 500
    assert report.written > 100
