"""A report carries what the person saw, and nothing else."""

from __future__ import annotations

import pytest

from bridge_gui.proton import errors
from bridge_gui.proton.reports import send_report
from tests.proton.service import Service, ok, refused


async def test_a_report_is_one_request_without_session() -> None:
    service = Service([ok()])
    async with service.transport() as transport:
        await send_report(transport, {"Title": "Grüße", "Description": "", "OS": "linux"}, {"bridge.log": b"line\n"})
    (request,) = service.asked
    assert (request.method, request.url.path) == ("POST", "/core/v4/reports/bug")
    assert "Authorization" not in request.headers
    body = request.content
    assert 'name="Title"\r\n\r\nGrüße\r\n'.encode() in body
    assert b'name="AsyncAttachments"\r\n\r\n0\r\n' in body
    assert b'name="ClientType"\r\n\r\n1\r\n' in body
    assert b"Description" not in body
    assert b'name="bridge.log"; filename="bridge.log"' in body
    assert b"line\n" in body


async def test_a_refused_report_is_told() -> None:
    async with Service([refused(422, 2000, "Description is missing")]).transport() as transport:
        with pytest.raises(errors.InvalidInput, match="Description"):
            await send_report(transport, {}, {})
