"""The application of one benchmark: its own data, started and ended cleanly."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import Application, free_port, start, wait_until_ready


@contextmanager
def application() -> Iterator[Application]:
    """A fresh application with the demo data. Raises NotStarted."""
    with tempfile.TemporaryDirectory() as folder:
        state, port = Path(folder), free_port()
        process = start(state, port)
        running = Application(f"http://127.0.0.1:{port}", state, process)
        try:
            wait_until_ready(running.url, process, state)
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
