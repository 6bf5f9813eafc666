"""The vault's file: what it survives, and that it never destroys anything by itself."""

# ruff: noqa: ASYNC240 - a test may wait for its own small files

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from bridge_gui.errors import DiskFull, KeychainMissing, VaultDamaged, VaultError, VaultLocked
from bridge_gui.model import Access, AccountId, AddressMode, ClientId
from bridge_gui.secret import Secret
from bridge_gui.vault import vault as room
from bridge_gui.vault.records import AccountRecord, CertificateRecord, ClientRecord, SessionRecord, VaultContent
from bridge_gui.vault.vault import KeyPlace, KeySource, Vault, keychain_of, last_good

CONTENT = VaultContent(
    accounts=(
        AccountRecord(
            AccountId("u1"),
            "anna",
            Secret(b"k" * 32),
            AddressMode.SPLIT,
            SessionRecord("uid-1", Secret("access-1"), Secret("refresh-1")),
            Secret(b"\x00\xffpass"),
            ("anna@proton.test", "анна@proton.test"),
        ),
        AccountRecord(AccountId("u2"), "bo", Secret(b"q" * 32)),
    ),
    clients=(
        ClientRecord(
            ClientId("abcd2345"),
            "Thunderbird",
            AccountId("u1"),
            "thunderbird",
            Access.READ_ONLY,
            "anna@proton.test",
            Secret("A" * 22),
            1.5,
            2.5,
            "Thunderbird 153.7",
            None,
            (Secret(b"d" * 32),),
        ),
    ),
    certificate=CertificateRecord("ca", "leaf", Secret("key")),
    cookies=Secret('[{"name": "Session-Id"}]'),
)


class MemoryKeychain:
    """A keychain with faults on request."""

    name = "memory"

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}
        self.fault: Exception | None = None

    def get(self, item: str) -> bytes | None:
        if self.fault:
            raise self.fault
        return self.items.get(item)

    def set(self, item: str, secret: bytes) -> None:
        if self.fault:
            raise self.fault
        self.items[item] = secret

    def delete(self, item: str) -> None:
        self.items.pop(item, None)

    def probe(self) -> None:
        if self.fault:
            raise self.fault


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SCRYPT_N", 2**8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.enc"


@pytest.fixture
def keychain() -> MemoryKeychain:
    return MemoryKeychain()


async def filled(path: Path, source: KeySource) -> None:
    vault = await Vault.open(path, source)
    await vault.update(lambda content: replace(content, accounts=CONTENT.accounts[1:]))
    await vault.update(lambda _: CONTENT)
    await vault.close()


