"""Administrators manage who works in the console; what they take away ends at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import StaffMember

from tests.support import clock
from tests.support.builders import settle
from tests.support.customers import before_the_next_write
from tests.support.stage import Answer, Stage

PATH = "/api/staff/people"


def somebody(stage: Stage, name: str, *groups: str) -> StaffMember:
    """A person in the pool, as Cognito knows them."""
    cognito, pool = stage.client("cognito-idp"), stage.environment["STAFF_POOL"]
    email = f"{name.casefold()}@dealer.example"
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=email,
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "name", "Value": name}],
        MessageAction="SUPPRESS",
    )
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
    found = cognito.admin_get_user(UserPoolId=pool, Username=email)
    told = {one["Name"]: one["Value"] for one in found["UserAttributes"]}
    return StaffMember(told["sub"], name)


def people(stage: Stage) -> dict[str, dict[str, Any]]:
    answer = stage.staff("GET", PATH)
    assert answer.status == 200, answer.text
    return {one["name"]: one for one in answer.json["people"]}


def put(stage: Stage, who: str, by: StaffMember, **changed: Any) -> Answer:
    known = people(stage)[who]
    body = {name: known[name] for name in ("groups", "enabled", "version")} | changed
    return stage.staff("PUT", f"{PATH}/{known['id']}", body, by=by)


def acts(stage: Stage, by: StaffMember, issued_at: float) -> Answer:
    """Something that writes, by a token of that moment."""
    return stage.staff("POST", "/api/staff/contacts/5001/links/revoke", by=by, issued_at=issued_at)


def test_people_are_listed_with_groups_and_invited_with_some(
    stage: Stage, adapters: Adapters
) -> None:
    anna = somebody(stage, "Anna", "admin")
    body = {"email": " Boris@Dealer.example ", "name": "Boris Klein", "groups": ["read", "remind"]}
    told = stage.staff("POST", PATH, body, by=anna)
    assert told.status == 201, told.text
    assert (told.json["email"], told.json["groups"]) == ("boris@dealer.example", ["read", "remind"])
    found = people(stage)
    assert list(found) == ["Anna", "Boris Klein"]
    assert found["Boris Klein"]["groups"] == ["read", "remind"]
    assert (found["Boris Klein"]["invited"], found["Boris Klein"]["enabled"]) == (True, True)
    assert found["Anna"]["acted_at"] is not None
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert (entry["action"], entry["record"]["id"]) == ("colleague_invited", told.json["id"])
    again = stage.staff("POST", PATH, body, by=anna)
    assert (again.status, again.json["code"]) == (409, "colleague_known")


def test_a_right_that_is_taken_away_ends_for_writing_at_once(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    anna, boris = somebody(stage, "Anna", "admin"), somebody(stage, "Boris", "remind")
    before = clock.now().timestamp() - 60
    assert acts(stage, boris, before).status == 200
    assert put(stage, "Boris", anna, groups=["read"]).status == 200
    told = acts(stage, boris, before)
    assert (told.status, told.json["code"]) == (401, "signed_out")
    looks = stage.staff("GET", "/api/staff/companies/10000", by=boris, issued_at=before)
    assert looks.status == 200
    assert acts(stage, boris, clock.now().timestamp() + 60).status == 200  # a token made since
    entries = stage.staff("GET", "/api/staff/audit").json["entries"]
    (changed,) = [one for one in entries if one["action"] == "colleague_changed"]
    assert changed["changes"] == [{"field": "groups", "before": "remind", "after": "read"}]
    assert len([one for one in entries if one["action"] == "links_revoked"]) == 2


def test_a_disabled_person_is_refused_for_writing_and_can_be_enabled_again(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    anna, boris = somebody(stage, "Anna", "admin"), somebody(stage, "Boris", "remind")
    before = clock.now().timestamp() - 60
    assert put(stage, "Boris", anna, enabled=False).json["enabled"] is False
    assert acts(stage, boris, before).status == 401
    cognito, pool = stage.client("cognito-idp"), stage.environment["STAFF_POOL"]
    username = "boris@dealer.example"
    assert cognito.admin_get_user(UserPoolId=pool, Username=username)["Enabled"] is False
    assert put(stage, "Boris", anna, enabled=True).status == 200
    assert cognito.admin_get_user(UserPoolId=pool, Username=username)["Enabled"] is True


def test_nobody_takes_their_own_right_nor_that_of_the_last_administrator(
    stage: Stage, adapters: Adapters
) -> None:
    anna, boris = somebody(stage, "Anna", "admin"), somebody(stage, "Boris", "read", "admin")
    for changed in ({"groups": ["read"]}, {"enabled": False}):
        told = put(stage, "Anna", anna, **changed)
        assert (told.status, told.json["code"]) == (409, "own_rights")
    assert put(stage, "Anna", anna, groups=["read", "admin"]).status == 200
    assert put(stage, "Boris", anna, groups=["read"]).status == 200
    told = put(stage, "Anna", boris, groups=["read"])
    assert (told.status, told.json["code"]) == (409, "last_admin")


def test_of_two_administrators_who_remove_each_other_one_stays(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, boris = somebody(stage, "Anna", "admin"), somebody(stage, "Boris", "admin")
    told: list[Answer] = []
    meddle: Callable[[], object] = lambda: told.append(put(stage, "Anna", boris, groups=["read"]))  # noqa: E731
    before_the_next_write(monkeypatch, adapters, meddle)
    assert put(stage, "Boris", anna, groups=["read"]).status == 200
    assert [(one.status, one.json["code"]) for one in told] == [(409, "people_busy")]
    assert [name for name, one in people(stage).items() if "admin" in one["groups"]] == ["Anna"]


def test_a_stale_page_and_bad_input_are_refused(stage: Stage, adapters: Adapters) -> None:
    anna = somebody(stage, "Anna", "admin")
    somebody(stage, "Boris", "read")
    stale = people(stage)["Boris"]["version"]
    assert put(stage, "Boris", anna, groups=["remind"]).status == 200
    told = put(stage, "Boris", anna, groups=["release"], version=stale)
    assert (told.status, told.json["code"]) == (412, "changed_meanwhile")
    for groups in ([], ["erp"], ["read", "boss"]):
        told = put(stage, "Boris", anna, groups=groups)
        assert (told.status, told.json["field"]) == (422, "groups")
    body = {"email": "nobody", "name": "Eva", "groups": ["read"]}
    assert stage.staff("POST", PATH, body, by=anna).json["field"] == "email"
    body = {"email": "eva@dealer.example", "name": " ", "groups": ["read"]}
    assert stage.staff("POST", PATH, body, by=anna).json["field"] == "name"
    unknown = {"groups": ["read"], "enabled": True, "version": "x"}
    assert stage.staff("PUT", f"{PATH}/nobody", unknown, by=anna).status == 404
    for method, path, sent in (
        ("GET", PATH, None),
        ("POST", PATH, body),
        ("PUT", f"{PATH}/nobody", unknown),
    ):
        assert stage.staff(method, path, sent, groups="read remind release").status == 403
