"""The adapters to the outside, opened when first needed and kept as long as the process lives.

Their modules are imported then, too: most functions use a few of them, and a start pays for what it
imports.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from meterportal import aws, crypto
from meterportal.clients import lightened, session_for
from meterportal.crypto import KeyRing
from meterportal.settings import Settings, settings
from meterportal.store.table import Table

if TYPE_CHECKING:
    from meterportal.files import Files
    from meterportal.mail.account_watch import AccountWatch
    from meterportal.mail.identities import Identities
    from meterportal.mail.name_servers import NameServers
    from meterportal.mail.sender import Sender
    from meterportal.mail.suppression import SuppressionList
    from meterportal.queues import Queues
    from meterportal.staff_directory import StaffDirectory
    from meterportal.staff_pool import StaffPool
    from meterportal.store.mailing.paces import SendingTurns

_CONFIG = Config(
    # Four tries and the pauses between them take less than the 29 seconds of a request.
    connect_timeout=2,
    read_timeout=4,
    retries={"mode": "standard", "total_max_attempts": 4},
    # The endpoint form with the account id does not work with local engines.
    account_id_endpoint_mode="disabled",
    # Half of a call's time is a check of its parameters, and the types check ours. In tests it is on.
    parameter_validation=False,
    # Presigned URLs name the region: the global name redirects, which makes a signature invalid.
    s3={"addressing_style": "virtual"},
)
_ONCE = _CONFIG.merge(
    # If an answer was lost, the mail may have been sent: the SDK must not send it again.
    Config(read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
)


class Adapters:
    """The adapters that use cases need. Importing this module uses neither AWS nor the
    environment."""

    def __init__(
        self,
        settings: Settings,
        *,
        client: Callable[[str], Any] | None = None,
        new_number: Callable[[], str] = crypto.new_number,
        new_secret_id: Callable[[], bytes] = crypto.new_secret_id,
        new_code: Callable[[], str] = crypto.new_code,
        new_password: Callable[[], str] = crypto.new_password,
    ) -> None:
        self.settings = settings
        self.new_number = new_number
        self.new_secret_id = new_secret_id
        self.new_code = new_code
        self.new_password = new_password
        self._client = client or _client

    @cached_property
    def table(self) -> Table:
        return Table(self._client("dynamodb"), self.settings.table)

    @cached_property
    def sender(self) -> Sender:
        from meterportal.mail.sender import Sender

        settings = self.settings
        return Sender(
            self._ses,
            rounds=settings.configuration_set,
            single=settings.single_configuration_set,
        )

    @cached_property
    def account(self) -> AccountWatch:
        from meterportal.mail.account_watch import AccountWatch

        return AccountWatch(self._ses)

    @cached_property
    def pace(self) -> SendingTurns:
        from meterportal.store.mailing.paces import SendingTurns

        return SendingTurns(self.table, self.new_number)

    @cached_property
    def identities(self) -> Identities:
        from meterportal.mail.identities import Identities

        return Identities(self._ses)

    @cached_property
    def suppression_list(self) -> SuppressionList:
        from meterportal.mail.suppression import SuppressionList

        return SuppressionList(self._ses)

    @cached_property
    def name_servers(self) -> NameServers:
        from meterportal.mail.name_servers import NameServers

        return NameServers(*self.settings.name_server)

    @cached_property
    def _ses(self) -> Any:
        return self._client("sesv2")

    @cached_property
    def queues(self) -> Queues:
        from meterportal.queues import Queues

        return Queues(self._client("sqs"))

    @cached_property
    def files(self) -> Files:
        from meterportal.files import Files

        return Files(self._client("s3"))

    @cached_property
    def staff_pool(self) -> StaffPool:
        from meterportal.staff_pool import StaffPool

        settings = self.settings
        returns_to = f"{settings.public_url}/staff/"
        return StaffPool(settings.login_url, settings.staff_client, returns_to)

    @cached_property
    def staff_directory(self) -> StaffDirectory:
        from meterportal.staff_directory import StaffDirectory

        return StaffDirectory(self._client("cognito-idp"), self.settings.staff_pool)

    @cached_property
    def keys(self) -> KeyRing:
        """The deployment's keys, loaded once: a process that starts after a rotation gets the new
        ones."""
        return KeyRing.from_secret(
            self._secret(self.settings.link_secret), stage=self.settings.stage
        )

    @cached_property
    def origin_secret(self) -> str:
        """The secret that CloudFront adds to every request; "" without CloudFront."""
        return self._secret(self.settings.origin_secret) if self.settings.origin_secret else ""

    def _secret(self, name: str) -> str:
        client = self._client("secretsmanager")
        secret = aws.call(client, "get_secret_value", SecretId=name, VersionStage="AWSCURRENT")
        text: str = secret["SecretString"]
        return text


def config_of(service: str) -> Config:
    """How a service is called."""
    return _ONCE if service == "sesv2" else _CONFIG


def _client(service: str) -> Any:
    return lightened(session_for(service).create_client(service, config=config_of(service)))


@cache
def adapters() -> Adapters:
    """This process's adapters."""
    return Adapters(settings())
