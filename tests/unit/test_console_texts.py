"""The console has words for every code that the API may tell it."""

from __future__ import annotations

import re

import pytest
from meterportal.domain.help.pages import Match
from meterportal.domain.machines import MeterKind, ProblemKind
from meterportal.domain.plausibility.texts import CAUSES, SENTENCES
from meterportal.domain.problems import ProblemState
from meterportal.domain.successors import SuccessorState

from infra.aws.site import STATIC_SITE

WORDS = {
    "plausibility_texts.js": {
        *(f"code_{code}" for code in [*SENTENCES, *CAUSES]),
        *(f"kind_{kind}" for kind in MeterKind),
    },
    "desk_texts.js": {
        *(f"problem_{kind}" for kind in ProblemKind),
        *(f"problem_then_{kind}" for kind in ProblemKind),
        *(f"decision_{state}" for state in ProblemState),
        *(f"successor_{state}" for state in SuccessorState),
    },
    "help_texts.js": {f"help_match_{match}" for match in Match},
}


@pytest.mark.parametrize("file", WORDS)
def test_each_code_has_its_words(file: str) -> None:
    text = (STATIC_SITE / "console" / file).read_text(encoding="utf-8")
    assert WORDS[file] - set(re.findall(r"^  (\w+): \[", text, re.MULTILINE)) == set()
