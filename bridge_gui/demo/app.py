"""HTTP around the routes: headers every request needs, sessions, faults, recording. Starlette and nothing else.

A request passes: latency and faults, the app version header, the session and its scope, then its route. Routes are
plain functions; an `ApiError` becomes the service's JSON.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge_gui.demo import routes_auth, routes_contacts, routes_control, routes_core, routes_mail, routes_messages
from bridge_gui.demo.calls import Call, Handler, Op, Part, Reply
from bridge_gui.demo.errors import APP_VERSION_BAD, APP_VERSION_MISSING, ApiError
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.records import Received
from bridge_gui.demo.world import World

FORM_PARTS = 1_000
CutConnection = Callable[[Scope], None]


def build(world: World, cut: CutConnection) -> ASGIApp:
    """Return the demo service as an ASGI application; `cut` ends a request's connection at once."""
    ops = (*routes_messages.OPS, *routes_mail.OPS, *routes_core.OPS, *routes_auth.OPS, *routes_contacts.OPS)
    routes = [Route(op.path, _endpoint(world, op), methods=[op.method]) for op in ops]
    routes += [Route(op.path, _control(world, op.run), methods=[op.method]) for op in routes_control.OPS]
    api = Starlette(routes=routes, exception_handlers={404: _unknown, 405: _unknown})
    return _Line(world, api, cut)


class _Line:
    """The way a request comes and its answer goes: date, latency, recorded bodies, faults."""

    def __init__(self, world: World, api: ASGIApp, cut: CutConnection) -> None:
        self._world = world
        self._api = api
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._api(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/demo/"):
            await self._api(scope, receive, send)
            return
        body = await _read(receive)
        world = self._world
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        world.received.add(Received(scope["method"], path, headers, body))
        fault = world.faults.choose(scope["method"], path)
        wait = world.options.latency + (fault.delay if fault else 0.0)
        if fault is not None and fault.delay:
            if await _gone_within(receive, wait):
                return
        elif wait > 0:
            await asyncio.sleep(wait)
        date = formatdate(world.now_exact(), usegmt=True).encode()
        if fault is None:
            await self._api(scope, _replay(body), _dated(send, date, known=b"cookie" in dict(scope["headers"])))
            return
        _take_effect(world, fault, dict(headers))
        if fault.cut == "before":
            self._cut(scope)
        elif fault.status:
            await _fault_answer(fault)(scope, receive, _dated(send, date))
        elif fault.cut == "after":
            await self._api(scope, _replay(body), _discard)
            self._cut(scope)
        elif fault.cut == "body":
            await self._api(scope, _replay(body), _half(send))
            self._cut(scope)
        else:
            await self._api(scope, _replay(body), _dated(send, date))


async def _gone_within(receive: Receive, seconds: float) -> bool:
    """Be as slow as a line that loses what it carries: a client that goes away meanwhile was never heard."""
    try:
        async with asyncio.timeout(seconds):
            await receive()
    except TimeoutError:
        return False
    return True


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(chunks)


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _dated(send: Send, date: bytes, *, known: bool = True) -> Send:
    """Add the service's clock, and for a client without one its cookie (1.2; not Secure, as loopback has no TLS)."""

    async def dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"date", date)]
            if not known:
                cookie = f"Session-Id={secrets.token_urlsafe(20)}; Max-Age=7776000; Path=/; HttpOnly"
                message["headers"].append((b"set-cookie", cookie.encode()))
        await send(message)

    return dated


def _half(send: Send) -> Send:
    """Send the head with its full length and half of the body."""

    async def half(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
        await send(message)

    return half


async def _discard(message: Message) -> None:
    """Let an answer get lost."""


def _take_effect(world: World, fault: Fault, headers: dict[str, str]) -> None:
    session = next((each for each in world.sessions.all() if each.uid == headers.get("x-pm-uid")), None)
    if fault.effect == "stale":
        world.options.stale_once += 1
    if fault.effect == "shuffle":
        world.options.shuffled_once += 1
    if session is None or not fault.effect:
        return
    account = world.accounts[session.account - 1]
    if fault.effect == "expire-access":
        session.access_until = 0.0
    elif fault.effect == "revoke":
        world.sessions.close(session.uid)
    elif fault.effect == "lock":
        session.locked_until = 0.0
    elif fault.effect == "refresh-mail":
        account.feed.refresh(1)
    elif fault.effect == "refresh-all":
        account.feed.refresh(255)


def _fault_answer(fault: Fault) -> Response:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
    if fault.body is not None:
        return Response(fault.body, fault.status, headers, media_type="text/html")
    if not fault.code and not fault.error:
        return Response(None, fault.status, headers)
    error = ApiError(fault.status, fault.code, fault.error or "Something went wrong", fault.details)
    return _refusal(error, headers)


# -------------------------------------------------------------------------------------------------- routes


def _endpoint(world: World, op: Op) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            _check_app_version(world, request)
            call = await _call(world, request, op.scope)
            reply = await asyncio.to_thread(op.run, call) if op.slow else op.run(call)
        except ApiError as error:
            return _refusal(error, error.headers)
        return _response(reply)

    return endpoint


def _control(world: World, run: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return _response(run(await _call(world, request, None)))
        except ApiError as error:
            return _refusal(error, error.headers)

    return endpoint


def _check_app_version(world: World, request: Request) -> None:
    version = request.headers.get("x-pm-appversion", "")
    if not version:
        raise ApiError(400, APP_VERSION_MISSING, "Missing x-pm-appversion header")
    if world.options.app_version and version != world.options.app_version:
        raise ApiError(400, APP_VERSION_BAD, "This version of the app is no longer supported")


async def _call(world: World, request: Request, scope: str | None) -> Call:
    """Check the session, read the body, and put all into a value."""
    session = account = None
    if scope is not None:
        headers = request.headers
        session = world.sessions.check(headers.get("x-pm-uid", ""), headers.get("authorization", ""))
        if scope:
            world.sessions.scoped(session, scope)
        account = world.accounts[session.account - 1]
    parts: tuple[Part, ...] = ()
    body = b""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        parts = await _form(request)
    else:
        body = await request.body()
    return Call(
        world=world,
        path=request.path_params,
        query=request.query_params,
        headers=request.headers,
        body=body,
        parts=parts,
        session=session,
        signed_in=account,
        base_url=str(request.base_url).rstrip("/"),
    )


async def _form(request: Request) -> tuple[Part, ...]:
    form = await request.form(max_files=FORM_PARTS, max_fields=FORM_PARTS, max_part_size=8 * 2**20)
    try:
        return tuple([await _part(name, value) for name, value in form.multi_items()])
    finally:
        # Not `form.close()`: it awaits, so a connection cut at this moment would leave files open.
        for _, value in form.multi_items():
            if not isinstance(value, str):
                value.file.close()


async def _part(name: str, value: UploadFile | str) -> Part:
    if isinstance(value, str):
        return Part(name, value.encode())
    return Part(name, await value.read(), value.filename or "", value.content_type or "")


def _response(reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.content is not None:
        return Response(reply.content, reply.status, headers, media_type=reply.content_type)
    if reply.data is None:
        return Response(None, reply.status, headers)
    return Response(_json(reply.data), reply.status, headers, media_type="application/json")


def _refusal(error: ApiError, headers: dict[str, str]) -> Response:
    if error.empty:
        return Response(None, error.status, headers)
    return Response(_json(error.wire()), error.status, headers, media_type="application/json")


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _unknown(request: Request, error: Exception) -> Response:
    return _refusal(ApiError(404, 404, "Path not found"), {})
