"""SES as a simulation meets it: a rate with a second's leeway, a quota of 24 hours, refusals now and then, answers
that get lost after the mail was taken."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.sending.virtual_time import VirtualTime

_DAY = 86_400


class StubbedSes:
    """`throttled` and `lost` are shares of the calls that are refused at random, and of the answers that never
    come. `taken` counts mails by their address, `refused` refusals by their reason, `by_second` the calls for
    which the rate had room."""

    def __init__(
        self, time: VirtualTime, *, rate: float, quota: int, throttled: float, lost: float
    ) -> None:
        self._time = time
        self.rate = rate
        self.quota = quota
        self._throttled = throttled
        self._lost = lost
        self._chance = random.Random(13)  # noqa: S311 - not a secret
        self._leeway = rate
        self._filled_at = time.time()
        self._last_day: deque[tuple[int, int]] = deque()
        self._sent = 0
        self.taken: Counter[str] = Counter()
        self.by_day: Counter[int] = Counter()
        self.by_second: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()
        self.unanswered = 0
        self._begin = time.time()

    def sent_in_a_day(self) -> int:
        minute = int(self._time.time()) // 60
        while self._last_day and self._last_day[0][0] <= minute - _DAY // 60:
            self._sent -= self._last_day.popleft()[1]
        return self._sent

    def account(self) -> dict[str, Any]:
        return {
            "ProductionAccessEnabled": True,
            "SendingEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SendQuota": {
                "Max24HourSend": float(self.quota),
                "MaxSendRate": float(self.rate),
                "SentLast24Hours": float(self.sent_in_a_day()),
            },
        }

    def take(self, address: str) -> str:
        """Takes a mail, or raises what SES says."""
        if self.sent_in_a_day() >= self.quota:
            self.refused["quota"] += 1
            raise _refusal("LimitExceededException", "Daily message quota exceeded.")
        now = self._time.time()
        self._leeway = min(self.rate, self._leeway + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._leeway < 1:
            self.refused["rate"] += 1
            raise _refusal("TooManyRequestsException", "Maximum sending rate exceeded.")
        self.by_second[int(now - self._begin)] += 1
        if self._chance.random() < self._throttled:
            self.refused["chance"] += 1
            raise _refusal("TooManyRequestsException", "Maximum sending rate exceeded.")
        self._leeway -= 1
        self._note(address, now)
        if self._chance.random() < self._lost:
            self.unanswered += 1
            raise ReadTimeoutError(endpoint_url="https://ses")
        return f"m-{address}"

    def _note(self, address: str, now: float) -> None:
        self.taken[address] += 1
        self.by_day[int(now - self._begin) // _DAY] += 1
        self._sent += 1
        minute = int(now) // 60
        if self._last_day and self._last_day[-1][0] == minute:
            minute, before = self._last_day.pop()
            self._last_day.append((minute, before + 1))
        else:
            self._last_day.append((minute, 1))


class SesClient:
    """A worker's connection; `step(operation)` is called before and after each request."""

    def __init__(self, ses: StubbedSes, step: Callable[[str], None]) -> None:
        self._ses = ses
        self._step = step

    def get_account(self) -> dict[str, Any]:
        self._step("GetAccount")
        told = self._ses.account()
        self._step("GetAccount")
        return told

    def send_email(self, **given: Any) -> dict[str, Any]:
        self._step("SendEmail")
        message_id = self._ses.take(given["Destination"]["ToAddresses"][0])
        self._step("SendEmail")
        return {"MessageId": message_id}


def _refusal(code: str, words: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": words}}, "SendEmail")
