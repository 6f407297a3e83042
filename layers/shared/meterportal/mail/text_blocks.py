"""The shipped text blocks, and how a block's placeholders are filled.

A shipped block lies in `templates/`: `<name>.<language>.html` (the inner part, set into the frame), `.txt`,
`.subject.txt` and `.preheader.txt`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache

from meterportal.domain.mailing.text_blocks import LISTS, PLACEHOLDER, TextBlock
from meterportal.mail.layout import TEMPLATES

_SPOT = re.compile(rf"<p[^>]*>\s*#({'|'.join(LISTS)})#\s*</p>|{PLACEHOLDER.pattern}")


class Trusted(str):
    """HTML that we have made: it is inserted without escaping."""

    __slots__ = ()


@cache
def text_block(name: str, language: str) -> TextBlock:
    """A shipped block; `language` is "de" or "en"."""

    def part(ending: str) -> str:
        return (TEMPLATES / f"{name}.{language}.{ending}").read_text(encoding="utf-8")

    return TextBlock(
        name,
        language,
        part("subject.txt").strip(),
        part("txt"),
        part("html"),
        part("preheader.txt").strip(),
    )


def fill_text(content: str, values: Mapping[str, str]) -> str:
    """Plain text with every placeholder replaced once; placeholders in inserted values stay."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), content)


def fill_html(content: str, values: Mapping[str, str]) -> str:
    """HTML with every placeholder replaced once; values are escaped unless they are `Trusted`. A list
    that stands in a paragraph of its own takes the paragraph's place."""

    def value(match: re.Match[str]) -> str:
        given = values.get(match[1] or match[2], match[0])
        return given if isinstance(given, Trusted) else html.escape(given)

    return _SPOT.sub(value, content)
