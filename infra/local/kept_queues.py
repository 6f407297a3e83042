"""What waited in MiniStack's queues, brought over into its next life.

MiniStack files a queue under its address, which holds the port of that life: on another port it
makes an empty queue beside the full one. It keeps what was handed out hidden for the worker that
had it, which is gone, and counts the age of messages while nothing runs. All of that is settled in
its state before it starts.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_FORMAT = 2  # of the state that this version of MiniStack writes
_Queue = dict[str, Any]


class UnreadableQueues(RuntimeError):
    """The state of the queues is none that is known here; the text names the file."""


def settle(services: Path, port: int, now: float) -> None:
    """Puts every queue under `port`; one that was left behind under other ports becomes one again.

    What a worker had when it ended can be received at once, and that delivery is not counted. No
    message is older than `now`: nobody could have received it. `services` is MiniStack's STATE_DIR;
    raises UnreadableQueues.
    """
    file = services / "sqs.json"
    if not file.exists():
        return
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        if state["__ministack_format__"] != _FORMAT:
            raise ValueError(f"format {state['__ministack_format__']}")
        queues = state["payload"]["queues"]["data"]
        state["payload"]["queues"]["data"] = _settled(queues, port, now)
        state["payload"]["queue_name_to_url"]["data"] = {}  # MiniStack makes this one anew
    except (ValueError, KeyError, TypeError) as strange:
        raise UnreadableQueues(
            f"Der Stand der Warteschlangen ist nicht lesbar: {file} ({strange!r})\n"
            f"The state of the queues cannot be read: {file}"
        ) from strange
    written = file.with_suffix(".settled")
    written.write_text(json.dumps(state), encoding="utf-8")
    written.replace(file)


def _settled(queues: dict[str, _Queue], port: int, now: float) -> dict[str, _Queue]:
    """The queues by their new keys; the one that was made last says what a queue is like."""
    settled: dict[str, _Queue] = {}
    for key, queue in sorted(queues.items(), key=lambda item: _age(item[1])):
        account, region, address = key.split("\0", 2)
        host = ast.literal_eval(address).split("/")[2].rpartition(":")[0]
        url = f"http://{host}:{port}/{account}/{queue['name']}"
        here = f"{account}\0{region}\0{url!r}"
        waiting = settled[here]["messages"] if here in settled else []
        messages = [*waiting, *_messages(queue, now)]
        settled[here] = {**queue, "url": url, "messages": messages}
    return settled


def _age(queue: _Queue) -> int:
    return int(queue["attributes"]["CreatedTimestamp"])


def _messages(queue: _Queue, now: float) -> Iterator[dict[str, Any]]:
    for message in queue["messages"]:
        received = int(message.get("receive_count", 0))
        given_back: dict[str, Any] = {}
        if received and message.get("visible_at", now) > now:
            given_back = {
                "visible_at": now,
                "receive_count": received - 1,
                "receipt_handle": None,
            }
        yield {**message, **given_back, "enqueued_at": now}
