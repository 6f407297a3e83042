"""The start of a function that a person waits for. Imports nothing of ours: it is what comes first."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_for_good() -> Iterator[None]:
    """What is imported in the block lives as long as the process: meanwhile nothing looks for garbage in it, and
    later nothing looks through it."""
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if looks:
            gc.enable()
