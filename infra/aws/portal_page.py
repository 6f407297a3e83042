"""The contact's page as it goes out: the modules of its start in one file, in place of one request for each.

The page as it was written names them: what it preloads, in the order of their imports, and its script.
Nothing is renamed, so no name may stand at the top of two of them (`make js` parses the result). Modules
that come later import from the one file what they were written to import from its parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

KEY = "index.html"

_PRELOAD = re.compile(r' *<link rel="modulepreload" href="/([^"]+)">\n')
_SCRIPT = re.compile(r'<script type="module" src="/([^"]+)"></script>')
_IMPORT = re.compile(r'^import \{([^}]*)\} from "/([^"]+)";\n', re.MULTILINE)

Read = Callable[[str], str]
"""The text of the file that is served under a key."""


class Renamed(Exception):
    """A part imports another's name under a name of its own, which one file cannot have."""


def parts(html: str) -> list[str]:
    """Keys of the modules that become one file, the script last."""
    return [*_PRELOAD.findall(html), *_SCRIPT.findall(html)]


def plain(html: str) -> str:
    """The page that asks for the one file only."""
    return _PRELOAD.sub("", html)


def start(html: str, read: Read) -> str:
    """The one file, which is served under the script's key. Raises Renamed."""
    together = parts(html)

    def own(found: re.Match[str]) -> str:
        if found[2] not in together:
            return found[0]
        if " as " in found[1]:
            raise Renamed(found[0])
        return ""

    return "\n".join(_IMPORT.sub(own, read(key)) for key in together)


def rewired(html: str, module: str) -> str:
    """Another module of the page, which takes from the one file what its parts export."""
    together = parts(html)

    def source(found: re.Match[str]) -> str:
        key = together[-1] if found[2] in together else found[2]
        return f'import {{{found[1]}}} from "/{key}";\n'

    return _IMPORT.sub(source, module)
