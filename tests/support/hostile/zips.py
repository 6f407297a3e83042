"""Hostile archives of CSV files."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.support.packed import Entry, packed, raw

_CSV = b"Firmennummer;Firma\r\n10000;Muster GmbH\r\n"


def _bomb(size: int) -> bytes:
    return packed({"firmen.csv": b"0" * size})


def _nested() -> bytes:
    """An archive in an archive, eight deep; the innermost is large."""
    content = _bomb(50_000_000)
    for n in range(8):
        content = packed({f"{n}.zip": content})
    return packed({"firmen.csv": _CSV, "more.zip": content})


def _overlapping() -> bytes:
    """One kernel of zeros that many entries point at."""
    kernel = Entry(b"0.csv", b"0" * 10_000_000)
    others = [Entry(f"{n}.csv".encode(), kernel.content, shared=True) for n in range(1, 90)]
    return raw([kernel, *others])


def _quine() -> bytes:
    """An entry whose bytes reach over the entry behind it, as in archives that hold themselves."""
    first = Entry(b"a.csv", _CSV, zipfile.ZIP_STORED)
    second = Entry(b"b.csv", _CSV, zipfile.ZIP_STORED)
    over = {"packed": 3 * len(_CSV), "size": 3 * len(_CSV)}
    return raw([Entry(b"a.csv", _CSV, zipfile.ZIP_STORED, local=over, central=over), second, first])


def _far(place: int) -> bytes:
    return raw([Entry(central={"place": place})])


def _by(method: int) -> bytes:
    if method in {zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}:
        return packed({"firmen.csv": _CSV}, method=method)
    return raw([Entry(b"firmen.csv", _CSV, method)])


def _zip64() -> bytes:
    """Sizes of nearly 2^64, told in the extra field."""
    extra = b"\1\0\x18\0" + b"\xff" * 7 + b"\x7f" + b"\xff" * 7 + b"\x7f" + b"\0" * 8
    most = 0xFFFFFFFF
    told: dict[str, int | bytes] = {"packed": most, "size": most, "place": most, "extra": extra}
    return raw([Entry(b"firmen.csv", _CSV, central=told)])


Maker = Callable[[], bytes]

MAKERS: Mapping[str, tuple[Maker, str]] = {
    "zip of 70 MB in 70 KB": (lambda: _bomb(70_000_000), "too_large_unpacked"),
    "zip in zip in zip": (_nested, ""),
    "zip of entries that overlap": (_overlapping, "zip_broken"),
    "zip that reaches into itself": (_quine, "zip_broken"),
    "zip of entries over one another": (
        lambda: raw(
            [
                Entry(
                    b"a.csv",
                    _CSV,
                    zipfile.ZIP_STORED,
                    local={"packed": 150, "size": 150},
                    central={"packed": 150, "size": 150},
                ),
                Entry(b"b.csv", _CSV, zipfile.ZIP_STORED),
            ]
        ),
        "zip_broken",
    ),
    "zip of 100,000 entries": (
        lambda: raw(Entry(f"{n}.csv".encode(), b"", zipfile.ZIP_STORED) for n in range(100_000)),
        "too_many_files",
    ),
    "zip of 2,000 entries": (
        lambda: raw(Entry(f"{n}.csv".encode(), b"", zipfile.ZIP_STORED) for n in range(2_000)),
        "too_many_files",
    ),
    "zip of 60,000 entries at one place": (
        lambda: raw(
            Entry(f"{n}.csv".encode(), _CSV, shared=n > 0, flags=0) for n in range(60_000)
        ),
        "too_many_files",
    ),
    "zip by BZIP2": (lambda: _by(zipfile.ZIP_BZIP2), "zip_method"),
    "zip by LZMA": (lambda: _by(zipfile.ZIP_LZMA), "zip_method"),
    "zip by LZMA, a bomb": (
        lambda: packed({"firmen.csv": b"0" * 20_000_000}, method=zipfile.ZIP_LZMA),
        "zip_method",
    ),
    "zip by Deflate64": (lambda: _by(9), "zip_method"),
    "zip by Zstandard": (lambda: _by(93), "zip_method"),
    "zip by XZ": (lambda: _by(95), "zip_method"),
    "zip by PPMd": (lambda: _by(98), "zip_method"),
    "zip by AES": (lambda: raw([Entry(b"firmen.csv", _CSV, 99, flags=1)]), "zip_encrypted"),
    "zip encrypted": (lambda: raw([Entry(b"firmen.csv", _CSV, flags=1)]), "zip_encrypted"),
    "zip strongly encrypted": (lambda: raw([Entry(b"firmen.csv", _CSV, flags=0x41)]), "zip_encrypted"),
    "zip with masked headers": (
        lambda: raw([Entry(b"firmen.csv", _CSV, flags=0x2000)]),
        "zip_encrypted",
    ),
    "zip encrypted where only the entry says so": (
        lambda: raw([Entry(b"firmen.csv", _CSV, local={"flags": 1})]),
        "zip_broken",
    ),
    "zip encrypted in one entry that nobody reads": (
        lambda: raw([Entry(b"firmen.csv", _CSV), Entry(b"bild.png", b"x", flags=1)]),
        "zip_encrypted",
    ),
    "zip of patches": (lambda: raw([Entry(b"firmen.csv", _CSV, flags=0x20)]), "zip_broken"),
    "zip with a bomb behind a small size": (
        lambda: raw([Entry(b"firmen.csv", _CSV, stored=_deflated_zeros(100_000_000))]),
        "zip_broken",
    ),
    "zip with another name in the entry": (
        lambda: raw([Entry(b"firmen.csv", _CSV, local={"name": b"fermen.csv"})]),
        "zip_broken",
    ),
    "zip with another method in the entry": (
        lambda: raw([Entry(b"firmen.csv", _CSV, local={"method": 0})]),
        "zip_broken",
    ),
    "zip with another size in the entry": (
        lambda: raw([Entry(b"firmen.csv", _CSV, local={"size": 7})]),
        "zip_broken",
    ),
    "zip with a wrong checksum": (
        lambda: raw([Entry(b"firmen.csv", _CSV, local={"crc": 1}, central={"crc": 1})]),
        "zip_broken",
    ),
    "zip with a name twice": (
        lambda: raw([Entry(b"firmen.csv", _CSV), Entry(b"firmen.csv", _CSV + b"1;x\n")]),
        "zip_names",
    ),
    "zip with a name in two cases": (
        lambda: raw([Entry(b"firmen.csv", _CSV), Entry(b"Firmen.CSV", _CSV)]),
        "zip_names",
    ),
    "zip with a null character in a name": (
        lambda: raw([Entry(b"firmen.csv\0.exe", _CSV)]),
        "zip_names",
    ),
    "zip with a name of 60,000 characters": (
        lambda: raw([Entry(b"x" * 60_000 + b".csv", _CSV)]),
        "zip_names",
    ),
    "zip with a name that is no UTF-8": (
        lambda: raw([Entry(b"f\xfcrmen.csv", _CSV, flags=0x800)]),
        "zip_broken",
    ),
    "zip with an entry behind the end": (lambda: _far(0x7FFFFFFF), "zip_broken"),
    "zip with sizes of 2^63": (_zip64, "zip_broken"),
    "zip with an end in its comment": (
        lambda: raw([Entry(b"firmen.csv", _CSV)], comment=b"PK\5\6" + b"\0" * 18),
        "no_files",
    ),
    "zip of nothing but an end": (lambda: raw([]), "no_files"),
    "zip with a wrong count": (lambda: raw([Entry(b"firmen.csv", _CSV)], count=9), ""),
}  # fmt: skip


def _deflated_zeros(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = b"\0" * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()