def files(folder: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


@pytest.mark.parametrize("kind", ["keychain", "passphrase", "file"])
async def test_everything_comes_back(kind: str, path: Path, keychain: MemoryKeychain) -> None:
    source = {
        "keychain": KeySource(keychain=keychain),
        "passphrase": KeySource(passphrase=Secret("correct horse")),
        "file": KeySource(key_file=path.with_name("vault.key")),
    }[kind]
    await filled(path, source)
    vault = await Vault.open(path, source)
    assert vault.content == CONTENT
    assert vault.key_place.value == kind
    assert not vault.restored
    await vault.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_nothing_secret_is_readable_in_the_files(path: Path, keychain: MemoryKeychain) -> None:
    await filled(path, KeySource(keychain=keychain))
    data = b"".join(files(path.parent).values())
    for secret in (b"refresh-1", b"A" * 22, b"anna", b"Thunderbird"):
        assert secret not in data


async def test_a_wrong_passphrase_is_told_from_damage(path: Path) -> None:
    await filled(path, KeySource(passphrase=Secret("right")))
    before = files(path.parent)
    with pytest.raises(VaultLocked, match="not the passphrase"):
        await Vault.open(path, KeySource(passphrase=Secret("wrong")))
    with pytest.raises(VaultLocked, match="protected by a passphrase"):
        await Vault.open(path, KeySource())
    assert files(path.parent) == before


async def test_a_missing_item_makes_no_new_key(path: Path, keychain: MemoryKeychain) -> None:
    source = KeySource(keychain=keychain)
    await filled(path, source)
    before = files(path.parent)
    kept = dict(keychain.items)
    keychain.items.clear()
    with pytest.raises(VaultLocked, match="not in it"):
        await Vault.open(path, source)
    assert keychain.items == {}
    assert files(path.parent) == before
    keychain.items.update(kept)
    assert (await Vault.open(path, source)).content == CONTENT


@pytest.mark.parametrize("fault", [VaultLocked(), KeychainMissing()])
async def test_a_keychain_that_does_not_answer_changes_nothing(
    fault: VaultError, path: Path, keychain: MemoryKeychain
) -> None:
    source = KeySource(keychain=keychain)
    keychain.fault = fault
    with pytest.raises(type(fault)):
        await Vault.open(path, source)
    assert files(path.parent) == {}
    keychain.fault = None
    await filled(path, source)
    before = files(path.parent)
    keychain.fault = fault
    with pytest.raises(type(fault)):
        await Vault.open(path, source)
    assert files(path.parent) == before


@pytest.mark.parametrize("position", [0, 5, -1, -40])
async def test_damage_is_noticed_and_the_last_good_copy_taken(
    position: int, path: Path, keychain: MemoryKeychain
) -> None:
    source = KeySource(keychain=keychain)
    await filled(path, source)
    data = bytearray(path.read_bytes())
    data[position] ^= 0x55
    path.write_bytes(data)
    vault = await Vault.open(path, source)
    assert vault.restored
    assert vault.content.accounts == CONTENT.accounts[1:]
    assert path.with_name("vault.enc.damaged-1").read_bytes() == data
    assert (await Vault.open(path, source)).content == vault.content


async def test_a_header_that_asks_for_another_key_changes_nothing(path: Path, keychain: MemoryKeychain) -> None:
    source = KeySource(keychain=keychain)
    await filled(path, source)
    (item,) = (name.removeprefix("vault ") for name in keychain.items)
    path.write_bytes(path.read_bytes().replace(item.encode(), item[::-1].encode()))
    before = files(path.parent)
    with pytest.raises(VaultLocked):
        await Vault.open(path, source)
    assert files(path.parent) == before


async def test_when_both_copies_are_damaged_they_are_left_alone(path: Path, keychain: MemoryKeychain) -> None:
    source = KeySource(keychain=keychain)
    await filled(path, source)
    for damaged in (path, last_good(path)):
        damaged.write_bytes(damaged.read_bytes()[:-3])
    before = files(path.parent)
    with pytest.raises(VaultDamaged):
        await Vault.open(path, source)
    assert files(path.parent) == before


async def test_a_damaged_vault_is_put_aside_and_an_empty_one_made(path: Path, keychain: MemoryKeychain) -> None:
    source = KeySource(keychain=keychain)
    await filled(path, source)
    for damaged in (path, last_good(path)):
        damaged.write_bytes(damaged.read_bytes()[:-3])
    before = sorted(files(path.parent).values())
    room.set_aside(path)
    assert sorted(files(path.parent).values()) == before
    vault = await Vault.open(path, source)
    assert (vault.content, vault.restored) == (VaultContent(), False)
    await vault.close()
    room.set_aside(path)
    assert len(list(path.parent.glob("*.damaged-*"))) == 3


async def test_a_lost_file_comes_back_from_the_last_good_copy(path: Path, keychain: MemoryKeychain) -> None:
    source = KeySource(keychain=keychain)
    await filled(path, source)
    path.unlink()
    vault = await Vault.open(path, source)
    assert vault.restored
    assert vault.content.accounts == CONTENT.accounts[1:]


async def test_a_newer_version_is_refused_and_left(path: Path, keychain: MemoryKeychain) -> None:
    await filled(path, KeySource(keychain=keychain))
    data = bytearray(path.read_bytes())
    data[len(room.MAGIC)] = room.CONTAINER + 1
    path.write_bytes(data)
    with pytest.raises(VaultError, match="newer version"):
        await Vault.open(path, KeySource(keychain=keychain))
    assert path.read_bytes() == data


async def test_a_change_that_cannot_be_written_is_not_made(
    path: Path, keychain: MemoryKeychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = KeySource(keychain=keychain)
    await filled(path, source)
    vault = await Vault.open(path, source)

    def full(*_: object) -> None:
        raise DiskFull("no room")

    with monkeypatch.context() as patched:
        patched.setattr(room, "write_private", full)
        with pytest.raises(VaultError, match="no room"):
            await vault.update(lambda _: VaultContent())
    assert vault.content == CONTENT
    assert (await Vault.open(path, source)).content == CONTENT
    await vault.update(lambda content: content.without_account(AccountId("u2")))
    assert len((await Vault.open(path, source)).content.accounts) == 1


async def test_changes_at_once_are_all_kept_even_when_a_caller_is_cancelled(
    path: Path, keychain: MemoryKeychain
) -> None:
    source = KeySource(keychain=keychain)
    vault = await Vault.open(path, source)

    def adding(number: int) -> asyncio.Task[VaultContent]:
        record = AccountRecord(AccountId(f"u{number}"), "x", Secret(b"k" * 32))
        return asyncio.create_task(vault.update(lambda content: content.with_account(record)))

    tasks = [adding(number) for number in range(20)]
    await asyncio.sleep(0)
    tasks[7].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert tasks[7].cancelled()
    await vault.close()
    found = (await Vault.open(path, source)).content.accounts
    assert [record.id for record in found] == [f"u{number}" for number in range(20)]


async def test_protection_moves_between_keychain_and_passphrase(path: Path, keychain: MemoryKeychain) -> None:
    await filled(path, KeySource(keychain=keychain))
    assert keychain_of(path) == "memory"
    vault = await Vault.open(path, KeySource(keychain=keychain))
    words = KeySource(keychain=keychain, passphrase=Secret("words"))
    await vault.protect(words)
    assert keychain.items == {}
    assert vault.key_place is KeyPlace.PASSPHRASE
    for copy in (path, last_good(path)):
        other = path.with_name(f"copy-{copy.name}")
        other.write_bytes(copy.read_bytes())
        assert (await Vault.open(other, KeySource(passphrase=Secret("words")))).content == CONTENT
    await vault.protect(KeySource(keychain=keychain))
    assert len(keychain.items) == 1
    assert (await Vault.open(path, KeySource(keychain=keychain))).content == CONTENT


async def test_a_file_system_without_hard_links_will_do(
    path: Path, keychain: MemoryKeychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    await filled(path, KeySource(keychain=keychain))
    assert last_good(path).exists()
    assert (await Vault.open(path, KeySource(keychain=keychain))).content == CONTENT


async def test_a_demonstration_key_opens_nothing_else(path: Path) -> None:
    await filled(path, KeySource(key_file=path.with_name("vault.key")))
    with pytest.raises(VaultLocked, match="demonstration"):
        await Vault.open(path, KeySource(passphrase=Secret("x")))


@pytest.mark.parametrize("stored", [bytes(32), b"short", b""])
async def test_another_key_in_the_keychain_opens_nothing_and_changes_nothing(
    stored: bytes, path: Path, keychain: MemoryKeychain
) -> None:
    """As after a keychain was restored from an older backup; with the right key again all is there."""
    source = KeySource(keychain=keychain)
    await filled(path, source)
    before, kept = files(path.parent), dict(keychain.items)
    keychain.items = dict.fromkeys(kept, stored)
    with pytest.raises(VaultError):
        await Vault.open(path, source)
    assert keychain.items == dict.fromkeys(kept, stored)
    assert files(path.parent) == before
    keychain.items = kept
    assert (await Vault.open(path, source)).content == CONTENT
