"""moto with what AWS knows of a transaction's token: carried out once, it is only answered again."""

from __future__ import annotations

from typing import Any

import pytest
from moto.dynamodb.responses import DynamoHandler


def remember_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test. moto itself takes no notice of ClientRequestToken."""
    carry_out = DynamoHandler.transact_write_items
    known: dict[str, tuple[Any, Any]] = {}

    def once(self: DynamoHandler) -> Any:
        token, items = self.body.get("ClientRequestToken"), self.body["TransactItems"]
        if token in known:
            before, answer = known[token]
            assert before == items, "one token for two transactions"
            return answer
        answer = carry_out(self)  # raises when it is cancelled
        if token:
            known[token] = items, answer
        return answer

    monkeypatch.setattr(DynamoHandler, "transact_write_items", once)
