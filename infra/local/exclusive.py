"""What only one running application can have: its port and its data."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from infra.local.run_settings import RunSettings

_SAVING_SECONDS = 60.0


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


def claim(chosen: RunSettings, wait: Callable[[str], None]) -> IO[str]:
    """Makes the state directory ours and, for a fresh start, empties it.

    MiniStack holds the lock, too, until it has saved. Where the application that started it was
    killed, `wait` tells so and this waits for it.
    """
    chosen.state.mkdir(parents=True, exist_ok=True)
    lock = (chosen.state / "lock").open("a+", encoding="utf-8")
    end = time.monotonic() + _SAVING_SECONDS
    told = False
    while not _locked(lock):
        lock.seek(0)
        holder = lock.read().strip()
        application, engine = _processes(holder)
        if _runs(application) or time.monotonic() > end:
            lock.close()
            raise CannotStart(
                "Läuft schon mit diesen Daten / is already running on these data: "
                + holder.partition("\n")[0]
            )
        if not told:
            wait("Der letzte Lauf speichert noch / the last run is still saving …")
            if engine:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(engine, signal.SIGTERM)  # where the kernel has not done it
        told = True
        time.sleep(0.1)
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


def note_engine(lock: IO[str], pid: int | None) -> None:
    """Writes down who else holds the lock."""
    lock.write(f"MiniStack {pid}\n")
    lock.flush()


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _processes(holder: str) -> tuple[int, int | None]:
    """The process ids of the application and of MiniStack that the lock names."""
    application = re.search(r"process (\d+)\)", holder)
    engine = re.search(r"^MiniStack (\d+)$", holder, re.MULTILINE)
    return int(application[1]) if application else 0, int(engine[1]) if engine else None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's: it runs
    return True
