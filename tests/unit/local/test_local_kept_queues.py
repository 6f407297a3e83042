"""What waited in MiniStack's queues, settled for a next life on another port."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.kept_queues import UnreadableQueues, settle

NOW = 1_795_426_200.0


def a_message(name: str, *, received: int = 0, visible_at: float = NOW - 60) -> dict[str, Any]:
    return {
        "id": name,
        "sent_at": NOW - 10 * 86_400,
        "visible_at": visible_at,
        "receive_count": received,
        "receipt_handle": f"handle-{name}" if received else None,
    }


def a_queue(name: str, port: int, *messages: dict[str, Any], made: int = 1) -> Any:
    """A queue under the key by which MiniStack files it."""
    url = f"http://localhost:{port}/000000000000/{name}"
    queue = {
        "name": name,
        "url": url,
        "attributes": {"CreatedTimestamp": str(made), "VisibilityTimeout": str(made)},
        "messages": list(messages),
    }
    return f"000000000000\0eu-central-1\0{url!r}", queue


def settled(tmp_path: Path, *queues: Any) -> dict[str, Any]:
    """The queues after settling for port 5000, by their keys."""
    file = tmp_path / "sqs.json"
    payload = {
        "queues": {"__account_region_scoped__": True, "data": dict(queues)},
        "queue_name_to_url": {"__account_region_scoped__": True, "data": {"old": "index"}},
    }
    file.write_text(json.dumps({"__ministack_format__": 2, "payload": payload}))
    settle(tmp_path, 5000, NOW)
    payload = json.loads(file.read_text())["payload"]
    assert payload["queue_name_to_url"]["data"] == {}
    found: dict[str, Any] = payload["queues"]["data"]
    return found


def test_a_queue_of_another_port_keeps_its_messages_under_the_new_one(tmp_path: Path) -> None:
    ((key, queue),) = settled(tmp_path, a_queue("mail", 4000, a_message("a"))).items()
    assert key == "000000000000\0eu-central-1\0'http://localhost:5000/000000000000/mail'"
    assert queue["url"] == "http://localhost:5000/000000000000/mail"
    assert [message["id"] for message in queue["messages"]] == ["a"]


def test_queues_left_behind_under_several_ports_become_one(tmp_path: Path) -> None:
    """As every start on a port of its own left them, the newest empty."""
    found = settled(
        tmp_path,
        a_queue("mail", 4002, made=30),
        a_queue("mail", 4000, a_message("a"), a_message("b"), made=10),
        a_queue("plan", 4001, a_message("other"), made=20),
        a_queue("mail", 4001, a_message("c"), made=20),
    )
    ids = {
        queue["name"]: [message["id"] for message in queue["messages"]] for queue in found.values()
    }
    assert ids == {"mail": ["a", "b", "c"], "plan": ["other"]}
    mail = next(queue for queue in found.values() if queue["name"] == "mail")
    assert mail["attributes"]["VisibilityTimeout"] == "30"


def test_what_a_worker_had_is_there_at_once_and_was_never_handed_out(tmp_path: Path) -> None:
    had = a_message("had", received=3, visible_at=NOW + 5000)
    back = a_message("back", received=2)  # handed back before the end: that delivery counts
    later = a_message("later", visible_at=NOW + 5000)  # delayed by its sender: still is
    (queue,) = settled(tmp_path, a_queue("mail", 5000, had, back, later)).values()
    assert {
        message["id"]: (message["visible_at"] <= NOW, message["receive_count"])
        for message in queue["messages"]
    } == {"had": (True, 2), "back": (True, 2), "later": (False, 0)}


def test_no_message_has_grown_old_while_nothing_ran(tmp_path: Path) -> None:
    (queue,) = settled(tmp_path, a_queue("mail", 5000, a_message("a"))).values()
    assert queue["messages"][0]["enqueued_at"] == NOW


def test_without_a_state_there_is_nothing_to_settle(tmp_path: Path) -> None:
    settle(tmp_path, 5000, NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"__ministack_format__": 3, "payload": {}}', '{"queues": {}}']
)
def test_a_state_of_another_form_is_left_alone_and_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "sqs.json"
    file.write_text(content)
    with pytest.raises(UnreadableQueues, match=r"sqs\.json"):
        settle(tmp_path, 5000, NOW)
    assert file.read_text() == content
