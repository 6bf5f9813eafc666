#!/usr/bin/env python3
"""Bring the translations in line with the sources: `python packaging/translate.py`.

Reads every `translate(context, text)` of the window, and every sentence of the core that a person may come to see;
writes `bridge_gui/ui/core_sentences.py` and the catalogues `resources/translations/bridge-gui_*.ts`. What was
translated stays, what is new is marked as unfinished, what is gone is dropped. Qt's own `lupdate` reads Python, but
neither the plurals of `QCoreApplication.translate` nor sentences that are translated only where they are shown.

With `--check` nothing is written, and the exit code is 1 when something would be.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "bridge_gui"
CATALOGUES = ROOT / "resources" / "translations"
SENTENCES = PACKAGE / "ui" / "core_sentences.py"

FORMS = {"en": 2, "ru": 3}
"""How many plural forms each language has. English holds plurals only: everything else is its own translation."""
CORE = "core"
"""The context of what the core says."""

SPEAKING = (
    "account/account.py",
    "account/keys.py",
    "account/login.py",
    "account/outbox.py",
    "account/shown.py",
    "account/work.py",
    "aio_listen.py",
    "bridge.py",
    "bridge_thread.py",
    "clients",
    "config.py",
    "core",
    "desktop",
    "errors.py",
    "proton",
    "send",
    "start.py",
    "sync",
    "vault",
)
"""Files and folders of the core whose sentences can reach the window; what servers answer to mail programs cannot."""
FRAGMENTS = frozenset(
    (
        *("waiting", "signed in", "reading {}", "storing in {}", "sending a message"),  # what sessions do
        *("the keychain of this computer", "a passphrase", "a key of the demonstration only"),
        *("{} KB", "{} MB", "{} GB", "{} TB", "{} min", "{} h", "{} d", "another Bridge Manager", "an SSH server"),
        *("is being connected", "is offline", "signed out", "today", "a message", "{} messages", "Locked", "Telephone"),
    )
)
"""Shown as well, and not to be told from keys by their form."""
SILENT = frozenset(
    (
        *("Bridge Manager", "Bridge Manager on this computer {}", "Mac OS X Notes", "Bridge Manager.cer"),
        *("Mozilla Thunderbird/thunderbird.exe", "Applications/Microsoft Outlook.app", "Bridge Manager.mobileconfig"),
    )
)
"""Names, and what others read."""

SPOKEN = frozenset(("INBOX", "IMAP", "SMTP", "STARTTLS", "ASCII", "JSON", "HTTP", "PLAIN", "SSL/TLS", "SSL_CERT_FILE"))
"""Capitals that stand in sentences; others mark SQL."""

Messages = dict[str, dict[str, bool]]
"""Context -> text -> whether it has plural forms."""


# ---------------------------------------------------------------------------------------------- reading the sources


def window_messages() -> Messages:
    """Every text that the window translates."""
    found: Messages = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or _name(node.func) != "translate":
                continue
            if isinstance(node.func, ast.Attribute) and _receiver(node.func) != "QCoreApplication":
                continue  # of texts or bytes
            given = [one.value if isinstance(one, ast.Constant) else None for one in node.args[:2]]
            if len(given) < 2 or None in given:
                if path.name != "core_words.py":
                    raise SystemExit(f"{path}:{node.lineno}: translate() takes the texts themselves")
                continue
            context, text = map(str, given)
            texts = found.setdefault(context, {})
            texts[text] = texts.get(text, False) or len(node.args) > 3
    return found


def core_sentences() -> frozenset[str]:
    """Every sentence that the core may hand to the window, with `{}` for what varies in it."""
    found: set[str] = set(FRAGMENTS)
    for name in SPEAKING:
        path = PACKAGE / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(_sentences(ast.parse(file.read_text(encoding="utf-8"))))
    return frozenset(found - SILENT)


def _sentences(tree: ast.Module) -> Iterator[str]:
    passed_by = _not_shown(tree)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in passed_by:
            text = _text(node)
            if _is_sentence(text):
                yield text


def _not_shown(tree: ast.Module) -> set[int]:
    """The nodes of docstrings, of pieces of f-strings, and of what goes to the log, to SQL or names a task."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            found.update(id(part) for part in node.values)
            for part in node.values:
                if isinstance(part, ast.FormattedValue) and part.format_spec is not None:
                    found.update(id(inner) for inner in ast.walk(part.format_spec))
        elif isinstance(node, ast.Call) and _receiver(node.func) in ("log", "re"):
            found.update(id(inner) for inner in ast.walk(node))
    return found


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return re.sub(r"\{\w*\}", "{}", node.value) if isinstance(node.value, str) else ""  # made for str.format
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _is_sentence(text: str) -> bool:
    """Words that begin with a capital or with what varies: neither a key, nor SQL, nor a header."""
    bare = text.replace("{}", "")
    words = [word.strip("().,;:'") for word in bare.split() if any(map(str.isalpha, word))]
    enough = 1 if "{}" in text and text.endswith(".") else 2
    if len(words) < enough or re.search(r"\n|\\| = ", text) or not (text[0].isupper() or text.startswith("{}")):
        return False
    return not any(word.isupper() and len(word) > 3 and word not in SPOKEN for word in words)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _receiver(node: ast.expr) -> str:
    return _name(node.value) if isinstance(node, ast.Attribute) else ""


