"""The words of mails."""

from typing import Annotated, Literal

from meterportal.http import TextFaultJson
from pydantic import Field
from typing_extensions import TypedDict

from staff_api.answers.mailing import PreviewJson

Language = Literal["de", "en"]


class PlaceholderJson(TypedDict):
    """What may stand in a text."""

    name: Annotated[str, Field(description="As it is written, like #FIRMA#")]
    meaning: str
    required: bool


class TextRowJson(TypedDict):
    """A text block: the dealer's version, or 0 where the shipped words count."""

    name: str
    title: str
    language: Language
    version: int
    by: str | None
    at: str | None


class TextListJson(TypedDict):
    """All text blocks."""

    blocks: list[TextRowJson]


class WordsJson(TypedDict):
    """The words of one mail."""

    subject: str
    preheader: Annotated[str, Field(description="What mail programs show behind the subject")]
    html: str
    text: Annotated[str, Field(description='"": made from the HTML')]


class TextVersionJson(WordsJson):
    """What a version said."""

    version: int
    by: str | None
    at: str | None


class VersionRowJson(TypedDict):
    """Who stored a version, and when."""

    version: int
    by: str
    at: str


class TextJson(TextVersionJson):
    """A text block with its versions, latest first."""

    name: str
    title: str
    language: Language
    placeholders: list[PlaceholderJson]
    versions: list[VersionRowJson]


class TriedTextJson(PreviewJson):
    """A mail of words that are not stored; its link and its code open nothing."""

    size: Annotated[int, Field(description="Bytes of the HTML")]
    faults: list[TextFaultJson]
