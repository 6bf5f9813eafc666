"""What `docs/conformance.md` promises: every command and every response code has its transcript."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bridge_gui.imap.parse import _PARSERS, _UID_PARSERS
from tests.imap.transcript import TRANSCRIPTS

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "conformance.md").read_text("utf-8")
SOURCES = [*(ROOT / "bridge_gui/imap").rglob("*.py"), *(ROOT / "bridge_gui/account").rglob("*.py")]
SOURCES.append(ROOT / "bridge_gui/core/sessions.py")

REGISTERED = frozenset(
    re.findall(
        r"\S+",
        """ALERT ALREADYEXISTS ANNOTATE ANNOTATIONS APPENDUID AUTHENTICATIONFAILED AUTHORIZATIONFAILED BADCHARSET
    BADCOMPARATOR BADEVENT BADURL CANNOT CAPABILITY CLIENTBUG CLOSED COMPRESSIONACTIVE CONTACTADMIN COPYUID CORRUPTION
    EXPIRED EXPUNGEISSUED HASCHILDREN HIGHESTMODSEQ INPROGRESS INUSE JMAPACCESS LIMIT MAILBOXID MAXCONVERTMESSAGES
    MAXCONVERTPARTS MESSAGELIMIT METADATA MODIFIED NEWNAME NOMODSEQ NONEXISTENT NOPERM NOTIFICATIONOVERFLOW NOTSAVED
    NOUPDATE OVERQUOTA PARSE PERMANENTFLAGS PRIVACYREQUIRED READ-ONLY READ-WRITE REFERRAL SERVERBUG TEMPFAIL TOOBIG
    TRYCREATE UIDNEXT UIDNOTSTICKY UIDREQUIRED UIDVALIDITY UNAVAILABLE UNDEFINED-FILTER UNKNOWN-CTE UNSEEN URLMECH
    USEATTR""",
    )
)
"""The registry of IMAP response codes."""


def table(head: str) -> list[list[str]]:
    """The cells of the rows under a table's head."""
    rows: list[list[str]] = []
    for line in DOCUMENT.partition(head)[2].splitlines()[2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def texts(source: Path) -> Iterator[str]:
    """Every text that stands in a source, but for docstrings."""
    tree = ast.parse(source.read_text("utf-8"))
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in remarks:
            yield node.value


SENT = {row[0]: re.findall(r"`([^`]+)`", row[3]) for row in table("| Code | RFC | When | Shown by |")}
NEVER = {code for row in table("| Codes | Why |") for code in row[0].split(", ")}


def test_every_code_in_the_sources_is_in_the_table() -> None:
    written = {word for source in SOURCES for text in texts(source) for word in re.findall(r"^[A-Z-]+", text)}
    assert written & REGISTERED == set(SENT)
    assert not NEVER & set(SENT)
    assert NEVER <= REGISTERED


def test_every_code_is_shown_where_the_table_says() -> None:
    said = {path.stem: path.read_text("utf-8") for path in TRANSCRIPTS}
    for code, places in SENT.items():
        assert places, code
        for place in places:
            file, separator, name = place.partition("::")
            if separator:
                assert f"def {name}(" in (Path(__file__).parent / file).read_text("utf-8"), place
            else:
                assert re.search(rf"^\d S: \S+ (OK|NO|BAD|BYE) \[{code}[ \]]", said[place], re.MULTILINE), (code, place)


def test_transcripts_send_no_other_code() -> None:
    for path in TRANSCRIPTS:
        codes = set(re.findall(r"^\d S: \S+ (?:OK|NO|BAD|BYE) \[([A-Z-]+)", path.read_text("utf-8"), re.MULTILINE))
        assert codes <= set(SENT), path.stem


def test_every_command_is_in_a_transcript() -> None:
    lines = "\n".join(path.read_text("utf-8") for path in TRANSCRIPTS)
    said = {(uid or "") + word for uid, word in re.findall(r"^\d C: \S+ (UID )?([A-Z]+)", lines, re.MULTILINE)}
    assert {*_PARSERS, *(f"UID {word}" for word in _UID_PARSERS)} <= said


def test_every_transcript_that_is_named_exists() -> None:
    named = {
        name
        for part in re.findall(r"transcripts? (`\w+`(?:, `\w+`)*)", DOCUMENT)
        for name in part.strip("`").split("`, `")
    }
    assert named <= {path.stem for path in TRANSCRIPTS}
    assert len(named) > 20
