"""The order of requests in a sign-in, step by step and without a network."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from bridge_gui.demo import srp as other_side
from bridge_gui.proton import errors
from bridge_gui.proton.auth import PasswordMode, TwoFactor, authenticate, confirm_code, sign_in
from bridge_gui.proton.http import Answer, Request
from bridge_gui.proton.session import Session
from bridge_gui.secret import Secret
from tests.proton.service import Service, ok, refused, tokens

SALT = b"0123456789"
PASSWORD = Secret("correct horse")
HUMAN = (("x-pm-human-verification-token", "t"),)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Door:
    """The service's side of one sign-in."""

    def __init__(self, **answer: object) -> None:
        hashed = other_side.hash_password(4, "anna", PASSWORD.reveal(), SALT)
        self.challenge = other_side.challenge(other_side.verifier(hashed))
        self.answer = {
            "UserID": "user-1",
            "UID": "uid-1",
            "AccessToken": "access-1",
            "RefreshToken": "refresh-1",
            "2FA": {"Enabled": 0},
            "PasswordMode": 1,
        } | answer

    def info(self, _: httpx.Request) -> httpx.Response:
        return ok(
            Version=4,
            Modulus=other_side.signed_modulus(),
            ServerEphemeral=b64(self.challenge.public),
            Salt=b64(SALT),
            SRPSession="srp-1",
        )

    def auth(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        proof = other_side.answer(
            self.challenge, base64.b64decode(body["ClientEphemeral"]), base64.b64decode(body["ClientProof"])
        )
        if proof is None or body["SRPSession"] != "srp-1":
            return refused(422, 8002, "Incorrect login credentials. Please try again")
        return ok(**({"ServerProof": b64(proof)} | self.answer))


async def test_a_sign_in_is_two_requests() -> None:
    door = Door()
    service = Service([door.info, door.auth])
    result = await authenticate(service.transport(), "anna", PASSWORD)
    assert result.user_id == "user-1"
    assert result.tokens == tokens(1)
    assert (result.two_factor, result.password_mode) == (TwoFactor.NONE, PasswordMode.SINGLE)
    assert service.paths() == ["POST /auth/v4/info", "POST /auth/v4"]
    assert service.body(0) == {"Username": "anna"}
    assert service.body(1)["Username"] == "anna"
    assert "Authorization" not in service.asked[1].headers
    assert b"correct horse" not in service.asked[0].content + service.asked[1].content


@pytest.mark.parametrize(("enabled", "factors"), [(1, 1), (2, 2), (3, 3), (4, 0)])
async def test_second_factors_are_a_bit_mask(enabled: int, factors: int) -> None:
    door = Door(**{"2FA": {"Enabled": enabled, "FIDO2": {"RegisteredKeys": []}}, "PasswordMode": 2})
    result = await authenticate(Service([door.info, door.auth]).transport(), "anna", PASSWORD)
    assert result.two_factor == TwoFactor(factors)
    assert result.password_mode is PasswordMode.TWO


async def test_a_wrong_password_is_told_by_code() -> None:
    door = Door()
    with pytest.raises(errors.WrongCredentials):
        await authenticate(Service([door.info, door.auth]).transport(), "anna", Secret("wrong"))


@pytest.mark.parametrize("proof", ["", b64(bytes(256))])
async def test_a_server_that_cannot_prove_itself_gets_nothing(proof: str) -> None:
    door = Door(ServerProof=proof)
    with pytest.raises(errors.SrpError, match="not Proton"):
        await authenticate(Service([door.info, door.auth]).transport(), "anna", PASSWORD)


async def test_both_requests_carry_the_human_verification() -> None:
    door = Door()
    service = Service([door.info, door.auth])
    await authenticate(service.transport(), "anna", PASSWORD, HUMAN)
    assert [request.headers["x-pm-human-verification-token"] for request in service.asked] == ["t", "t"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"Version": 5}, errors.SrpError),
        ({"Modulus": "unsigned"}, errors.SrpError),
        ({"ServerEphemeral": b64(bytes(256))}, errors.SrpError),
        ({"Salt": "*"}, errors.Malformed),
        ({"Modulus": None}, errors.SrpError),
    ],
)
def test_a_bad_challenge_ends_the_sign_in(change: dict[str, object], kind: type[Exception]) -> None:
    door = Door()
    response = door.info(httpx.Request("POST", "https://api.example"))
    answer = Answer(200, {}, httpx.Response(200, json=response.json() | change).content)
    flow = sign_in("anna", PASSWORD)
    assert isinstance(next(flow), Request)
    with pytest.raises(kind):
        flow.send(answer)


@pytest.mark.parametrize("field", ["UserID", "UID", "AccessToken", "RefreshToken"])
async def test_an_answer_without_session_is_malformed(field: str) -> None:
    door = Door(**{field: ""})
    with pytest.raises(errors.Malformed):
        await authenticate(Service([door.info, door.auth]).transport(), "anna", PASSWORD)


async def test_the_code_goes_out_with_the_new_session() -> None:
    service = Service([refused(422, 8002), ok(Scope="full")])

    async def save(_: object) -> None:
        raise AssertionError

    session = Session(service.transport(), tokens(), save)
    with pytest.raises(errors.WrongCredentials):
        await confirm_code(session, "000000")
    await confirm_code(session, "123456")
    assert service.paths() == ["POST /auth/v4/2fa"] * 2
    assert service.body() == {"TwoFactorCode": "123456"}
    assert service.asked[1].headers["Authorization"] == "Bearer access-1"
