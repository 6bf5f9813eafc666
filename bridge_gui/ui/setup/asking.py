"""What the wizard asks of the core, and what becomes of it when the person leaves meanwhile. Nothing is drawn here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bridge_gui.answers import Check, Credentials, ProgramFound, SetupPlan, SetupStep
from bridge_gui.errors import ProgramRunning
from bridge_gui.model import Access, AccountId, ClientId
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.setup.flow import Answers

T = TypeVar("T")

CLOSED_SECONDS = 1.0
"""How often we try whether the program was closed."""


@dataclass(frozen=True, slots=True)
class Made:
    """A set-up that was written: its mail programs in the list, and what is left to the person."""

    clients: tuple[ClientId, ...]
    steps: tuple[SetupStep, ...]


class Asking:
    """Asks for one account. `running` is told when the program has to be closed before anything can be written, and
    when it is tried again.

    What changes files returns None when the person has left meanwhile: then nothing is left behind.
    """

    def __init__(self, actions: Actions, account: AccountId, running: Callable[[bool], None]) -> None:
        self._actions = actions
        self._account = account
        self._running = running
        self._left = asyncio.Event()

    @property
    def left(self) -> bool:
        """The person has gone: nothing is to be drawn any more."""
        return self._left.is_set()

    def leave(self) -> None:
        """End what waits, and take back what is written in this moment."""
        self._left.set()

    async def programs(self) -> tuple[ProgramFound, ...]:
        return await self._actions.call(self._actions.bridge.setup_programs, self._account)

    async def plan(self, answers: Answers) -> SetupPlan:
        program = answers.program
        assert program is not None
        return await self._actions.call(
            self._actions.bridge.setup_plan,
            self._account,
            program.app,
            program.target,
            answers.access or Access.FULL,
            answers.options,
        )

    async def set_up(self, answers: Answers) -> Made | None:
        program, bridge = answers.program, self._actions.bridge
        assert program is not None
        clients = await self._when_closed(
            lambda: self._actions.call(
                bridge.setup_apply,
                self._account,
                program.app,
                program.target,
                answers.access or Access.FULL,
                answers.options,
            )
        )
        if clients is None:
            return None
        if self.left:  # gone in the moment in which it was written
            await self._actions.call(bridge.setup_undo, clients[0])
            return None
        return Made(clients, await self._actions.call(bridge.setup_guide, clients[0]))

    async def mend(self, clients: Sequence[ClientId]) -> Made | None:
        """Repair a set-up, whose mail programs in the list may be others afterwards: an address that came or went has
        brought or taken an account of its own."""
        bridge = self._actions.bridge
        steps = await self._when_closed(lambda: self._actions.call(bridge.setup_repair, clients[0]))
        if steps is None:
            return None
        made = await self._actions.call(bridge.setups_made)
        if self.left:
            return None
        now = next((entry.clients for entry in made if set(entry.clients) & set(clients)), tuple(clients))
        return Made(now, tuple(steps))

    async def take_back(self, client: ClientId) -> tuple[SetupStep, ...] | None:
        """Undo a set-up; return what is left to the person."""
        steps = await self._when_closed(lambda: self._actions.call(self._actions.bridge.setup_undo, client))
        return None if self.left else steps

    async def doctor(self) -> tuple[Check, ...]:
        return await self._actions.call(self._actions.bridge.doctor)

    async def credentials(self, client: ClientId) -> Credentials:
        return await self._actions.call(self._actions.bridge.credentials, client)

    async def _when_closed(self, ask: Callable[[], Coroutine[None, None, T]]) -> T | None:
        """Ask until the program is closed; None when the person has gone meanwhile. Raise what else it raises."""
        while not self._left.is_set():
            try:
                return await ask()
            except ProgramRunning:
                if self._left.is_set():
                    break
                self._running(True)
                try:
                    await asyncio.wait_for(self._left.wait(), CLOSED_SECONDS)
                except TimeoutError:
                    self._running(False)
        return None
