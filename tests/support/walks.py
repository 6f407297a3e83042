"""The way of one event through the house: which files it passes, and how often it changes rooms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType

from infra.local.template import ROOT

_HOUSE = (ROOT / "layers" / "shared" / "meterportal", ROOT / "functions")
_DOOR = "lambda_handler"


@dataclass
class Walk:
    """`files` ran some code of theirs; `arrows` are pairs (caller, called) from one folder to another."""

    files: set[Path] = field(default_factory=set)
    arrows: set[tuple[Path, Path]] = field(default_factory=set)


@contextmanager
def walked(function: str) -> Iterator[Walk]:
    """Notes what runs between a function's door and its answer, while the block runs."""
    walk, inside = Walk(), 0
    door = ROOT / "functions" / function / "app.py"

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal inside
        here = _ours(frame) if event in {"call", "return"} else None
        if here is None or frame.f_code.co_name == "<module>":
            return
        if here == door and frame.f_code.co_name == _DOOR:
            inside += 1 if event == "call" else -1
        if event == "return" or not inside:
            return
        walk.files.add(here)
        caller = frame.f_back
        while caller is not None and _ours(caller) is None:
            caller = caller.f_back
        came_from = _ours(caller) if caller else None
        if came_from is not None and came_from.parent != here.parent:
            walk.arrows.add((came_from, here))

    sys.setprofile(note)
    try:
        yield walk
    finally:
        sys.setprofile(None)


def _ours(frame: FrameType) -> Path | None:
    return _file_of_ours(frame.f_code.co_filename)


@cache
def _file_of_ours(name: str) -> Path | None:
    path = Path(name)
    return path if any(path.is_relative_to(root) for root in _HOUSE) else None
