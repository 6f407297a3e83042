"""A device's own mail: which machine it is, and its counters by the maker's form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from meterportal.domain.mailing.answers.device_forms import form_of, is_alert, values_for
from meterportal.domain.mailing.answers.proposals import MatchedBy, Proposal
from meterportal.domain.mailing.answers.understanding import understood
from meterportal.domain.portfolio.machines import Machine

MOST_SERIALS = 40
"""Words of a mail that may be a serial number; they are looked up among the known ones."""

_NAMED = re.compile(
    r"(?:serial|seriennummer|seriennr|n(?:ú|u)mero de serie|machine id)[^\w\n]*(?:number|no|nr|nummer)?"
    r"[\s.:\],=#]*([A-Za-z0-9][A-Za-z0-9-]{3,24})",
    re.IGNORECASE,
)
_SERIAL = re.compile(
    r"(?:serial|seriennummer|seriennr|n(?:ú|u)mero de serie)[^\w\n]{0,20}(?:number|no|nr|nummer)?[\s.:\],=#]{0,20}"
    r"(?=[A-Za-z-]{0,24}\d)([A-Za-z0-9][A-Za-z0-9-]{3,24})",
    re.IGNORECASE,
)
_COUNTERS = re.compile(
    r"(?:count(?:er)?s?|z(?:ä|ae)hler\w{0,20}|total|gesamt\w{0,20}|impressions)\b[^\d\n]{0,30}\d{3,}(?!\.\d)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"^[ \t]*(?:hallo|hi|sehr geehrte\w*|guten (?:tag|morgen|abend)|liebe[rs]?|moin|dear|hello)\b|\bbitte\b",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"(?<![\w.])[A-Za-z0-9-]{5,25}(?![\w])")


def possible_serials(subject: str, text: str) -> list[str]:
    """Words that may be a machine's serial number, those that are called one first. Sharp writes two
    zeros behind it."""
    named = _NAMED.findall(f"{subject}\n{text}")
    words = [word for word in _WORD.findall(f"{subject}\n{text[:4000]}") if re.search(r"\d", word)]
    found: list[str] = []
    for word in (*named, *words):
        plain = word.replace("-", "").upper()
        for one in (word.upper(), plain, plain[:-2] if plain.endswith("00") else plain):
            if one not in found and len(one) >= 4:
                found.append(one)
    return found[:MOST_SERIALS]


def _several_named(text: str) -> bool:
    """Whether a mail calls two words a serial number, other than by signs between or zeros behind."""
    plain = {word.replace("-", "").upper() for word in _SERIAL.findall(text)}
    return len({one[:-2] if one.endswith("00") else one for one in plain}) > 1


def read_device(
    text: str,
    subject: str,
    machines: Sequence[Machine],
    *,
    received_on: date,
    answers: bool = False,
) -> Proposal | None:
    """What a device's mail says of the one machine that it names; None for a fault message without
    counters, unless a person wrote it (`answers`: it answers a mail). Several machines, or a form that
    nobody knows, are doubts."""
    form = form_of(text)
    written = answers or _PERSON.search(text) or _COUNTERS.search(text)
    if form is None and not written and is_alert(subject, text):
        return None
    if _several_named(text):
        return Proposal(doubts=("several_machines",), rest=text)
    if len(machines) != 1:
        doubt = "several_machines" if machines else "machine_unknown"
        return Proposal(doubts=(doubt,), rest=text)
    (machine,) = machines
    if form is None:
        read = understood(text, "", machines, received_on=received_on)
        return Proposal(read.values, None, read.matched_by, ("form_unknown",), rest=text)
    values, doubts = values_for(machine, form.read(text))
    if not values:
        return Proposal(doubts=("no_values", *doubts), rest=text)
    return Proposal({machine.id: values}, None, MatchedBy.FORM, doubts)
