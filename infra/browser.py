"""The browser of the tests: Chromium wherever it lies, fetched where there is none.

    python -m infra.browser [--if-possible]

Playwright's own download comes first, then, for root, the distribution's package. A name on the
PATH proves nothing (it may be the stub of a package that is not there), so each is run once.
The headless shell, which draws the same without a window around it, goes before the whole browser:
it computes half as much (decision 0174). The whole one is needed where a person's settings count.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

DOWNLOAD = (sys.executable, "-m", "playwright", "install", "chromium")
MISSING = (
    "*** The browser tests need Chromium. None was found, and none could be fetched.\n"
    "*** Install the package `chromium` of your distribution (Debian: apt-get install chromium),\n"
    "*** or name one: CHROMIUM=/path/to/chrome make check"
)
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
_DOWNLOADED = (
    "chromium_headless_shell-*/*/*headless*shell",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
_APT = ("install", "-qq", "--no-install-recommends")
_PACKAGES = (
    ("apt-get", ("update", "-qq"), (*_APT, "chromium")),
    ("apt-get", (), (*_APT, "chromium-headless-shell")),  # some distributions have none
    ("apt-get", (), (*_APT, "fonts-liberation")),
    ("dnf", (), ("install", "-q", "-y", "chromium")),
    ("apk", (), ("add", "-q", "chromium")),
)
_DOWNLOAD_SECONDS = 900
_VERSION_SECONDS = 120


def find(*, whole: bool = False) -> Path | None:
    """A Chromium that starts: the one that CHROMIUM names, else on the PATH, else Playwright's.

    `whole` passes the headless shells over, which know no settings of a person.
    """
    candidates = (path for path in _candidates() if not (whole and path.name.endswith("shell")))
    return next((path for path in candidates if _starts(path)), None)


def provide(download: Sequence[str] = DOWNLOAD) -> Path | None:
    """A Chromium that starts, fetched if there is none that is whole; None if that fails, too."""
    if find(whole=True):
        return find()
    _say("No Chromium here: trying Playwright's download ...")
    if _run(download) and find(whole=True):
        return find()
    if os.geteuid() == 0:
        for manager, before, install in _PACKAGES:
            if shutil.which(manager):
                _say(f"... then the package of the distribution: {manager} {' '.join(install)}")
                if before:
                    _run((manager, *before))
                _run((manager, *install))
    return find()


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("CHROMIUM"):
        yield Path(named)
    yield from (Path(found) for name in _NAMES if (found := shutil.which(name)))
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = [Path(cache)] if cache else [Path.home() / part for part in _caches()]
    for place in caches:
        for pattern in _DOWNLOADED:
            yield from sorted(place.glob(pattern), reverse=True)


def _caches() -> tuple[str, ...]:
    return (
        ("Library/Caches/ms-playwright",) if sys.platform == "darwin" else (".cache/ms-playwright",)
    )


def _starts(program: Path) -> bool:
    try:
        asked = subprocess.run(  # noqa: S603 - a browser that was found here
            [program, "--version"], capture_output=True, timeout=_VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _run(command: Sequence[str]) -> bool:
    """Whether the command went well; what it says goes to the terminal."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603 - our own commands
            command, env=environment, timeout=_DOWNLOAD_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        _say(f"... {failed}")
        return False
    return done.returncode == 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - speaks to a terminal


def main(arguments: Sequence[str] | None = None, download: Sequence[str] = DOWNLOAD) -> int:
    parser = argparse.ArgumentParser(prog="make browser", description=__doc__)
    parser.add_argument(
        "--if-possible", action="store_true", help="go on without one: perhaps nobody needs it"
    )
    chosen = parser.parse_args(arguments)
    if provide(download):
        return 0
    _say(MISSING)
    return 0 if chosen.if_possible else 1


if __name__ == "__main__":
    sys.exit(main())
