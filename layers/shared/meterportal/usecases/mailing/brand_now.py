"""The dealer's name, logo and colours that count. Apart from `set_brand`: each opening reads them."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.mailing.brands import Brand
from meterportal.store.mailing import brands


def brand_now(adapters: Adapters) -> Brand:
    """What is set. One read."""
    return brands.load(adapters.table)
