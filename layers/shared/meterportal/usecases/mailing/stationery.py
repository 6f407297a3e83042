"""What a mail is written on: the words of its text block, and who sends it in which colours."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from meterportal.adapters import Adapters
from meterportal.domain.mailing.brands import Brand
from meterportal.domain.mailing.text_blocks import TextBlock
from meterportal.mail.layout import SenderIdentity
from meterportal.mail.look import USUAL
from meterportal.mail.text_blocks import text_block
from meterportal.store.mailing import brands, text_blocks
from meterportal.usecases.access.personal_access import sender_of

_LOGO_BOX = 240, 60
"""Pixels at the top of a mail."""


class Stationery(NamedTuple):
    block: TextBlock
    sender: SenderIdentity


def stationery(adapters: Adapters, name: str, language: str) -> Stationery:
    """The words that count now for a mail: the dealer's, else the shipped ones. One read."""
    written, brand = text_blocks.with_brand(adapters.table, name, language)
    return stationery_of(adapters, written or text_block(name, language), brand)


def stationery_of(adapters: Adapters, block: TextBlock, brand: Brand) -> Stationery:
    """What was read before, put together."""
    return Stationery(block, _in_colours(adapters, brand))


def branded_sender(adapters: Adapters) -> SenderIdentity:
    """Who sends a mail whose words are not the dealer's. One read."""
    return _in_colours(adapters, brands.load(adapters.table))


def _in_colours(adapters: Adapters, brand: Brand) -> SenderIdentity:
    sender, logo = sender_of(adapters), brand.logo
    width, height = logo.within(*_LOGO_BOX) if logo else (0, 0)
    look = replace(
        USUAL,
        brand=brand.head or USUAL.brand,
        brand_ink=brand.head_ink or USUAL.brand_ink,
        accent=brand.accent or USUAL.accent,
        accent_ink=brand.accent_ink or USUAL.accent_ink,
        imprint=brand.imprint,
        privacy=brand.privacy,
        logo=f"{adapters.settings.public_url}/{logo.key}" if logo else "",
        logo_width=width,
        logo_height=height,
    )
    return replace(sender, dealer=brand.name or sender.dealer, look=look)
