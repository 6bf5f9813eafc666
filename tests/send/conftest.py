from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.openpgp.oracles import Gpg, OpenPgpJs
from tests.send.counter import Counter, listening, tls_files
from tests.send.post_office import PostOffice, post_office


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


@pytest.fixture
async def office(key_cache: Path) -> AsyncIterator[PostOffice]:
    async with post_office(key_cache) as opened:
        yield opened


@pytest.fixture
async def counter(office: PostOffice) -> AsyncIterator[Counter]:
    made = Counter(office)
    await made.outbox.start()
    yield made
    await made.outbox.close()


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return tls_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def port(counter: Counter, tls: tuple[ssl.SSLContext, Path]) -> AsyncIterator[int]:
    async with listening(counter.outbox, tls[0]) as port:
        yield port


@pytest.fixture(scope="session")
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gpg]:
    # A socket's path must stay under a hundred characters, so the home is close to the root.
    oracle = Gpg(tmp_path_factory.mktemp("g") / "h")
    yield oracle
    oracle.close()


@pytest.fixture(scope="session")
def js() -> Iterator[OpenPgpJs]:
    oracle = OpenPgpJs()
    yield oracle
    oracle.close()
