"""Zip archives from outside: bounded before they are believed, counted while they are read."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from meterportal.archives import DROP, MIB, REQUEST, Archive, Limits, is_zip
from meterportal.domain.unreadable import (
    ArchiveBroken,
    ArchiveEntries,
    ArchiveTooLarge,
    Unreadable,
)

from tests.support.packed import Entry, packed, raw

FILES = {"firmen.csv": b"a;b\n" * 1000, "ordner/zaehler.csv": b"1;2\n" * 50_000}


def archive(content: bytes, limits: Limits = REQUEST) -> Archive:
    return Archive(io.BytesIO(content), limits)


class Watched(io.BytesIO):
    """A file that notes how much of it was read at a time."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.reads.append(len(piece))
        return piece


def test_files_are_read_as_streams_and_counted_once() -> None:
    found = archive(packed(FILES))
    assert list(found.names) == list(FILES)
    assert {name: found.open(name).read() for name in found.names} == FILES
    found.open("firmen.csv").read()
    assert found.unpacked == sum(len(content) for content in FILES.values())
    assert list(found.opened) == list(FILES)


def test_folders_are_no_files_and_names_are_found_whatever_their_case() -> None:
    found = archive(packed([("Ordner/", b""), ("Ordner\\Firmen.CSV", b"x")]))
    assert list(found.names) == ["Ordner/Firmen.CSV"]
    assert found.find("ordner/firmen.csv") == "Ordner/Firmen.CSV"
    assert found.find("firmen.csv") is None


def test_a_large_archive_is_never_read_as_a_whole() -> None:
    """As it will be streamed from the drop: 65,000 entries would be another thing."""
    stream = Watched(packed({f"{n}.csv": bytes(range(256)) * 4096 for n in range(8)}, method=0))
    found = Archive(stream, DROP)
    with found.open("7.csv") as content:
        while content.read(100_000):
            pass
    assert max(stream.reads) <= 128 * 1024
    assert sum(stream.reads) < 2 * MIB


def test_a_zip64_archive_is_read() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        entry = zipfile.ZipInfo("firmen.csv", (2026, 11, 23, 9, 0, 0))
        with made.open(entry, "w", force_zip64=True) as content:
            content.write(FILES["firmen.csv"])
    assert archive(written.getvalue(), DROP).open("firmen.csv").read() == FILES["firmen.csv"]


def test_an_archive_written_as_a_stream_tells_its_sizes_behind_the_content() -> None:
    class OneWay(io.RawIOBase):
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, piece: Any, /) -> int:
            self.written += bytes(piece)
            return len(piece)

    stream = OneWay()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(zipfile.ZipInfo("firmen.csv", (2026, 11, 23, 9, 0, 0)), b"a;b\n")
    assert archive(stream.written).open("firmen.csv").read() == b"a;b\n"


@pytest.mark.parametrize("limits", [REQUEST, DROP], ids=["request", "drop"])
def test_the_number_of_entries_is_bounded_before_they_are_looked_at(limits: Limits) -> None:
    many = raw(
        Entry(f"{n}.csv".encode(), b"", zipfile.ZIP_STORED) for n in range(limits.entries + 1)
    )
    with pytest.raises(ArchiveEntries):
        archive(many, limits)
    stream = Watched(raw(Entry(b"%0200d" % n, b"", shared=n > 0) for n in range(60_000)))
    with pytest.raises(ArchiveEntries):
        Archive(stream, limits)
    assert sum(stream.reads) < 200_000


def test_what_is_unpacked_is_bounded_by_what_was_sent() -> None:
    small = replace(REQUEST, small=MIB, ratio=10)
    fair = packed({"a.csv": b"".join(b"%d;" % n for n in range(300_000))})
    assert archive(fair, small).open("a.csv").read()
    bomb = archive(packed({"a.csv": b"0" * 3_000_000}), small)
    with pytest.raises(ArchiveTooLarge):
        bomb.open("a.csv").read()
    assert bomb.unpacked < 2 * MIB


def test_all_entries_together_are_bounded() -> None:
    found = archive(
        packed({f"{n}.csv": b"0" * 900_000 for n in range(3)}), replace(REQUEST, unpacked=2 * MIB)
    )
    found.open("0.csv").read()
    found.open("1.csv").read()
    found.open("1.csv").read()
    with pytest.raises(ArchiveTooLarge):
        found.open("2.csv").read()


def test_a_wrong_checksum_shows_at_the_end() -> None:
    content = bytearray(packed({"a.csv": b"1;2\n" * 100}, method=0))
    content[60] ^= 1
    stream = archive(bytes(content)).open("a.csv")
    with pytest.raises(ArchiveBroken):
        stream.read()


def test_every_byte_may_be_turned_over() -> None:
    """In what an archive says of itself, each bit of each byte: read, or a refusal."""
    content = raw([Entry(b"a.csv", b"1;2\n", zipfile.ZIP_STORED), Entry(b"b.csv", b"3;4\n" * 9)])
    read = 0
    for place in range(len(content)):
        for bit in range(8):
            spoilt = bytearray(content)
            spoilt[place] ^= 1 << bit
            try:
                found = archive(bytes(spoilt))
                for name in found.names:
                    found.open(name).read()
            except Unreadable:
                continue
            read += 1
    assert 0 < read < len(content) * 8


def test_cut_anywhere_it_is_refused() -> None:
    content = packed(FILES)
    for length in range(0, len(content), 7):
        with pytest.raises(Unreadable):
            archive(content[:length])


def test_archives_are_told_by_how_they_begin() -> None:
    assert is_zip(packed(FILES))
    assert is_zip(packed({}))
    assert not is_zip(b"Firmennummer;Firma\n")
    assert not is_zip(b"")
