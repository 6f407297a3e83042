"""MiniStack, the AWS services on this machine, as a child process that keeps its data.

It saves its state when it ends on SIGTERM and only then. So it runs in a session of its own (a
Ctrl-C in the terminal does not reach it before the handlers are done), and on Linux the kernel
sends it SIGTERM should this process be killed. As long as it runs it holds the lock on its data, so
that nobody starts on them while it still saves.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from infra.local.kept_queues import settle
from infra.local.template import REGION, ROOT

PROGRAM = "METERPORTAL_MINISTACK"  # environment variable: another place of the program
_DEFAULT_PROGRAM = ROOT / ".venv-ministack" / "bin" / "ministack"
_START_SECONDS = 120.0  # it answers after one; a machine may have much else to do
_STOP_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1
_PORT = "ministack.port"


class NotStarted(RuntimeError):
    """MiniStack is missing or did not come up; the text says what to do."""


def program() -> Path:
    found = Path(os.environ.get(PROGRAM) or _DEFAULT_PROGRAM)
    if not found.exists():
        raise NotStarted(
            f"MiniStack fehlt: {found}\n`make setup` installiert es. / "
            f"MiniStack is missing; `make setup` installs it ({PROGRAM} names another place)."
        )
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _earlier_port(state: Path) -> int | None:
    """The port of the last life with these data."""
    try:
        text = (state / _PORT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isdecimal() and 1024 <= int(text) <= 65535 else None


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class MiniStack:
    """One running MiniStack. `state` is its directory; the data survive in it, and so does the port
    unless somebody else has taken it meanwhile: then `taken` is that one.

    With `iam` it enforces policies as AWS does; the caller's key "test" is the account's root.
    Deployed functions find AWS at `functions_endpoint`, if it is not MiniStack's own.
    """

    def __init__(self, state: Path, *, iam: bool = False, functions_endpoint: str = "") -> None:
        self.state = state
        self.iam = iam
        self.functions_endpoint = functions_endpoint
        earlier = _earlier_port(state)
        self.taken = earlier if earlier is not None and not is_free(earlier) else None
        self.port = free_port() if earlier is None or self.taken else earlier
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, *inherited_files: int) -> None:
        """Returns when it answers, with these files held open; raises NotStarted, UnreadableQueues."""
        command = [str(program())]
        for directory in ("services", "s3", "tmp"):
            (self.state / directory).mkdir(parents=True, exist_ok=True)
        settle(self.state / "services", self.port, time.time())
        (self.state / _PORT).write_text(f"{self.port}\n", encoding="utf-8")
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        }
        environment = {
            **inherited,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state / "services"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.state / "s3"),
            "TMPDIR": str(self.state / "tmp"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "AUTH": "true" if self.iam else "false",
        }
        if self.functions_endpoint:
            environment["AWS_ENDPOINT_URL"] = self.functions_endpoint
        log = (self.state / "ministack.log").open("ab")
        self._log = log
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=inherited_files,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(  # noqa: S310 - always http on the loopback
                    f"{self.endpoint}/_ministack/health", timeout=2
                ):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        self.stop()
        log = self.state / "ministack.log"
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise NotStarted(f"MiniStack startet nicht / does not start ({log}):\n{tail}")

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ends it with SIGTERM and waits until its state is on the disk."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()
