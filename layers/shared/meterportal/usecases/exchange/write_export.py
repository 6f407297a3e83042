"""Writes the files of a sealed batch: CSV, JSON, and a manifest with their sums.

A sealed batch does not change, so whoever writes a piece of its files writes the same bytes. Small files
are written whole; large ones in pieces, each of which is a part of both files and ends by one conditional
write. An interrupted worker is followed by one that goes on behind the last piece.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from meterportal.adapters import Adapters
from meterportal.batches import weighed
from meterportal.domain.exchange.batches import BatchFile, BatchState, Export, ReleasedRow, Writing
from meterportal.domain.exchange.exports import COLUMNS, as_columns
from meterportal.domain.refusals import NotFound
from meterportal.domain.sheets import BOM, csv_of
from meterportal.files import AHEAD, SMALLEST_PART
from meterportal.store.exchange import exports
from meterportal.store.writes import ConditionFailed

CSV, JSON, MANIFEST = "readings.csv", "readings.json", "manifest.json"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    JSON: "application/json",
    MANIFEST: "application/json",
}

PART = SMALLEST_PART
"""Bytes after which a piece ends, of the smaller one of both files: some 25,000 readings, some seconds of
a worker's five minutes, and three times as much memory."""


_ROWS = 100
"""Machines whose rows are turned into text at a time; a piece ends behind so many."""


def place_of(export_id: str, name: str) -> str:
    """The key of a batch's file in the bucket."""
    return f"exports/{export_id}/{name}"


def write_files(
    adapters: Adapters, sealed: Export, *, has_time: Callable[[], bool]
) -> Export | None:
    """Writes what is left of a batch's files; the header with files and sums, or as another worker has
    finished it. None: out of time."""
    while sealed.state is BatchState.SEALED and not sealed.writing.ended:
        try:
            done = _go_on(adapters, sealed, has_time)
        except ConditionFailed:
            done = None  # another worker was faster: its pieces count
        except NotFound:
            done = None
            _write_anew(adapters, _again(adapters, sealed))
        if done is not None:
            return done
        sealed = _again(adapters, sealed)
        if not has_time():
            return None
    if sealed.state is not BatchState.SEALED:
        return sealed
    return _joined(adapters, sealed, has_time)


def _again(adapters: Adapters, sealed: Export) -> Export:
    """The batch as it stands now."""
    found = exports.load(adapters.table, sealed.id)
    if found is None:
        raise NotFound
    return found


def _write_anew(adapters: Adapters, found: Export) -> None:
    """Has the files written from their start where the bucket has forgotten the parts; those that all are
    there another worker has joined."""
    if found.writing.pieces and not found.writing.ended:
        with suppress(ConditionFailed):  # another worker did
            adapters.table.write(exports.write_anew(found.id, found.writing))


@dataclass
class _Piece:
    """Rows as both files have them, and where the batch stands behind them."""

    behind: Writing
    csv: bytearray = field(default_factory=bytearray)
    json: bytearray = field(default_factory=bytearray)


def _go_on(adapters: Adapters, sealed: Export, has_time: Callable[[], bool]) -> Export | None:
    """Writes pieces as long as there is time. The header with its files where one piece was all of them,
    else None. Raises ConditionFailed or NotFound when another worker was faster."""
    writing, bucket = sealed.writing, adapters.settings.export_bucket
    rows = exports.rows(adapters.table, sealed.id, after=writing.after or None)
    for piece in _pieces(sealed, rows):
        if piece.behind.ended and not writing.pieces:
            files = [
                _put(adapters, sealed.id, name, bytes(content))
                for name, content in ((CSV, piece.csv), (JSON, piece.json))
            ]
            return _finished(adapters, replace(sealed, writing=piece.behind), files)
        uploads = writing.uploads
        if not writing.pieces:
            one, other = (
                adapters.files.begin_parts(
                    bucket, place_of(sealed.id, name), content_type=CONTENT_TYPES[name]
                )
                for name in (CSV, JSON)
            )
            uploads = one, other
        writing = replace(piece.behind, uploads=uploads)
        for name, upload, content in zip(
            (CSV, JSON), uploads, (piece.csv, piece.json), strict=True
        ):
            key = place_of(sealed.id, name)
            adapters.files.put_part(bucket, key, upload, writing.pieces, content)
        adapters.table.write(exports.keep_writing(sealed.id, writing))
        if not has_time():
            break
    return None


