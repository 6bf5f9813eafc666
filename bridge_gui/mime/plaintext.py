"""HTML to readable plain text, and plain text to HTML: for messages that have only the one and need the other."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_PARAGRAPHS = frozenset(
    ("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul")
)  # fmt: skip
"""Blocks with an empty line around them."""
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "center", "dd", "div", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "header", "hr", "li", "main", "nav", "section", "tr",
}  # fmt: skip
_SILENT = frozenset(("head", "script", "style", "template", "title"))
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MANY_LINES = re.compile(r"\n{3,}")


def html_to_text(source: str) -> str:
    """The text of an HTML document: blocks on lines of their own, links with their address, lists with dashes.

    Never raises, whatever the HTML is like; linear in its length.
    """
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.text()


def text_to_html(text: str) -> str:
    """A paragraph that shows `text` with its line breaks."""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return "<p>" + "<br/>\r\n".join(html.escape(line, quote=False) for line in lines) + "</p>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._line_empty = True
        self._silent: list[str] = []
        self._preformatted = 0
        self._quotes = 0
        self._links: list[tuple[str, int]] = []

    def text(self) -> str:
        lines = [line.rstrip() for line in "".join(self._out).split("\n")]
        return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        if self._silent:
            return
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS else 1)
        if tag == "br":
            self._write("\n")
        elif tag == "blockquote":
            self._quotes += 1
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
            self._links.append((dict(attrs).get("href") or "", len(self._out)))
        elif tag == "img" and (alt := dict(attrs).get("alt")):
            self._write(f"[{_SPACES.sub(' ', alt).strip()}]")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ("br", "hr", "img"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
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

    def handle_data(self, data: str) -> None:
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
