"""A large round in pieces, so that each can be planned within a worker's time."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def in_pieces(companies: Mapping[str, Collection[str]], size: int) -> list[list[str]]:
    """Companies in pieces of about `size`; `companies` are their reporters' mailboxes by number.

    Companies that share a mailbox are in one piece, however large it gets, directly or through others:
    a mailbox gets one mail.
    """
    piece: list[str] = []
    pieces = [piece]
    for group in _groups(companies):
        if piece and len(piece) + len(group) > size:
            piece = []
            pieces.append(piece)
        piece += group
    return pieces


def _groups(companies: Mapping[str, Collection[str]]) -> list[list[str]]:
    """The companies that mailboxes hold together, in the order in which the first of each came."""
    parents: dict[str, str] = {}

    def root(company: str) -> str:
        while company in parents:
            company = parents[company]
        return company

    first: dict[str, str] = {}
    for company, boxes in companies.items():
        for box in boxes:
            one, other = root(first.setdefault(box, company)), root(company)
            if one != other:
                parents[other] = one
    groups: dict[str, list[str]] = {}
    for company in companies:
        groups.setdefault(root(company), []).append(company)
    return list(groups.values())
