"""The dealer's name, logo, colours and addresses of imprint and privacy, as page and mails show them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.logos import Logo
from meterportal.domain.refusals import ChangedMeanwhile, Refusal
from meterportal.domain.tables.cleaning import clean

LIGHT_INK, DARK_INK = "#ffffff", "#000000"
PAGE = "#f1f4f5"
"""The page's own colour (`--page` in `static_site/shared/site.css`): what links are read on."""

ENOUGH = 4.5
"""Lowest contrast of text with what lies behind it (WCAG 2.2 AA)."""

_COLOUR = re.compile("#[0-9a-f]{6}")
_LONGEST_NAME, _LONGEST_ADDRESS = 100, 300


@frozen
class Brand:
    """What the dealer has set; "" where nothing: then the installation's name and the usual colours count.

    `head` is the colour behind the name, `accent` that of buttons and links, both as #rrggbb.
    """

    name: str = ""
    head: str = ""
    accent: str = ""
    imprint: str = ""
    privacy: str = ""
    version: int = 0
    logo: Logo | None = None

    @property
    def head_ink(self) -> str:
        return ink_on(self.head) if self.head else ""

    @property
    def accent_ink(self) -> str:
        return ink_on(self.accent) if self.accent else ""


class BrandRefused(Refusal):
    """Facts: `de`, `en` with the reason in words."""

    code = "brand_refused"
    de = "{de}"
    en = "{en}"


class BrandChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one."""

    de = "Das Erscheinungsbild wurde inzwischen geändert. Bitte sehen Sie es neu an."
    en = "The look has been changed meanwhile. Please look at it again."


def brand_of(name: str, head: str, accent: str, imprint: str, privacy: str) -> Brand:
    """What was handed in, in its normal form. Raises BrandRefused."""
    brand = Brand(
        clean(name),
        clean(head).casefold(),
        clean(accent).casefold(),
        clean(imprint),
        clean(privacy),
    )
    if len(brand.name) > _LONGEST_NAME:
        raise BrandRefused(
            field="name",
            de=f"Der Name hat höchstens {_LONGEST_NAME} Zeichen.",
            en=f"The name has at most {_LONGEST_NAME} characters.",
        )
    for field in ("head", "accent"):
        colour = getattr(brand, field)
        if colour and not _COLOUR.fullmatch(colour):
            raise BrandRefused(
                field=field,
                de="Eine Farbe steht hier als # und sechs Ziffern von 0 bis f, wie #0a6070.",
                en="A colour stands here as # and six digits from 0 to f, like #0a6070.",
            )
    ratio = contrast(brand.accent, PAGE) if brand.accent else ENOUGH
    if ratio < ENOUGH:
        raise BrandRefused(
            field="accent",
            de=f"Diese Farbe ist für Links und Knöpfe zu hell: Kontrast {_shown(ratio, 'de')} zur Seite,"
            " nötig sind 4,5. Bitte wählen Sie eine dunklere.",
            en=f"This colour is too light for links and buttons: contrast {_shown(ratio, 'en')} with the"
            " page, 4.5 is needed. Please choose a darker one.",
        )
    for field in ("imprint", "privacy"):
        _refuse_address(field, getattr(brand, field))
    return brand


def _refuse_address(field: str, address: str) -> None:
    if not address:
        return
    try:
        parts = urlsplit(address)
        sound = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        sound = False
    if not sound or len(address) > _LONGEST_ADDRESS or re.search(r"[\s\"<>]", address):
        raise BrandRefused(
            field=field,
            de="Erwartet wird eine Adresse, die mit https:// beginnt.",
            en="Expected is an address that begins with https://.",
        )


def ink_on(colour: str) -> str:
    """The text colour that can be read on a colour: one of the two always reaches 4.5."""
    return max(LIGHT_INK, DARK_INK, key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG's formula, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shown(ratio: float, language: str) -> str:
    # Cut, not rounded: 4.49 is not "4.5".
    text = f"{int(ratio * 10) / 10:.1f}"
    return text if language == "en" else text.replace(".", ",")
