"""Event source mappings: what a function gets from a queue, and what stays in it."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.pump import QueueMapping, failed_ids

MAPPING = QueueMapping("send_mail", "arn:aws:sqs:eu-central-1:0:q", "http://q", 10, partial=True)


def messages(*names: str) -> list[dict[str, Any]]:
    return [
        {
            "MessageId": name,
            "ReceiptHandle": f"r-{name}",
            "Body": "{}",
            "MD5OfBody": "m",
            "Attributes": {"ApproximateReceiveCount": "1"},
        }
        for name in names
    ]


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": "z"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{}]}, {"a", "b"}),
        ({"batchItemFailures": ["b"]}, {"a", "b"}),
        ("done", {"a", "b"}),
    ],
)
def test_only_what_the_function_reports_stays_in_the_queue(result: Any, failed: set[str]) -> None:
    assert failed_ids(MAPPING, messages("a", "b"), result) == failed


def test_without_partial_responses_a_result_means_success() -> None:
    whole = QueueMapping("send_mail", "arn:aws:sqs:eu-central-1:0:q", "http://q", 10, partial=False)
    report = {"batchItemFailures": [{"itemIdentifier": "a"}]}
    assert failed_ids(whole, messages("a"), report) == set()
