"""AWS fails at any call of any worker: delivered again it comes to the same end."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.outages.faults import Wire
from tests.support.outages.trial import FORMS, Delivery, Scene, try_delivery
from tests.support.outages.workers import DELIVERIES


@pytest.mark.parametrize("everything", FORMS)
@pytest.mark.parametrize("delivery", DELIVERIES, ids=lambda one: one.name)
def test_a_delivery_that_fails_is_made_again_and_comes_to_the_same_end(
    scene: Scene,
    wire: Wire,
    tried: Counter[str],
    delivery: Delivery,
    everything: bool,
) -> None:
    tried["deliveries"] += try_delivery(scene, wire, delivery, everything=everything)
