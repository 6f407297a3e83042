"""What others would build for the same work, measured beside ours in one process of an environment of its own.

Each module is a program that prints its figures as one line of JSON; `figures` runs it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
"""Has everything of ours, and the peers' libraries (requirements/peers.in); `make bench` sets it up."""


def figures(module: str, *arguments: str) -> dict[str, Any]:
    """What a program of this package measures. SystemExit in words where its environment is missing."""
    if not PYTHON.exists():
        raise SystemExit("The peers' environment is missing: run `make bench`, which sets it up.")
    path = os.pathsep.join(str(ROOT / part) for part in ("layers/shared", "functions", ""))
    told = subprocess.run(
        [PYTHON, "-m", f"{__name__}.{module}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found
