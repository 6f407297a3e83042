"""The people in the pool in which staff sign in: who they are, their groups, whether they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from meterportal import aws
from meterportal.domain.access.colleagues import GROUPS, Colleague, ColleagueKnown


class StaffDirectory:
    """Calls raise Unavailable where Cognito does not answer."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client = client
        self._pool_id = pool_id

    def everybody(self) -> list[Colleague]:
        """All people with their groups. One request per sixty people, and one per group and sixty."""
        groups: dict[str, set[str]] = {}
        for group in GROUPS:
            for user in self._pages("list_users_in_group", "NextToken", GroupName=group):
                groups.setdefault(_id(user), set()).add(group)
        return [
            _colleague(user, groups.get(_id(user), set()))
            for user in self._pages("list_users", "PaginationToken")
        ]

    def invite(self, email: str, name: str, password: str) -> Colleague:
        """A new person, to whom Cognito mails this password for the first sign-in. Raises
        ColleagueKnown."""
        attributes = {"email": email, "email_verified": "true", "name": name}
        try:
            answer = self._call(
                "admin_create_user",
                Username=email,
                TemporaryPassword=password,
                DesiredDeliveryMediums=["EMAIL"],
                UserAttributes=[{"Name": key, "Value": text} for key, text in attributes.items()],
            )
        except ClientError as error:
            if aws.code_of(error) == "UsernameExistsException":
                raise ColleagueKnown(field="email") from error
            raise
        return _colleague(answer["User"], set())

    def join(self, username: str, group: str) -> None:
        self._call("admin_add_user_to_group", Username=username, GroupName=group)

    def leave(self, username: str, group: str) -> None:
        self._call("admin_remove_user_from_group", Username=username, GroupName=group)

    def enable(self, username: str) -> None:
        self._call("admin_enable_user", Username=username)

    def disable(self, username: str) -> None:
        """No sign-in and no renewal any more."""
        self._call("admin_disable_user", Username=username)

    def _pages(self, method: str, token: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        while True:
            answer = self._call(method, Limit=60, **parameters)
            yield from answer.get("Users", [])
            if not answer.get(token):
                return
            parameters[token] = answer[token]

    def _call(self, method: str, **parameters: Any) -> Any:
        return aws.call(self._client, method, UserPoolId=self._pool_id, **parameters)


def _attributes(user: dict[str, Any]) -> dict[str, str]:
    found = user.get("Attributes") or user.get("UserAttributes") or []
    return {one["Name"]: one["Value"] for one in found}


def _id(user: dict[str, Any]) -> str:
    number: str = _attributes(user).get("sub") or user["Username"]
    return number


def _colleague(user: dict[str, Any], groups: set[str]) -> Colleague:
    told = _attributes(user)
    return Colleague(
        id=_id(user),
        username=user["Username"],
        name=told.get("name", ""),
        email=told.get("email", ""),
        groups=frozenset(groups),
        enabled=user.get("Enabled", True),
        invited=user.get("UserStatus") == "FORCE_CHANGE_PASSWORD",
    )
