"""Working together: a part that ends without having done its work is never taken for done."""

from __future__ import annotations

import asyncio

import pytest

from bridge_gui.sync.wait import together


async def test_a_part_that_something_else_cancelled_is_an_error() -> None:
    async def dropped() -> None:
        raise asyncio.CancelledError

    async def done() -> None:
        return

    with pytest.raises(RuntimeError):
        await together((done(), dropped()))


async def test_the_first_error_is_raised_as_it_is() -> None:
    async def fails() -> None:
        raise ValueError("once")

    async def waits() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ValueError, match="once"):
        await together((waits(), fails()))
