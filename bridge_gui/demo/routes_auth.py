"""Sign-in, second factor, sessions, refresh (API document 1.6 and 2)."""

from __future__ import annotations

import base64
import secrets

from bridge_gui.demo import srp, totp
from bridge_gui.demo.account import Account
from bridge_gui.demo.calls import Call, Op, Reply, ok, text
from bridge_gui.demo.errors import (
    HUMAN_TOKEN_INVALID,
    HUMAN_VERIFICATION,
    INVALID_VALUE,
    NOT_FOUND,
    REFRESH_TOKEN_INVALID,
    WRONG_PASSWORD,
    ApiError,
)
from bridge_gui.demo.records import Json
from bridge_gui.demo.sessions import FULL, TWO_FACTOR, Session

CHALLENGE_LIMIT = 1_000
"""Sign-ins that were begun and not ended; older ones are forgotten."""
WRONG_TEXT = "Incorrect login credentials. Please try again"


def info(call: Call) -> Reply:
    """`POST /auth/v4/info`: begin a sign-in. An unknown name gets a challenge too, which nobody can answer."""
    world = call.world
    name = text(call.json, "Username")
    account = world.find(name)
    if account is not None:
        _refuse(account, "info")
    asked = srp.challenge(base64.b64decode(account.kit.verifier) if account else secrets.token_bytes(srp.BYTES))
    session = secrets.token_hex(16)
    world.challenges[session] = (account, asked)
    while len(world.challenges) > CHALLENGE_LIMIT:
        del world.challenges[next(iter(world.challenges))]
    return ok(
        Version=account.profile.auth_version if account else 4,
        Modulus=srp.signed_modulus(),
        ServerEphemeral=base64.b64encode(asked.public).decode(),
        Salt=account.kit.auth_salt if account else base64.b64encode(secrets.token_bytes(10)).decode(),
        SRPSession=session,
        Username=account.name if account else name,
        **{"2FA": _second_factor(account)},
    )


def auth(call: Call) -> Reply:
    """`POST /auth/v4`: check the client's proof and open a session."""
    world, data = call.world, call.json
    begun = world.challenges.pop(text(data, "SRPSession"), None)
    if begun is None:
        raise ApiError(422, INVALID_VALUE, "The sign-in session is unknown or was used before")
    account, asked = begun
    if account is None or world.find(text(data, "Username")) is not account:
        raise ApiError(422, WRONG_PASSWORD, WRONG_TEXT)
    try:
        ephemeral = base64.b64decode(text(data, "ClientEphemeral"), validate=True)
        proof = base64.b64decode(text(data, "ClientProof"), validate=True)
    except ValueError as error:
        raise ApiError(422, INVALID_VALUE, "ClientEphemeral or ClientProof is not base64") from error
    _check_human(call, account)
    server_proof = srp.answer(asked, ephemeral, proof)
    if server_proof is None:
        raise ApiError(422, WRONG_PASSWORD, WRONG_TEXT)
    _refuse(account, "auth")
    pending = bool(account.profile.totp_secret or account.profile.security_key)
    session = world.sessions.open(account.number, two_factor=pending, access_life=account.profile.access_life)
    return ok(
        **_tokens(call, session, account),
        ServerProof=base64.b64encode(server_proof).decode(),
        PasswordMode=2 if account.profile.mailbox_password else 1,
        EventID=account.feed.latest,
        **{"2FA": _second_factor(account)},
    )


def second_factor(call: Call) -> Reply:
    """`POST /auth/v4/2fa`: the six digits. A security key cannot be checked here and is refused."""
    assert call.session is not None
    if TWO_FACTOR not in call.session.scopes:
        raise ApiError(422, INVALID_VALUE, "No second factor is expected")
    secret = call.account.profile.totp_secret
    given = call.json.get("TwoFactorCode")
    if not isinstance(given, str) or not secret or not totp.accepts(secret, given, call.world.now_exact()):
        raise ApiError(422, WRONG_PASSWORD, "Incorrect login credentials. Please try again")
    call.session.scopes = {FULL}
    return ok(Scope=_scope_text(call.session), Scopes=_scope_text(call.session).split())


def refresh(call: Call) -> Reply:
    """`POST /auth/v4/refresh`: new tokens for old; carries its own identification."""
    world, data = call.world, call.json
    if data.get("GrantType") != "refresh_token" or data.get("ResponseType") != "token":
        raise ApiError(422, INVALID_VALUE, "GrantType or ResponseType is invalid")
    uid = text(data, "UID")
    known = next((each for each in world.sessions.all() if each.uid == uid), None)
    if known is None:
        raise ApiError(422, REFRESH_TOKEN_INVALID, "Invalid refresh token")
    _refuse(world.accounts[known.account - 1], "refresh")
    session = world.sessions.refresh(uid, text(data, "RefreshToken"))
    return ok(**_tokens(call, session, world.accounts[session.account - 1]))


