"""Archives as tests make them: the same bytes on every day, and broken ones byte by byte."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MADE = (2026, 11, 23, 9, 0, 0)
_MOMENTS = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def packed(
    parts: Mapping[str, bytes] | Iterable[tuple[str, bytes]],
    *,
    method: int = zipfile.ZIP_DEFLATED,
    level: int | None = None,
) -> bytes:
    """A zip archive of these parts; nothing in it tells when it was made."""
    written = io.BytesIO()
    pairs = parts.items() if isinstance(parts, Mapping) else parts
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in pairs:
            archive.writestr(zipfile.ZipInfo(name, _MADE), content, method, level)
    return written.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def without_clock(content: bytes) -> bytes:
    """A workbook of openpyxl with one fixed moment where it put the present one."""
    parts = unpacked(content)
    core = _MOMENTS.sub(b"2026-11-23T09:00:00Z", parts["docProps/core.xml"])
    return packed(parts | {"docProps/core.xml": core})


@dataclass(frozen=True)
class Entry:
    """An entry of an archive that is written byte by byte. What is None is as it should be.

    `local` and `central` overwrite fields of the two headers, which are meant to agree.
    """

    name: bytes = b"a.csv"
    content: bytes = b"a;b\n1;2\n"
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0
    stored: bytes | None = None
    local: Mapping[str, int | bytes] | None = None
    central: Mapping[str, int | bytes] | None = None
    shared: bool = False
    """No bytes of its own: the directory points at the entry before."""


def raw(entries: Iterable[Entry], *, comment: bytes = b"", count: int | None = None) -> bytes:
    """An archive whose headers may lie."""
    body, directory, number, place = bytearray(), bytearray(), 0, 0
    for entry in entries:
        content = entry.stored if entry.stored is not None else _deflated(entry)
        facts: dict[str, int | bytes] = {
            "version": 20,
            "flags": entry.flags,
            "method": entry.method,
            "crc": zlib.crc32(entry.content),
            "packed": len(content),
            "size": len(entry.content),
            "name": entry.name,
            "extra": b"",
        }
        if not entry.shared:
            place = len(body)
            body += _local(facts | dict(entry.local or {})) + content
        directory += _central(facts | {"place": place} | dict(entry.central or {}))
        number += 1
    told = min(number if count is None else count, 0xFFFF)
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, told, told, len(directory), len(body), len(comment)
    )
    return bytes(body + directory) + end + comment


def _deflated(entry: Entry) -> bytes:
    if entry.method == zipfile.ZIP_STORED:
        return entry.content
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(entry.content) + packer.flush()


def _local(facts: Mapping[str, int | bytes]) -> bytes:
    name, extra = bytes(facts["name"]), bytes(facts["extra"])
    return (
        struct.pack(
            "<4s5H3L2H",
            b"PK\3\4",
            facts["version"],
            facts["flags"],
            facts["method"],
            0,
            0x21,
            facts["crc"],
            facts["packed"],
            facts["size"],
            len(name),
            len(extra),
        )
        + name
        + extra
    )


def _central(facts: Mapping[str, int | bytes]) -> bytes:
    name, extra = bytes(facts["name"]), bytes(facts["extra"])
    return (
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\1\2",
            20,
            facts["version"],
            facts["flags"],
            facts["method"],
            0,
            0x21,
            facts["crc"],
            facts["packed"],
            facts["size"],
            len(name),
            len(extra),
            0,
            0,
            0,
            0,
            facts["place"],
        )
        + name
        + extra
    )
