"""Staff accounts of the smoke test: made when a group is first needed, removed afterwards."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

from tests.smoke.login import Tokens, log_in, renewed
from tests.smoke.own import STAFF


class Accounts:
    """`ids` are those under which the application knows them."""

    def __init__(self, cognito: Any, pool: str, client_id: str) -> None:
        self._cognito, self._pool, self._client_id = cognito, pool, client_id
        self._tokens: dict[str, Tokens] = {}
        self.ids: set[str] = set()

    def token(self, group: str) -> str:
        """An id token of somebody in a group."""
        if group not in self._tokens:
            name = f"{STAFF}{group}-{secrets.token_hex(4)}"
            password = secrets.token_urlsafe(24)
            made = self._cognito.admin_create_user(
                UserPoolId=self._pool,
                Username=name,
                TemporaryPassword=secrets.token_urlsafe(24),
                MessageAction="SUPPRESS",
            )
            self._know(made["User"])
            self._cognito.admin_set_user_password(
                UserPoolId=self._pool, Username=name, Password=password, Permanent=True
            )
            self._cognito.admin_add_user_to_group(
                UserPoolId=self._pool, Username=name, GroupName=group
            )
            self._tokens[group] = log_in(self._cognito, self._pool, self._client_id, name, password)
        tokens = renewed(self._cognito, self._client_id, self._tokens[group])
        self._tokens[group] = tokens
        return tokens.id

    def find_left_over(self) -> bool:
        """Whether an earlier smoke test left accounts behind; their ids are known from now on."""
        users = self._all()
        for user in users:
            self._know(user)
        return bool(users)

    def remove(self) -> None:
        for user in self._all():
            with suppress(self._cognito.exceptions.UserNotFoundException):
                self._cognito.admin_delete_user(UserPoolId=self._pool, Username=user["Username"])

    def _know(self, user: dict[str, Any]) -> None:
        self.ids |= {one["Value"] for one in user["Attributes"] if one["Name"] == "sub"}

    def _all(self) -> list[dict[str, Any]]:
        pages = self._cognito.get_paginator("list_users").paginate(
            UserPoolId=self._pool, Filter=f'username ^= "{STAFF}"'
        )
        return [user for page in pages for user in page["Users"]]
