"""What keeps a text block from being stored, each with its position.

What is allowed in the HTML is a list of what mail programs show (tags, attributes, styles), not a list of
what they block: what nobody has thought of is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

from meterportal.domain.mailing.text_blocks import (
    KINDS,
    LISTS,
    PARTS,
    PLACEHOLDER,
    BlockFault,
    TextBlock,
)

LARGEST = 102 * 1024
"""Highest number of bytes of a mail's HTML: behind it some mailboxes show a link instead."""

TAGS = frozenset(
    [
        "a",
        "b",
        "br",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
ATTRIBUTES = frozenset(
    [
        "align",
        "bgcolor",
        "border",
        "cellpadding",
        "cellspacing",
        "class",
        "colspan",
        "height",
        "lang",
        "role",
        "rowspan",
        "style",
        "valign",
        "width",
    ]
)
LINK_SCHEMES = ("https", "http", "mailto", "tel")
STYLES = frozenset(
    [
        "background-color",
        "border",
        "border-bottom",
        "border-collapse",
        "border-color",
        "border-left",
        "border-radius",
        "border-right",
        "border-style",
        "border-top",
        "border-width",
        "color",
        "display",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "height",
        "letter-spacing",
        "line-height",
        "list-style-type",
        "margin",
        "margin-bottom",
        "margin-left",
        "margin-right",
        "margin-top",
        "max-width",
        "mso-padding-alt",
        "padding",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
        "text-align",
        "text-decoration",
        "text-transform",
        "vertical-align",
        "white-space",
        "width",
        "word-break",
    ]
)
_ACTIVE_TAGS = frozenset(["script", "iframe", "object", "embed", "form", "meta", "link", "base"])
_ACTIVE = re.compile(
    rf"<\s*(?:{'|'.join(sorted(_ACTIVE_TAGS))})\b|\son\w+\s*=|javascript:", re.IGNORECASE
)
_TEMPLATE_CODE = re.compile(r"\{\{|\{%|\{#|<%|<\?|\$\{")
_LINE = frozenset({"subject", "preheader"})
_VOID = frozenset({"br", "hr"})
_KEPT_DISPLAY = frozenset({"block", "inline", "inline-block", "none"})
_DROPPED_VALUE = re.compile(r"(?:url|var|calc|expression|attr|env)\s*\(|\\|/\*", re.IGNORECASE)


def lint(block: TextBlock) -> list[BlockFault]:
    """The faults of a block in the order of its parts; empty means that it can be used."""
    return [
        replace(fault, line=1 + getattr(block, part).count("\n", 0, fault.position))
        for part in PARTS
        for fault in _faults(block, part)
    ]


def _faults(block: TextBlock, part: str) -> Iterator[BlockFault]:
    content: str = getattr(block, part)
    known = KINDS[block.name].placeholders
    if not content.strip():
        if part in {"subject", "html"}:
            yield BlockFault(part, 0, "empty")
        return
    size = len(content.encode("utf-8", "replace"))
    if size > LARGEST:
        yield BlockFault(part, len(content), "too_large")
        return
    found = [
        *_matches(part, content, "active_content", _ACTIVE),
        *_matches(part, content, "template_code", _TEMPLATE_CODE),
    ]
    for match in PLACEHOLDER.finditer(content):
        if match[1] not in known:
            found.append(BlockFault(part, match.start(), "unknown_placeholder", match[0]))
        elif part in _LINE and match[1] in LISTS:
            found.append(BlockFault(part, match.start(), "list_in_subject", match[0]))
    linked = "#URL#" in content
    if part == "html":
        markup = _Markup(content)
        found += markup.faults
        linked = markup.linked
    if part in _LINE:
        newline = re.search(r"[\r\n\u2028\u2029\x0b\x0c\x85]", content)
        found += [BlockFault(part, newline.start(), "newline")] if newline else []
    elif not linked:
        found.append(BlockFault(part, 0, "url_missing"))
    yield from sorted(found, key=lambda fault: fault.position)


def _matches(part: str, content: str, code: str, wanted: re.Pattern[str]) -> Iterator[BlockFault]:
    for match in wanted.finditer(content):
        yield BlockFault(part, match.start(), code, match[0].strip())


class _Markup(HTMLParser):
    """Tags, attributes, styles and links that mail programs do not take, and whether the personal link is
    there for its reader: on an anchor or in the text, and not in what is hidden."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[BlockFault] = []
        self.linked = False
        self._hidden: list[str] = []
        self._lines = [0, *(match.end() for match in re.finditer("\n", content))]
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ACTIVE_TAGS:
            return
        if tag not in TAGS:
            self._fault("style_dropped" if tag == "style" else "tag_refused", f"<{tag}>", 0)
            return
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        given = {name: value or "" for name, value in attrs}
        hides = any(_hides(one) for one in given.get("style", "").split(";"))
        if tag not in _VOID and (hides or tag in self._hidden):
            self._hidden.append(tag)
        if tag == "a" and given.get("href", "").strip() == "#URL#" and not self._hidden:
            self.linked = True

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[len(self._hidden) - 1 - self._hidden[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if "#URL#" in data and not self._hidden:
            self.linked = True

    def _attribute(self, tag: str, name: str, value: str) -> None:
        whole = self.get_starttag_text() or ""
        match = re.search(rf"\s{re.escape(name)}\s*=?", whole, re.IGNORECASE)
        place = match.start() + 1 if match else 0
        if name == "style":
            for spot in dropped(value):
                self._fault("style_dropped", spot, max(whole.find(spot), place))
        elif name == "href" and tag == "a":
            scheme = value.strip().casefold().partition(":")[0]
            if value.strip() != "#URL#" and scheme not in {*LINK_SCHEMES, "javascript"}:
                self._fault("link_refused", value[:60], place)
        elif name not in ATTRIBUTES and not name.startswith("on"):
            self._fault("attribute_refused", name, place)

    def _fault(self, code: str, spot: str, within: int) -> None:
        row, column = self.getpos()
        self.faults.append(BlockFault("html", self._lines[row - 1] + column + within, code, spot))


def dropped(style: str) -> list[str]:
    """The declarations of a style attribute that mail programs drop."""
    return [
        one.strip()[:60]
        for one in style.split(";")
        if one.strip() and not _kept(one.partition(":"))
    ]


def _hides(declaration: str) -> bool:
    name, _, value = declaration.casefold().partition(":")
    return name.strip() == "display" and value.split()[:1] == ["none"]


def _kept(declaration: tuple[str, str, str]) -> bool:
    name, value = declaration[0].strip().casefold(), declaration[2].strip().casefold()
    if name not in STYLES or _DROPPED_VALUE.search(value):
        return False
    return name != "display" or value in _KEPT_DISPLAY
