"""How a mail looks: the colours and the logo of the page that it leads to."""

from __future__ import annotations

from meterportal.domain.frozen import frozen


@frozen
class Look:
    """Colours as #rrggbb, those of `static_site/shared/site.css` unless the dealer has set others.

    `logo` is the address of the dealer's, "" for none, `logo_width` and `logo_height` its size as shown.
    """

    brand: str = "#0d2f3a"
    brand_ink: str = "#f3f8f9"
    accent: str = "#0a6070"
    accent_ink: str = "#ffffff"
    imprint: str = ""
    privacy: str = ""
    logo: str = ""
    logo_width: int = 0
    logo_height: int = 0


USUAL = Look()
