"""Keys made once for the whole room, and the other implementations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge_gui.openpgp import keys
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.secret import Secret
from tests.openpgp.oracles import Gpg, OpenPgpJs

NOW = 1_790_000_000
CREATED = NOW - 30 * 86_400
PASSPHRASE = Secret(b"a passphrase \x00\xff of any octets")


class Person:
    """A key of ours in every form that tests need."""

    def __init__(self, name: str, algorithm: str) -> None:
        self.passphrase = "plain " + name
        self.armored = keys.generate(
            name,
            f"{name.lower()}@example.test",
            Secret(self.passphrase.encode()),
            "rsa2048" if algorithm == "rsa2048" else "ed25519",
            created=CREATED,
        )
        self.key: UnlockedKey = keys.unlock(self.armored, Secret(self.passphrase.encode()))
        self.certificate: Certificate = self.key.certificate
        self.public: str = self.certificate.armored()


@pytest.fixture(scope="session")
def ann() -> Person:
    return Person("Ann", "ed25519")


@pytest.fixture(scope="session")
def bob() -> Person:
    return Person("Bob", "rsa2048")


@pytest.fixture(scope="session", params=["ed25519", "rsa2048"])
def person(request: pytest.FixtureRequest) -> Person:
    """One after the other, a person with each kind of key that we make."""
    found: Person = request.getfixturevalue("ann" if request.param == "ed25519" else "bob")
    return found


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