def _pieces(sealed: Export, rows: Iterator[ReleasedRow]) -> Iterator[_Piece]:
    """The pieces that are left, one after another; the last one has `ended`."""
    writing = sealed.writing
    piece = _Piece(writing)
    if not writing.pieces:
        piece.csv += BOM.encode()
        piece.csv += csv_of([COLUMNS]).encode()
        piece.json += f'{{"batch_id":{json.dumps(sealed.id)},"readings":['.encode()
    count, total, number = writing.count, writing.total, writing.rows
    after = writing.after
    for read in weighed(rows, lambda row: len(row.places), _ROWS):
        if min(len(piece.csv), len(piece.json)) >= PART:
            writing = _behind(writing, piece, after=after, rows=number, count=count, total=total)
            yield replace(piece, behind=writing)
            piece = _Piece(writing)
        lines = [line for row in read for line in row.lines]
        piece.csv += csv_of(map(as_columns, lines)).encode()
        texts = ",\n".join(text for row in read for text in row.texts)
        piece.json += f"{',' if count else ''}\n{texts}".encode()
        count, total = count + len(lines), total + sum(line["value"] for line in lines)
        after, number = read[-1].sk, number + sum(len(row.places) for row in read)
    piece.json += b"\n]}\n"
    writing = _behind(writing, piece, after=after, rows=number, count=count, total=total)
    yield replace(piece, behind=replace(writing, ended=True))


def _behind(
    writing: Writing, piece: _Piece, *, after: str, rows: int, count: int, total: int
) -> Writing:
    csv, text = writing.sizes
    return replace(
        writing,
        pieces=writing.pieces + 1,
        after=after,
        rows=rows,
        count=count,
        total=total,
        sizes=(csv + len(piece.csv), text + len(piece.json)),
    )


def _joined(adapters: Adapters, sealed: Export, has_time: Callable[[], bool]) -> Export | None:
    """Makes the files of their parts, and reads them once for their checksums. None: out of time, or they
    have to be written anew."""
    writing, files = sealed.writing, list[BatchFile]()
    for name, upload, size in zip((CSV, JSON), writing.uploads, writing.sizes, strict=True):
        place = adapters.settings.export_bucket, place_of(sealed.id, name)
        with suppress(NotFound):  # joined before, or the bucket has forgotten the parts
            adapters.files.join_parts(*place, upload)
        digest = _digest(adapters, place, size, has_time)
        if digest is None:
            return None
        if not digest:
            with suppress(ConditionFailed):  # another worker did
                adapters.table.write(exports.write_anew(sealed.id, writing))
            return None
        files.append(BatchFile(name, size, digest))
    return _finished(adapters, sealed, files)


def _digest(
    adapters: Adapters, place: tuple[str, str], size: int, has_time: Callable[[], bool]
) -> str | None:
    """SHA-256 of a file of this size in hex, "" if there is none; None: out of time."""
    try:
        stream = adapters.files.open(*place)
        if stream.size != size:
            return ""
        digest = hashlib.sha256()
        while content := stream.read(AHEAD):
            digest.update(content)
            if not has_time():
                return None
    except NotFound:
        return ""
    return digest.hexdigest()


def _finished(adapters: Adapters, sealed: Export, files: list[BatchFile]) -> Export:
    """Writes the manifest; the header to store."""
    writing = sealed.writing
    manifest = {
        "batch_id": sealed.id,
        "created_at": sealed.created_at.isoformat(timespec="milliseconds"),
        "count": writing.count,
        "sum": writing.total,
        "already_billed": sealed.already_billed,
        "files": [{"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in files],
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    files = [*files, _put(adapters, sealed.id, MANIFEST, text.encode())]
    return replace(
        sealed,
        rows=writing.rows,
        count=writing.count,
        total=writing.total,
        files=tuple(files),
        writing=Writing(),
    )


def _put(adapters: Adapters, export_id: str, name: str, content: bytes) -> BatchFile:
    adapters.files.put(
        adapters.settings.export_bucket,
        place_of(export_id, name),
        content,
        content_type=CONTENT_TYPES[name],
    )
    return BatchFile(name, len(content), hashlib.sha256(content).hexdigest())
