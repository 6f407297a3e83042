"""The settings of a deployment, from environment variables; only this module reads os.environ."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per environment variable, in lower case; "" if a function does not have it.

    `remind_after_days` are days after a request, at most two; `receipts` says whether contacts get
    a receipt after they report, `receipt_quiet_minutes` how long it waits for the next change.
    `inbound_domain` is the domain at which answers to mails arrive, "" where they go to the dealer.
    `dead_letters` are the URLs of the dead-letter queues. `login_url` is the domain on which staff sign in, `staff_client` the console's
    client there, `staff_pool` the pool of the people. `today` replaces the business date, `name_server`
    (address and port; () without one) those of the machine; both are only read if STAGE=local.
    """

    stage: str
    table: str
    public_url: str
    dealer_name: str
    sender_address: str
    reply_to: str
    configuration_set: str
    single_configuration_set: str
    lead_days: int
    grace_days: int
    remind_after_days: tuple[int, ...]
    receipts: bool
    receipt_quiet_minutes: int
    link_secret: str
    origin_secret: str
    import_bucket: str
    export_bucket: str
    photo_bucket: str
    portfolio_bucket: str
    site_bucket: str
    inbound_domain: str
    inbound_bucket: str
    login_url: str
    staff_client: str
    staff_pool: str
    plan_queue: str
    mail_queue: str
    release_queue: str
    import_queue: str
    export_queue: str
    readiness_queue: str
    portfolio_queue: str
    dead_letters: tuple[str, ...]
    today: date | None = None
    name_server: tuple[str, int] | tuple[()] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of an action: the instant (aware, UTC) and the business date in Europe/Berlin."""

    now: datetime
    today: date


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    environment = os.environ
    stage = environment.get("STAGE", "")
    override = environment.get("TODAY") if stage == "local" else None
    return Settings(
        stage=stage,
        table=environment.get("TABLE", ""),
        public_url=environment.get("PUBLIC_URL", "").rstrip("/"),
        dealer_name=environment.get("DEALER_NAME", ""),
        sender_address=environment.get("SENDER_ADDRESS", ""),
        reply_to=environment.get("REPLY_TO", ""),
        configuration_set=environment.get("CONFIGURATION_SET", ""),
        single_configuration_set=environment.get("SINGLE_CONFIGURATION_SET", ""),
        lead_days=int(environment.get("LEAD_DAYS", "14")),
        grace_days=int(environment.get("GRACE_DAYS", "20")),
        remind_after_days=_days(environment.get("REMIND_AFTER_DAYS", "7,14")),
        receipts=environment.get("RECEIPTS", "yes") == "yes",
        receipt_quiet_minutes=int(environment.get("RECEIPT_QUIET_MINUTES", "10")),
        link_secret=environment.get("LINK_SECRET", ""),
        origin_secret=environment.get("ORIGIN_SECRET", ""),
        import_bucket=environment.get("IMPORT_BUCKET", ""),
        export_bucket=environment.get("EXPORT_BUCKET", ""),
        photo_bucket=environment.get("PHOTO_BUCKET", ""),
        portfolio_bucket=environment.get("PORTFOLIO_BUCKET", ""),
        site_bucket=environment.get("SITE_BUCKET", ""),
        inbound_domain=environment.get("INBOUND_DOMAIN", "").lower(),
        inbound_bucket=environment.get("INBOUND_BUCKET", ""),
        login_url=environment.get("LOGIN_URL", "").rstrip("/"),
        staff_client=environment.get("STAFF_CLIENT", ""),
        staff_pool=environment.get("STAFF_POOL", ""),
        plan_queue=environment.get("PLAN_QUEUE", ""),
        mail_queue=environment.get("MAIL_QUEUE", ""),
        release_queue=environment.get("RELEASE_QUEUE", ""),
        import_queue=environment.get("IMPORT_QUEUE", ""),
        export_queue=environment.get("EXPORT_QUEUE", ""),
        readiness_queue=environment.get("READINESS_QUEUE", ""),
        portfolio_queue=environment.get("PORTFOLIO_QUEUE", ""),
        dead_letters=tuple(environment.get("DEAD_LETTERS", "").split()),
        today=date.fromisoformat(override) if override else None,
        name_server=_place(environment.get("NAME_SERVER", "")) if stage == "local" else (),
    )


def _days(text: str) -> tuple[int, ...]:
    """ "7,14" as numbers, in order; () for ""."""
    return tuple(sorted(int(part) for part in text.split(",") if part.strip()))


def _place(text: str) -> tuple[str, int] | tuple[()]:
    """ "127.0.0.1:5353" as address and port; () for ""."""
    address, _, port = text.rpartition(":")
    return (address, int(port)) if address else ()


def moment(now: datetime | None = None) -> Moment:
    """The current moment; schedules and tests give `now` (aware)."""
    instant = (now or datetime.now(UTC)).astimezone(UTC)
    return Moment(instant, settings().today or instant.astimezone(BUSINESS_ZONE).date())
