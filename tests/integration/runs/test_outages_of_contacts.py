"""AWS fails at any call of any route of the contacts: 503 or success, and in the end nothing lost or doubled."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.outages.contacts import REQUESTS
from tests.support.outages.faults import Wire
from tests.support.outages.trial import FORMS, Request, Scene, try_request


@pytest.mark.parametrize("everything", FORMS)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.name)
def test_a_request_fails_cleanly_and_succeeds_when_it_is_repeated(
    scene: Scene,
    wire: Wire,
    tried: Counter[str],
    request_: Request,
    everything: bool,
) -> None:
    tried["requests"] += try_request(scene, wire, request_, everything=everything)
