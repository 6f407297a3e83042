"""`make pins`: compiles requirements/*.in into pins, with the hash of every file of each version.

    python -m infra.pins [options of uv pip compile, such as --upgrade-package NAME]

What is pinned stays unless an option asks for a newer version. The pins hold on every platform and
for each Python that the project takes; what a larger set shares with a smaller one is the same there.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
OLDEST_PYTHON = "3.11"

LAYER = Path("layers") / "dependencies" / "requirements.txt"
COMPILED: dict[str, Path] = {
    "layer": LAYER,
    **{
        name: Path("requirements") / f"{name}.txt"
        for name in ("run", "dev", "mutation", "peers", "ministack", "sam", "node", "pins")
    },
}
"""Name of an .in file -> where its pins lie, in the order in which they are compiled."""

WITHIN = {"run": "layer", "dev": "run", "mutation": "dev", "peers": "dev"}
"""A set that holds all of a smaller one."""


def main(options: Sequence[str] | None = None) -> None:
    for name, compiled in COMPILED.items():
        larger = WITHIN.get(name)
        subprocess.run(  # noqa: S603 - our own program and arguments
            [
                Path(sys.executable).parent / "uv",
                *("pip", "compile", "--quiet", "--no-annotate", "--generate-hashes"),
                *("--universal", "--python-version", OLDEST_PYTHON, "--fork-strategy", "fewest"),
                *("--custom-compile-command", "make pins", "--no-strip-extras"),
                *(("--constraint", str(COMPILED[larger])) if larger else ()),
                *(sys.argv[1:] if options is None else options),
                *("--output-file", str(compiled), f"requirements/{name}.in"),
            ],
            cwd=ROOT,
            check=True,
        )


if __name__ == "__main__":
    main()
