"""The pieces in which a large round is planned: rows below its header, and how far planning has come."""

from __future__ import annotations

import json
from collections.abc import Sequence

from meterportal.domain.mailing.rounds import Pieces, Round
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write


def read(item: Item) -> Pieces | None:
    """What a round's header says; None for one that is planned at once."""
    if "pieces" not in item:
        return None
    return Pieces(item["pieces_listed"], item["pieces"], item["pieces_done"])


def keep(table: Table, planned: Round, listing: str, pieces: Sequence[Sequence[str]]) -> None:
    """Stores the pieces under a name of their own, then names them in the header, with the counts of
    `planned`; fails when another worker has named others. One write for 25 pieces, and one."""
    places = [_key(planned.id, listing, number) for number in range(len(pieces))]
    table.batch_write(
        puts=[
            {"pk": pk, "sk": sk, "companies": json.dumps(piece)}
            for (pk, sk), piece in zip(places, pieces, strict=True)
        ]
    )
    table.write(
        Write(
            key=keys.run("ROUND", planned.id),
            update="SET #pieces_listed = :listing, #pieces = :count, #pieces_done = :none,"
            " #left_out_rows = :rows, #not_due = :not_due",
            condition="attribute_exists(pk) AND attribute_not_exists(#pieces)",
            values={
                "listing": listing,
                "count": len(pieces),
                "none": 0,
                "rows": planned.left_out_rows,
                "not_due": planned.not_due,
            },
        )
    )


def load(table: Table, round_id: str, listing: str, number: int) -> list[str]:
    """The companies of a piece. One read."""
    item = table.get(*_key(round_id, listing, number))
    companies: list[str] = json.loads(item["companies"]) if item else []
    return companies


def done(planned: Round, number: int) -> Write:
    """Notes that a piece is planned, with the counts of `planned`; fails when another worker noted it
    before."""
    return Write(
        key=keys.run("ROUND", planned.id),
        update="SET #pieces_done = :next, #left_out_rows = :rows, #not_due = :not_due",
        condition="#pieces_done = :number",
        values={
            "number": number,
            "next": number + 1,
            "rows": planned.left_out_rows,
            "not_due": planned.not_due,
        },
    )


def _key(round_id: str, listing: str, number: int) -> tuple[str, str]:
    return keys.run("ROUND", round_id)[0], f"PIECE#{listing}#{number:05d}"
