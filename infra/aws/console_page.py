"""The console's page as it goes out: its styles in one file, and all modules of its start asked for at once.

Its styles and modules are written in the rooms they belong to, 60 files that a browser would find one after
the other. The page itself names where to begin; the rest is read from there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

KEY = "staff/index.html"
STYLES = "staff/styles.css"

_STYLE = re.compile(r' *<link rel="stylesheet" href="/([^"]+)">\n')
_PRELOAD = re.compile(r' *<link rel="modulepreload" href="/([^"]+)">\n')
_SCRIPT = re.compile(r' *<script type="module" src="/([^"]+)"></script>\n')
_IMPORT = re.compile(r'^(?:import|\}) .*from "([^"]+)";$', re.MULTILINE)


Read = Callable[[str], str]
"""The text of the file that is served under a key."""


def joined(html: str, read: Read) -> str:
    """The page with one link for its styles, and a modulepreload for each module that it starts or preloads
    and for all that these import."""
    scripts = _SCRIPT.findall(html)
    modules: dict[str, None] = {}
    for first in [*_PRELOAD.findall(html), *scripts]:
        _follow(first, read, modules)
    links = "".join(
        [
            f'<link rel="stylesheet" href="/{STYLES}">\n' if _STYLE.search(html) else "",
            *(
                f'<link rel="modulepreload" href="/{one}">\n'
                for one in modules
                if one not in scripts
            ),
        ]
    )
    return _PRELOAD.sub("", _STYLE.sub("", html)).replace("</head>", f"{links}</head>", 1)


def styles(html: str, read: Read) -> str:
    """All styles that the page as it was written names, in its order."""
    return "\n".join(read(key) for key in _STYLE.findall(html))


def _follow(key: str, read: Read, found: dict[str, None]) -> None:
    if key in found:
        return
    found[key] = None
    for name in _IMPORT.findall(read(key)):
        path = name[1:] if name.startswith("/") else posixpath.join(posixpath.dirname(key), name)
        _follow(posixpath.normpath(path), read, found)
