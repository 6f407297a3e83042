"""What the mail of a round is made of, beside the portfolio: all of it in one read."""

from __future__ import annotations

from collections.abc import Iterable

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.brands import Brand
from meterportal.domain.mailing.mails import OutboxMail
from meterportal.domain.mailing.rounds import Round
from meterportal.domain.mailing.schedules import Schedule
from meterportal.domain.mailing.text_blocks import TextBlock
from meterportal.store import keys
from meterportal.store.access import owners
from meterportal.store.mailing import brands, rounds, schedules, text_blocks
from meterportal.store.table import Table


@frozen
class MailToSend:
    """The outbox row and its round, each None where there is none; the owner of the address; what the dealer
    wrote of the wanted blocks (by name and language), their look, and their schedule."""

    mail: OutboxMail | None
    header: Round | None
    owner: owners.Owner
    blocks: dict[tuple[str, str], TextBlock]
    brand: Brand
    schedule: Schedule


def load(
    table: Table, round_id: str, mailbox: str, blocks: Iterable[tuple[str, str]], usual: Schedule
) -> MailToSend:
    """One read; `usual` as in `schedules.load`. Which of the `blocks` a mail needs is known when the others are read, and a further request
    takes longer than reading some more items."""
    place, head = keys.mail(round_id, mailbox), keys.run("ROUND", round_id)
    wanted = {block: keys.text_block(*block) for block in blocks}
    found = table.batch_get(
        [
            place,
            head,
            *owners.places(mailbox),
            brands.place(),
            keys.schedule(),
            *wanted.values(),
        ]
    )
    written = {block: text_blocks.unpack(found.get(key)) for block, key in wanted.items()}
    return MailToSend(
        rounds.unpack_mail(found[place]) if place in found else None,
        rounds.unpack(found[head]) if head in found else None,
        owners.unpack(mailbox, found),
        {block: one for block, one in written.items() if one is not None},
        brands.unpack(found.get(brands.place())),
        schedules.unpack(found.get(keys.schedule()), usual),
    )
