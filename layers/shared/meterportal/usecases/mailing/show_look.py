"""The dealer's look as the portal wears it before anybody is signed in: a style sheet on the site.

The page waits for its styles before it shows anything, so the door never has other colours for a
moment. What is no style (the name, the addresses at the foot) comes along as a custom property.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

from meterportal.domain.mailing.brands import Brand
from meterportal.domain.mailing.logos import Logo
from meterportal.files import Files

KEY = "brand/look.css"
LOGO_CACHED = "public, max-age=31536000, immutable"
_SHEET_CACHED = "public, max-age=60"  # as the site's other pages
_LOGO_BOX = 128, 32
"""Pixels of the page's head: beside it stay the tools on a screen 320 pixels wide."""


def show_look(load: Callable[[], Brand], files: Files, bucket: str) -> None:
    """Puts the style sheet of what is set now on the site; `load` reads it. Two reads and one file,
    more for each change that came between: whoever puts last has read what counts."""
    brand = load()
    while True:
        files.put(
            bucket,
            KEY,
            style_sheet(brand).encode(),
            content_type="text/css; charset=utf-8",
            cached=_SHEET_CACHED,
        )
        now = load()
        if now == brand:
            return
        brand = now


def style_sheet(brand: Brand) -> str:
    """What the portal loads behind its own styles; without a look, a sheet that changes nothing.

    Buttons and links keep the page's own colour where the device is dark: the dealer's was checked
    on a light page.
    """
    told = {key: value for key in ("name", "imprint", "privacy") if (value := getattr(brand, key))}
    root = {
        "--brand": brand.head,
        "--brand-ink": brand.head_ink,
        "--look": f'"{quote(json.dumps(told), safe="")}"' if told else "",
    }
    accent = {"--accent": brand.accent, "--accent-ink": brand.accent_ink}
    light = _rule(":root", accent)
    parts = [
        _rule(":root", root),
        light and f"@media print, not (prefers-color-scheme: dark) {{ {light} }}",
        # The name of the installation stands in the page until its script has read the dealer's.
        brand.name and "#brand[data-dealer] { visibility: hidden; }",
        # The door fills the window: less of it leaves room for the addresses at its foot.
        (brand.imprint or brand.privacy) and ".first { min-height: calc(100dvh - 11rem); }",
        brand.logo and _head(brand.logo),
    ]
    return "".join(f"{part}\n" for part in parts if part)


def _rule(selector: str, properties: dict[str, str]) -> str:
    said = " ".join(f"{name}: {value};" for name, value in properties.items() if value)
    return said and f"{selector} {{ {said} }}"


def _head(logo: Logo) -> str:
    """The logo in the place of sign and name, on white: it may have been drawn for any ground. The
    name stays for screen readers."""
    width, height = logo.within(*_LOGO_BOX)
    return (
        ".brand svg { display: none; }\n"
        "#brand { position: absolute; width: 1px; height: 1px; overflow: hidden;"
        " clip-path: inset(50%); white-space: nowrap; }\n"
        f'.brand::before {{ content: ""; flex: none; width: {width + 8}px; height: {height + 8}px;'
        " border-radius: 6px; forced-color-adjust: none;"
        f" background: #ffffff url(/{logo.key}) center / {width}px {height}px no-repeat; }}"
    )
