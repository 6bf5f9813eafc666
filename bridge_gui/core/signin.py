"""Sign-ins that are under way: each has an id, is left alone for ten minutes at most, and is one at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bridge_gui.aio import TaskOwner
from bridge_gui.answers import LoginFailed, LoginStep, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.core.service import Entered, Service, SignIn, SignInStep
from bridge_gui.errors import BridgeError, Refused
from bridge_gui.model import AccountId, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import Problem

PATIENCE_SECONDS = 600.0
"""A sign-in that is not continued holds a session at the service; after this long it is given up."""


@dataclass(slots=True)
class _Flow:
    sign_in: SignIn
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    timer: asyncio.TimerHandle | None = None


class SignIns:
    """The flows, and what becomes of them."""

    def __init__(
        self,
        service: Callable[[], Service],
        entered: Callable[[Entered], Awaitable[None]],
        is_signed_in: Callable[[AccountId], bool],
        tasks: TaskOwner,
    ) -> None:
        self._is_signed_in = is_signed_in
        self._service = service
        self._entered = entered
        self._tasks = tasks
        self._flows: dict[FlowId, _Flow] = {}

    async def begin(self, username: str, password: Secret[str]) -> LoginStep:
        # People paste both with spaces and line ends around.
        name = username.strip()
        words = Secret(password.reveal().strip("\r\n"))
        if not name or not words.reveal():
            return LoginFailed(Problem("empty", "Enter the user name and the password"))
        flow = FlowId(secrets.token_hex(8))
        self._flows[flow] = _Flow(self._service().sign_in(flow, self._is_signed_in))
        return await self._step(flow, lambda sign_in: sign_in.begin(name, words))

    async def code(self, flow: FlowId, code: str) -> LoginStep:
        digits = "".join(code.split())
        return await self._step(flow, lambda sign_in: sign_in.code(digits))

    async def mailbox_password(self, flow: FlowId, password: Secret[str]) -> LoginStep:
        words = Secret(password.reveal().strip("\r\n"))
        return await self._step(flow, lambda sign_in: sign_in.mailbox_password(words))

    async def verified(self, flow: FlowId) -> LoginStep:
        return await self._step(flow, lambda sign_in: sign_in.verified())

    async def cancel(self, flow: FlowId) -> None:
        """Leave nothing behind; a flow that has ended is no error."""
        found = self._forget(flow)
        if found is not None:
            await found.sign_in.cancel()

    async def close(self) -> None:
        for flow in list(self._flows):
            await self.cancel(flow)

    async def _step(self, flow: FlowId, take: Callable[[SignIn], Awaitable[SignInStep]]) -> LoginStep:
        found = self._flows.get(flow)
        if found is None:
            problem = Problem("flow-ended", "This sign-in has ended", "It was left alone for too long.", "Start again.")
            return LoginFailed(problem)
        if found.timer is not None:
            found.timer.cancel()
        async with found.busy:
            try:
                step = await take(found.sign_in)
                if isinstance(step, Entered):
                    await self._entered(step)
                    self._forget(flow)
                    return SignedIn(step.account)
            except BridgeError as error:
                await self.cancel(flow)
                return LoginFailed(
                    Problem(error.code, error.title, error.message, error.remedy), retry=not isinstance(error, Refused)
                )
            except BaseException:
                self._forget(flow)
                raise
        if isinstance(step, (NeedTwoFactor, NeedMailboxPassword, NeedHumanCheck)):
            found.timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._give_up, flow)
        else:
            await self.cancel(flow)
        return step

    def _give_up(self, flow: FlowId) -> None:
        self._tasks.start(self.cancel(flow), "give up a sign-in")

    def _forget(self, flow: FlowId) -> _Flow | None:
        found = self._flows.pop(flow, None)
        if found is not None and found.timer is not None:
            found.timer.cancel()
        return found
