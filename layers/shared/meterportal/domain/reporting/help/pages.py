"""Which reading instructions fit a machine, and what a dealer's own instructions must look like.

The closest page is shown: the dealer's page for the model, then the family's (the dealer's before
the shipped one), then the maker's, then the general one. A page without the reader's language is
skipped. A family is any beginning of the model's name that ends with a word, or one of the
beginnings that a shipped family lists. The dealer's sentence about a kind of meter is chosen in the
same way, separately for each kind: if the model's page has none about scans, the family's is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio.machines import Meter, MeterKind
from meterportal.domain.refusals import ChangedMeanwhile, Refusal
from meterportal.domain.reporting.help import shipped
from meterportal.domain.reporting.help.shipped import GENERAL, HelpText, normal

LANGUAGES = ("de", "en")
LONGEST_NAME, LONGEST_TITLE, LONGEST_STEP, LONGEST_SENTENCE = 80, 120, 300, 300
MOST_STEPS = 12

_MOST_WORDS = 6
_MARKUP = re.compile(r"<[A-Za-z/!?]|\]\(")
_NUMBERED = re.compile(r"([0-9]{2,4})\s*:")


class Match(StrEnum):
    """How closely a page fits."""

    MODEL = "model"
    FAMILY = "family"
    MAKER = "maker"
    GENERAL = "general"


class StepsRefused(Refusal):
    """Facts: `most`."""

    code = "steps_refused"
    de = "Eine Anleitung hat 1 bis {most} Schritte."
    en = "Instructions have 1 to {most} steps."


class MarkupRefused(Refusal):
    code = "markup_refused"
    de = (
        "Bitte schreiben Sie reinen Text ohne HTML oder Verweise; Tasten zum Beispiel so: „Zähler“."
    )
    en = "Please write plain text without HTML or links; keys for example like this: “Counter”."


class PictureUnknown(Refusal):
    """Facts: `pictures`, the existing names."""

    code = "picture_unknown"
    de = "Dieses Bild gibt es nicht. Es gibt: {pictures}."
    en = "There is no such picture. There are: {pictures}."


class MeterKindUnknown(Refusal):
    """Facts: `kinds`, the existing ones."""

    code = "meter_kind_unknown"
    de = "Diese Zählerart gibt es nicht. Es gibt: {kinds}."
    en = "There is no such kind of meter. There are: {kinds}."


class LanguageUnknown(Refusal):
    code = "language_unknown"
    de = "Anleitungen gibt es in den Sprachen de und en."
    en = "Instructions come in the languages de and en."


class HelpChanged(ChangedMeanwhile):
    """Facts: `version`, the current one."""

    code = "help_changed"
    de = "Diese Anleitung wurde inzwischen geändert. Bitte laden Sie sie neu."
    en = "These instructions have been changed meanwhile. Please load them again."


@frozen
class Candidate:
    """A name for which the dealer may have a page. `page` is the shipped page, by language."""

    name: str
    match: Match
    page: Mapping[str, HelpText]


@frozen
class ChosenPage:
    """The page that fits. `stored`: it is the dealer's own.

    `meters` are the dealer's sentences by kind of meter, each from the closest page that has one.
    """

    name: str
    match: Match
    text: HelpText
    stored: bool
    meters: Mapping[str, str]


def candidates(maker: str, model: str) -> list[Candidate]:
    """The names to look for, closest first; the general page is always last."""
    return list(_candidates(maker.strip(), model.strip()))


def _candidates(maker: str, model: str) -> Iterator[Candidate]:
    words = model.split()
    if maker and [normal(word) for word in words][: len(maker.split())] == normal(maker).split():
        words = words[len(maker.split()) :]  # "Kyocera TASKalfa 3554ci"
    bare = " ".join(words)
    family = shipped.family_of(maker, bare)
    if model and len(model) <= LONGEST_NAME:
        yield Candidate(model, Match.MODEL, {})
        yield Candidate(bare, Match.MODEL, {})
    begins = {" ".join(words[:count]) for count in range(1, min(len(words), _MOST_WORDS + 1))}
    if family:
        begins.add(family.name)
    for name in sorted(begins, key=len, reverse=True):
        if len(name) <= LONGEST_NAME:
            shown = family.texts if family and name == family.name else {}
            yield Candidate(name, Match.FAMILY, shown)
    if maker and len(maker) <= LONGEST_NAME:
        yield Candidate(maker, Match.MAKER, shipped.of_maker(maker))
    elif family:
        yield Candidate(family.maker, Match.MAKER, shipped.of_maker(family.maker))
    yield Candidate(GENERAL, Match.GENERAL, shipped.general())


def choose(
    maker: str, model: str, stored: Mapping[str, Mapping[str, HelpText]], language: str
) -> ChosenPage:
    """The page that fits best. `stored` are the dealer's pages by normalised name."""
    fitting: list[tuple[Candidate, HelpText, bool]] = []
    meters: dict[str, str] = {}
    for candidate in candidates(maker, model):
        own = stored.get(normal(candidate.name), {}).get(language)
        text = own or candidate.page.get(language)
        if text is not None:
            fitting.append((candidate, text, own is not None))
            meters = {**text.meters, **meters}
    closest, text, is_stored = fitting[0]  # the general page is shipped in every language
    return ChosenPage(closest.name, closest.match, text, is_stored, meters)


