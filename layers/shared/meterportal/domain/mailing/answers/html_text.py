"""The text of an HTML mail: cells of a row on one line, quotes marked, hidden parts left out.

Only what is needed to read numbers, in time linear in the length: the standard library's parser
looks ahead to the end for every sign that begins nothing.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import islice

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})((?:[^<>]{0,4000}))>")
_MARKUP = re.compile(r"<[!?][^<>]{0,4000}>")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all"
    r"|\shidden(?=[\s=/]|$)",
    re.IGNORECASE,
)
_VOID = frozenset(
    ["br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "source"]
)
_UNSEEN = frozenset(["style", "script", "head", "title", "template", "noscript", "svg", "select"])
_LINES = frozenset(
    [
        "p",
        "div",
        "tr",
        "table",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "section",
        "article",
        "header",
        "footer",
        "address",
        "dl",
        "dt",
        "dd",
        "hr",
        "center",
    ]
)
_MOST_TAGS = 12_000
_DEEPEST = 400
"""Open tags that are remembered; what is deeper is read like the last of them."""


class _Page:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line = ""
        self._open: list[tuple[str, bool, int]] = [("", False, 0)]

    def tag(self, closing: bool, name: str, attributes: str) -> None:
        if name in _LINES or name == "br":
            self.end_line()
        elif name in {"td", "th"} and not closing and self._line.strip():
            self._line += "\t"
        if name in _VOID:
            return
        if closing:
            self._close(name)
        elif len(self._open) < _DEEPEST and not attributes.endswith("/"):
            _, hidden, quotes = self._open[-1]
            hidden = hidden or name in _UNSEEN or bool(_HIDDEN.search(attributes))
            self._open.append((name, hidden, quotes + (name == "blockquote")))

    def _close(self, name: str) -> None:
        for place in range(len(self._open) - 1, max(len(self._open) - 40, 0), -1):
            if self._open[place][0] == name:
                del self._open[place:]
                return

    def text(self, text: str) -> None:
        if not self._open[-1][1]:
            words = re.sub(r"[ \t\r\n]+", " ", unescape(text))
            self._line += words.lstrip(" ") if self._line.endswith((" ", "\t")) else words

    def end_line(self) -> None:
        quotes = self._open[-1][2]
        if line := self._line.strip(" "):
            self.lines.append("> " * quotes + line)
        elif self.lines and self.lines[-1]:
            self.lines.append("")
        self._line = ""


def text_of(html: str) -> str:
    """The text that a reader sees, by lines; what a `blockquote` holds begins with "> "."""
    page, at = _Page(), 0
    html = _MARKUP.sub(" ", _without_comments(html))
    for tag in islice(_TAG.finditer(html), _MOST_TAGS):
        page.text(html[at : tag.start()])
        page.tag(bool(tag[1]), tag[2].casefold(), tag[3])
        at = tag.end()
    page.text(html[at:].partition("<")[0])
    page.end_line()
    return "\n".join(page.lines).strip("\n")


def _without_comments(html: str) -> str:
    pieces, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        pieces.append(html[at:start])
        end = html.find("-->", start)
        if end < 0:
            return "".join(pieces)
        at = end + 3
    return "".join([*pieces, html[at:]])
