"""The HTML of a text block on its way into a mail: cleaned, given the mail's styles, made plain text.

What is stored was linted, and is cleaned all the same: a mail never depends on how a row came into the table.
All mails of a round have the same block, so results are kept.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser

import nh3

from meterportal.domain.mailing.text_lint import ATTRIBUTES, LINK_SCHEMES, STYLES, TAGS
from meterportal.mail.look import Look

_LINK = re.compile(r'<a\b([^>]*?)\bclass="(button|link)"([^>]*)>(.*?)</a>', re.DOTALL)
_HREF = re.compile(r'\bhref="([^"]*)"')
_PARAGRAPH = re.compile(r"<p>")
_BUTTON = (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0;">'
    '<tr><td align="center" bgcolor="{accent}" class="press" style="background-color:{accent};'
    'border-radius:6px;padding:2px 8px;mso-padding-alt:14px 28px;"><a class="press" href="{href}" '
    'style="color:{ink};font-size:18px;line-height:24px;font-weight:bold;text-decoration:none;'
    'display:inline-block;padding:12px 20px;">{label}</a></td></tr></table>'
)
_ADDRESS = '<a class="link" href="{href}" style="color:{accent};word-break:break-all;">{label}</a>'
_ALONE = re.compile(r"<p>\s*(<table\b.*?</table>)\s*</p>", re.DOTALL)


@lru_cache(maxsize=64)
def cleaned(content: str) -> str:
    """HTML of which only what mail programs show is left."""
    return nh3.clean(
        content,
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes={"*": set(ATTRIBUTES), "a": {"href", *ATTRIBUTES}},
        url_schemes=set(LINK_SCHEMES),
        link_rel=None,
        filter_style_properties=set(STYLES),
    )


@lru_cache(maxsize=64)
def styled(content: str, look: Look) -> str:
    """Cleaned HTML with the mail's look: paragraphs, `<a class="button">` as a button of at least 44
    pixels, `<a class="link">` as an address that breaks anywhere."""

    def link(match: re.Match[str]) -> str:
        href = _HREF.search(match[1] + match[3])
        form = _BUTTON if match[2] == "button" else _ADDRESS
        return form.format(
            accent=look.accent,
            ink=look.accent_ink,
            href=href[1] if href else "#URL#",
            label=match[4],
        )

    linked = _ALONE.sub(r"\1", _LINK.sub(link, content))
    return _PARAGRAPH.sub('<p style="margin:0 0 16px 0;">', linked)


def plain(content: str) -> str:
    """HTML as plain text: a paragraph is a paragraph, a link its words and its address below."""
    reader = _Plain()
    reader.feed(content)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


class _Plain(HTMLParser):
    _BREAKS = frozenset({"br", "tr", "td", "th", "li", "hr"})
    _PARTS = frozenset({"p", "div", "table", "ul", "ol", "h1", "h2", "h3"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._href = ""
        self._label: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._label = dict(attrs).get("href") or "", []
        elif tag == "li":
            self.said.append("\n- ")
        else:
            self._gap(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._label is not None:
            label, self._label = " ".join("".join(self._label).split()), None
            if not self._href or self._href == label:
                self.said.append(label)
            else:
                self.said.append(f"{label}:\n{self._href.removeprefix('mailto:')}\n")
        elif tag in self._PARTS:
            self._gap(tag)

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data)
        (self.said if self._label is None else self._label).append(words)

    def _gap(self, tag: str) -> None:
        if tag in self._PARTS:
            self.said.append("\n\n")
        elif tag in self._BREAKS:
            self.said.append("\n")
