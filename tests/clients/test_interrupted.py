"""Each configurator cut short at each thing that it changes, as by a power cut: what is found at the next start can be
taken back, or is whole; and an undo that was cut short is ended by another one.

A power cut is played within the process: from one change on, every further one fails, those of the clean-up as well.
"""

from __future__ import annotations

import datetime
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.answers import ServerAddress
from bridge_gui.clients import journal, outlook
from bridge_gui.clients.apple_mail import AppleMail
from bridge_gui.clients.base import AccountSetup, Certificate, Configurator, Identity, Wanted
from bridge_gui.clients.journal import Stage
from bridge_gui.clients.other import Other
from bridge_gui.clients.outlook import AUTODISCOVER, Outlook
from bridge_gui.clients.registry import Value
from bridge_gui.clients.system import System
from bridge_gui.clients.thunderbird import Thunderbird
from bridge_gui.clients.thunderbird_profiles import Installs
from bridge_gui.model import AccountId, ClientId
from bridge_gui.secret import Secret
from bridge_gui.vault.certificate import make_certificate
from tests.clients import homes

ACCOUNT = AccountSetup(
    "anna@bridge.example",
    (Identity("anna@bridge.example", "Anna Berg"), Identity("berg@bridge.example", "Anna Berg")),
    ServerAddress("127.0.0.1", 1143),
    ServerAddress("127.0.0.1", 1025),
    client=ClientId("c1"),
    password=Secret("the-password"),
)
CHANGES = ("replace", "unlink", "rmdir", "mkdir")
"""What changes the names of files; until it is replaced, a file that is written has a name of its own."""


class PowerCut(BaseException):
    """Nothing catches it, and nothing works after it."""


@dataclass
class Power:
    """Counts changes; after `left` of them there is no power."""

    left: int | None = None

    def use(self) -> None:
        if self.left == 0:
            raise PowerCut
        if self.left is not None:
            self.left -= 1


@dataclass
class World:
    """Everything that a configurator may change, apart from its records."""

    home: Path
    power: Power = field(default_factory=Power)
    values: dict[tuple[str, str], Value] = field(default_factory=dict)
    trusted: bool = False

    # as a registry
    def get(self, key: str, name: str) -> Value | None:
        return self.values.get((key, name))

    def set(self, key: str, name: str, value: Value | None) -> None:
        self.power.use()
        if value is None:
            self.values.pop((key, name), None)
        else:
            self.values[key, name] = value

    def has_machine_key(self, key: str) -> bool:
        return True

    # as the system's tools
    def run(self, command: Sequence[str]) -> int:
        words = set(command)
        if words & {"verify-cert", "-verifystore"}:
            return 0 if self.trusted else 1
        self.power.use()
        if words & {"add-trusted-cert", "-addstore"}:
            self.trusted = True
        if words & {"delete-certificate", "-delstore"}:
            self.trusted = False
        return 0

    def seen(self) -> tuple[Any, ...]:
        """All of it as it is now; the lock that Thunderbird leaves itself is nothing."""
        files = {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and path.name != ".parentlock"
        }
        return files, dict(self.values), self.trusted

    def shape(self) -> tuple[Any, ...]:
        """The same without contents that differ from one time to the next, as of encryption."""
        files, values, trusted = self.seen()
        return {name: len(content) for name, content in files.items()}, list(values), trusted

    @contextmanager
    def without_power_after(self, changes: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        self.power.left = changes

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                self.power.use()
                return real(*args, **kwargs)

            return call

        with monkeypatch.context() as patched:
            for name in CHANGES:
                patched.setattr(os, name, counted(getattr(os, name)))
            yield
        self.power.left = None


Made = tuple[Configurator, Wanted]


def thunderbird(world: World, ca: Path) -> Made:
    profile = homes.make_profile(world.home)
    (profile / "cert_override.txt").write_bytes(b"# head\nexample.org:993:\tOID\tAA\t\n")
    return Thunderbird(Installs(world.home)), wanted(ca, str(profile))


def thunderbird_of_an_empty_profile(world: World, ca: Path) -> Made:
    profile = homes.make_profile(world.home, "")
    return Thunderbird(Installs(world.home)), wanted(ca, str(profile))


def apple(world: World, ca: Path) -> Made:
    return AppleMail(System("darwin", world.home, (15, 1), world.run), world.home / "none", world.home), wanted(ca)


def windows(world: World, ca: Path) -> Made:
    world.values |= {(AUTODISCOVER, "PreferLocalXML"): 0, (AUTODISCOVER, "mine"): "kept"}
    return Outlook(System("win32", world.home, (), world.run), world, world.home), wanted(ca, outlook.CLASSIC)


def saved_text(world: World, ca: Path) -> Made:
    made = wanted(ca, "mbsync")
    return Other(("bridge-gui",)), replace(made, options=replace(made.options, file=str(world.home / "mbsyncrc")))


def saved_autoconfig(world: World, ca: Path) -> Made:
    made = wanted(ca, "autoconfig")
    return Other(("bridge-gui",)), replace(
        made, options=replace(made.options, file=str(world.home / "config-v1.1.xml"))
    )


def guided(world: World, ca: Path) -> Made:
    return Other(("bridge-gui",)), wanted(ca, "evolution")


WRITERS = (thunderbird, thunderbird_of_an_empty_profile, apple, windows, saved_text, saved_autoconfig, guided)
each_writer = pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)


