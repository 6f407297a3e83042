"""Reads every hostile file in a process of its own and says what it cost.

python -m tests.support.hostile [words of a name]            a table
python -m tests.support.hostile --json --short               for tests, without those in COSTLY
python -m tests.support.hostile --json --long                for tests, those alone
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tests.support.hostile import COSTLY, MAKERS
from tests.support.reading import refusal

_LONGEST = 120


@dataclass(frozen=True)
class Cost:
    """`code` is the refusal's, "" for what was read. `memory` in MB beyond what was there before."""

    name: str
    size: int
    code: str
    seconds: float
    memory: float


def costs(arguments: list[str]) -> Iterator[Cost]:
    words = [word for word in arguments if not word.startswith("--")]
    chosen = MAKERS.keys() & COSTLY if "--long" in arguments else MAKERS.keys()
    left_out = COSTLY if "--short" in arguments else frozenset()
    for name, (make, _) in MAKERS.items():
        if name in chosen - left_out and all(word in name for word in words):
            yield _measured(name, make())


def _measured(name: str, content: bytes) -> Cost:
    """In a child of this process, which holds nothing but the file."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            told = _read(name, content)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the result
            told = Cost(name, len(content), f"error: {error!r}", 0, 0)
        os.write(writing, json.dumps(asdict(told)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return Cost(**json.loads(text)) if text else Cost(name, len(content), "killed", 0, 0)


def _read(name: str, content: bytes) -> Cost:
    resource.setrlimit(resource.RLIMIT_CPU, (_LONGEST, _LONGEST))
    before, start = _peak(), time.process_time()
    code = refusal(content)
    seconds = time.process_time() - start
    return Cost(name, len(content), code, round(seconds, 2), round(_peak() - before, 1))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    for cost in costs(sys.argv[1:]):
        if "--json" in sys.argv:
            print(json.dumps(asdict(cost)), flush=True)
        else:
            print(
                f"{cost.name:60} {cost.size / 1024:6.0f} KB {cost.seconds:6.2f} s "
                f"{cost.memory:6.1f} MB  {cost.code or 'read'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
