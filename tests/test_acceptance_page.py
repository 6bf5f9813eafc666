"""The pages that name tests name tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(?:([\w/]+\.py)(?:::)?)?(test_\w+)?`")


def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("page", ["acceptance.md"])
def test_named_tests_exist(page: str) -> None:
    wrong: list[str] = []
    named = 0
    for line in (ROOT / "docs" / page).read_text().splitlines():
        file = ""
        for found in NAMED.finditer(line):
            file = found[1] or file
            if not file:
                continue
            path = ROOT / "tests" / file
            if not path.is_file():
                wrong.append(file)
            elif found[2]:
                named += 1
                if found[2] not in functions(path):
                    wrong.append(f"{file}::{found[2]}")
    assert wrong == []
    assert named > 30
