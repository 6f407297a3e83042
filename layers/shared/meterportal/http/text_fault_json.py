"""The spots of a text block that keep it from being stored, as JSON."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from meterportal.domain.mailing.text_blocks import BlockFault

Part = Literal["subject", "preheader", "html", "text"]


class TextFaultJson(TypedDict):
    """A spot of a text block that keeps it from being stored."""

    part: Part
    line: Annotated[int, Field(description="From 1")]
    position: Annotated[int, Field(description="Characters from the part's beginning")]
    length: int
    code: str
    detail: str


def faults_as_json(faults: "Iterable[BlockFault]", language: str) -> list[TextFaultJson]:
    from meterportal.domain.mailing.text_blocks import fault_text  # of use to staff alone

    return [
        {
            "part": cast(Part, fault.part),
            "line": fault.line,
            "position": fault.position,
            "length": len(fault.spot),
            "code": fault.code,
            "detail": fault_text(fault, language),
        }
        for fault in faults
    ]
