"""The dealer's look: one small item, and a row for each of its versions."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime

from meterportal.domain.mailing.brands import Brand
from meterportal.domain.mailing.logos import Logo
from meterportal.store import keys
from meterportal.store.items import Item, Key
from meterportal.store.table import Table
from meterportal.store.writes import Write

_FIELDS = ("name", "head", "accent", "imprint", "privacy")


def place() -> Key:
    return keys.brand()


def load(table: Table) -> Brand:
    """What is set. One read."""
    return unpack(table.get(*place()))


def save(brand: Brand, *, by: str, at: datetime) -> list[Write]:
    """The writes that replace version `brand.version`; all fail when it has changed."""
    pk, sk = place()
    content: Item = {
        **{field: getattr(brand, field) for field in _FIELDS},
        **({"logo": list(astuple(brand.logo))} if brand.logo else {}),
        "version": brand.version + 1,
        "by": by,
        "at": at.isoformat(timespec="seconds"),
    }
    return [
        Write(
            put={"pk": pk, "sk": sk, **content},
            condition="#version = :seen" if brand.version else "attribute_not_exists(#version)",
            values={"seen": brand.version} if brand.version else {},
        ),
        Write(
            put={"pk": pk, "sk": f"VERSION#{brand.version + 1:08d}", **content},
            condition="attribute_not_exists(pk)",
        ),
    ]


def unpack(item: Item | None) -> Brand:
    if item is None:
        return Brand()
    return Brand(
        item["name"],
        item["head"],
        item["accent"],
        item["imprint"],
        item["privacy"],
        item["version"],
        Logo(*item["logo"]) if "logo" in item else None,
    )