def where(meter: Meter, own: Mapping[str, str], language: str) -> str:
    """Which of the numbers on the display is this meter, in a sentence or two.

    The machine's own name for the meter comes first if the ERP knows it, since it is certain for
    this machine. Then follows the dealer's sentence (`own`, by kind of meter), else the shipped
    one.
    """
    label = meter.display_label.strip()
    if not label:
        return where_unnamed(meter.kind, own, language)
    words = shipped.where_words(language)
    sentences = [words["labelled"].format(label=label)]
    number = _NUMBERED.match(label)
    if number:
        sentences.append(words["numbered"].format(number=number[1]))
    return " ".join([*sentences, own.get(meter.kind) or words[meter.kind]])


def where_unnamed(kind: MeterKind, own: Mapping[str, str], language: str) -> str:
    """The sentence about a meter whose name on the machine is unknown."""
    words = shipped.where_words(language)
    return own.get(kind) or f"{words[f'{kind}_names']} {words[kind]}"


# a dealer's own page


def name_of(text: str) -> str:
    """A page's name, cleaned; raises TextRefused."""
    return " ".join(plain(text, field="model", longest=LONGEST_NAME).split())


def text_of(language: str, given: Mapping[str, Any]) -> HelpText:
    """A page in one language as it is stored: plain text, 1 to 12 steps, a shipped picture or none.

    `given` has title, steps and picture, and may have meters: a sentence by kind of meter, where
    None means no sentence. Raises refusals that name the field.
    """
    if language not in LANGUAGES:
        raise LanguageUnknown(field="languages")
    base = f"languages.{language}"
    title = _words(given["title"], f"{base}.title", LONGEST_TITLE)
    steps = given["steps"]
    if not 1 <= len(steps) <= MOST_STEPS:
        raise StepsRefused(field=f"{base}.steps", most=MOST_STEPS)
    taken = tuple(
        _words(step, f"{base}.steps.{number}", LONGEST_STEP) for number, step in enumerate(steps)
    )
    picture = given["picture"] or None
    if picture is not None and picture not in shipped.pictures():
        listed = ", ".join(shipped.pictures())
        raise PictureUnknown(field=f"{base}.picture", pictures=listed)
    return HelpText(title, taken, picture, _sentences(given.get("meters") or {}, f"{base}.meters"))


def _sentences(given: Mapping[str, str | None], base: str) -> dict[str, str]:
    taken = {}
    for kind, sentence in given.items():
        if kind not in set(MeterKind):
            raise MeterKindUnknown(field=f"{base}.{kind}", kinds=", ".join(MeterKind))
        if sentence is not None:
            taken[kind] = _words(sentence, f"{base}.{kind}", LONGEST_SENTENCE)
    return taken


def _words(text: str, field: str, longest: int) -> str:
    taken = plain(text, field=field, longest=longest)
    if _MARKUP.search(taken):
        raise MarkupRefused(field=field)
    return taken
