"""The service's side as it is: one transport and one workshop for all accounts, and what `account/` makes of them."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
from weakref import WeakSet

from bridge_gui.account.account import Account as ProtonAccount
from bridge_gui.account.login import SignIn as ProtonSignIn
from bridge_gui.aio import TaskOwner
from bridge_gui.answers import LoginStep, SignedIn
from bridge_gui.config import Profile, Settings, version
from bridge_gui.core.service import Account, Entered, Keep, OnNetwork, OnState, SignIn, SignInStep
from bridge_gui.errors import BridgeError, Unreachable
from bridge_gui.model import AccountId, FlowId
from bridge_gui.proton.api import Api
from bridge_gui.proton.connectivity import Connectivity
from bridge_gui.proton.http import Transport
from bridge_gui.proton.reports import send_report
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret
from bridge_gui.send.envelope import without_tag
from bridge_gui.state import Problem
from bridge_gui.sync.workshop import Workshop
from bridge_gui.vault.records import AccountRecord, SessionRecord


class ProtonService:
    """`core.service.Service`. Made on the core's loop."""

    def __init__(
        self, profile: Profile, url: str, settings: Settings, cookies: Secret[str] | None, on_network: OnNetwork
    ) -> None:
        self._settings = settings
        self._profile = profile
        self._transport = Transport(
            url,
            app_version=settings.api.app_version,
            alternative_routing=settings.network.alternative_routing,
            proxy=settings.network.proxy,
        )
        if cookies is not None:
            self._transport.import_cookies(cookies.reveal())
        self._workshop = Workshop()
        self._accounts: WeakSet[ProtonAccount] = WeakSet()
        self._tasks = TaskOwner("service")
        self._connectivity = Connectivity(self._transport)
        self._tasks.start(self._connectivity.run(), "connectivity")
        self._tasks.start(self._tell_network(on_network), "tell of the network")

    def account(self, record: AccountRecord, keep: Keep, on_state: OnState) -> Account:
        account = ProtonAccount(
            record,
            transport=self._transport,
            link=self._connectivity.state,
            workshop=self._workshop,
            folder=self._profile.cache_folder(self._settings),
            settings=self._settings,
            keep=keep,
            on_state=on_state,
            on_sent=self._was_sent,
        )
        self._accounts.add(account)
        return account

    def _was_sent(self, recipients: Sequence[str]) -> None:
        """Let accounts of this computer that get the mail look for it, rather than wait for their next poll."""
        wanted = {without_tag(each).casefold() for each in recipients}
        for account in self._accounts:
            if wanted & {address.email.casefold() for address in account.state.addresses}:
                account.expect_mail()

    def sign_in(self, flow: FlowId, is_signed_in: Callable[[AccountId], bool]) -> SignIn:
        return _SignIn(ProtonSignIn(flow, self._transport, is_signed_in), self._transport)

    def use_settings(self, settings: Settings) -> None:
        self._settings = settings
        self._transport.use_app_version(settings.api.app_version)
        self._transport.use_alternative_routing(settings.network.alternative_routing)

    def use_client_name(self, name: str, version: str) -> None:
        self._transport.use_client_name(name, version)

    def look_now(self) -> None:
        self._connectivity.look_now()

    def clock_offset(self) -> float | None:
        return self._transport.clock_offset

    async def send_report(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        fields = {
            "OS": platform.system(),
            "OSVersion": platform.release(),
            "Client": "Bridge Manager",
            "ClientVersion": version(),
            **fields,
        }
        await send_report(self._transport, fields, files)

    async def _tell_network(self, tell: OnNetwork) -> None:
        async for link in self._connectivity.state.watch():
            error = link.untrusted or (None if link.online else Unreachable())
            tell(Problem(error.code, error.title, error.message, error.remedy) if error else None)

    def cookies(self) -> Secret[str]:
        return Secret(self._transport.export_cookies())

    async def close(self) -> None:
        await self._tasks.close()
        await self._workshop.close()
        await self._transport.close()


class _SignIn:
    """`core.service.SignIn` around the account room's."""

    def __init__(self, sign_in: ProtonSignIn, transport: Transport) -> None:
        self._sign_in = sign_in
        self._transport = transport

    async def begin(self, username: str, password: Secret[str]) -> SignInStep:
        return await self._taken(self._sign_in.start(username, password))

    async def code(self, code: str) -> SignInStep:
        return await self._taken(self._sign_in.code(code))

    async def mailbox_password(self, password: Secret[str]) -> SignInStep:
        return await self._taken(self._sign_in.mailbox_password(password))

    async def verified(self) -> SignInStep:
        return await self._taken(self._sign_in.verified())

    async def cancel(self) -> None:
        result = self._sign_in.result
        if result is None:
            await self._sign_in.cancel()
            return
        # It succeeded, and could not be kept: a session that nobody knows of must not live on.
        api = Api(self._transport, result.tokens, _forget)
        with contextlib.suppress(BridgeError):
            await api.logout()
        await api.close()

    async def _taken(self, work: Awaitable[LoginStep]) -> SignInStep:
        step = await work
        result = self._sign_in.result
        if not isinstance(step, SignedIn) or result is None:
            return step
        tokens = result.tokens
        return Entered(
            step.account,
            result.user.name,
            SessionRecord(tokens.uid, tokens.access_token, tokens.refresh_token),
            result.key_pass,
            tuple(address.email for address in result.addresses),
        )


async def _forget(tokens: SessionTokens) -> None:
    """Tokens of a session that is being ended are not kept."""
