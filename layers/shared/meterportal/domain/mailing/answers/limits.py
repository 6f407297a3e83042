"""What a message may cost, asked before anything parses it: the mailbox is public.

Each bound stands for a message that made the parser slow or broke it: many empty parts, deep nesting,
one header with thousands of addresses. What is above a bound becomes a task for staff, unread.
"""

from __future__ import annotations

import re

LARGEST = 1_000_000
"""Bytes of a message that are read."""

MOST_BOUNDARIES = 200
"""Lines that begin with "--", as boundaries of parts do."""

MOST_LINES = 25_000
"""Lines of a message; the parser goes through them one by one."""

LONGEST_HEADERS = 64 * 1024
LONGEST_HEADER = 4 * 1024
MOST_ENCLOSED = 10
"""Messages within messages; they need no boundary."""

DEEPEST = 10
"""Parts within parts that are looked at."""

LONGEST_TEXT = 40_000
"""Characters of a part's text that are looked at."""

_BOUNDARY = re.compile(rb"^--", re.MULTILINE)
_FOLDED = re.compile(rb"\r?\n(?![ \t])")
_LONG_PART_HEADER = re.compile(
    rb"^content-[a-z-]{1,40}:(?:[^\n]|\n[ \t]){%d}" % LONGEST_HEADER, re.IGNORECASE | re.MULTILINE
)
"""The parser takes the square of the number of a header's parameters."""
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_BARE_RETURN = re.compile(rb"\r(?!\n)")


def plain_lines(raw: bytes) -> bytes:
    """The message with one sign for the end of a line where it has others: the parser ends a line at a
    lone carriage return, so the bounds have to. A message that is too large stays as it is."""
    if len(raw) > LARGEST or not _BARE_RETURN.search(raw):
        return raw
    return re.sub(rb"\r\n?", b"\n", raw)


def exceeded(raw: bytes) -> str:
    """The bound that a message is above, "" for one that may be parsed. Linear in its length."""
    if len(raw) > LARGEST:
        return "too_large"
    end = _END_OF_HEADERS.search(raw, 0, LONGEST_HEADERS + 4)
    if end is None and len(raw) > LONGEST_HEADERS:
        return "long_header"
    headers = raw[: end.start() if end else len(raw)]
    if any(len(header) > LONGEST_HEADER for header in _FOLDED.split(headers)):
        return "long_header"
    if _LONG_PART_HEADER.search(raw):
        return "long_header"
    boundaries = sum(1 for _ in _BOUNDARY.finditer(raw))
    if boundaries > MOST_BOUNDARIES or raw.lower().count(b"message/") > MOST_ENCLOSED:
        return "many_parts"
    return "many_lines" if raw.count(b"\n") > MOST_LINES else ""
