"""The dealer's text blocks: an item per name and language, and a row for each of its versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from meterportal.domain.mailing.brands import Brand
from meterportal.domain.mailing.text_blocks import PARTS, TextBlock
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.mailing import brands
from meterportal.store.table import Table
from meterportal.store.writes import Write

VERSIONS_TOLD = 50
_DRAFTS_KEPT = timedelta(days=1)


def load(table: Table, name: str, language: str) -> TextBlock | None:
    """What the dealer wrote; None where the shipped words count. One read."""
    return unpack(table.get(*keys.text_block(name, language)))


def with_brand(table: Table, name: str, language: str) -> tuple[TextBlock | None, Brand]:
    """What `load` gives, and the dealer's look. One read."""
    block = keys.text_block(name, language)
    found = table.batch_get([block, brands.place()])
    return unpack(found.get(block)), brands.unpack(found.get(brands.place()))


def listed(table: Table) -> Iterator[TextBlock]:
    """All blocks that the dealer wrote. One query."""
    yield from filter(None, map(unpack, table.query(keys.text_block("", "")[0])))


def version(table: Table, name: str, language: str, number: int) -> TextBlock | None:
    """What an earlier (or the present) version said. One read."""
    return unpack(table.get(*keys.text_version(name, language, number)))


def versions(table: Table, name: str, language: str) -> list[TextBlock]:
    """The newest versions, latest first. One query."""
    pk, _ = keys.text_version(name, language, 0)
    rows: Iterable[Item] = table.query(pk, forward=False, limit=VERSIONS_TOLD)
    return list(filter(None, map(unpack, rows)))


def save(block: TextBlock, *, by: str, at: datetime) -> list[Write]:
    """The writes that replace version `block.version`; all fail when it has changed. The row of a version
    is never changed."""
    number = block.version + 1
    content = {**_content(block, by=by, at=at), "version": number}
    pk, sk = keys.text_block(block.name, block.language)
    condition = "#version = :seen" if block.version else "attribute_not_exists(#version)"
    row_pk, row_sk = keys.text_version(block.name, block.language, number)
    return [
        Write(
            put={"pk": pk, "sk": sk, **content},
            condition=condition,
            values={"seen": block.version} if block.version else {},
        ).named("block"),
        Write(
            put={"pk": row_pk, "sk": row_sk, **content}, condition="attribute_not_exists(pk)"
        ).named("version"),
    ]


def keep_draft(number: str, block: TextBlock, *, at: datetime) -> Write:
    """Keeps the words of a test mail for a day; the same number again is the same test."""
    pk, sk = keys.text_draft(number)
    put: Item = {"pk": pk, "sk": sk, **_content(block, by="", at=at)}
    return Write(put={**put, "expires_at": int((at + _DRAFTS_KEPT).timestamp())})


def draft(table: Table, number: str) -> TextBlock | None:
    """The words of a test mail. One read."""
    return unpack(table.get(*keys.text_draft(number)))


def _content(block: TextBlock, *, by: str, at: datetime) -> Item:
    return {
        "name": block.name,
        "language": block.language,
        **{part: getattr(block, part) for part in PARTS},
        "version": block.version,
        "by": by,
        "at": at.isoformat(timespec="seconds"),
    }


def unpack(item: Item | None) -> TextBlock | None:
    if item is None:
        return None
    return TextBlock(
        item["name"],
        item["language"],
        item["subject"],
        item["text"],
        item["html"],
        item["preheader"],
        item["version"],
        item["by"],
        datetime.fromisoformat(item["at"]),
    )
