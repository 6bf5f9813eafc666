"""All other programs: pieces of text for those of the terminal, steps for those with a window, one file for those that
read autoconfig, and for telephones the reason why they cannot.

The target says which: a key of `snippets.KINDS`, a key of `guided.PROGRAMS`, `autoconfig`, or `phone`.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge_gui.answers import ProgramFound, SetupStep
from bridge_gui.clients import autoconfig, guided, journal, snippets
from bridge_gui.clients.base import Wanted, aimed, only_account
from bridge_gui.clients.journal import Applied, FileChange
from bridge_gui.errors import Refused
from bridge_gui.state import Problem

APP = "other"
AUTOCONFIG, PHONE, ANY = "autoconfig", "phone", "any"
NO_ID = "ID"
"""Stands for the id of the password while it is only planned."""


@dataclass(frozen=True, slots=True)
class Other:
    """`base.Configurator`."""

    command: tuple[str, ...]
    """How this application is started, with its profile: what prints the password is made from it."""
    app: str = APP
    mends_alone: bool = False
    follows_addresses: bool = False

    def detect(self) -> Sequence[ProgramFound]:
        by_hand = [
            ProgramFound(
                APP,
                program.title,
                program.key,
                installed=guided.is_installed(program),
                guided=True,
                one_address=True,
                unproven=program.key != ANY,
            )
            for program in guided.PROGRAMS
        ]
        texts = [
            ProgramFound(
                APP,
                kind.title,
                kind.key,
                installed=shutil.which(kind.program) is not None,
                guided=True,
                one_address=True,
                unproven=not kind.tried,
                accesses=kind.accesses,
            )
            for kind in snippets.KINDS.values()
        ]
        file = ProgramFound(
            APP, "A program that reads autoconfig", AUTOCONFIG, installed=False, guided=True, one_address=True
        )
        why = Problem(
            "phone",
            "A telephone cannot reach Bridge Manager",
            "It serves mail to this computer alone. To serve it to the network would show your decrypted mail to it.",
            "On a telephone use Proton's own app.",
        )
        return (
            *by_hand[:-1],
            *texts,
            by_hand[-1],
            file,
            ProgramFound(APP, "Telephone", PHONE, installed=False, problem=why),
        )

    def aim(self, target: str | None) -> ProgramFound:
        return aimed(self.detect(), target or ANY, "other program")

    def plan(self, wanted: Wanted) -> Sequence[SetupStep]:
        content = self._content(wanted)
        if content is None:
            program = next(program for program in guided.PROGRAMS if program.key == wanted.target)
            return guided.steps(program, only_account(wanted), wanted.certificate)
        lines = tuple(content.decode().splitlines())
        kind = snippets.KINDS.get(wanted.target)
        hint = [SetupStep(kind.hint, by_user=True)] if kind is not None and kind.hint else []
        if wanted.options.file:
            return (SetupStep("Write the configuration", wanted.options.file, lines), *hint)
        title = "Put this into the program's configuration" if kind is not None else "Save this as a file"
        where = kind.file if kind is not None else "config-v1.1.xml"
        return (SetupStep(title, where, lines, by_user=True), *hint)

    def prepare(self, wanted: Wanted) -> str:
        return wanted.target

    def check(self, wanted: Wanted) -> None:
        self._change(wanted)

    def apply(self, wanted: Wanted, folder: Path) -> Applied:
        record = {"file": wanted.options.file}
        return journal.write(wanted.change(folder, APP, record), self._change(wanted))

    def guide(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        options = replace(wanted.options, file=str(change.record["file"]))
        return [step for step in self.plan(replace(wanted, options=options)) if step.by_user]

    def tidy(self, change: Applied) -> None:
        """Nothing is there for a while only."""

    def undo(self, change: Applied) -> Sequence[SetupStep]:
        journal.begin_undo(change)
        journal.sweep(change)
        left = []
        for original in journal.originals(change):
            if original.untouched:
                journal.put(original.path, original.content)
            else:
                left.append(SetupStep("This file was changed since, and stays as it is", str(original.path)))
        return left if change.record["file"] else (guided.AGAIN,)

    def repair(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        path = str(change.record["file"])
        if not path:
            return self.guide(change, wanted)
        content, present = self._content(wanted), journal.read(Path(path))
        untouched = all(original.untouched for original in journal.originals(change))
        if content is None or not untouched:
            lines = tuple((content or b"").decode().splitlines())
            return (SetupStep("You have changed this file: bring it in line by hand", path, lines, by_user=True),)
        journal.rewrite(change, [FileChange(Path(path), present, content)], change.record)
        return ()

    def _change(self, wanted: Wanted) -> list[FileChange]:
        content, path = self._content(wanted), Path(wanted.options.file)
        if content is None or not wanted.options.file:
            return []
        if not path.is_absolute() or not path.parent.is_dir():
            raise Refused(f"{path.parent} is no folder.", remedy="Name a file in a folder that is there.")
        if journal.read(path) is not None:
            raise Refused(
                f"{path} is there already, and is not written over.",
                remedy="Name another file, or copy the text into this one yourself.",
            )
        return [FileChange(path, None, content)]

    def _content(self, wanted: Wanted) -> bytes | None:
        """The text of the file, or None for a program that has none."""
        account = only_account(wanted)
        if wanted.target == AUTOCONFIG:
            return autoconfig.document(account)
        if wanted.target not in snippets.KINDS:
            return None
        command = (*self.command, "client", "password", account.client or NO_ID)
        return snippets.snippet(wanted.target, snippets.Request(account, wanted.certificate, command)).encode()
