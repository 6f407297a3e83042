"""A mail as staff look at it before it is sent, as JSON."""

from __future__ import annotations

from meterportal.usecases.mailing.preview_mail import Preview

from staff_api.answers.mailing import PreviewJson


def shown_mail(shown: Preview) -> PreviewJson:
    message = shown.message
    return {
        "to": message.to,
        "sender": message.sender_name,
        "reply_to": message.reply_to,
        "subject": message.subject,
        "language": message.headers["Content-Language"],
        "block": shown.block,
        "html": message.html,
        "text": message.text,
    }
