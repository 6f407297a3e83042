"""The dealer's logo: which pictures may be one, told from their bytes, and what of them is kept.

Only the picture itself goes on: remarks, places and cameras that a file carries besides stay behind.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Refusal

MOST_BYTES = 40 * 1024
LEAST_SIDE, MOST_SIDE = 32, 1600
"""Pixels of a side."""

_WIDEST = 8
_TALLEST = 2
_PNG = b"\x89PNG\r\n\x1a\n"
_SHOWN_OF_PNG = frozenset(
    [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"iCCP"]
)
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_SHOWN_OF_JPEG = frozenset([0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE])


@frozen
class Logo:
    """A stored picture: the digest of its bytes, its format ("png" or "jpg"), its size in pixels."""

    digest: str
    kind: str
    width: int
    height: int

    @property
    def key(self) -> str:
        """Where it lies on the site. Never another picture: what is cached stays true."""
        return f"brand/{self.digest}.{self.kind}"

    @property
    def content_type(self) -> str:
        return "image/png" if self.kind == "png" else "image/jpeg"

    def within(self, width: int, height: int) -> tuple[int, int]:
        """Its size in a box, in pixels: made smaller where it must be, never larger."""
        share = min(width / self.width, height / self.height, 1)
        return max(round(self.width * share), 1), max(round(self.height * share), 1)


class LogoRefused(Refusal):
    """Facts: `de`, `en` with the reason in words."""

    code = "logo_refused"
    de = "{de}"
    en = "{en}"


class Drawn(NamedTuple):
    """A logo with the bytes that are stored."""

    logo: Logo
    content: bytes


class _Damaged(Exception):
    """The bytes are not a whole picture of the format with which they begin."""


class _Picture(NamedTuple):
    width: int
    height: int
    content: bytes


def drawn(content: bytes) -> Drawn:
    """A file as a logo, whatever its name says. Raises LogoRefused."""
    if len(content) > MOST_BYTES:
        raise _refused(
            f"Die Datei ist zu groß: höchstens {MOST_BYTES // 1024} KB, weil jeder Kunde sie lädt."
            " Bitte speichern Sie das Logo kleiner, 400 Pixel Breite genügen.",
            f"The file is too large: at most {MOST_BYTES // 1024} KB, since every customer loads it."
            " Please save the logo smaller, a width of 400 pixels is enough.",
        )
    kind, read = _format(content)
    try:
        picture = read(content)
    except (_Damaged, struct.error, IndexError, zlib.error):
        raise _refused(
            "Die Datei ist beschädigt oder unvollständig. Bitte speichern Sie das Logo neu.",
            "The file is damaged or incomplete. Please save the logo anew.",
        ) from None
    _check_size(picture.width, picture.height)
    digest = hashlib.sha256(picture.content).hexdigest()[:32]
    return Drawn(Logo(digest, kind, picture.width, picture.height), picture.content)


def _format(content: bytes) -> tuple[str, Callable[[bytes], _Picture]]:
    """The format with which the bytes begin, and what reads it."""
    if content.startswith(_PNG):
        return "png", _png
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg", _jpeg
    raise _refused(*_why_not(content))


def _why_not(content: bytes) -> tuple[str, str]:
    begin = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return (
            "WebP zeigen viele E-Mail-Programme nicht. Bitte speichern Sie das Logo als PNG.",
            "Many mail programs do not show WebP. Please save the logo as PNG.",
        )
    if begin.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")):
        return (
            "SVG zeigen E-Mail-Programme nicht. Bitte speichern Sie das Logo als PNG.",
            "Mail programs do not show SVG. Please save the logo as PNG.",
        )
    return (
        "Erwartet wird ein Bild als PNG oder JPEG.",
        "Expected is a picture as PNG or JPEG.",
    )


def _check_size(width: int, height: int) -> None:
    if not (LEAST_SIDE <= width <= MOST_SIDE and LEAST_SIDE <= height <= MOST_SIDE):
        raise _refused(
            f"Das Bild hat {width} × {height} Pixel. Jede Seite muss {LEAST_SIDE} bis"
            f" {MOST_SIDE} Pixel haben.",
            f"The picture has {width} × {height} pixels. Each side must have {LEAST_SIDE} to"
            f" {MOST_SIDE} pixels.",
        )
    if width > _WIDEST * height or height > _TALLEST * width:
        raise _refused(
            f"Das Bild hat {width} × {height} Pixel und wäre im Kopf der Seite nicht zu erkennen."
            f" Höchstens {_WIDEST}-mal so breit wie hoch oder {_TALLEST}-mal so hoch wie breit.",
            f"The picture has {width} × {height} pixels and could not be made out in the page's head."
            f" At most {_WIDEST} times as wide as high, or {_TALLEST} times as high as wide.",
        )


def _refused(de: str, en: str) -> LogoRefused:
    return LogoRefused(field="logo", de=de, en=en)


# PNG (RFC 2083): chunks of length, type, content and checksum.


def _png(content: bytes) -> _Picture:
    place, kept, data, head = len(_PNG), [_PNG], bytearray(), b""
    while True:
        (length,) = struct.unpack_from(">I", content, place)
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        if zlib.crc32(kind + body) != checksum or bool(head) == (kind == b"IHDR"):
            raise _Damaged
        if kind == b"acTL":
            raise _moves()
        if kind == b"IHDR":
            head = body
        elif kind == b"IDAT":
            data += body
        if kind in _SHOWN_OF_PNG:
            kept.append(content[place : place + 12 + length])
        if kind == b"IEND":
            break
        place += 12 + length
    width, height, depth, colours, packing, filters, interlaced = struct.unpack(">IIBBBBB", head)
    if depth not in _DEPTHS.get(colours, ()) or packing or filters or interlaced > 1:
        raise _Damaged
    if max(width, height) <= MOST_SIDE:
        line = 1 + -(-width * depth * _CHANNELS[colours] // 8)
        _check_pixels(bytes(data), line * height, exact=not interlaced)
    return _Picture(width, height, b"".join(kept))


def _check_pixels(data: bytes, size: int, *, exact: bool) -> None:
    """The packed pixels are whole. Interlaced ones have some bytes more: a filter for each pass."""
    unpacking, found = zlib.decompressobj(), 0
    while data and not unpacking.eof and found <= 2 * size:
        found += len(unpacking.decompress(data, 65_536))
        data = unpacking.unconsumed_tail
    if not unpacking.eof or (found != size if exact else found < size):
        raise _Damaged


def _moves() -> LogoRefused:
    return _refused(
        "Das Bild bewegt sich. Bitte nehmen Sie eines, das stillsteht.",
        "The picture moves. Please take one that stands still.",
    )


# JPEG (ITU-T T.81): segments of marker, length and content; pixels behind the marker of a scan.


def _jpeg(content: bytes) -> _Picture:
    place, kept, size = 2, [content[:2]], (0, 0)
    while True:
        if content[place] != 0xFF:
            raise _Damaged
        marker = content[place + 1]
        if marker == 0xFF:  # A byte that fills up.
            place += 1
            continue
        if marker == 0xD9:
            break
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        if length < 2 or end > len(content):
            raise _Damaged
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            size = _frame(marker, content[place + 4 : end])
        if marker == 0xDA:
            end = _end_of_scan(content, end)
        if marker in _SHOWN_OF_JPEG:
            kept.append(content[place:end])
        place = end
    if not all(size) or kept[-1][1] != 0xDA:
        raise _Damaged
    return _Picture(*size, b"".join([*kept, b"\xff\xd9"]))


def _frame(marker: int, body: bytes) -> tuple[int, int]:
    """Width and height."""
    precision, height, width, parts = struct.unpack_from(">BHHB", body)
    if parts == 4:
        raise _refused(
            "Das Bild hat Druckfarben (CMYK), die E-Mail-Programme falsch zeigen. Bitte speichern Sie"
            " es mit Bildschirmfarben (RGB).",
            "The picture has the colours of printing (CMYK), which mail programs show wrongly. Please"
            " save it with the colours of screens (RGB).",
        )
    if marker not in _SHOWN_OF_JPEG or precision != 8:
        raise _Damaged
    return width, height


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the pixels of a scan end: at a marker that neither stands for a byte nor restarts."""
    while (place := content.find(0xFF, place)) >= 0:
        if content[place + 1] != 0x00 and not 0xD0 <= content[place + 1] <= 0xD7:
            return place
        place += 2
    raise _Damaged
