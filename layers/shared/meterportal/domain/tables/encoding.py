"""Which characters the bytes of a text file stand for, decided once for the file.

A byte order mark decides. Without one, UTF-16 is recognised by its zero bytes and UTF-8 by being
valid. Any other file is read with the code page that gives known headings and letters inside words.
If some lines are UTF-8 and others are not, somebody has joined two files: then each line is read
separately, and the report names them.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from meterportal.domain.frozen import frozen

Known = Callable[[str], int]
"""How many known headings a line of text has, with any delimiter."""

SINGLE = {"cp1252": "Windows-1252", "cp850": "DOS 850", "mac_roman": "Mac Roman"}
"""Code pages with one byte per letter: codec -> the name that people know. The most usual first."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_PIECE = 256 * 1024
_SAMPLE = 200_000
"""Bytes of lines that are not UTF-8, from which the code page is recognised."""
_HEADING = 20
"""The weight of a known heading, compared with the letters of a file."""
_OURS = frozenset("äöüßÄÖÜ")
_USUAL = frozenset("éèêëáàâãçñóòôõíìîïúùûåøæœšžčřýÉÈÁÀÂÇÑÓÍÚÅØÆŠŽČ")
_CUT = b"\xc2\xc3"
"""First bytes of German letters in UTF-8. One without its second byte was cut by a length limit."""


@frozen
class Encoding:
    """`codec` is Python's name, `begins` the length of the byte order mark in bytes.

    `single` is the code page of the lines that are not UTF-8, `mixed` how many there are and
    `first_mixed` the first of them (from 1). `unmarked`: UTF-16 without a byte order mark.
    """

    codec: str
    begins: int = 0
    single: str = ""
    mixed: int = 0
    first_mixed: int = 0
    unmarked: bool = False

    @property
    def name(self) -> str:
        """The name that people know."""
        if self.codec.startswith("utf"):
            return self.codec.removesuffix("-le").removesuffix("-be").upper()
        return SINGLE[self.codec]

    @property
    def single_name(self) -> str:
        """The name of the code page of the lines that are not UTF-8, "" if there are none."""
        return SINGLE.get(self.single, "")

    def texts(self, lines: Iterable[bytes]) -> list[str]:
        """The texts of lines from `runs_of`. Bytes without a meaning become U+FFFD."""
        if self.single:
            return ["".join(_mended(line, self.single)) for line in lines]
        codec = self.codec if self.codec in SINGLE else "utf-8"
        return [line.decode(codec, "replace") for line in lines]


def encoding_of(stream: BinaryIO, known: Known) -> Encoding:
    """The encoding of a file, read once from its start, in pieces."""
    stream.seek(0)
    head = stream.read(4096)
    for mark, codec, _ in _MARKS:
        if head.startswith(mark):
            found = Encoding(codec, begins=len(mark))
            return _with_single(stream, found, known) if codec == "utf-8" else found
    if zeros := head.count(0):
        odd = head[1::2].count(0)
        if zeros * 5 >= len(head) and max(odd, zeros - odd) >= 0.9 * zeros:
            codec = "utf-16-le" if odd * 2 > zeros else "utf-16-be"
            return Encoding(codec, unmarked=True)
    return _with_single(stream, Encoding("utf-8"), known)


def runs_of(
    stream: BinaryIO, encoding: Encoding, *, offset: int = 0, longest: int
) -> Iterator[tuple[int, list[bytes]]]:
    """The physical lines with their ends (CRLF, LF or CR), as many together as were read at once; of each
    run the offset of its first byte.

    UTF-16 and UTF-32 are converted to UTF-8, and offsets count these bytes. `offset` is where to
    begin: 0, or the offset of a line that was returned before. A line that is longer than `longest` is
    cut there, without a line end, and is a run of its own.
    """
    rest, cut = b"", False
    begin = offset
    for piece in _pieces(stream, encoding, offset):
        found = (rest + piece).splitlines(keepends=True)
        rest = found.pop() if found else b""
        if cut and found:
            begin += len(found.pop(0))
            cut = False
        if max(map(len, found), default=0) <= longest:
            if found:
                yield begin, found
            begin += sum(map(len, found))
        else:
            for line in found:
                yield begin, [line[:longest]]
                begin += len(line)
        if len(rest) > longest:
            if not cut:
                yield begin, [rest[:longest]]
            begin += len(rest) - 1
            rest, cut = rest[-1:], True
    if rest and not cut:
        yield begin, [rest]


