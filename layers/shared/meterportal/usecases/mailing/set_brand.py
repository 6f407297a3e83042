"""Staff set the dealer's name, logo, colours and addresses; page and mails show them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FactValue, StaffMember, between
from meterportal.domain.mailing.brands import Brand, BrandChanged
from meterportal.domain.mailing.logos import Drawn, Logo
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import brands
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.mailing.brand_now import brand_now
from meterportal.usecases.mailing.show_look import LOGO_CACHED, show_look


def set_brand(
    adapters: Adapters,
    at: Moment,
    wanted: Brand,
    *,
    picture: Drawn | bool,
    seen: int,
    by: StaffMember,
) -> Brand:
    """Sets everything; `seen` is the version that the caller has read. Unchanged, it is not written.

    `picture` is a new logo; True keeps the stored one, False means none from now on. The file of an
    earlier logo stays: mails that were sent show it. The portal's styles are put on the site behind
    the write, also where nothing has changed: a try after one that stopped in between mends them.
    Raises BrandChanged.
    """
    stored = brands.load(adapters.table)
    wanted = replace(wanted, logo=_logo(adapters, stored, picture))
    if replace(wanted, version=stored.version) != stored:
        stored = _write(adapters, at, stored, wanted, seen=seen, by=by)
    show_look(partial(brand_now, adapters), adapters.files, adapters.settings.site_bucket)
    return stored


def _logo(adapters: Adapters, stored: Brand, picture: Drawn | bool) -> Logo | None:
    """The logo that is wanted; a new one lies on the site before anything names it."""
    if isinstance(picture, bool):
        return stored.logo if picture else None
    logo = picture.logo
    adapters.files.put(
        adapters.settings.site_bucket,
        logo.key,
        picture.content,
        content_type=logo.content_type,
        cached=LOGO_CACHED,
    )
    return logo


def _write(
    adapters: Adapters, at: Moment, stored: Brand, wanted: Brand, *, seen: int, by: StaffMember
) -> Brand:
    if stored.version != seen:  # Its logo is of another version than the one that was seen.
        raise BrandChanged(field="version", version=stored.version)
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
        "logo": brand.logo.digest if brand.logo else "",
    }