def wanted(ca: Path, target: str = "") -> Wanted:
    return Wanted(AccountId("id1"), ("anna",), (ACCOUNT,), Certificate("AA:BB", ca), target)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_text(make_certificate(datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)).ca_pem)
    return path


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "home").mkdir()
    return World(tmp_path / "home")


def recovered(program: Configurator, backups: Path) -> bool:
    """What the core does at its next start; whether there is a set-up."""
    changes = journal.changes_of(backups)
    for change in changes:
        if change.stage is not Stage.DONE:
            program.undo(change)
            journal.forget(change)
    return any(change.stage is Stage.DONE for change in changes)


@each_writer
def test_set_up_and_taken_back_it_is_as_it_was(
    writer: Callable[[World, Path], Made], world: World, ca: Path, tmp_path: Path
) -> None:
    program, wish = writer(world, ca)
    before = world.seen()
    change = program.apply(wish, tmp_path / "backups" / "1")
    if writer is not guided:
        assert world.seen() != before
    program.undo(change)
    journal.forget(change)
    assert world.seen() == before
    assert list((tmp_path / "backups").iterdir()) == []


@each_writer
def test_cut_short_it_is_whole_or_nothing(
    writer: Callable[[World, Path], Made], tmp_path: Path, ca: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = []
    for changes in itertools.count():
        folder = tmp_path / str(changes)
        (folder / "home").mkdir(parents=True)
        world = World(folder / "home")
        program, wish = writer(world, ca)
        before, cut = world.seen(), True
        with world.without_power_after(changes, monkeypatch):
            try:
                program.apply(wish, folder / "backups" / "1")
                cut = False
            except PowerCut:
                pass
        shapes.append(world.shape() if recovered(program, folder / "backups") else None)
        for change in journal.changes_of(folder / "backups"):
            program.undo(change)
        assert world.seen() == before
        if not cut:
            break
    # Nothing up to some change, and from then on all of it.
    first = shapes.index(shapes[-1])
    assert shapes == [None] * first + [shapes[-1]] * (len(shapes) - first)
    assert first > 0


@each_writer
def test_an_undo_that_was_cut_short_is_ended_by_the_next(
    writer: Callable[[World, Path], Made], tmp_path: Path, ca: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for changes in itertools.count():
        folder = tmp_path / str(changes)
        (folder / "home").mkdir(parents=True)
        world = World(folder / "home")
        program, wish = writer(world, ca)
        before = world.seen()
        change = program.apply(wish, folder / "backups" / "1")
        applied = world.seen()
        cut = True
        with world.without_power_after(changes, monkeypatch):
            try:
                program.undo(change)
                journal.forget(change)
                cut = False
            except PowerCut:
                pass
        if recovered(program, folder / "backups"):
            assert world.seen() == applied, "it is whole as long as its record says so"
        else:
            assert world.seen() == before
        if not cut:
            break
    assert changes > 0
