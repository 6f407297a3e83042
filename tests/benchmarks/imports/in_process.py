"""A table and a bucket on this machine's disk: what an import costs beside the services themselves.

The table makes each request as it would be sent, and keeps what came of it in SQLite; conditions are not
judged, for nobody else writes. Requests are counted.
"""

from __future__ import annotations

import pickle
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from meterportal.domain.refusals import NotFound
from meterportal.files import Files, RemoteFile
from meterportal.store.items import Item, Key, marshal_item, unmarshal_item
from meterportal.store.table import Table
from meterportal.store.writes import Write

_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b")
_ONE = re.compile(r"(?P<name>#\w+)(?: ?=? ?(?P<unless>if_not_exists\(#\w+, )?:(?P<value>\w+)\)?)?")
_STAMP = "2026-11-23T08:00:00.000000Z"


class DiskTable(Table):
    """`counts`: operation -> requests; "items" are those written, "units" their write units outside
    of transactions, which cost double, without those of the indexes. `seconds`: process time that
    storing, finding and counting took, which an import's function does not spend. Making requests and
    reading answers is the import's."""

    def __init__(self, path: Path) -> None:
        super().__init__(None, "table")
        self._disk = sqlite3.connect(path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE rows (pk TEXT, sk TEXT, item BLOB, PRIMARY KEY (pk, sk)) WITHOUT ROWID",
        ):
            self._disk.execute(statement)
        self.counts: Counter[str] = Counter()
        self.seconds = 0.0

    def close(self) -> None:
        self._disk.close()

    def get(self, pk: str, sk: str) -> Item | None:
        self.counts["GetItem"] += 1
        with self._apart():
            found = self._found((pk, sk))
        return unmarshal_item(found) if found else None

    def batch_get(self, keys: Iterable[Key]) -> dict[Key, Item]:
        wanted = list(dict.fromkeys(keys))
        self.counts["BatchGetItem"] += -(-len(wanted) // 100)
        with self._apart():
            found = {key: item for key in wanted if (item := self._found(key)) is not None}
        return {key: unmarshal_item(item) for key, item in found.items()}

    def query(self, pk: str, *, begins: str | None = None, **more: Any) -> Iterator[Item]:
        assert not more.get("index"), "there is no index here"
        self.counts["Query"] += 1
        with self._apart():
            rows = self._disk.execute(
                "SELECT item FROM rows WHERE pk = ? AND sk >= ? ORDER BY sk", (pk, begins or "")
            ).fetchall()
            found = [pickle.loads(blob) for (blob,) in rows]  # noqa: S301 - its own
        for stored in found:
            item = unmarshal_item(stored)
            if item["sk"].startswith(begins or ""):
                yield item

    def write(self, write: Write) -> None:
        self.counts["UpdateItem" if write.update else "PutItem"] += 1
        self._carry_out([write])

    def transact(self, writes: Sequence[Write]) -> None:
        self.counts["TransactWriteItems"] += 1
        self._carry_out(writes)

    def batch_write(
        self, puts: Iterable[Mapping[str, Any]] = (), deletes: Iterable[Key] = ()
    ) -> None:
        made = [marshal_item(item) for item in puts]
        self.counts["BatchWriteItem"] += -(-len(made) // 25)
        with self._apart():
            for item in made:
                self._put(item)
        assert not list(deletes), "an import deletes nothing so"

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """The import's clock stands still."""
        begun = time.process_time()
        yield
        self.seconds += time.process_time() - begun

    def _found(self, key: Key) -> dict[str, Any] | None:
        row = self._disk.execute("SELECT item FROM rows WHERE pk = ? AND sk = ?", key).fetchone()
        return pickle.loads(row[0]) if row else None  # noqa: S301 - its own

    def _put(self, item: Mapping[str, Any]) -> None:
        self.counts["items"] += 1
        self.counts["units"] += -(-_size(item) // 1024)
        row = item["pk"]["S"], item["sk"]["S"], pickle.dumps(item)
        self._disk.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", row)

    def _carry_out(self, writes: Iterable[Write]) -> None:
        stamped = [write.stamped(_STAMP) for write in writes]
        made = [(write, *write.request(self.name)) for write in stamped]
        with self._apart():
            self._disk.execute("BEGIN")
            for write, operation, parameters in made:
                if operation == "Put":
                    self._put(parameters["Item"])
                elif operation == "Delete":
                    assert write.key is not None, "a deletion has a key"
                    self._disk.execute("DELETE FROM rows WHERE pk = ? AND sk = ?", write.key)
                elif operation == "Update":
                    self._update(write, parameters)
            self._disk.execute("COMMIT")

    def _update(self, write: Write, parameters: Mapping[str, Any]) -> None:
        assert write.key is not None, "an update has a key"
        pk, sk = write.key
        stored = self._found(write.key)
        item = unmarshal_item(stored) if stored else {"pk": pk, "sk": sk}
        names = parameters.get("ExpressionAttributeNames", {})
        values = {**write.values, **write.stamp, "one": 1}
        pieces = _CLAUSE.split(parameters["UpdateExpression"])[1:]
        for verb, listed in zip(pieces[::2], pieces[1::2], strict=True):
            for one in _ONE.finditer(listed):
                name, value = names.get(one["name"], one["name"]), values.get(one["value"])
                if not (one["unless"] and name in item):
                    _change(item, verb, name, value)
        self._put(marshal_item(item))


def _change(item: Item, verb: str, name: str, value: Any) -> None:
    match verb:
        case "SET":
            item[name] = value
        case "REMOVE":
            item.pop(name, None)
        case "ADD" if isinstance(value, set | frozenset):
            item[name] = set(item.get(name, ())) | value
        case "ADD":
            item[name] = item.get(name, 0) + value
        case "DELETE":
            item[name] = set(item.get(name, ())) - set(value or ())
            if not item[name]:
                del item[name]


def _size(item: Mapping[str, Any]) -> int:
    """Bytes of an item by the published rule, with numbers as their digits."""
    size = 0
    for name, attribute in item.items():
        ((kind, value),) = attribute.items()
        size += len(name) + len(kind)
        if isinstance(value, str):
            size += len(value) if value.isascii() else len(value.encode())
        elif kind == "M":
            size += _size(value)
        elif kind == "L":
            size += sum([_size({"": part}) for part in value])
        elif kind == "SS":
            size += sum([len(part.encode()) for part in value])
        else:
            size += len(value) if kind == "B" else 1
    return size


class DiskFiles(Files):
    """`counts`: operation -> requests."""

    def __init__(self, folder: Path) -> None:
        super().__init__(None)
        self._folder = folder
        self.counts: Counter[str] = Counter()

    def put(
        self,
        bucket: str,
        key: str,
        content: bytes | IO[bytes],
        *,
        content_type: str,
        cached: str = "",
    ) -> None:
        assert isinstance(content, bytes), f"{content_type} as a whole"
        assert not cached, "no browser asks for it"
        self.counts["PutObject"] += 1
        path = self._folder / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def open(self, bucket: str, key: str, *, etag: str = "") -> RemoteFile:
        path = self._folder / bucket / key
        self.counts["HeadObject"] += 1
        return RemoteFile(
            lambda begin, end: self.part(bucket, key, begin, end), path.stat().st_size, etag or "1"
        )

    def part(self, bucket: str, key: str, begin: int, end: int) -> bytes:
        self.counts["GetObject"] += begin < end
        with (self._folder / bucket / key).open("rb") as file:
            file.seek(begin)
            content: bytes = file.read(end - begin)
        return content

    def _read(self, **parameters: Any) -> bytes:
        self.counts["GetObject"] += 1
        path = self._folder / parameters["Bucket"] / parameters["Key"]
        if not path.exists():
            raise NotFound
        content: bytes = path.read_bytes()
        return content

    def erase_below(self, bucket: str, folder: str) -> None:
        self.counts["DeleteObjects"] += 1
        for path in (self._folder / bucket / folder).glob("*"):
            path.unlink()
