"""The routes by which staff sign in, each with a request that succeeds; the pool always answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from meterportal.staff_pool import LoginTokens, StaffPool

from tests.support.outages.trial import Request, Scene, Sends, listed
from tests.support.stage import Answer

REQUESTS: list[Request] = []
_route = partial(listed, REQUESTS)
_HERE = "/api/staff/session"
_OPENED = ('"STAFFSESSION#',)
"""Sealed anew each time. One whose answer was lost stays: nobody has its cookie, and it is gone after
twelve hours."""


class _Willing(StaffPool):
    """A pool that takes whatever it is given."""

    def __init__(self) -> None:
        super().__init__("", "", "")

    def trade(self, code: str, verifier: str) -> LoginTokens:
        return LoginTokens(f"id of {code}", f"refresh of {verifier}")

    def renew(self, refresh_token: str) -> str:
        return f"id by {refresh_token}"

    def revoke(self, refresh_token: str) -> None:
        pass


def _sends(scene: Scene, method: str, path: str, **more: Any) -> Sends:
    return lambda: scene.stage.request("staff_session", method, path, **more)


def _sign_in(scene: Scene) -> Sends:
    scene.adapters.__dict__["staff_pool"] = _Willing()
    return _sends(scene, "POST", _HERE, body={"code": "good", "verifier": "mine"})


def _signed_in(scene: Scene) -> dict[str, str]:
    answer: Answer = _sign_in(scene)()
    name, _, value = answer.cookies[0].partition(";")[0].partition("=")
    return {name: value}


@_route("POST", _HERE, differs=_OPENED)
def _opened(scene: Scene) -> Sends:
    return _sign_in(scene)


@_route("POST", f"{_HERE}/renew")
def _renewed(scene: Scene) -> Sends:
    return _sends(scene, "POST", f"{_HERE}/renew", cookies=_signed_in(scene))


@_route("DELETE", _HERE)
def _ended(scene: Scene) -> Sends:
    return _sends(scene, "DELETE", _HERE, cookies=_signed_in(scene))
