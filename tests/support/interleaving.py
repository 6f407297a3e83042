"""Two actors at once: every order of their AWS calls, tried one after the other.

Each actor runs in a thread of its own and stops before every call that may matter; a schedule says
who makes the next one. Between two such stops an actor runs alone, so moto is never entered twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

import pytest
from botocore.client import BaseClient
from meterportal.store.table import Table
from meterportal.store.writes import Write

from tests.support.rights import APPENDED

Matters = Callable[[str, Mapping[str, Any]], bool]

_PATIENCE = 120


class _Actor:
    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._go = threading.Event()
        self._stopped = threading.Event()
        self.done = False
        self.error: BaseException | None = None
        self.result: object = None
        context = copy_context()
        self.thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)

    def _run(self) -> None:
        self.pause()
        try:
            self.result = self._act()
        except BaseException as error:  # noqa: BLE001 - handed on to the test that waits
            self.error = error
        self.done = True
        self._stopped.set()

    def pause(self) -> None:
        """Stop here until it is this actor's turn."""
        self._stopped.set()
        assert self._go.wait(_PATIENCE), "nobody gave the turn"
        self._go.clear()

    def step(self) -> None:
        """Run to the next stop, or to the end."""
        self._stopped.clear()
        self._go.set()
        assert self._stopped.wait(_PATIENCE), "the actor never stopped"

    def wait_for_start(self) -> None:
        self.thread.start()
        assert self._stopped.wait(_PATIENCE), "the actor never started"


def every_order(
    scene: Callable[[int], tuple[Callable[[], object], Callable[[], object]]],
    *,
    matters: Matters,
) -> Iterator[tuple[int, str]]:
    """Run `scene(n)`'s two actors in every order of the calls that matter, n counting the orders.

    Yields n and the order as it was, like "aabab", after each run; ends when all were tried. An
    actor's exception is raised here.
    """
    choices: list[int] = []
    number = 0
    while True:
        order, open_choices = _run(scene(number), choices, matters)
        yield number, order
        number += 1
        # The next schedule: change the last turn that could have gone to the other actor.
        while open_choices and open_choices[-1] != 0:
            open_choices.pop()
        if not open_choices:
            return
        choices = [*(turn % 2 for turn in open_choices[:-1]), 1]


def _run(
    acts: tuple[Callable[[], object], Callable[[], object]], choices: list[int], matters: Matters
) -> tuple[str, list[int]]:
    """One order; with the turns taken (0 or 1; 2 where there was no choice)."""
    actors = [_Actor(act) for act in acts]
    order, taken = "", list[int]()
    with _stops(actors, matters):
        for actor in actors:
            actor.wait_for_start()
            actor.step()
        while running := [n for n, actor in enumerate(actors) if not actor.done]:
            turn = choices[len(taken)] if len(taken) < len(choices) else 0
            turn = turn if turn in running else running[0]
            taken.append(turn if len(running) == 2 else 2 + turn)
            order += "ab"[turn]
            actors[turn].step()
    for actor in actors:
        actor.thread.join(_PATIENCE)
        if actor.error is not None:
            raise actor.error
    return order, taken


@contextmanager
def _stops(actors: list[_Actor], matters: Matters) -> Iterator[None]:
    real = BaseClient._make_api_call

    def call(self: Any, operation_name: str, api_params: Any) -> Any:
        actor = next((a for a in actors if a.thread is threading.current_thread()), None)
        if actor is not None and matters(operation_name, api_params):
            actor.pause()
        return real(self, operation_name, api_params)

    BaseClient._make_api_call = call
    try:
        yield
    finally:
        BaseClient._make_api_call = real


def of_machine(machine_id: str) -> Matters:
    """Calls that read a machine's item, and all transactions."""
    item = str({"sk": {"S": f"MACHINE#{machine_id}"}}).strip("{}")

    def matters(operation: str, parameters: Mapping[str, Any]) -> bool:
        return operation == "TransactWriteItems" or item in str(parameters)

    return matters


def bare(write: Write) -> Write:
    """A write without its condition; one that adds an entry of the journal keeps it, as none is ever covered."""
    if write.put is not None and str(write.put["pk"]).startswith(APPENDED):
        return write
    return write._replace(condition=None, values=write.values if write.update else {})


def unconditional(monkeypatch: pytest.MonkeyPatch, table: Table) -> None:
    """Take the conditions off all transactions, to show what they are for."""
    original = table.transact

    def transact(writes: Sequence[Write]) -> None:
        checks = [w for w in writes if w.put is None and not w.update and not w.delete]
        original([bare(write) for write in writes if write not in checks])

    monkeypatch.setattr(table, "transact", transact)
