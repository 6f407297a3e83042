"""Search for scripts: one line of folded text a row, beside the snapshot; a query is looked for in it.

A line is `<text>\\t<KIND>\\t<company>\\t<number>`. Companies stand first, then contracts, contacts, machines.
"""

from __future__ import annotations

from collections.abc import Iterator

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machine_rows import one_line
from meterportal.domain.portfolio.rows import CompanyRow, ContactRow, ContractRow, MachineRow
from meterportal.domain.portfolio.snapshots import Portfolio, folded


@frozen
class Hit:
    """`kind` as in the changes: company, contract, contact, machine."""

    kind: str
    company_id: str
    id: str


def search_text(found: Portfolio) -> bytes:
    """The lines of all rows."""
    lines = [
        "\t".join((folded(" ".join(texts)), hit.kind.upper(), hit.company_id, hit.id))
        for hit, texts in _texts(found)
    ]
    return "\n".join([*lines, ""]).encode()


def hits(content: bytes, query: str, *, most: int) -> list[Hit]:
    """The first rows that hold every word of the query, at most so many; none without a word."""
    words = sorted((word.encode() for word in folded(one_line(query)).split()), key=len)
    found: list[Hit] = []
    place = 0
    while words and len(found) < most:
        place = content.find(words[-1], place)
        if place < 0:
            break
        begin, end = content.rfind(b"\n", 0, place) + 1, content.index(b"\n", place)
        line = content[begin:end]
        if all(word in line for word in words):
            _, kind, company_id, number = line.decode().split("\t")
            found.append(Hit(kind.lower(), company_id, number))
        place = end
    return found


def _texts(found: Portfolio) -> Iterator[tuple[Hit, tuple[str, ...]]]:
    for row in (*found.companies, *found.contracts, *found.contacts, *found.machines):
        match row:
            case CompanyRow():
                texts = row.name, row.street, row.postcode, row.city
                yield Hit("company", row.id, row.id), texts
            case ContractRow():
                yield Hit("contract", row.company_id, row.id), (row.name,)
            case ContactRow():
                contact = row.first_name, row.last_name, row.email, row.phone
                yield Hit("contact", row.company_id, row.id), contact
            case MachineRow():
                machine = row.serial, row.maker, row.model, row.customer_no
                yield Hit("machine", row.company_id, row.id), machine