def logout(call: Call) -> Reply:
    assert call.session is not None
    call.world.sessions.close(call.session.uid)
    return ok()


def sessions(call: Call) -> Reply:
    listed = [
        {
            "UID": each.uid,
            "CreateTime": int(each.created),
            "ClientID": "Bridge",
            "MemberID": call.account.id,
            "Revocable": 1,
            "LocalizedClientName": "Proton Mail Bridge",
        }
        for each in call.world.sessions.of(call.account.number)
    ]
    return ok(Sessions=listed)


def close_session(call: Call) -> Reply:
    uid = call.path["uid"]
    if uid not in [each.uid for each in call.world.sessions.of(call.account.number)]:
        raise ApiError(422, NOT_FOUND, "Session does not exist")
    call.world.sessions.close(uid)
    return ok()


def close_others(call: Call) -> Reply:
    assert call.session is not None
    call.world.sessions.close_all(call.account.number, keep=call.session.uid)
    return ok()


def scopes(call: Call) -> Reply:
    assert call.session is not None
    return ok(Scopes=_scope_text(call.session).split())


def modulus(call: Call) -> Reply:
    return ok(Modulus=srp.signed_modulus(), ModulusID=call.world.ids.make("M", 0, 1))


def _tokens(call: Call, session: Session, account: Account) -> Json:
    return {
        "UID": session.uid,
        "UserID": account.id,
        "AccessToken": session.access_token,
        "RefreshToken": session.refresh_token,
        "TokenType": "Bearer",
        "ExpiresIn": int(call.world.sessions.access_life),
        "Scope": _scope_text(session),
        "LocalID": 0,
    }


def _scope_text(session: Session) -> str:
    return "full self user mail locked" if FULL in session.scopes else TWO_FACTOR


def _second_factor(account: Account | None) -> Json:
    totp_on = account is not None and bool(account.profile.totp_secret)
    key_on = account is not None and account.profile.security_key
    enabled = (1 if totp_on else 0) | (2 if key_on else 0)
    keys: list[Json] = []
    options: Json | None = None
    if key_on:
        keys = [{"AttestationFormat": "none", "CredentialID": [1, 2, 3, 4], "Name": "Demo key"}]
        options = {"publicKey": {"challenge": [9] * 32, "rpId": "bridge.example", "userVerification": "discouraged"}}
    fido: Json = {"AuthenticationOptions": options, "RegisteredKeys": keys}
    return {"Enabled": enabled, "FIDO2": fido, "TOTP": enabled & 1}


def _refuse(account: Account, where: str) -> None:
    refusal = account.profile.refusal
    if refusal is not None and refusal.where == where:
        headers = {"Retry-After": "2"} if refusal.status == 429 else None
        raise ApiError(refusal.status, refusal.code, refusal.text, headers=headers)


def _check_human(call: Call, account: Account) -> None:
    """Ask once whether a person is there (2.6); the token that was given out is the answer."""
    kind = account.profile.human
    if not kind or account.human_done:
        return
    token = call.headers.get("x-pm-human-verification-token", "")
    if not token:
        account.human_token = secrets.token_urlsafe(24)
        details = {
            "HumanVerificationToken": account.human_token,
            "HumanVerificationMethods": ["captcha", "email"],
            "Title": "Human verification",
            "WebUrl": f"{call.base_url}/demo/verify?methods=captcha,email&token={account.human_token}",
            "Direct": 1,
        }
        raise ApiError(422, HUMAN_VERIFICATION, "For security reasons, please complete CAPTCHA", details)
    if kind == "never" or token != account.human_token or not call.headers.get("x-pm-human-verification-token-type"):
        account.human_token = ""
        raise ApiError(422, HUMAN_TOKEN_INVALID, "Human verification failed. Please try again")
    account.human_done = True


OPS = (
    Op("POST", "/auth/v4/info", info, scope=None, slow=True),
    Op("GET", "/auth/v4/modulus", modulus, scope=None),
    Op("POST", "/auth/v4", auth, scope=None, slow=True),
    Op("DELETE", "/auth/v4", logout, scope=""),
    Op("POST", "/auth/v4/2fa", second_factor, scope=""),
    Op("POST", "/auth/v4/refresh", refresh, scope=None),
    Op("GET", "/auth/v4/sessions", sessions),
    Op("DELETE", "/auth/v4/sessions", close_others),
    Op("DELETE", "/auth/v4/sessions/{uid}", close_session),
    Op("GET", "/auth/v4/scopes", scopes, scope=""),
)
