"""A client of the demo service, written for these tests alone: SRP, headers, encryption of what is sent."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import bcrypt
import httpx

from bridge_gui.openpgp import armor, keys, message, session
from bridge_gui.secret import Secret

G = 2
ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def bcrypt_base64(data: bytes) -> str:
    """Encode bit by bit, six at a time: slower than a translation, and not the same code."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[n : n + 6], 2)] for n in range(0, len(bits), 6))


def big_hash(data: bytes) -> bytes:
    return b"".join(hashlib.sha512(data + n.to_bytes(1, "big")).digest() for n in range(4))


def password_hash(version: int, username: str, password: str, salt: bytes, modulus: bytes) -> bytes:
    raw = password.encode()
    if version in (3, 4):
        crypted = bcrypt.hashpw(raw, b"$2y$10$" + bcrypt_base64(salt + b"proton")[:22].encode())
        return big_hash(crypted + modulus)
    name = username.lower()
    if version == 2:
        name = "".join(c for c in name if c not in "-._")
    if version == 0:
        raw = base64.b64encode(hashlib.sha512(name.encode() + raw).digest())
    text = hashlib.md5(name.encode()).hexdigest()[:22]
    canonical = text[:21] + ALPHABET[ALPHABET.index(text[21]) // 16 * 16]
    crypted = bcrypt.hashpw(raw[:72], b"$2y$10$" + canonical.encode())
    return big_hash(b"$2y$10$" + text.encode() + crypted[29:] + modulus)


def little(data: bytes) -> int:
    return int.from_bytes(data, "little")


@dataclass
class Proof:
    ephemeral: bytes
    proof: bytes
    expected_server_proof: bytes


def prove(info: dict[str, Any], username: str, password: str) -> Proof:
    """Do the client's half of SRP-6a."""
    modulus_raw = base64.b64decode(info["Modulus"].split("\n\n")[1].split("\n")[0])
    n = little(modulus_raw)
    x = little(password_hash(info["Version"], username, password, base64.b64decode(info["Salt"]), modulus_raw))
    server = base64.b64decode(info["ServerEphemeral"])
    k = little(big_hash(G.to_bytes(256, "little") + modulus_raw)) % n
    a = 4096 + secrets.randbelow(n - 8192)
    client = pow(G, a, n).to_bytes(256, "little")
    u = little(big_hash(client + server))
    shared = pow((little(server) - k * pow(G, x, n)) % n, (u * x + a) % (n - 1), n).to_bytes(256, "little")
    proof = big_hash(client + server + shared)
    return Proof(client, proof, big_hash(client + proof + shared))


@dataclass
class Client:
    """One signed-in session, with its keys."""

    http: httpx.AsyncClient
    username: str
    password: str
    tokens: dict[str, Any] = field(default_factory=dict)
    user_key: keys.UnlockedKey | None = None
    address_keys: dict[str, keys.UnlockedKey] = field(default_factory=dict)
    addresses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        headers = {"x-pm-appversion": "test-bridge@1.0.0"}
        if self.tokens:
            headers["x-pm-uid"] = self.tokens["UID"]
            headers["authorization"] = f"Bearer {self.tokens['AccessToken']}"
        return headers

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **more)

    async def good(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = await self.call(method, path, **more)
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()
        assert data["Code"] in (1000, 1001)
        return data

    async def info(self, name: str | None = None) -> httpx.Response:
        return await self.call("POST", "/auth/v4/info", json={"Username": name or self.username})

    async def auth(self, *, headers: dict[str, str] | None = None, name: str | None = None) -> httpx.Response:
        """Sign in; the service's proof is checked, tokens are kept."""
        self.tokens = {}
        info = (await self.info(name)).json()
        proof = prove(info, self.username, self.password)
        body = {
            "Username": name or self.username,
            "ClientEphemeral": base64.b64encode(proof.ephemeral).decode(),
            "ClientProof": base64.b64encode(proof.proof).decode(),
            "SRPSession": info["SRPSession"],
        }
        answer = await self.call("POST", "/auth/v4", json=body, headers=headers or {})
        if answer.status_code == 200:
            assert base64.b64decode(answer.json()["ServerProof"]) == proof.expected_server_proof
            self.tokens = answer.json()
        return answer

    async def unlock(self, mailbox_password: str | None = None) -> None:
        """Read salts and keys, and open them as section 3.5 says."""
        user = (await self.good("GET", "/core/v4/users"))["User"]
        salts = {each["ID"]: each["KeySalt"] for each in (await self.good("GET", "/core/v4/keys/salts"))["KeySalts"]}
        salt = base64.b64decode(salts[user["Keys"][0]["ID"]])
        secret = (mailbox_password or self.password).encode()
        key_pass = bcrypt.hashpw(secret, b"$2y$10$" + bcrypt_base64(salt)[:22].encode())[-31:]
        self.user_key = keys.unlock(user["Keys"][0]["PrivateKey"], Secret(key_pass))
        self.addresses = (await self.good("GET", "/core/v4/addresses"))["Addresses"]
        for address in self.addresses:
            key = address["Keys"][0]
            passphrase = key_pass
            if key.get("Token"):
                passphrase = message.decrypt(armor.dearmor(key["Token"]), [self.user_key]).data
                state = message.verify_detached(
                    passphrase, armor.dearmor(key["Signature"]), [self.user_key.certificate]
                )
                assert state == "valid"
            self.address_keys[address["ID"]] = keys.unlock(key["PrivateKey"], Secret(passphrase))

    # ------------------------------------------------------------------------------------------ mail

    async def listing(self, **conditions: Any) -> dict[str, Any]:
        override = {"X-HTTP-Method-Override": "GET"}
        return await self.good("POST", "/mail/v4/messages", json=conditions, headers=override)

    async def message(self, message_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.good("GET", f"/mail/v4/messages/{message_id}"))["Message"]
        return found

    def open_body(self, full: dict[str, Any]) -> bytes:
        return message.decrypt(armor.dearmor(full["Body"]), [self.address_keys[full["AddressID"]]]).data

    async def open_attachment(self, full: dict[str, Any], attachment: dict[str, Any]) -> bytes:
        answer = await self.call("GET", f"/mail/v4/attachments/{attachment['ID']}")
        assert answer.status_code == 200
        key = session.open_pkesk(base64.b64decode(attachment["KeyPackets"]), [self.address_keys[full["AddressID"]]])
        return message.decrypt_data(answer.content, key).data

    @property
    def primary(self) -> keys.UnlockedKey:
        return self.address_keys[self.addresses[0]["ID"]]

    def sealed(self, data: bytes, at: int) -> str:
        return armor.armor(armor.MESSAGE, message.encrypt(data, [self.primary.certificate], at=at))

    async def draft(self, body: str, at: int, **more: Any) -> dict[str, Any]:
        """Save a draft; `more` are fields of its `Message`, and `ParentID`, `Action`."""
        outer = {name: more.pop(name) for name in ("ParentID", "Action", "AttachmentKeyPackets") if name in more}
        given = {
            "Subject": "Test",
            "Sender": {"Name": "Me", "Address": self.addresses[0]["Email"]},
            "ToList": None,
            "CCList": None,
            "BCCList": None,
            "Body": self.sealed(body.encode(), at),
            "MIMEType": "text/plain",
            "Unread": 0,
            **more,
        }
        request = {"Message": given, "AttachmentKeyPackets": None, "Action": 0, **outer}
        saved: dict[str, Any] = (await self.good("POST", "/mail/v4/messages", json=request))["Message"]
        return saved

    async def upload(self, draft_id: str, name: str, data: bytes, at: int, **fields: str) -> httpx.Response:
        key = session.new_session_key()
        form = {"MessageID": draft_id, "Filename": name, "MIMEType": "text/plain", "Disposition": "attachment"}
        files = {
            "KeyPackets": ("blob", session.wrap(key, self.primary.certificate, at)),
            "DataPacket": ("blob", message.encrypt_data(data, key)),
            "Signature": ("blob", message.sign_detached(data, self.primary, at=at)),
        }
        form = {**form, "ContentID": "", **fields}
        return await self.call("POST", "/mail/v4/attachments", data=form, files=files)

    def attachment_key(self, attachment: dict[str, Any]) -> session.SessionKey:
        return session.open_pkesk(base64.b64decode(attachment["KeyPackets"]), [self.primary])

    async def certificate_of(self, email: str) -> keys.Certificate:
        answer = await self.good("GET", "/core/v4/keys", params={"Email": email})
        return keys.Certificate.from_armor(answer["Keys"][0]["PublicKey"])

    async def import_literals(self, literals: list[bytes], metadata: dict[str, Any]) -> httpx.Response:
        files: list[tuple[str, Any]] = [
            (str(n), (f"{n}.eml", literal + b"\r\n", "message/rfc822")) for n, literal in enumerate(literals)
        ]
        files.append(("Metadata", (None, json.dumps(metadata), "application/json")))
        return await self.call("POST", "/mail/v4/messages/import", files=files)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
