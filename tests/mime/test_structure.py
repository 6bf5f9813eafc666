"""Structure by offsets: what is found in well-formed and in broken mail, and that Dovecot finds the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.mime import brief
from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.structure import (
    MAX_DEPTH,
    Part,
    Section,
    SectionKind,
    bodystructure,
    envelope,
    find_part,
    header_fields,
    scan,
    section,
    string,
)


def mail(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


MIXED = mail("""Subject: x
Content-Type: multipart/mixed; boundary="b"

preamble
--b
Content-Type: text/plain

one
--b
Content-Type: multipart/alternative; boundary=bb

--bb

two
--bb
Content-Type: text/html

<p>three</p>
--bb--
--b
Content-Type: message/rfc822

Subject: inner

four
--b--
epilogue
""")


def texts(part: Part, literal: bytes) -> list[bytes]:
    """Contents of the leaves."""
    if part.children:
        return [text for child in part.children for text in texts(child, literal)]
    return [literal[part.body : part.end]]


def test_parts_are_slices_of_the_literal() -> None:
    assert texts(scan(MIXED), MIXED) == [b"one", b"two", b"<p>three</p>", b"four"]


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ((1,), SectionKind.ALL, b"one"),
        ((1,), SectionKind.MIME, b"Content-Type: text/plain\r\n\r\n"),
        ((2, 1), SectionKind.ALL, b"two"),
        ((2, 2), SectionKind.MIME, b"Content-Type: text/html\r\n\r\n"),
        ((3,), SectionKind.HEADER, b"Subject: inner\r\n\r\n"),
        ((3,), SectionKind.TEXT, b"four"),
        ((3, 1), SectionKind.ALL, b"four"),
        ((4,), SectionKind.ALL, b""),
        ((1, 1), SectionKind.ALL, b""),
        ((2, 3), SectionKind.ALL, b""),
        ((1,), SectionKind.HEADER, b""),
        ((), SectionKind.ALL, MIXED),
    ],
)
def test_sections(path: tuple[int, ...], kind: SectionKind, expected: bytes) -> None:
    assert section(MIXED, Section(path, kind)) == expected


def test_a_message_without_parts_has_one() -> None:
    literal = mail("Subject: x\n\nbody")
    assert section(literal, Section((1,))) == b"body"
    assert section(literal, Section((1,), SectionKind.MIME)) == b"Subject: x\r\n\r\n"
    assert find_part(scan(literal), (2,)) is None


def test_header_fields() -> None:
    literal = mail("From: a\nX: 1\nto: b\n c\nX: 2\n\nFrom: body")
    chosen = section(literal, Section((), SectionKind.FIELDS, (b"to", b"x")))
    assert chosen == b"X: 1\r\nto: b\r\n c\r\nX: 2\r\n\r\n"
    others = section(literal, Section((), SectionKind.FIELDS_NOT, (b"to", b"x")))
    assert others == b"From: a\r\n\r\n"
    assert section(literal, Section((), SectionKind.FIELDS, (b"none",))) == b"\r\n"


BROKEN = {
    "boundary never closed": ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo", [b"one", b"two"]),
    "boundary never appears": ("Content-Type: multipart/mixed; boundary=b\n\nnothing", [b"nothing"]),
    "no boundary parameter": ("Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n", [b"--b\r\n\r\none\r\n--b--\r\n"]),
    "outer boundary ends the inner parts": (
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n"
        "--a\n\ny\n--a--",
        [b"x", b"y"],
    ),
    "header without empty line runs into the boundary": (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n--b\n\ntwo\n--b--",
        [b"", b"two"],
    ),
    "one boundary within another": (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n"
        "--bb--\n--b--",
        [b"x"],
    ),
    "nothing but a header": ("Subject: x", [b""]),
    "nothing": ("", [b""]),
    "an empty line first": ("\nbody", [b"body"]),
    "a content type that is none": ("Content-Type: nonsense\n\nbody", [b"body"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_mail(name: str) -> None:
    text, expected = BROKEN[name]
    literal = mail(text)
    assert texts(scan(literal), literal) == expected


def test_nesting_has_a_bound() -> None:
    depth = MAX_DEPTH * 3
    literal = mail(
        "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth)) + "\nx"
    )
    found, part = 0, scan(literal)
    while part.children:
        part, found = part.children[0], found + 1
    assert found <= MAX_DEPTH
    assert bodystructure(scan(literal), literal)


@pytest.mark.parametrize(
    "literal",
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 100_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--x\r\n" * 200_000,
        b"Subject: x\r\n" * 100_000,
        b"To: " + b"a@b, " * 200_000 + b"\r\n\r\n",
        b"To: " + b"(" * 200_000 + b"\r\n\r\n",
        b"To: " + b'"' * 200_001 + b"\r\n\r\n",
        b"Content-Type: a/b" + b"; x=y" * 100_000 + b"\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
        b"Subject: " + b"\r\n x" * 200_000 + b"\r\n\r\n",
        b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\r\n\r\n",
        b"\r\n" * 500_000,
        b"a" * 1_000_000,
    ],
    ids=lambda literal: repr(literal[:24]),
)
def test_a_megabyte_of_malice_takes_no_longer_than_one_of_mail(literal: bytes) -> None:
    began = time.process_time()
    root = scan(literal)
    bodystructure(root, literal)
    envelope(literal)
    assert time.process_time() - began < 3


@given(
    st.lists(
        st.sampled_from(
            [
                *(b"Content-Type: ", b"multipart/mixed; boundary=b", b"message/rfc822", b"text/plain", b"\r\n", b"\n"),
                *(
                    b"--b",
                    b"--b--",
                    b"--",
                    b"--bb",
                    b"; boundary=",
                    b"bb",
                    b"\r",
                    b" ",
                    b"To: ",
                    b"<a@b>",
                    b'"',
                    b"(",
                    b")",
                ),
                *(
                    b"Content-Disposition: ",
                    b"x; filename*0=",
                    b"; filename*1*=",
                    b"\xff",
                    b"\0",
                    b":",
                    b";",
                    b",",
                    b"=?",
                ),
            ]
        ),
        max_size=40,
    ).map(b"".join)
    | st.binary(max_size=200)
)
def test_any_bytes_give_a_structure(literal: bytes) -> None:
    def check(part: Part, low: int, high: int) -> None:
        assert low <= part.start <= part.body <= part.end <= high
        position = part.body
        for child in part.children:
            check(child, position, high)
            position = child.end

    root = scan(literal)
    check(root, 0, len(literal))
    assert well_formed(envelope(literal))
    assert well_formed(bodystructure(root, literal))
    assert well_formed(bodystructure(root, literal, extended=False))


def well_formed(text: bytes) -> bool:
    """One parenthesised list of IMAP and nothing behind it."""
    return item_end(text, 0) == len(text)


_LITERAL = re.compile(rb"\{(\d+)\}\r\n")
_ATOM = re.compile(rb"[^ ()\"{]+")


def item_end(text: bytes, position: int) -> int:
    """Offset behind the list, string or atom at `position`."""
    octet = text[position : position + 1]
    if octet == b"(":
        position += 1
        while text[position : position + 1] != b")":
            position = item_end(text, position)
            if text[position : position + 1] == b" ":
                position += 1
        return position + 1
    if octet == b'"':
        position += 1
        while text[position] != 0x22:
            position += 2 if text[position] == 0x5C else 1
        return position + 1
    if octet == b"{":
        found = _LITERAL.match(text, position)
        assert found is not None
        return found.end() + int(found[1])
    atom = _ATOM.match(text, position)
    assert atom is not None, text[position:]
    return atom.end()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"plain", b'"plain"'),
        (b'a "b" \\', b'"a \\"b\\" \\\\"'),
        (b"", b'""'),
        (b"\xc3\xbc", b"{2}\r\n\xc3\xbc"),
        (b"a\r\nb", b"{4}\r\na\r\nb"),
        (b"\0", b"{1}\r\n\x80"),
    ],
)
def test_strings(value: bytes, expected: bytes) -> None:
    assert string(value) == expected


ENVELOPES = {
    "sender and reply-to default to from": (
        "From: Ann <a@b.c>\nSubject: s\n",
        '(NIL "s" (("Ann" NIL "a" "b.c")) (("Ann" NIL "a" "b.c")) (("Ann" NIL "a" "b.c")) NIL NIL NIL NIL NIL)',
    ),
    "nothing": ("\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
    "a group": (
        "To: Friends: a@b, c@d;, e@f\n",
        '(NIL NIL NIL NIL NIL ((NIL NIL "Friends" NIL)(NIL NIL "a" "b")(NIL NIL "c" "d")(NIL NIL NIL NIL)'
        '(NIL NIL "e" "f")) NIL NIL NIL NIL)',
    ),
    "a comment for a name": ("Cc: a@b (Ann)\n", '(NIL NIL NIL NIL NIL NIL (("Ann" NIL "a" "b")) NIL NIL NIL)'),
    "a quoted name": (
        'Cc: "Ann \\"A\\" B" <a@b>\n',
        '(NIL NIL NIL NIL NIL NIL (("Ann \\"A\\" B" NIL "a" "b")) NIL NIL NIL)',
    ),
    "no host": ("Cc: ann\n", '(NIL NIL NIL NIL NIL NIL ((NIL NIL "ann" "MISSING_DOMAIN")) NIL NIL NIL)'),
    "a route": ("Cc: <@x,@y:a@b>\n", '(NIL NIL NIL NIL NIL NIL ((NIL "@x,@y" "a" "b")) NIL NIL NIL)'),
    "a folded subject": ("Subject: a\n  b\n\tc\n", '(NIL "a b c" NIL NIL NIL NIL NIL NIL NIL NIL)'),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_envelopes(name: str) -> None:
    text, expected = ENVELOPES[name]
    assert envelope(mail(text)).decode() == expected


def test_parameters_of_rfc2231() -> None:
    literal = mail("Content-Type: text/plain; name*0*=utf-8''a%20; name*1=\"b c\"; charset=utf-8\n\n")
    assert b'("charset" "utf-8" "name*" "utf-8\'\'a%20b%20c")' in bodystructure(scan(literal), literal)


# --------------------------------------------------------------------------------------------- Dovecot's view

CORPUS = Path(__file__).parent.parent / "bench" / "corpus" / "generate.py"
DOVECOT = "/usr/lib/dovecot/imap"


@pytest.mark.programs
@pytest.mark.skipif(not os.path.exists(DOVECOT), reason="needs dovecot-imapd")
@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="Dovecot changes its user, which needs root")
def test_dovecot_says_the_same_of_a_seeded_corpus() -> None:
    """ENVELOPE and BODYSTRUCTURE of 600 mails with all that odd mail brings. The known differences are levelled
    first."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)
        subprocess.run(
            [sys.executable, str(CORPUS), str(home / "corpus"), "--count", "600", "--median-kb", "3"],
            check=True,
            capture_output=True,
        )
        mails = sorted((home / "corpus").glob("*.eml"))
        answers = dovecot(home, mails)
        assert len(answers) == len(mails)
        for path, (shown_envelope, shown_structure) in zip(mails, answers, strict=True):
            literal = path.read_bytes()
            assert level(envelope(literal)) == level(shown_envelope), path.name
            if b'("" ""' in shown_structure or b'("text" "" ' in shown_structure:
                continue  # a Content-Type that is none: RFC 2045 5.2 says text/plain, Dovecot an empty type
            ours = bodystructure(scan(literal), literal)
            assert level_messages(level(ours)) == level_messages(level(shown_structure)), path.name


