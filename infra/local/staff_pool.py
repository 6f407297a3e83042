"""The staff's login from the template, opened a little for one machine.

Deployed, the pool demands a second factor and knows no password flow. Here the second factor is
optional and scripts may sign in with a password: nobody has a telephone at hand in a test.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from infra.local.template import Template

PASSWORD_FLOW = "ALLOW_USER_PASSWORD_AUTH"  # noqa: S105 - the name of a flow


@dataclass(frozen=True)
class Account:
    """A staff member who can sign in; `name` is what colleagues see, `groups` of read, remind, release, admin."""

    name: str
    username: str
    password: str
    groups: tuple[str, ...]


def create_staff_pool(template: Template, cognito: Any, *, public_url: str) -> None:
    """Pool, scopes, clients, domain and groups; what exists is kept as it is."""
    for pool in template.resources("AWS::Cognito::UserPool"):
        properties = template.resolve(dict(pool.properties))
        name = str(properties.get("UserPoolName", template.stack))
        pool_id = _existing_pool(cognito, name) or _create_pool(cognito, name, properties)
        template.know(
            pool.name,
            pool_id,
            Arn=f"arn:aws:cognito-idp:{template.region}:{template.account}:userpool/{pool_id}",
            UserPoolId=pool_id,
            ProviderURL=f"https://cognito-idp.{template.region}.amazonaws.com/{pool_id}",
        )
    for server in template.resources("AWS::Cognito::UserPoolResourceServer"):
        properties = template.resolve(dict(server.properties))
        _create_scopes(cognito, properties)
        template.know(server.name, str(properties["Identifier"]))
    for client in template.resources("AWS::Cognito::UserPoolClient"):
        properties = template.resolve(dict(client.properties))
        client_id = _create_client(cognito, properties, public_url)
        template.know(client.name, client_id, ClientId=client_id)
    for domain in template.resources("AWS::Cognito::UserPoolDomain"):
        template.know(domain.name, str(template.resolve(domain.properties["Domain"])))
    for group in template.resources("AWS::Cognito::UserPoolGroup"):
        properties = template.resolve(dict(group.properties))
        with suppress(cognito.exceptions.GroupExistsException):
            cognito.create_group(**properties)
        template.know(group.name, str(properties["GroupName"]))


def add_accounts(cognito: Any, pool_id: str, accounts: Iterable[Account]) -> None:
    """Users with a lasting password in their groups; existing ones keep what they have."""
    for account in accounts:
        try:
            cognito.admin_create_user(
                UserPoolId=pool_id,
                Username=account.username,
                TemporaryPassword=account.password,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "name", "Value": account.name},
                    {"Name": "email", "Value": account.username},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
        except cognito.exceptions.UsernameExistsException:
            continue
        cognito.admin_set_user_password(
            UserPoolId=pool_id,
            Username=account.username,
            Password=account.password,
            Permanent=True,
        )
        for group in account.groups:
            cognito.admin_add_user_to_group(
                UserPoolId=pool_id, Username=account.username, GroupName=group
            )


def _existing_pool(cognito: Any, name: str) -> str | None:
    for page in cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
        for pool in page["UserPools"]:
            if pool["Name"] == name:
                return str(pool["Id"])
    return None


def _create_pool(cognito: Any, name: str, properties: dict[str, Any]) -> str:
    members = cognito.meta.service_model.operation_model("CreateUserPool").input_shape.members
    wanted = {key: value for key, value in properties.items() if key in members}
    wanted |= {"PoolName": name, "MfaConfiguration": "OFF"}
    pool_id = str(cognito.create_user_pool(**wanted)["UserPool"]["Id"])
    if "SOFTWARE_TOKEN_MFA" in properties.get("EnabledMfas", []):
        cognito.set_user_pool_mfa_config(
            UserPoolId=pool_id,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            MfaConfiguration="OPTIONAL",
        )
    return pool_id


def _create_scopes(cognito: Any, properties: dict[str, Any]) -> None:
    """A resource server with its scopes."""
    server = {"UserPoolId": properties["UserPoolId"], "Identifier": properties["Identifier"]}
    try:
        cognito.describe_resource_server(**server)
    except cognito.exceptions.ResourceNotFoundException:
        cognito.create_resource_server(**properties)


def _create_client(cognito: Any, properties: dict[str, Any], public_url: str) -> str:
    pool_id = properties["UserPoolId"]
    if "code" in properties["AllowedOAuthFlows"]:  # people sign in by it
        properties["ExplicitAuthFlows"] = [*properties["ExplicitAuthFlows"], PASSWORD_FLOW]
    for urls in ("CallbackURLs", "LogoutURLs"):
        if urls in properties:
            properties[urls] = [f"{public_url}/staff/"]
    existing = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)
    for client in existing["UserPoolClients"]:
        if client["ClientName"] == properties["ClientName"]:
            # The port may be another today, and with it where the login page returns to.
            wanted = {key: value for key, value in properties.items() if key != "GenerateSecret"}
            cognito.update_user_pool_client(ClientId=client["ClientId"], **wanted)
            return str(client["ClientId"])
    return str(cognito.create_user_pool_client(**properties)["UserPoolClient"]["ClientId"])


def secret_of(cognito: Any, pool_id: str, client_id: str) -> str:
    """The secret of a client that is a program."""
    found = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    return str(found["UserPoolClient"]["ClientSecret"])
