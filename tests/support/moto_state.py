"""What moto holds, kept once and put back for each test: making it takes a third of a second each time."""

from __future__ import annotations

import copy
import copyreg
import threading
from typing import Any

from moto.backends import get_backend

SERVICES = ("cognito-idp", "dynamodb", "s3", "secretsmanager", "ses", "sesv2", "sqs", "sts")

State = dict[tuple[str, str, str], dict[str, Any]]


def _new_lock(_: Any) -> tuple[Any, tuple[()]]:
    return threading.RLock, ()


def _new_condition(_: Any) -> tuple[Any, tuple[()]]:
    return threading.Condition, ()


# What threads wait at cannot be copied; a copied backend gets its own.
copyreg.pickle(type(threading.RLock()), _new_lock)
copyreg.pickle(threading.Condition, _new_condition)


def keep() -> State:
    """A copy of all that the services hold now."""
    memo: dict[int, Any] = {}
    return {
        (service, account, region): copy.deepcopy(backend.__dict__, memo)
        for service in SERVICES
        for account, regions in dict(get_backend(service)).items()  # type: ignore[call-overload]
        for region, backend in dict(regions).items()
    }


def put_back(state: State) -> None:
    """The services hold again what they held then."""
    memo: dict[int, Any] = {}
    for service in SERVICES:
        for account, regions in dict(get_backend(service)).items():  # type: ignore[call-overload]
            for region, backend in dict(regions).items():
                if (service, account, region) not in state:
                    backend.reset()
    for (service, account, region), kept in state.items():
        backend = get_backend(service)[account][region]  # type: ignore[call-overload]
        backend.__dict__.clear()
        backend.__dict__.update(copy.deepcopy(kept, memo))
