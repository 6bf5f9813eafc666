"""The tests that the documents name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
NAMED = re.compile(r"`(?:tests/)?([\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("document", ["acceptance.md"])
def test_each_named_test_exists(document: str) -> None:
    named = NAMED.findall((TESTS.parent / "docs" / document).read_text(encoding="utf-8"))
    assert len(named) > 30
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (TESTS / file).is_file() or f"def {name}(" not in (TESTS / file).read_text(encoding="utf-8")
    ]
    assert missing == []
