"""E-mail addresses in the notations in which programs export them."""

from __future__ import annotations

import re
from urllib.parse import unquote

_ACCESS = re.compile(r"[^#]*#(?:mailto:)?([^#@\s]+@[^#@\s]+)#[^#]*#?", re.IGNORECASE)
"""Microsoft Access writes a hyperlink as display#address#place#."""
_HTML = re.compile(r"<a\s[^>]*href=[\"']?mailto:([^\"'>\s]+)[^>]*>.*", re.IGNORECASE)
_MARKDOWN = re.compile(r"\[[^\]]*\]\(mailto:([^)\s]+)\)", re.IGNORECASE)
_NAMED = re.compile(r"([^<>@]*|[^<>\s]+@[^<>\s]+)<\s*([^<>\s]+@[^<>\s]+)\s*>")
_COMMENTED = re.compile(r"(\S+@\S+)\s+\([^()@]*\)")
_SCHEME = re.compile(r"(?:mailto|smtp|e-?mail)\s*:\s*", re.IGNORECASE)
_QUOTES = {"'": "'", '"': '"', "„": "“”", "“": "”", "‚": "‘’", "‘": "’", "«": "»", "`": "`´"}
_MOST_LAYERS = 4


def unwrapped(text: str) -> str:
    """The address in a known notation (`mailto:`, `Name <...>`, quotation marks, a hyperlink of
    Access, HTML or Markdown); any other text as it is."""
    for _ in range(_MOST_LAYERS):
        inner = _one_layer(text)
        if inner == text:
            break
        text = inner
    return text


def _one_layer(text: str) -> str:
    for form, group in ((_ACCESS, 1), (_HTML, 1), (_MARKDOWN, 1), (_NAMED, 2), (_COMMENTED, 1)):
        if found := form.fullmatch(text):
            return found[group]
    if scheme := _SCHEME.match(text):
        return unquote(text[scheme.end() :].partition("?")[0])
    if len(text) > 2 and text[-1] in _QUOTES.get(text[0], ""):
        return text[1:-1].strip()
    return text.rstrip(";, ") if text.count("@") == 1 else text