def _pieces(stream: BinaryIO, encoding: Encoding, offset: int) -> Iterator[bytes]:
    if not encoding.codec.startswith(("utf-16", "utf-32")):
        stream.seek(encoding.begins + offset)
        yield from iter(lambda: stream.read(_PIECE), b"")
        return
    stream.seek(encoding.begins)
    decoder = codecs.getincrementaldecoder(encoding.codec)(errors="replace")
    ended = False
    while not ended:
        read = stream.read(_PIECE)
        ended = not read
        piece = decoder.decode(read, final=ended).encode("utf-8", errors="replace")
        yield piece[offset:]
        offset = max(0, offset - len(piece))


def _with_single(stream: BinaryIO, found: Encoding, known: Known) -> Encoding:
    """UTF-8 if every line is UTF-8; else also the code page of the lines that are not."""
    sample: list[bytes] = []
    size = mixed = first = utf8 = before = 0
    for _, lines in runs_of(stream, found, longest=_SAMPLE):
        number, before = before, before + len(lines)
        run = b"".join(lines)
        if run.isascii():
            continue
        if _is_utf8(run):
            utf8 += 1
            continue
        for place, line in enumerate(lines, start=1):
            if line.isascii():
                continue
            if _is_utf8(line):
                utf8 += 1
                continue
            mixed += 1
            first = first or number + place
            if _has_letters_of_utf8(line):
                utf8 += 1
            elif size < _SAMPLE:
                sample.append(line)
                size += len(line)
    if not mixed:
        return found
    single = _best(sample, known)
    if utf8 or found.begins:
        return replace(found, single=single, mixed=mixed, first_mixed=first)
    return Encoding(single)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_letters_of_utf8(line: bytes) -> bool:
    return any(not sign.isascii() and sign != "\ufffd" for sign in line.decode(errors="replace"))


def _best(sample: list[bytes], known: Known) -> str:
    """The code page that makes the most sense of these lines; the most usual one when in doubt."""

    def sense(codec: str) -> int:
        text = [line.decode(codec, errors="replace") for line in sample]
        headings = max((known(line) for line in text[:20]), default=0)
        return _HEADING * headings + sum(map(_letters, text))

    return max(SINGLE, key=sense)


def _letters(text: str) -> int:
    """How much a text looks like words: German letters count most; signs inside words, and capital
    letters after small ones, count against it."""
    found = 0
    for place, sign in enumerate(text):
        if sign.isascii():
            continue
        before, behind = text[place - 1 : place], text[place + 1 : place + 2]
        inside = before.isalpha() and behind.isalpha()
        if sign == "\ufffd":
            found -= 4
        elif sign in _OURS or sign in _USUAL:
            found += 3 if sign in _OURS else 1
            if sign.isupper() and before.islower():
                found -= 4
        elif inside or sign.isalpha() or not sign.isprintable():
            found -= 3
    return found


def _mended(line: bytes, single: str) -> Iterator[str]:
    """The text of a line that is partly UTF-8: other bytes are read by the code page, cut letters
    become U+FFFD."""
    rest = line
    while rest:
        try:
            yield rest.decode()
            return
        except UnicodeDecodeError as error:
            yield rest[: error.start].decode()
            stray = rest[error.start : error.start + 1]
            yield "\ufffd" if stray in _CUT else stray.decode(single, errors="replace")
            rest = rest[error.start + 1 :]
