"""HTML to readable plain text, and plain text to HTML: for messages that have only the one and need the other."""

from __future__ import annotations

import html
import re

_PARAGRAPHS = frozenset(
    ("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul")
)  # fmt: skip
"""Blocks with an empty line around them."""
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "center", "dd", "div", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "header", "hr", "li", "main", "nav", "section", "tr",
}  # fmt: skip
_SILENT = frozenset(("head", "script", "style", "template", "title"))
_RAW = frozenset(("script", "style", "title"))
"""Elements whose content holds no tags."""
# A `<` ends the search for the `>`, which keeps it linear.
_TAG = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9:\-]*)([^<>]*)|[!?/][^<>]*)>")
_ATTRIBUTE = re.compile(r"""([A-Za-z\-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=]+))""")
_ATTRIBUTES = 4096
"""Characters of a tag in which attributes are looked for."""
_DEEPEST_QUOTE = 20
"""Each level costs two characters in each line."""
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MANY_LINES = re.compile(r"\n{3,}")


def html_to_text(source: str) -> str:
    """The text of an HTML document: blocks on lines of their own, links with their address, lists with dashes.

    Never raises, whatever the HTML is like; linear in its length.
    """
    # Not html.parser: in Python up to 3.13 it takes quadratic time for tags that are never closed (CVE-2025-6069).
    reader = _Reader()
    folded = source.lower() if source.isascii() else "".join(map(_folded, source))
    position = 0
    while (tag := source.find("<", position)) >= 0:
        reader.data(html.unescape(source[position:tag]))
        if source.startswith("<!--", tag):
            end = source.find("-->", tag + 4)
            position = len(source) if end < 0 else end + 3
            continue
        found = _TAG.match(source, tag)
        if found is None:
            reader.data("<")
            position = tag + 1
            continue
        position = found.end()
        name = (found[2] or "").lower()
        if found[1]:
            reader.end(name)
        elif name:
            reader.start(name, found[3])
            if name in _RAW and (closes := folded.find(f"</{name}", position)) >= 0:
                position = closes
            elif name in _RAW:
                position = len(source)
    reader.data(html.unescape(source[position:]))
    return reader.text()


def _folded(character: str) -> str:
    """Lower case of one character, itself one character: offsets stay the same."""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def text_to_html(text: str) -> str:
    """A paragraph that shows `text` with its line breaks."""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return "<p>" + "<br/>\r\n".join(html.escape(line, quote=False) for line in lines) + "</p>"


class _Reader:
    """Turns tags and text into lines."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._line_empty = True
        self._silent: list[str] = []
        self._preformatted = 0
        self._quotes = 0
        self._links: list[tuple[str, int]] = []

    def text(self) -> str:
        lines = [line.rstrip() for line in "".join(self._out).split("\n")]
        return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"

    def start(self, tag: str, attributes: str) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        if self._silent:
            return
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS else 1)
        if tag == "br":
            self._write("\n")
        elif tag == "blockquote":
            self._quotes = min(self._quotes + 1, _DEEPEST_QUOTE)
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "li":
            self._write("- ")
        elif tag == "hr":
            self._write("-" * 20)
            self._break(1)
        elif tag in ("td", "th") and not self._line_empty:
            self._write(" ")
        elif tag == "a":
            self._links.append((_attribute(attributes, "href"), len(self._out)))
        elif tag == "img" and (alt := _attribute(attributes, "alt")):
            self._write(f"[{_SPACES.sub(' ', alt).strip()}]")

    def end(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag == "a" and self._links:
            self._close_link()
        if tag == "blockquote":
            self._break(1)
            self._quotes = max(0, self._quotes - 1)
        elif tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS else 1)

    def data(self, data: str) -> None:
        if self._silent:
            return
        if self._preformatted:
            self._write(data.replace("\r\n", "\n"))
            return
        words = _SPACES.sub(" ", data)
        if self._line_empty:
            words = words.lstrip(" ")
        if words:
            self._write(words)

    def _close_link(self) -> None:
        address, began = self._links.pop()
        shown = "".join(self._out[began:]).strip()
        if address.startswith(("http://", "https://", "mailto:")) and address.removeprefix("mailto:") != shown:
            self._write(f" <{address}>" if shown else f"<{address}>")

    def _write(self, text: str) -> None:
        if self._line_empty and self._quotes and text.strip("\n"):
            self._out.append("> " * self._quotes)
        if self._quotes and "\n" in text.rstrip("\n"):
            text = text.replace("\n", "\n" + "> " * self._quotes)
        self._out.append(text)
        self._line_empty = text.endswith("\n")

    def _break(self, lines: int) -> None:
        """End the line, and with 2 leave an empty one; `text` takes away what is too much."""
        if not self._out:
            return
        self._out.append("\n" * (lines if self._line_empty is False else lines - 1))
        self._line_empty = True


def _attribute(attributes: str, name: str) -> str:
    """The value of an attribute; empty when it has none. A tag of absurd length has none either."""
    for found in _ATTRIBUTE.finditer(attributes[:_ATTRIBUTES]):
        if found[1].lower() == name:
            return html.unescape(found[2] or found[3] or found[4] or "")
    return ""