# ---------------------------------------------------------------------------------------------- catalogues


@dataclass(frozen=True, slots=True)
class Translation:
    """One entry of a catalogue; `forms` has one text, or one for each plural form."""

    forms: tuple[str, ...]
    finished: bool


Catalogue = Mapping[tuple[str, str], Translation]


def read_catalogue(path: Path) -> dict[tuple[str, str], Translation]:
    """Read a .ts file: what is translated, by context and source text."""
    if not path.exists():
        return {}
    read: dict[tuple[str, str], Translation] = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            entry = message.find("translation")
            if entry is None:
                continue
            forms = tuple(one.text or "" for one in entry.iter("numerusform")) or (entry.text or "",)
            key = (context.findtext("name", ""), message.findtext("source", ""))
            read[key] = Translation(forms, entry.get("type") != "unfinished")
    return read


def catalogue_text(language: str, messages: Messages, known: Catalogue) -> str:
    """Write a .ts file without line numbers, sorted, so that a change of the sources changes few of its lines."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines.append(f'<TS version="2.1" language="{language}" sourcelanguage="en">')
    for context in sorted(messages):
        texts = [text for text in sorted(messages[context]) if messages[context][text] or language != "en"]
        if not texts:
            continue
        lines += ["<context>", f"    <name>{context}</name>"]
        for text in texts:
            lines += _entry(text, FORMS[language] if messages[context][text] else 0, known.get((context, text)))
        lines.append("</context>")
    return "\n".join([*lines, "</TS>", ""])


def _entry(text: str, plurals: int, known: Translation | None) -> Iterable[str]:
    wanted = plurals or 1
    forms = known.forms if known is not None and len(known.forms) == wanted else ("",) * wanted
    kind = "" if all(forms) and known is not None and known.finished else ' type="unfinished"'
    yield '    <message numerus="yes">' if plurals else "    <message>"
    yield f"        <source>{escape(text)}</source>"
    if plurals:
        yield f"        <translation{kind}>"
        yield from (f"            <numerusform>{escape(form)}</numerusform>" for form in forms)
        yield "        </translation>"
    else:
        yield f"        <translation{kind}>{escape(forms[0])}</translation>"
    yield "    </message>"


def sentences_module(sentences: Iterable[str]) -> str:
    """The table as a module, in the form that `ruff format` gives it."""
    head = '"""Every sentence of the core that a person may see; `{}` stands for what varies.\n\n'
    head += 'Written by `packaging/translate.py`.\n"""\n\nfrom __future__ import annotations\n\n'
    rows = "".join(f"    {ascii_free(one)},\n" for one in sorted(sentences))
    text = f"{head}SENTENCES: frozenset[str] = frozenset(\n    (\n{rows}    )\n)\n"
    made = subprocess.run(
        ["ruff", "format", "--stdin-filename", str(SENTENCES), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout


def ascii_free(text: str) -> str:
    """A string literal with its letters as they are."""
    return repr(text) if '"' in text and "'" not in text else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def wanted_files() -> dict[Path, str]:
    """Every file that follows from the sources, with its text."""
    sentences = core_sentences()
    messages = {**window_messages(), CORE: dict.fromkeys(sentences, False)}
    files = {SENTENCES: sentences_module(sentences)}
    for language in FORMS:
        path = CATALOGUES / f"bridge-gui_{language}.ts"
        files[path] = catalogue_text(language, messages, read_catalogue(path))
    return files


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = [
        (path, text)
        for path, text in wanted_files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        print(f"{'differs' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for language in FORMS:
        open_ = [
            key for key, one in read_catalogue(CATALOGUES / f"bridge-gui_{language}.ts").items() if not one.finished
        ]
        print(f"{language}: {len(open_)} to translate")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
