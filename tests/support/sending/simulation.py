"""A round of many mails, sent by the real use cases in virtual time: workers that die at any step, a queue that
delivers again, SES with its rate and its quota, and the function that lets stopped rounds go on."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

from meterportal.adapters import Adapters
from meterportal.crypto import KeyRing
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.refusals import Unavailable
from meterportal.mail.account_watch import AccountWatch
from meterportal.mail.sender import Sender, TryLater
from meterportal.settings import BUSINESS_ZONE, Moment, Settings
from meterportal.store.mailing.paces import SendingTurns
from meterportal.usecases.mailing.plan_round import MailPortion, plan_round
from meterportal.usecases.mailing.send_requests import send_request
from meterportal.usecases.mailing.stop_rounds import go_on_where_possible

from tests.support.faults import Killed
from tests.support.sending.memory_table import MARK, Kept, MemoryTable, number_in
from tests.support.sending.stubbed_ses import SesClient, StubbedSes
from tests.support.sending.virtual_time import VirtualTime

_SECONDS = {"SendEmail": 0.04}
_OTHERWISE = 0.004
"""Virtual seconds that a request takes."""
_BATCH, _HIDDEN, _TRIES = 10, 360, 5
"""As the template says of the queue of mails."""
_LOOK = 300
"""Seconds between two looks at rounds that have stopped."""
_LOOKS = 4_000
"""Two weeks, after which nobody looks after a round: what waits then is left."""


@dataclass
class Queue:
    """Messages by the number of their mail, with how often they were delivered."""

    time: VirtualTime
    ready: deque[tuple[int, int]] = field(default_factory=deque)
    hidden: deque[tuple[float, int, int]] = field(default_factory=deque)
    dead: list[int] = field(default_factory=list)

    def take(self) -> list[tuple[int, int]]:
        while self.hidden and self.hidden[0][0] <= self.time.time():
            _, number, tries = self.hidden.popleft()
            self.ready.append((number, tries))
        return [self.ready.popleft() for _ in range(min(_BATCH, len(self.ready)))]

    def back(self, number: int, tries: int) -> None:
        """It comes again when nobody has taken it out for a while."""
        if tries >= _TRIES:
            self.dead.append(number)
        else:
            self.hidden.append((self.time.time() + _HIDDEN, number, tries))


class Simulation:
    """`kept` holds the round `round_id`, planned. A worker dies at every `deadly`-th step: before or after a
    request."""

    def __init__(
        self,
        kept: Kept,
        round_id: str,
        settings: Settings,
        *,
        begin: datetime,
        rate: float,
        quota: int,
        workers: int,
        deadly: int,
    ) -> None:
        self.time = VirtualTime(begin)
        self.ses = StubbedSes(self.time, rate=rate, quota=quota, throttled=0.02, lost=0.0005)
        self.kept = kept
        self.deaths: Counter[str] = Counter()
        self.queue = Queue(self.time)
        self._round_id = round_id
        self._settings = settings
        self._workers = workers
        self._deadly = deadly
        self._steps = count(1)
        self._marks = count()
        self._keys = KeyRing.from_secret("a secret of tests", stage="test")
        self._mailbox = str(kept.planned["sk"]).removeprefix("MAIL#")
        self._done = False

    def run(self) -> None:
        """Until no mail waits any more."""
        self.queue.ready.extend((number, 0) for number in range(self.kept.mails))
        for _ in range(self._workers):
            self.time.spawn(self._work)
        self.time.spawn(self._look_after)
        self.time.run()

    def states(self) -> Counter[str]:
        """How many mails have ended how; a claim that nobody holds any more is in doubt."""
        found = Counter(self.kept.finished.values())
        found.update(
            MailState.IN_DOUBT.value
            if item["state"] == MailState.SENDING.value
            else str(item["state"])
            for item in self.kept.outbox()
        )
        return found

    def in_doubt(self) -> Iterator[str]:
        """Their addresses."""
        for item in self.kept.outbox():
            if item["state"] == MailState.SENDING.value:
                yield str(item["sk"]).removeprefix("MAIL#")

    def send(self, _queue: str, messages: list[dict[str, Any]], *, delay: int = 0) -> None:
        """What the use cases queue: mails, and rounds for the planner."""
        for message in messages:
            if "mailbox" in message:
                number = number_in(f"MAIL#{message['mailbox']}")
                assert number is not None
                self.queue.ready.append((number, 0))
            else:
                self.time.spawn(partial(self._plan, message, delay))

    def _plan(self, message: dict[str, Any], delay: int) -> None:
        self.time.sleep(delay)
        plan_round(
            self._process(deadly=False),
            message["round_id"],
            self._at(),
            has_time=lambda: True,
            stopped_at=message.get("stopped_at"),
            portion=MailPortion(message["most"], message["again_in"]),
        )

    @property
    def _waits(self) -> bool:
        if self.queue.ready or self.queue.hidden:
            return True
        return any(item["state"] == MailState.PLANNED.value for item in self.kept.outbox())

    def _work(self) -> None:
        """One worker after another in the same place."""
        adapters = self._process()
        while not self._done:
            batch = self.queue.take()
            if not batch:
                self.time.sleep(1)
                continue
            while batch:
                number, tries = batch[0]
                mailbox = self._mailbox.replace(MARK, f"{number:07d}")
                try:
                    send_request(adapters, self._round_id, mailbox, self._at())
                except Killed:
                    for left, before in batch:
                        self.queue.back(left, before + 1)
                    adapters = self._process()
                    break
                except (TryLater, Unavailable):  # as Lambda: the message comes back
                    self.queue.back(number, tries + 1)
                batch.pop(0)

    def _look_after(self) -> None:
        for _ in range(_LOOKS):
            if not self._waits:
                break
            self.time.sleep(_LOOK)
            go_on_where_possible(self._process(deadly=False), self._at())
        self._done = True

    def _process(self, *, deadly: bool = True) -> Adapters:
        """The adapters of a new process."""

        def step(operation: str) -> None:
            self.time.sleep(_SECONDS.get(operation, _OTHERWISE) / 2)
            if deadly and next(self._steps) % self._deadly == 0:
                self.deaths[operation] += 1
                raise Killed

        made = Adapters(self._settings, new_number=lambda: f"mark-{next(self._marks)}")
        client = SesClient(self.ses, step)
        table = MemoryTable(self.kept, step)
        vars(made).update(
            table=table,
            account=AccountWatch(client),
            sender=Sender(client, rounds="set", single="", sleep=self.time.sleep),
            pace=SendingTurns(table, made.new_number, sleep=self.time.sleep, clock=self.time.time),
            queues=self,
            keys=self._keys,
        )
        return made

    def _at(self) -> Moment:
        now = self.time.now().astimezone(UTC)
        return Moment(now, now.astimezone(BUSINESS_ZONE).date())
