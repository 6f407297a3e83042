"""What only one running application can have: its port and its data."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from typing import IO

from infra.local.run_settings import RunSettings


class CannotStart(RuntimeError):
    """Something stands in the way; the text says what, for the person at the terminal."""


def listen(port: int) -> socket.socket:
    """The port of this machine's loopback; raises CannotStart when somebody else has it."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()
    except OSError as taken:
        listening.close()
        raise CannotStart(
            f"Port {port} ist belegt; einen anderen wählt: make run PORT={port + 1}\n"
            f"Port {port} is taken; choose another: make run PORT={port + 1}"
        ) from taken
    return listening


def claim(chosen: RunSettings) -> IO[str]:
    """Makes the state directory ours and, for a fresh start, empties it."""
    chosen.state.mkdir(parents=True, exist_ok=True)
    lock = (chosen.state / "lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise CannotStart(
            f"Läuft schon mit diesen Daten / is already running on these data: {holder}"
        ) from None
    if chosen.fresh:
        for entry in chosen.state.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()
    lock.seek(0)
    lock.truncate()
    lock.write(f"{chosen.public_url} (Prozess / process {os.getpid()})\n")
    lock.flush()
    return lock
