"""A long text is taken out of the JSON, whatever the pieces in which that comes."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import httpx
import pytest

from bridge_gui.model import MessageId
from bridge_gui.openpgp import armor
from bridge_gui.proton.errors import Malformed
from bridge_gui.proton.http import LONG
from bridge_gui.proton.long_text import LongText
from bridge_gui.proton.wire import Fields, parse_json
from tests.proton.service import Service

ARMORED = armor.armor(armor.MESSAGE, random.Random(1).randbytes(3000), [("Comment", "")])


def read(document: bytes, size: int) -> Any:
    """The document, handed over in pieces of this size and parsed."""
    large = LongText("Body")
    for at in range(0, len(document), size):
        large.feed(document[at : at + size])
    return parse_json(large.document(), large.texts())


TEXTS = {
    "armor": ARMORED,
    "line ends of another system": ARMORED.replace("\n", "\r\n"),
    "a comment with quotation marks": ARMORED.replace("Comment: ", 'Comment: "\\" / \\\\ \t\b\f'),
    "a comment beyond ASCII": ARMORED.replace("Comment: ", "Comment: Grüße ✓ 😀"),
    "nothing": "",
    "only what is escaped": '"' * 40 + "\\" * 41 + "\n" * 9,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 1000, 1 << 20])
def test_any_pieces_give_the_same(text: str, escaped: bool, size: int) -> None:
    message = {"ID": "1", "Subject": '"Body":"no" \\', "Body": text, "ParsedHeaders": {"To": "a"}, "MIMEType": "x/y"}
    document = json.dumps({"Code": 1000, "Message": message}, ensure_ascii=escaped).encode()
    for written in (document, document.replace(b"/", b"\\/"), document.replace(b'"Body": "', b'"Body" :\t"')):
        found = read(written, size)
        octets = found["Message"].pop("Body").getvalue().decode("utf-8", "surrogatepass")
        assert octets.encode("utf-16", "surrogatepass").decode("utf-16") == text, "escaped, a character may be a pair"
        assert found == {"Code": 1000, "Message": {name: value for name, value in message.items() if name != "Body"}}


def test_what_is_called_alike_elsewhere_is_text_again() -> None:
    """A field of a mail's own header may have any name, and stands before the body."""
    message = {"ParsedHeaders": {"Body": "a header field", "To": "b"}, "Body": ARMORED}
    fields = Fields(read(json.dumps({"Message": message}).encode(), 100)).fields("Message")
    assert fields.ordered("ParsedHeaders") == (("Body", "a header field"), ("To", "b"))
    assert fields.text("Body") == fields.large("Body") == ARMORED


def test_without_such_a_text_nothing_changes() -> None:
    document = json.dumps({"Message": {"body": "small", "Header": '"Body":"x"'}}).encode()
    large = LongText("Body")
    large.feed(document)
    assert (large.document(), large.texts()) == (document, {})


async def test_a_large_message_of_the_service() -> None:
    armored = armor.armor(armor.MESSAGE, random.Random(2).randbytes(LONG))
    message = {"ID": "m", "Subject": "Hello", "Header": "X: y", "Body": armored, "MIMEType": "multipart/mixed"}

    def answer(body: str) -> httpx.Response:
        return httpx.Response(200, json={"Code": 1000, "Message": message | {"Body": body}})

    service = Service([answer(armored), answer(ARMORED)])
    api = service.api()
    found = await api.message(MessageId("m"))
    assert isinstance(found.body, io.BytesIO)
    assert (found.body.getvalue(), found.header, found.mime_type) == (armored.encode(), "X: y", "multipart/mixed")
    assert (await api.message(MessageId("m"))).body == ARMORED


async def test_a_large_answer_that_is_cut_is_malformed() -> None:
    document = json.dumps({"Message": {"ID": "m", "Body": "x" * 2 * LONG}}).encode()
    service = Service([httpx.Response(200, content=document[:-20])])
    with pytest.raises(Malformed):
        await service.api().message(MessageId("m"))
