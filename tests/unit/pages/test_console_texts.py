"""The console has words for every code that the API may tell it."""

from __future__ import annotations

import re

import pytest
from meterportal.domain.access.journal import Action
from meterportal.domain.exchange.imports.columns import KINDS
from meterportal.domain.exchange.imports.effects import MonthEffect
from meterportal.domain.exchange.imports.texts import TEXTS
from meterportal.domain.exchange.line_kinds import LineAnswer
from meterportal.domain.mailing.mails import Fate, MailState
from meterportal.domain.plausibility.texts import CAUSES, SENTENCES
from meterportal.domain.portfolio.contracts import Delivery, Interval, ReadingChannel
from meterportal.domain.portfolio.machines import MeterKind, ProblemKind
from meterportal.domain.portfolio.timelines import Happening
from meterportal.domain.reporting.help.pages import Match
from meterportal.domain.reporting.problems import ProblemState
from meterportal.domain.reporting.readings import ReadingState
from meterportal.domain.reporting.successors import SuccessorState
from meterportal.usecases.exchange.end_missing import Standing

from infra.aws.site import STATIC_SITE

WORDS = {
    "plausibility_texts.js": {
        *(f"code_{code}" for code in [*SENTENCES, *CAUSES]),
        *(f"kind_{kind}" for kind in MeterKind),
    },
    "handed_in_texts.js": {
        *(f"problem_{kind}" for kind in ProblemKind),
        *(f"problem_then_{kind}" for kind in ProblemKind),
        *(f"decision_{state}" for state in ProblemState),
        *(f"successor_{state}" for state in SuccessorState),
    },
    "request/texts.js": {
        # Of what was delivered is told what has been reported since.
        *(f"happened_{fate}" for fate in Fate if fate is not Fate.DELIVERED),
        *(f"happened_{state}" for state in MailState),
    },
    "texts.js": {f"channel_{channel}" for channel in ReadingChannel},
    "stock/texts.js": {f"interval_{interval}" for interval in Interval},
    "help_texts.js": {f"help_match_{match}" for match in Match},
    "customer/texts.js": {
        *(f"mail_{state}" for state in Delivery if state is not Delivery.OK),
        *(
            f"tl_{happening}"
            for happening in Happening
            if happening is not Happening.ACTION  # the API has its words
        ),
    },
    "machine/texts.js": {f"past_{state}" for state in [*ReadingState, "effective"]},
    "exchange/causes.js": {f"cause_{code}" for code in TEXTS.keys() - {"meant", "sign"}},
    "exchange/texts.js": {
        *(f"effect_{effect}" for effect in MonthEffect),
        *(f"standing_{standing}" for standing in Standing),
        *(f"line_{answer}" for answer in LineAnswer),
        *(f"record_{kind}" for kind in KINDS),
    },
    "journal/texts.js": {f"action_{action}" for action in Action},
}


@pytest.mark.parametrize("file", WORDS)
def test_each_code_has_its_words(file: str) -> None:
    text = (STATIC_SITE / "console" / file).read_text(encoding="utf-8")
    assert WORDS[file] - set(re.findall(r"^  (\w+): \[", text, re.MULTILINE)) == set()
