"""Lighthouse, Google's audit of web pages, on a page of the running application.

It comes from the npm registry in the version of package.json and looks through the Chromium of
this machine, as a mid-range phone: its own defaults for mobile (simulated throttling).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.browser import MISSING, find
from tests.support.running import CHROMIUM_FLAGS

_HERE = Path(__file__).parent
_BUILT = Path(__file__).parents[3] / "build" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
_LONGEST = 600
_ATTEMPTS = 3  # now and then it loses the beginning of a page load and asks to be run again


class NoLighthouse(Exception):
    """Node, npm or Chromium is missing, or the audit did not come to an end; the text says which."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Scores 0..100 by category, and what cost points: ids of audits that did not pass."""

    scores: Mapping[str, float]
    failed: tuple[str, ...]


def audit(url: str, cookie: str, *, into: Path) -> Audit:
    """One audit of `url` as seen with a session's `cookie` ("name=value"); the report stays in `into`."""
    into.parent.mkdir(parents=True, exist_ok=True)
    command = [
        _found("node"),
        str(_installed()),
        url,
        "--quiet",
        "--output=json",
        f"--output-path={into}",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={' '.join(CHROMIUM_FLAGS)}",
        f"--extra-headers={json.dumps({'Cookie': cookie})}",
    ]
    chromium = find(whole=True)
    if chromium is None:
        raise NoLighthouse(MISSING)
    environment = {**os.environ, "CHROME_PATH": str(chromium)}
    for _ in range(_ATTEMPTS):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
        if not done.returncode:
            return _read(into)
    raise NoLighthouse(done.stderr[-2000:])


def _read(report: Path) -> Audit:
    told = json.loads(report.read_text(encoding="utf-8"))
    if "runtimeError" in told:
        raise NoLighthouse(told["runtimeError"]["message"])
    scores: dict[str, float] = {}
    failed: list[str] = []
    for name in CATEGORIES:
        category = told["categories"][name]
        scores[name] = 100 * category["score"]
        for part in category["auditRefs"]:
            score = told["audits"][part["id"]]["score"]
            if part["weight"] and score is not None and score < 1:
                failed.append(part["id"])
    return Audit(scores, tuple(failed))


def _installed() -> Path:
    """Lighthouse's command line, installed into build/ the first time."""
    program = _BUILT / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists():
        _BUILT.mkdir(parents=True, exist_ok=True)
        shutil.copy(_HERE / "package.json", _BUILT)
        install = [_found("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=_BUILT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoLighthouse(done.stderr[-2000:])
    return program


def _found(*names: str) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    raise NoLighthouse(f"{names[0]} is missing")
