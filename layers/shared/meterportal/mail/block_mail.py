"""A mail made of a text block: subject, plain text and HTML with the placeholders filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.text_blocks import TextBlock
from meterportal.mail import markup
from meterportal.mail.layout import Access, SenderIdentity, line, sealed, templates
from meterportal.mail.message import Message
from meterportal.mail.text_blocks import Trusted, fill_html, fill_text

_TEST = (
    "Dies ist eine Testmail. Link und Code in ihr öffnen nichts.",
    "This is a test mail. The link and the code in it open nothing.",
)


@frozen
class Filling:
    """What stands for a block's placeholders: single lines, and lists as (template, its values), which
    lies in `templates/` as `<template>.html.j2` and `.txt.j2`."""

    lines: Mapping[str, str]
    lists: Mapping[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)


def block_mail(
    block: TextBlock,
    filling: Filling,
    *,
    to: str,
    access: Access,
    sender: SenderIdentity,
    test: bool = False,
) -> Message:
    """The mail in the block's language. A `test` says that it is one, in its subject and above all else.

    The plain text is made from the HTML where the block has none.
    """
    values = {
        **filling.lines,
        "URL": access.url,
        "HAENDLER": line(sender.dealer),
        "ANTWORT": line(sender.reply_to),
    }
    rich, plain = (
        {
            name: _rendered(f"{template}.{kind}.j2", given)
            for name, (template, given) in filling.lists.items()
        }
        for kind in ("html", "txt")
    )
    subject = line(fill_text(block.subject, values))
    subject = f"{'Test: ' if test else ''}{subject[:1].upper()}{subject[1:]}"
    clean = markup.cleaned(block.html)
    inner = {
        "html": fill_html(
            markup.styled(clean, sender.look),
            values | {name: Trusted(made) for name, made in rich.items()},
        ),
        "txt": fill_text(block.text if block.text.strip() else markup.plain(clean), values | plain),
    }
    context = {
        "language": block.language,
        "subject": subject,
        "preheader": line(fill_text(block.preheader, values)) or subject,
        "notice": _TEST[block.language == "en"] if test else "",
        "dealer": values["HAENDLER"],
        "look": sender.look,
        "login": sender.login,
        "code": access.code,
    }
    html, text = (
        templates().get_template(f"block.{kind}.j2").render(context | {"inner": inner[kind]})
        for kind in ("html", "txt")
    )
    return sealed(
        to=to, sender=sender, language=block.language, subject=subject, text=text, html=html
    )


def _rendered(template: str, values: Mapping[str, object]) -> str:
    return templates().get_template(template).render(values).strip("\n")
