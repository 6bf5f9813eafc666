from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.answers import ServerAddress
from bridge_gui.errors import BridgeError, VaultDamaged, VaultError
from bridge_gui.vault import versions
from bridge_gui.vault.records import VaultContent

# As written by version 1; every later version has to read it.
SAMPLE_1 = {
    "version": 1,
    "accounts": [
        {
            "id": "u1",
            "username": "anna",
            "store_key": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
            "mode": "split",
            "session": {"uid": "uid-1", "access": "access-1", "refresh": "refresh-1"},
            "key_pass": "AP9wYXNz",
            "emails": ["anna@proton.test"],
        }
    ],
    "clients": [
        {
            "id": "abcd2345",
            "label": "Thunderbird",
            "account": "u1",
            "app": "thunderbird",
            "access": "read-only",
            "username": "anna@proton.test",
            "password": "AAAAAAAAAAAAAAAAAAAAAA",
            "created_at": 1.5,
            "last_used": None,
            "program": "Thunderbird 153.7",
            "last_failure": None,
            "former": ["ZGRkZA=="],
        }
    ],
    "certificate": {"ca": "ca", "leaf": "leaf", "key": "key"},
    "cookies": "[]",
}

SETUP_2 = {
    "id": "20261125-101010-abcdef",
    "target": "/home/anna/.thunderbird/x.default",
    "imap": ["127.0.0.1", 1143, "TLS"],
    "smtp": ["127.0.0.1", 1025, "TLS"],
    "fingerprint": "AA:BB",
    "written_at": 2.5,
    "renewed": False,
    "imap_at": 3.5,
    "smtp_at": None,
}
SAMPLE_2 = {**SAMPLE_1, "version": 2, "clients": [{**SAMPLE_1["clients"][0], "setup": SETUP_2}]}  # type: ignore[index]


def test_the_sample_of_version_1_is_read_and_written_again() -> None:
    content = versions.decode(json.dumps(SAMPLE_1).encode())
    account, client = content.accounts[0], content.clients[0]
    assert account.session is not None
    assert account.session.refresh_token.reveal() == "refresh-1"
    assert account.store_key.reveal() == b"k" * 32
    assert client.password.reveal() == "A" * 22
    assert content.certificate is not None
    assert content.certificate.key_pem.reveal() == "key"
    newest = json.loads(versions.encode(content))
    assert newest == {**SAMPLE_1, "version": 2, "clients": [{**SAMPLE_1["clients"][0], "setup": None}]}  # type: ignore[index]


def test_the_sample_of_version_2_is_read_and_written_again() -> None:
    content = versions.decode(json.dumps(SAMPLE_2).encode())
    setup = content.clients[0].setup
    assert setup is not None
    assert setup.imap == ServerAddress("127.0.0.1", 1143, "TLS")
    assert json.loads(versions.encode(content)) == SAMPLE_2


def test_the_ladder_is_climbed_step_by_step() -> None:
    ladder = {
        1: lambda raw: {**raw, "b": raw["a"] + 1},
        2: lambda raw: {"version": 2, "c": raw["b"] * 10},
    }
    assert versions.climb({"version": 1, "a": 1}, ladder, 3) == {"version": 3, "c": 20}
    assert versions.climb({"version": 2, "b": 5}, ladder, 3) == {"version": 3, "c": 50}
    assert versions.climb({"version": 3, "c": 7}, ladder, 3) == {"version": 3, "c": 7}
    with pytest.raises(VaultError, match="newer"):
        versions.climb({"version": 4}, ladder, 3)
    with pytest.raises(VaultDamaged):
        versions.climb({}, ladder, 3)


def test_an_empty_vault() -> None:
    assert versions.decode(versions.encode(VaultContent())) == VaultContent()


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_nonsense_is_named_as_damage(raw: object) -> None:
    with pytest.raises(BridgeError):
        versions.decode(json.dumps({**SAMPLE_1, "accounts": [raw]}).encode())


def test_the_error_does_not_quote_what_it_could_not_read() -> None:
    with pytest.raises(VaultDamaged) as caught:
        versions.decode(b'{"version": 1, "accounts": "hush"')
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None
