"""How much memory this process has held."""

from __future__ import annotations

import resource
from pathlib import Path

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def forget_peak() -> float:
    """Lets the peak begin anew where the system can; MiB held now."""
    if _FORGET.exists():
        _FORGET.write_text("5")
    return peak()


def peak() -> float:
    """MiB that this process held at most, since `forget_peak` where the system can."""
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
