"""Staff set the dealer's name, colours and addresses; page and mails show them."""

from __future__ import annotations

from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FactValue, StaffMember, between
from meterportal.domain.mailing.brands import Brand, BrandChanged
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import brands
from meterportal.store.writes import ConditionFailed


def brand_now(adapters: Adapters) -> Brand:
    """What is set. One read."""
    return brands.load(adapters.table)


def set_brand(
    adapters: Adapters, at: Moment, wanted: Brand, *, seen: int, by: StaffMember
) -> Brand:
    """Sets everything; `seen` is the version that the caller has read. Unchanged, it is not written.
    Raises BrandChanged."""
    stored = brands.load(adapters.table)
    if replace(wanted, version=stored.version) == stored:
        return stored
    changes = between(_flat(stored), _flat(wanted))
    deed = Deed(Action.BRAND_CHANGED, "brand", str(seen + 1), changes=changes)
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    writes = brands.save(replace(wanted, version=seen), by=by.id, at=at.now)
    try:
        adapters.table.transact([*writes, *noted])
    except ConditionFailed:
        now = brands.load(adapters.table)
        raise BrandChanged(field="version", version=now.version) from None
    return replace(wanted, version=seen + 1)


def _flat(brand: Brand) -> dict[str, FactValue]:
    return {
        "name": brand.name,
        "head": brand.head,
        "accent": brand.accent,
        "imprint": brand.imprint,
        "privacy": brand.privacy,
    }
