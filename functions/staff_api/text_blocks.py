"""The text blocks of mails: the dealer's words, their versions, and how they look as a mail."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.text_blocks import (
    KINDS,
    LANGUAGES,
    MEANINGS,
    PARTS,
    BlockChanged,
    BlockRefused,
    TextBlock,
)
from meterportal.http import (
    BULK_LIMIT,
    Accepted,
    Answer,
    Body,
    Number,
    faults_as_json,
    refuses,
    request_key,
)
from meterportal.settings import moment
from meterportal.usecases.mailing.preview_mail import NoOwnAddress, Preview
from meterportal.usecases.mailing.try_text_blocks import ask_for_text_test, try_block
from meterportal.usecases.mailing.write_text_blocks import (
    ShownBlock,
    list_blocks,
    show_block,
    show_version,
    write_block,
)
from pydantic import Field, StrictInt

from staff_api.answers.mailing import TestMailJson
from staff_api.answers.text_blocks import (
    Language,
    TextJson,
    TextListJson,
    TextRowJson,
    TextVersionJson,
    TriedTextJson,
)
from staff_api.shown_mails import shown_mail
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

LIMITS = {
    f"/api/staff/text-blocks/{name}/{language}{end}": BULK_LIMIT
    for name in KINDS
    for language in LANGUAGES
    for end in ("", "/preview", "/test-mail")
}
"""A whole mail may come in, also one that is too large to be stored: the refusal says so."""


class WordsBody(Body):
    """The words of one mail; `text` "" means that the plain text is made from the HTML."""

    subject: Annotated[str, Field(max_length=1_000)]
    preheader: Annotated[str, Field(max_length=1_000)] = ""
    html: Annotated[str, Field(max_length=250_000)]
    text: Annotated[str, Field(max_length=250_000)] = ""

    def words(self) -> dict[str, str]:
        return self.model_dump(include=set(PARTS))


class StoredWordsBody(WordsBody):
    """`version` is the one that was edited, 0 for what is shipped."""

    version: StrictInt


class TriedWordsBody(WordsBody):
    """`contract_id`: whose data stand in the mail; "" for an invented customer."""

    contract_id: Number = ""


@router.get("/api/staff/text-blocks", summary="The text blocks of all mails")
def list_all() -> Answer[TextListJson]:
    staff = staff_of(router.current_event.raw_event, "read")
    return Answer({"blocks": [_row(one, staff.language) for one in list_blocks(adapters())]})


@router.get("/api/staff/text-blocks/<name>/<language>", summary="The words of one mail")
def show(name: str, language: str) -> Answer[TextJson]:
    """What counts now, its placeholders and its versions."""
    staff = staff_of(router.current_event.raw_event, "read")
    return Answer(_shown(show_block(adapters(), name, language), staff.language))


@router.get(
    "/api/staff/text-blocks/<name>/<language>/versions/<version>",
    summary="What a version of a text block said",
)
def show_one(name: str, language: str, version: str) -> Answer[TextVersionJson]:
    """Version 0 is what is shipped."""
    staff_of(router.current_event.raw_event, "read")
    return Answer(_version(show_version(adapters(), name, language, version)))


@router.put(
    "/api/staff/text-blocks/<name>/<language>",
    summary="Write the words of one mail",
    responses=refuses(BlockChanged, BlockRefused),
)
def write(name: str, language: str, body: StoredWordsBody) -> Answer[TextJson]:
    """Stores the next version. 422 with `faults` names each spot that keeps the words from being
    stored."""
    staff = staff_of(router.current_event.raw_event, "admin")
    shown = write_block(
        adapters(),
        moment(),
        name,
        language,
        body.words(),
        seen=body.version,
        by=staff.member,
    )
    return Answer(_shown(shown, staff.language))


@router.post(
    "/api/staff/text-blocks/<name>/<language>/preview",
    summary="How words look as a mail, before they are stored",
)
def preview(name: str, language: str, body: TriedWordsBody) -> Answer[TriedTextJson]:
    """With a contract's data; nothing is stored."""
    staff = staff_of(router.current_event.raw_event, "read")
    tried = try_block(
        adapters(), moment(), name, language, body.words(), contract_id=body.contract_id
    )
    message = tried.message
    return Answer(
        {
            **shown_mail(Preview(message, name)),
            "size": len(message.html.encode()),
            "faults": faults_as_json(tried.faults, staff.language),
        }
    )


@router.post(
    "/api/staff/text-blocks/<name>/<language>/test-mail",
    summary="Send words as a test mail to oneself",
    responses=refuses(NoOwnAddress),
)
def send_test_mail(name: str, language: str, body: TriedWordsBody) -> Accepted[TestMailJson]:
    """To the e-mail address of the caller's account, and to no other."""
    event = router.current_event.raw_event
    staff = staff_of(event, "admin")
    ask_for_text_test(
        adapters(),
        moment(),
        name,
        language,
        body.words(),
        contract_id=body.contract_id,
        by=staff.member,
        own_address=staff.email,
        request_key=request_key(event),
    )
    return Accepted({"to": staff.email})


def _row(block: TextBlock, language: str) -> TextRowJson:
    return {
        "name": block.name,
        "title": KINDS[block.name].titles[language == "en"],
        "language": _language(block.language),
        "version": block.version,
        "by": block.by or None,
        "at": _at(block),
    }


def _version(block: TextBlock) -> TextVersionJson:
    return {
        "subject": block.subject,
        "preheader": block.preheader,
        "html": block.html,
        "text": block.text,
        "version": block.version,
        "by": block.by or None,
        "at": _at(block),
    }


def _shown(shown: ShownBlock, language: str) -> TextJson:
    block = shown.block
    return {
        **_version(block),
        "name": block.name,
        "title": KINDS[block.name].titles[language == "en"],
        "language": _language(block.language),
        "placeholders": [
            {
                "name": f"#{name}#",
                "meaning": MEANINGS[name][language == "en"],
                "required": name == "URL",
            }
            for name in KINDS[block.name].placeholders
        ],
        "versions": [
            {"version": one.version, "by": one.by, "at": _at(one) or ""} for one in shown.versions
        ],
    }


def _at(block: TextBlock) -> str | None:
    return block.at.isoformat(timespec="seconds") if block.at else None


def _language(language: str) -> Language:
    found: Literal["de", "en"] = "en" if language == "en" else "de"
    return found
