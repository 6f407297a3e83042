"""The lines of an answer: what its writer wrote, what is quoted, what is signature."""

from __future__ import annotations

import re
from collections.abc import Iterable

from meterportal.domain.frozen import frozen

MOST_LINES = 1_500
LONGEST_LINE = 2_000

_MARK = re.compile(r"^\s*(?:[>|]\s?)+")
_ATTRIBUTION = re.compile(
    r"^(am|on|le|den|il)\b.{4,300}\b(schrieb|wrote|geschrieben|sent|a écrit|ha scritto)\b[^:]{0,160}:$",
    re.IGNORECASE,
)
_WITHOUT_VERB = re.compile(
    r"^(am|on|le|den|il)\b[^@]{4,200}[^\s<>@]{1,64}@[^\s<>@]{1,120}>?\s?:$", re.IGNORECASE
)
_BEGINS_ATTRIBUTION = re.compile(r"^(am|on|le|den)\b.*\d", re.IGNORECASE)
_WROTE = re.compile(r"^.{3,200}\b(schrieb|wrote)\b[^:]{0,160}:$", re.IGNORECASE)
_DIVIDER = re.compile(
    r"^[-_=\s]*(urspr(ü|ue)ngliche (nachricht|e-?mail)|original[ -]?(nachricht|message|appointment)"
    r"|weitergeleitete nachricht|forwarded message|begin forwarded message|anfang der weitergeleiteten"
    r" (nachricht|e-?mail))[-_=:\s]*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\*{0,2}(von|gesendet|an|cc|kopie|betreff|datum|antwort an|from|sent|to|subject|date|reply-to|fra|til)"
    r"\s?:\*{0,2}\s*\S?",
    re.IGNORECASE,
)
_FIRST_HEADER = re.compile(r"^\*{0,2}(von|from|fra)\s?:", re.IGNORECASE)
_SENT_WITH = re.compile(
    r"^(von meinem|gesendet (von|mit|ü?ber)|sent from|get outlook|outlook f(ü|ue)r|diese nachricht wurde von"
    r"|envoyé de|mit freundlichem .* gesendet)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(mit\s+)?((freundlich|best|herzlich|viel|lieb|sch(ö|oe)n|sonnig)\w*\s+)*"
    r"(gr(ü|ue)(ß|ss)\w*|gru(ß|ss))(?!\s+gott)\b"
    r"|^(mfg|lg|vg|bg|hg|mit besten empfehlungen|hochachtungsvoll)\b"
    r"|^((kind|best|warm|many)\s+)*(regards|wishes)\b|^(cheers|sincerely|yours (sincerely|faithfully|truly)"
    r"|best,?$|br,?$|kr,?$)",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(r"^(p\.?\s?s\.?|nb|n\.b\.|nachtrag)\b[.:,]?", re.IGNORECASE)


@frozen
class AnswerLine:
    """`text` is without quote marks. `quoted`: somebody else wrote it, most likely we did."""

    text: str
    quoted: bool = False
    signature: bool = False

    @property
    def own(self) -> bool:
        return not self.quoted and not self.signature


def lines_of(text: str) -> list[AnswerLine]:
    """The lines of a plain text. What stands behind an unmarked quote's beginning is quoted to the end;
    between marked lines the writer's own stay theirs."""
    return list(_signatures(_quotes(_joined(text.split("\n")[:MOST_LINES]))))


def _joined(lines: list[str]) -> list[str]:
    """ "Am ... schrieb" and "wrote:" on two lines are one beginning of a quote."""
    joined: list[str] = []
    skip = 0
    for number, line in enumerate(lines):
        if skip:
            skip -= 1
            continue
        bare = _MARK.sub("", line).strip()
        if _BEGINS_ATTRIBUTION.match(bare) and not bare.endswith(":"):
            for more in (1, 2):
                both = " ".join(
                    _MARK.sub("", part).strip() for part in lines[number : number + 1 + more]
                )
                if both.endswith(":") and len(both) < 600 and _ATTRIBUTION.match(both):
                    mark = _MARK.match(line)
                    joined.append(f"{mark[0] if mark else ''}{both}")
                    skip = more
                    break
            if skip:
                continue
        joined.append(line[:LONGEST_LINE])
    return joined


def _quotes(lines: list[str]) -> Iterable[AnswerLine]:
    behind = False
    for number, line in enumerate(lines):
        mark = _MARK.match(line) if line.lstrip().startswith((">", "|>")) else None
        bare = line[mark.end() :] if mark else line
        stripped = bare.strip()
        if not behind and not mark and _begins_quote(stripped, lines[number + 1 :]):
            behind = not _marked_below(lines[number + 1 :])
            yield AnswerLine(bare, quoted=True)
            continue
        yield AnswerLine(bare, quoted=behind or mark is not None)


def _begins_quote(line: str, below: list[str]) -> bool:
    if _DIVIDER.match(line):
        return True
    introduces = line.endswith(":") and len(line) < 600
    if introduces and (_ATTRIBUTION.match(line) or _WITHOUT_VERB.match(line)):
        return True
    if introduces and (_WROTE.match(line) and _marked_below(below)):
        return True
    if _HEADER.match(line):
        near = [one.strip() for one in below[:8] if one.strip()][:4]
        named = any(_FIRST_HEADER.match(one) for one in (line, *near))
        return named and sum(bool(_HEADER.match(one)) for one in near) >= 2
    return bool(re.fullmatch(r"[_-]{20,}", line)) and any(
        _FIRST_HEADER.match(one.strip()) for one in below[:3]
    )


def _marked_below(below: list[str]) -> bool:
    """Whether the next line that says anything carries a quote mark."""
    first = next((line for line in below[:6] if line.strip()), "")
    return first.lstrip().startswith(">")


def _signatures(lines: Iterable[AnswerLine]) -> Iterable[AnswerLine]:
    """A signature goes from its beginning to the next quoted line; a postscript is none."""
    inside = False
    for line in lines:
        stripped = line.text.strip()
        if line.quoted or (inside and _AFTERWARDS.match(stripped)):
            inside = False
            yield line
        elif not inside and (stripped == "--" or (_CLOSING.match(stripped) and len(stripped) < 80)):
            inside = True
            yield AnswerLine(line.text, signature=True)
        elif _SENT_WITH.match(stripped) and len(stripped) < 120:
            yield AnswerLine(line.text, signature=True)
        else:
            yield AnswerLine(line.text, signature=inside)
