"""The control interface: JSON over HTTP on a Unix socket of the profile, or on loopback with a token where there are
none.

It is for the command line and scripts of the same user. The socket can be opened by its owner only; the token, which
stands in a file that only the owner reads, is asked for in either case.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge_gui.aio import TaskOwner
from bridge_gui.answers import DEFAULT_SETUP, SetupOptions
from bridge_gui.bridge import Bridge
from bridge_gui.config import APP_NAME, Profile, write_private
from bridge_gui.control import shapes
from bridge_gui.errors import BridgeError, NotFound, UsageError
from bridge_gui.model import Access, AccountId, AddressMode, ClientId, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import CorePhase

log = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024
CLOSE_SECONDS = 2
TOKEN_BYTES = 32

Json = dict[str, Any]


class _Body:
    """The JSON object of a request, read with checks."""

    def __init__(self, raw: Json) -> None:
        self._raw = raw

    def text(self, name: str, default: str | None = None) -> str:
        value = self._raw.get(name, default)
        if not isinstance(value, str):
            raise UsageError(f"The request lacks the text `{name}`.")
        return value

    def optional(self, name: str) -> str | None:
        return self.text(name) if self._raw.get(name) is not None else None

    def number(self, name: str) -> float | None:
        value = self._raw.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise UsageError(f"`{name}` has to be a number.")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._raw.get(name, default)
        if not isinstance(value, bool):
            raise UsageError(f"`{name}` has to be true or false.")
        return value

    def access(self, name: str = "access", default: str | None = None) -> Access:
        value = self.text(name, default)
        if value not in list(Access):
            raise UsageError(f"Access is one of: {', '.join(Access)}.")
        return Access(value)


Handler = Callable[[Bridge, Request, _Body], Awaitable[Any]]


async def _status(bridge: Bridge, request: Request, body: _Body) -> Json:
    return shapes.status(bridge.now())


async def _quit(bridge: Bridge, request: Request, body: _Body) -> Json:
    await bridge.quit()
    return {"stopping": True}


async def _show(bridge: Bridge, request: Request, body: _Body) -> Json:
    await bridge.show_window()
    return {"asked": True}


async def _unlock(bridge: Bridge, request: Request, body: _Body) -> Json:
    words = body.optional("passphrase")
    await bridge.unlock(Secret(words) if words is not None else None)
    return shapes.core(bridge.now().core)


async def _start_anew(bridge: Bridge, request: Request, body: _Body) -> Json:
    await bridge.start_anew()
    return shapes.core(bridge.now().core)


async def _login(bridge: Bridge, request: Request, body: _Body) -> Json:
    return shapes.step(await bridge.login(body.text("username"), Secret(body.text("password"))))


async def _login_next(bridge: Bridge, request: Request, body: _Body) -> Json:
    flow, action = FlowId(request.path_params["flow"]), request.path_params["action"]
    if action == "code":
        return shapes.step(await bridge.login_code(flow, body.text("code")))
    if action == "mailbox-password":
        return shapes.step(await bridge.login_mailbox_password(flow, Secret(body.text("password"))))
    if action == "verified":
        return shapes.step(await bridge.login_verified(flow))
    if action == "cancel":
        await bridge.login_cancel(flow)
        return {"cancelled": True}
    raise NotFound("There is no such step.")


async def _account(bridge: Bridge, request: Request) -> AccountId:
    return await bridge.find_account(request.path_params["account"])


async def _account_action(bridge: Bridge, request: Request, body: _Body) -> Json:
    account, action = await _account(bridge, request), request.path_params["action"]
    if action == "logout":
        await bridge.logout(account)
    elif action == "remove":
        await bridge.remove(account)
        return {"removed": account}
    elif action == "repair":
        await bridge.repair(account)
    elif action == "mode":
        mode = body.text("mode")
        if mode not in list(AddressMode):
            raise UsageError(f"The mode is one of: {', '.join(AddressMode)}.")
        await bridge.set_mode(account, AddressMode(mode))
    elif action == "pause":
        await bridge.pause(account, body.number("seconds"))
    elif action == "resume":
        await bridge.resume(account)
    elif action == "outbox":
        if (item := body.optional("retry")) is not None:
            await bridge.outbox_retry(account, item)
        if (item := body.optional("cancel")) is not None:
            await bridge.outbox_cancel(account, item)
    elif action == "self-test":
        return shapes.self_test(await bridge.self_test(account))
    elif action == "wait":
        return shapes.account(await bridge.wait(account, body.text("goal", "synced"), body.number("timeout")))
    else:
        raise NotFound("There is no such action.")
    return shapes.account(await bridge.account_state(account))


async def _client_add(bridge: Bridge, request: Request, body: _Body) -> Json:
    account = await bridge.find_account(body.text("account"))
    made = await bridge.add_client(
        body.text("label"), account, body.text("app", "other"), body.access(default="full"), body.optional("address")
    )
    return shapes.credentials(made)


async def _client_show(bridge: Bridge, request: Request, body: _Body) -> Json:
    return shapes.credentials(await bridge.credentials(ClientId(request.path_params["client"])))


async def _client_action(bridge: Bridge, request: Request, body: _Body) -> Json:
    client, action = ClientId(request.path_params["client"]), request.path_params["action"]
    if action == "revoke":
        await bridge.revoke_client(client)
    elif action == "restore":
        await bridge.restore_client(client)
    elif action == "rename":
        await bridge.rename_client(client, body.text("label"))
    elif action == "access":
        await bridge.set_client_access(client, body.access())
    elif action == "renew":
        return shapes.credentials(await bridge.renew_client(client))
    elif action == "disconnect":
        return {"id": client, "ended": await bridge.disconnect_client(client)}
    elif action == "log":
        on = body.flag("on")
        return {"id": client, "on": on, "sessions": await bridge.log_client(client, on)}
    elif action in ("setup-undo", "setup-repair"):
        work = bridge.setup_undo if action == "setup-undo" else bridge.setup_repair
        steps = await work(client, body.number("timeout") or 0)
        return {"id": client, "steps": [shapes.setup_step(step) for step in steps]}
    else:
        raise NotFound("There is no such action.")
    return {"id": client}


async def _setup_programs(bridge: Bridge, request: Request, body: _Body) -> list[Json]:
    return [shapes.program(found) for found in await bridge.setup_programs(await _account(bridge, request))]


async def _setup(bridge: Bridge, request: Request, body: _Body) -> Json:
    """Plan or apply: the same wish is shown first and carried out then."""
    account, action = await bridge.find_account(body.text("account")), request.path_params["action"]
    app, target, access = body.text("app"), body.optional("target"), body.access(default="full")
    options = SetupOptions(
        body.text("security", DEFAULT_SETUP.security),
        body.flag("keep_copies", True),
        body.optional("address") or "",
        body.optional("label") or "",
        body.optional("file") or "",
    )
    if action == "plan":
        return shapes.setup_plan(await bridge.setup_plan(account, app, target, access, options))
    if action == "apply":
        made = await bridge.setup_apply(account, app, target, access, options, body.number("timeout") or 0)
        return {"clients": list(made)}
    raise NotFound("There is no such action.")


async def _setup_guide(bridge: Bridge, request: Request, body: _Body) -> list[Json]:
    return [shapes.setup_step(step) for step in await bridge.setup_guide(ClientId(request.path_params["client"]))]


async def _setups_made(bridge: Bridge, request: Request, body: _Body) -> list[Json]:
    return [shapes.setup_made(made) for made in await bridge.setups_made()]


async def _settings(bridge: Bridge, request: Request, body: _Body) -> list[Json]:
    return [shapes.setting(value) for value in await bridge.settings()]


async def _setting(bridge: Bridge, request: Request, body: _Body) -> Json:
    return shapes.setting(await bridge.setting(request.path_params["key"]))


async def _setting_set(bridge: Bridge, request: Request, body: _Body) -> Json:
    return shapes.setting(await bridge.set_setting(request.path_params["key"], body.text("value")))


async def _certificate(bridge: Bridge, request: Request, body: _Body) -> Json:
    return {**shapes.certificate(await bridge.certificate()), "pem": await bridge.certificate_pem()}


async def _certificate_renew(bridge: Bridge, request: Request, body: _Body) -> Json:
    return shapes.certificate(await bridge.renew_certificate())


async def _certificate_import(bridge: Bridge, request: Request, body: _Body) -> Json:
    return shapes.certificate(await bridge.import_certificate(Secret(body.text("pem"))))


async def _doctor(bridge: Bridge, request: Request, body: _Body) -> list[Json]:
    return [shapes.check(check) for check in await bridge.doctor()]


async def _report(bridge: Bridge, request: Request, body: _Body) -> list[Json]:
    category, title, text = body.text("category", "other"), body.text("title", ""), body.text("description", "")
    parts = await bridge.report(category, title, text, body.flag("logs"))
    return [{"name": part.name, "text": part.text} for part in parts]


async def _lock(bridge: Bridge, request: Request, body: _Body) -> Json:
    await bridge.lock()
    return shapes.core(bridge.now().core)


async def _protect(bridge: Bridge, request: Request, body: _Body) -> Json:
    words = body.optional("passphrase")
    await bridge.protect(Secret(words) if words is not None else None)
    return {"protection": await bridge.protection()}


async def _settings_reset(bridge: Bridge, request: Request, body: _Body) -> list[Json]:
    return [shapes.setting(value) for value in await bridge.reset_settings(body.optional("key"))]


async def _dismiss(bridge: Bridge, request: Request, body: _Body) -> Json:
    await bridge.dismiss(body.text("key"))
    return {"dismissed": True}


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v1/status", _status),
    ("POST", "/v1/quit", _quit),
    ("POST", "/v1/show", _show),
    ("POST", "/v1/unlock", _unlock),
    ("POST", "/v1/start-anew", _start_anew),
    ("POST", "/v1/login", _login),
    ("POST", "/v1/login/{flow}/{action}", _login_next),
    ("POST", "/v1/accounts/{account}/{action}", _account_action),
    ("POST", "/v1/clients", _client_add),
    ("GET", "/v1/clients/{client}", _client_show),
    ("GET", "/v1/clients/{client}/setup", _setup_guide),
    ("POST", "/v1/clients/{client}/{action}", _client_action),
    ("GET", "/v1/accounts/{account}/programs", _setup_programs),
    ("GET", "/v1/setup", _setups_made),
    ("POST", "/v1/setup/{action}", _setup),
    ("GET", "/v1/settings", _settings),
    ("GET", "/v1/settings/{key}", _setting),
    ("PUT", "/v1/settings/{key}", _setting_set),
    ("POST", "/v1/settings/reset", _settings_reset),
    ("POST", "/v1/lock", _lock),
    ("POST", "/v1/protect", _protect),
    ("POST", "/v1/report", _report),
    ("GET", "/v1/certificate", _certificate),
    ("POST", "/v1/certificate/renew", _certificate_renew),
    ("POST", "/v1/certificate/import", _certificate_import),
    ("GET", "/v1/doctor", _doctor),
    ("POST", "/v1/notices/dismiss", _dismiss),
)


def _status_code(error: BridgeError) -> int:
    if isinstance(error, UsageError):
        return 400
    return 404 if isinstance(error, NotFound) else 409


async def _read_body(request: Request) -> _Body:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > BODY_LIMIT:
            raise UsageError("The request is too long.")
    try:
        raw = json.loads(data) if data else {}
    except ValueError as error:
        raise UsageError("The request is not JSON.") from error
    if not isinstance(raw, dict):
        raise UsageError("The request is not a JSON object.")
    return _Body(raw)


def make_app(bridge: Bridge, token: str) -> ASGIApp:
    """The interface as an ASGI application."""

    def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(await handler(bridge, request, await _read_body(request)))
            except BridgeError as error:
                return JSONResponse(shapes.error(error), status_code=_status_code(error))

        return answer

    async def events(request: Request) -> Response:
        """Server-sent events: the status now, and again each time it has changed."""

        async def lines() -> AsyncIterator[str]:
            async for state in bridge.state.watch():
                yield f"data: {json.dumps(shapes.status(state))}\n\n"
                if state.core.phase is CorePhase.STOPPING:
                    return

        return StreamingResponse(lines(), media_type="text/event-stream")

    routes = [Route(path, endpoint(handler), methods=[method]) for method, path, handler in ROUTES]
    return _Guard(Starlette(routes=[*routes, Route("/v1/events", events)]), token)


class _Guard:
    """Let in only who knows the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, self._expected):
                await JSONResponse({"error": {"code": "forbidden"}}, status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Signals belong to whoever runs the core."""
        yield


@contextlib.asynccontextmanager
async def control_interface(bridge: Bridge, profile: Profile) -> AsyncIterator[str]:
    """Serve the interface; yields where it is, in words for the ready line. The file that says how to reach it is gone
    again at the end."""
    with contextlib.ExitStack() as stack:
        listener, place = _listen(profile, stack)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        server = _Server(
            uvicorn.Config(
                make_app(bridge, token),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=CLOSE_SECONDS,
            )
        )
        tasks = TaskOwner("control interface")
        serving = tasks.start(server.serve(sockets=[listener]), "serve")
        # Who connects before the server looks is kept waiting by the listening socket.
        card = {"pid": os.getpid(), "token": token, **place}
        write_private(profile.control_file, json.dumps(card).encode())
        try:
            yield place.get("socket") or f"{place['host']}:{place['port']}"
        finally:
            profile.control_file.unlink(missing_ok=True)
            server.should_exit = True
            await asyncio.wait({serving}, timeout=2 * CLOSE_SECONDS)
            await tasks.close()


def _listen(profile: Profile, stack: contextlib.ExitStack) -> tuple[socket.socket, Json]:
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        listener = socket.create_server(("127.0.0.1", 0))
        stack.callback(listener.close)
        host, port = listener.getsockname()
        return listener, {"host": host, "port": port}
    path = profile.control_socket
    if path is None:
        folder = Path(tempfile.mkdtemp(prefix=f"{APP_NAME}-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        path = folder / "control.sock"
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stack.callback(listener.close)
    # The folder is the owner's alone, so that nobody can come between bind and chmod.
    listener.bind(str(path))
    stack.callback(path.unlink, missing_ok=True)
    path.chmod(0o600)
    listener.listen(64)
    return listener, {"socket": str(path)}
