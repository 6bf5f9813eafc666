"""Ids: their form, and that none can be made up."""

from __future__ import annotations

import base64

import pytest

from bridge_gui.demo.ids import Ids


def test_form_and_round_trip() -> None:
    ids = Ids("seed")
    value = ids.make("m", 3, 70_000, 2)
    assert len(value) == 88
    assert value.endswith("==")
    assert ids.parse("m", value) == (3, 70_000, 2)
    assert Ids("seed").make("m", 3, 70_000, 2) == value
    assert Ids("other").make("m", 3, 70_000, 2) != value


@pytest.mark.parametrize("change", ["kind", "seed", "number", "short", "text", "unicode"])
def test_what_is_not_ours_is_refused(change: str) -> None:
    value = Ids("seed").make("m", 1, 1)
    raw = bytearray(base64.urlsafe_b64decode(value))
    raw[7] ^= 1
    wrong = {
        "kind": (Ids("seed"), "l", value),
        "seed": (Ids("other"), "m", value),
        "number": (Ids("seed"), "m", base64.urlsafe_b64encode(bytes(raw)).decode()),
        "short": (Ids("seed"), "m", value[:40]),
        "text": (Ids("seed"), "m", "not an id"),
        "unicode": (Ids("seed"), "m", "ü" * 44),
    }
    ids, kind, given = wrong[change]
    assert ids.parse(kind, given) is None