def dovecot(home: Path, mails: list[Path]) -> list[tuple[bytes, bytes]]:
    """Ask Dovecot's imap process, signed in beforehand, over its standard input."""
    folder = home / "Maildir"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for index, path in enumerate(mails):
        shutil.copy(path, folder / "cur" / f"{1_000_000_000 + index}.M{index:06}P1.host:2,S")
    config = home / "dovecot.conf"
    config.write_text(
        f"base_dir = {home}/run\nstate_dir = {home}/run\nlog_path = {home}/log\nmail_location = maildir:{folder}\n"
        "first_valid_uid = 0\nfirst_valid_gid = 0\nmail_uid = nobody\nmail_gid = nogroup\nprotocols = imap\nssl = no\n"
        "stats_writer_socket_path =\n"
    )
    (home / "run").mkdir()
    subprocess.run(["chown", "-R", "nobody:nogroup", str(home)], check=True)
    environment = {"HOME": str(home), "USER": "u", "CONFIG_FILE": str(config)}
    with subprocess.Popen([DOVECOT], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # Its input stays open until the end: it stops answering once its client has gone.
        process.stdin.write(b"a EXAMINE INBOX\r\nb FETCH 1:* (ENVELOPE BODYSTRUCTURE)\r\nc LOGOUT\r\n")
        process.stdin.flush()
        answer = process.stdout.read()
    found: list[tuple[bytes, bytes]] = []
    position = answer.index(b"* 1 FETCH")
    start = re.compile(rb"\* \d+ FETCH \(ENVELOPE ")
    while (head := start.match(answer, position)) is not None:
        middle = item_end(answer, head.end())
        begin = middle + len(b" BODYSTRUCTURE ")
        end = item_end(answer, begin)
        found.append((answer[head.end() : middle], answer[begin:end]))
        position = end + len(b")\r\n")
    return found


def level(text: bytes) -> bytes:
    """Literals as quoted strings: Dovecot writes folded and 8-bit values as literals, we only the latter."""
    out = bytearray()
    position = 0
    while position < len(text):
        if text[position : position + 1] == b'"':
            end = item_end(text, position)
            out += text[position:end]
            position = end
        elif (head := _LITERAL.match(text, position)) is not None:
            position = head.end() + int(head[1])
            value = text[head.end() : position]
            out += b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        else:
            out += text[position : position + 1]
            position += 1
    return bytes(out)


def level_messages(text: bytes) -> bytes:
    """Sizes and lines of embedded messages left out: Dovecot counts the line break before the next boundary to
    them, which RFC 2046 5.1.1 gives to the boundary."""
    text = re.sub(rb'("message" "(?:rfc822|global)" \S+ \S+ \S+ "[^"]*") \d+', rb"\1 0", text, flags=re.IGNORECASE)
    return re.sub(rb"\) \d+ NIL", rb") 0 NIL", text)


_PIECES = [
    b"From",
    b"from",
    b"To",
    b"X",
    b":",
    b" :",
    b"\t:",
    b" ",
    b"\t",
    b"\r\n",
    b"\n",
    b"\r",
    b"\n ",
    b"a",
    b"\0",
    b"\xff",
]


@given(
    st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join),
    st.sets(st.sampled_from([b"from", b"to", b"sender", b"x"])),
)
def test_header_fields_are_those_of_a_plain_walk(data: bytes, names: set[bytes]) -> None:
    stop = rfc5322.header_end(data)
    chosen = [data[item.start : item.end] for item in rfc5322.fields(data, 0, stop) if item.name in names]
    ends = b"\r\n" if chosen and not chosen[-1].endswith(b"\n") else b""
    expected = b"".join(chosen) + ends + b"\r\n"
    assert header_fields(data, 0, stop, names, keep=True) == expected
    if brief.holds(names):
        made = brief.make(data, rfc5322.fields(data, 0, stop))
        assert brief.pick([made, made], frozenset(names)) == [expected, expected]


def plain_walk(data: bytes, stop: int) -> list[tuple[bytes, int, int, int]]:
    """What `fields` finds, line by line."""
    found: list[tuple[bytes, int, int, int]] = []
    position = 0
    while position < stop:
        end = data.find(b"\n", position, stop) + 1 or stop
        if data[position] in b"\r\n" and data[position:end].strip(b"\r\n") == b"":
            break
        colon = data.find(b":", position, end)
        while end < stop and data[end] in b" \t":
            end = data.find(b"\n", end, stop) + 1 or stop
        name = data[position:colon].rstrip(b" \t").lower() if colon >= 0 else b""
        found.append((name, position, colon + 1 if colon >= 0 else position, end))
        position = end
    return found


@given(st.text(alphabet="Ab: \t\r\n").map(str.encode), st.integers(0, 40))
def test_fields_are_those_of_a_plain_walk(data: bytes, stop: int) -> None:
    stop = min(stop, len(data))
    assert rfc5322.fields(data, 0, stop) == plain_walk(data, stop)
