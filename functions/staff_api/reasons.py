"""Reasons as answers give them: code, sentence in the caller's language, contact."""

from __future__ import annotations

from collections.abc import Iterable

from meterportal.domain.portfolio.readiness import Reason

from staff_api.answers.reasons import LeftOutJson, ReasonJson


def reasons_as_json(reasons: Iterable[Reason], language: str) -> list[ReasonJson]:
    return [
        {"code": reason.code, "text": reason.text(language), "contact_id": reason.contact_id}
        for reason in reasons
    ]


def left_out_as_json(
    contracts: Iterable[tuple[str, Iterable[Reason]]], language: str
) -> list[LeftOutJson]:
    """Contracts with why they are left out, not ready, or fell out."""
    return [
        {"contract_id": number, "reasons": reasons_as_json(why, language)}
        for number, why in contracts
    ]
