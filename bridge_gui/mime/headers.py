"""Header fields: encoded words (RFC 2047), address lists (RFC 5322 3.4), and folding.

Reading is lenient, as mail of thirty years has to be read; writing is strict and depends on nothing but its input, so
that a message built again is the same to the byte on every system and Python version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bridge_gui.mime.words import decode_header
from bridge_gui.model import EmailAddress

LINE_LENGTH = 76
"""Where we fold (RFC 2047 2 asks for 76 where encoded words are used; RFC 5322 2.1.1 for 78)."""

_ENCODED_WORD_LENGTH = 75  # RFC 2047 2: the longest an encoded word may be
_PREFIX, _SUFFIX = "=?utf-8?q?", "?="

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+")
_DOT_ATOM = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,.\"]+(?:\.[^\s\x00-\x20\x7f()<>\[\]:;@\\,.\"]+)*")
_Q_LITERAL = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
)  # RFC 2047 5 (3): safe in a phrase
_Q = {byte: chr(byte) if byte in _Q_LITERAL else "_" if byte == 0x20 else f"={byte:02X}" for byte in range(256)}

_ADDRESS_TOKEN = re.compile(
    r"""
      "(?P<quoted>(?:[^"\\]|\\.)*)"
    | \((?P<comment>(?:[^()\\]|\\.)*)\)
    | <(?P<angle>[^<>]*)>
    | (?P<separator>[,;])
    | (?P<atom>[^\s"(<,;]+)
    | (?P<stray>["(<])
    """,
    re.VERBOSE | re.DOTALL,
)


def one_line(text: str) -> str:
    """`text` with control characters, line ends among them, as single spaces, so that it cannot end a header field."""
    return _CONTROLS.sub(" ", text)


# ------------------------------------------------------------------------------------------- encoded words


def encode_text(text: str) -> str:
    """Write unstructured text (RFC 2047 5 (1)): plain where it is ASCII, else as encoded words; not folded yet."""
    text = one_line(text)
    if text.isascii() and "=?" not in text:
        return text
    return encoded_words(text)


def encoded_words(text: str) -> str:
    """`text` as Q-encoded words of UTF-8, joined by spaces; no character is split over two of them (RFC 2047 5)."""
    room = _ENCODED_WORD_LENGTH - len(_PREFIX) - len(_SUFFIX)
    words: list[str] = []
    current: list[str] = []
    used = 0
    for character in text:
        encoded = "".join(_Q[byte] for byte in character.encode("utf-8", "replace"))
        if used + len(encoded) > room:
            words.append("".join(current))
            current, used = [], 0
        current.append(encoded)
        used += len(encoded)
    words.append("".join(current))
    return " ".join(f"{_PREFIX}{word}{_SUFFIX}" for word in words)


def decode_text(value: str) -> str:
    """Read unstructured text, folded or not; what cannot be decoded is read as well as can be."""
    return decode_header(value.encode("utf-8", "replace")) if "=?" in value else value


# ------------------------------------------------------------------------------------------- addresses


def format_address(address: EmailAddress) -> str:
    """One address as RFC 5322 3.4 writes it; its name quoted or encoded where that is needed."""
    name, spec = one_line(address.name).strip(), _format_spec(address.address)
    if not name:
        return spec if spec else "<>"
    if not name.isascii() or "=?" in name:
        return f"{encoded_words(name)} <{spec}>"
    if all(_ATOM.fullmatch(word) for word in name.split(" ")):
        return f"{name} <{spec}>"
    return f"{_quote(name)} <{spec}>"


def format_addresses(addresses: Iterable[EmailAddress]) -> str:
    return ", ".join(format_address(address) for address in addresses)


def _format_spec(address: str) -> str:
    address = one_line(address).strip()
    local, at, domain = address.rpartition("@")
    if not at:
        return re.sub(r"[<>,;\s]", "", address)
    domain = re.sub(r"[<>,;\s]", "", domain)
    if _DOT_ATOM.fullmatch(local) or (local.startswith('"') and local.endswith('"') and len(local) > 1):
        return f"{local}@{domain}"
    return f"{_quote(local)}@{domain}"


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_addresses(value: str) -> tuple[EmailAddress, ...]:
    """Read an address list, leniently: names decoded, comments as names where there is no other, groups opened."""
    found: list[EmailAddress] = []
    words: list[str] = []
    comments: list[str] = []
    angle: str | None = None

    def finish() -> None:
        nonlocal angle
        if angle is not None:
            name = " ".join(words) or " ".join(comments)
            found.append(EmailAddress(decode_text(name), angle))
        elif words:
            found.append(EmailAddress(decode_text(" ".join(comments)), "".join(words)))
        words.clear()
        comments.clear()
        angle = None

    for token in _ADDRESS_TOKEN.finditer(value):
        kind, text = token.lastgroup, token.group(token.lastgroup or 0)
        if kind == "separator":
            finish()
        elif kind == "angle":
            angle = "".join(text.split())
        elif kind == "quoted":
            following = value[token.end() : token.end() + 1]
            unquoted = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
            words.append(f'"{text}"' if following == "@" else " ".join(unquoted.splitlines()))
        elif kind == "comment":
            comments.append(re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL))
        elif kind == "atom":
            if text.endswith(":") and angle is None:  # the name of a group (RFC 5322 3.4)
                words.clear()
            else:
                words.append(text)
    finish()
    return tuple(found)


# ------------------------------------------------------------------------------------------- fields


def fold(name: str, value: str) -> str:
    """`Name: value`, folded at its spaces to lines of at most 76 characters where that is possible; no line end."""
    line = f"{name}: {value}"
    if len(line) <= LINE_LENGTH:
        return line
    lines: list[str] = []
    current = f"{name}:"
    for word in value.split(" "):
        # A line must hold more than white space (RFC 5322 3.2.2), so an empty word stays with what is before it.
        if word and len(current) + 1 + len(word) > LINE_LENGTH and current.strip() and _may_end(current):
            lines.append(current)
            current = f" {word}"
        else:
            current = f"{current} {word}"
    lines.append(current)
    return "\r\n".join(lines)


def _may_end(line: str) -> bool:
    """Whether a line may end here: not right after the field's name, which some readers take for an empty field."""
    return not line.endswith(":") or " " in line.strip()
