"""The doors to the outside, opened when first needed and kept for the life of the process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config

from meterportal import crypto
from meterportal.crypto import KeyRing
from meterportal.files import Files
from meterportal.mail.sender import Sender
from meterportal.queues import Queues
from meterportal.settings import Settings, settings
from meterportal.store.table import Table

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    # Streams of accounts are addressed by their endpoint; the account-id form breaks local engines.
    account_id_endpoint_mode="disabled",
    # Presigned addresses name the region: the global name redirects, which breaks a signature.
    s3={"addressing_style": "virtual"},
)


class Doors:
    """What use cases reach the outside by. Importing this module touches neither AWS nor the environment."""

    def __init__(
        self,
        settings: Settings,
        *,
        client: Callable[[str], Any] | None = None,
        new_number: Callable[[], str] = crypto.new_number,
        new_secret_id: Callable[[], bytes] = crypto.new_secret_id,
        new_code: Callable[[], str] = crypto.new_code,
    ) -> None:
        self.settings = settings
        self.new_number = new_number
        self.new_secret_id = new_secret_id
        self.new_code = new_code
        self._client = client or (lambda service: boto3.client(service, config=_CONFIG))

    @cached_property
    def table(self) -> Table:
        return Table(self._client("dynamodb"), self.settings.table)

    @cached_property
    def sender(self) -> Sender:
        return Sender(self._client("sesv2"), self.settings.configuration_set)

    @cached_property
    def queues(self) -> Queues:
        return Queues(self._client("sqs"))

    @cached_property
    def files(self) -> Files:
        return Files(self._client("s3"))

    @cached_property
    def keys(self) -> KeyRing:
        """The deployment's keys, fetched once: a rotation is seen by the next start."""
        return KeyRing.from_secret(
            self._secret(self.settings.link_secret), stage=self.settings.stage
        )

    @cached_property
    def origin_secret(self) -> str:
        """What CloudFront sends along with every request; "" where nothing stands in front."""
        return self._secret(self.settings.origin_secret) if self.settings.origin_secret else ""

    def _secret(self, name: str) -> str:
        secret = self._client("secretsmanager").get_secret_value(
            SecretId=name, VersionStage="AWSCURRENT"
        )
        text: str = secret["SecretString"]
        return text


@cache
def doors() -> Doors:
    """This process's doors."""
    return Doors(settings())
