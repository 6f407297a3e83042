"""Pictures made here, byte by byte, as a drawing program would save them."""

from __future__ import annotations

import struct
import zlib

JPEG_FRAME = 0xC0


def chunk(kind: bytes, body: bytes) -> bytes:
    """A part of a PNG file, with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 200, height: int = 50, *extra: bytes, pixels: bytes | None = None) -> bytes:
    """A grey picture as PNG; `extra` chunks stand before the pixels, `pixels` are packed lines."""
    lines = b"".join(b"\0" + b"\x80" * width for _ in range(height)) if pixels is None else pixels
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            *extra,
            chunk(b"IDAT", zlib.compress(lines)),
            chunk(b"IEND", b""),
        ]
    )


def segment(marker: int, body: bytes) -> bytes:
    """A part of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(
    width: int = 200, height: int = 50, *extra: bytes, parts: int = 3, frame: int = JPEG_FRAME
) -> bytes:
    """The frame of a JPEG with a scan that nobody decodes; `extra` segments stand before it."""
    components = b"".join(bytes([number, 0x11, 0]) for number in range(1, parts + 1))
    return b"".join(
        [
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            *extra,
            segment(frame, struct.pack(">BHHB", 8, height, width, parts) + components),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x12\xff\x00\x34\xff\xd0\x56",
            b"\xff\xd9",
        ]
    )
