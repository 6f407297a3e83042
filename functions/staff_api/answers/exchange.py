"""Imports from the ERP and exports to it."""

from typing import Annotated, Literal

from meterportal.domain.exchange.imports.faults import FaultSeverity
from meterportal.domain.exchange.line_kinds import LineAnswer, LineKind
from meterportal.http import IsoTime, NamedJson
from meterportal.usecases.exchange.end_missing import Standing
from pydantic import Field
from typing_extensions import TypedDict

from staff_api.answers.runs import RunJson


class AcknowledgedJson(TypedDict):
    """The ERP's answer so far."""

    at: IsoTime | None
    accepted: int
    refused: int
    open: int


class ExportProgressJson(TypedDict):
    """How far an export has come, in machines: moved into it, and of these written into its files."""

    gathered: int
    written: int


class ExportJson(RunJson):
    """An export."""

    count: Annotated[int, Field(description="Readings")]
    sum: Annotated[int, Field(description="Of their values")]
    already_billed: Annotated[
        int, Field(description="Left out because an import had acknowledged them")
    ]
    progress: Annotated[ExportProgressJson | None, Field(description="While it is not done")]
    acknowledged: AcknowledgedJson


class ExportsJson(TypedDict):
    """Exports, newest first."""

    exports: list[ExportJson]
    next_cursor: str | None


class ExportFileJson(TypedDict):
    """A file of an export; its address is good for 15 minutes."""

    name: str
    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    sha256: str
    bytes: int


class ExportPageJson(ExportJson):
    """An export with its files."""

    files: list[ExportFileJson]


class ExportLineJson(TypedDict):
    """A line of an export with the ERP's answer to it; `reason` is why it was refused."""

    reading_id: str
    company: NamedJson
    machine_id: str
    serial: str
    meter_id: str
    label: str
    due_on: str
    read_on: str
    value: int
    entry: LineKind
    answer: LineAnswer
    reason: str | None


class ExportLinesJson(TypedDict):
    """Lines of an export, by machine."""

    lines: list[ExportLineJson]
    next_cursor: str | None


class ImportedFileJson(TypedDict):
    """A file of an import: how it was read, and how many of its rows were taken."""

    file: str
    kind: str | None
    rows: int
    accepted: int
    rejected: int
    encoding: str | None
    delimiter: str | None
    headings_line: int | None


class SignedUploadJson(TypedDict):
    """The request that hands a file over."""

    method: Literal["PUT"]
    url: Annotated[str, Field(json_schema_extra={"format": "uri-reference"})]
    headers: dict[str, str]


class AnnouncedUploadJson(TypedDict):
    """Where to put a large file."""

    upload_id: str
    upload: SignedUploadJson


class ImportProgressJson(TypedDict):
    """How many rows a running import has planned, of how many; of a long one, a row that is only read
    counts half."""

    done: int
    of: int


class MissingCountJson(TypedDict):
    """Records of a kind that a full export lacks; `due` of them until the end of the month. `unnamed` rows
    of the file have no readable number: what they mean is counted here, too."""

    kind: Annotated[str, Field(description="contracts, machines or contacts")]
    count: int
    due: int
    unnamed: int


class ImportJson(RunJson):
    """An import; its numbers are there when it has ended."""

    dry_run: bool
    full: Annotated[bool, Field(description="Meant to hold everything: what it lacks is listed")]
    applies: Annotated[str | None, Field(description="The dry run that this import takes over")]
    applied: Annotated[str | None, Field(description="The import that took over this dry run")]
    checksum: Annotated[str | None, Field(description="Beginning of the upload's SHA-256")]
    progress: ImportProgressJson | None
    missing: list[MissingCountJson]
    file: str
    as_of: Annotated[str, Field(description="How old the export is: a date, or date and time")]
    rows: int
    accepted: int
    rejected: int
    files: list[ImportedFileJson]
    changes: Annotated[
        dict[str, dict[str, int]],
        Field(description="By kind of record: new, changed, unchanged"),
    ]
    finding_count: int


class ImportsJson(TypedDict):
    """Imports, newest first."""

    imports: list[ImportJson]
    next_cursor: str | None


class ImportFindingJson(TypedDict):
    """What is wrong or worth knowing about a row or a file."""

    file: str
    line: int | None
    field: str | None
    code: str
    severity: FaultSeverity
    text: str


class SampleJson(TypedDict):
    """A change that a dry run would make."""

    file: str
    line: int
    key: str
    field: str | None
    old: str | None
    new: str | None


class CauseJson(TypedDict):
    """Findings of one code in one file, with one of them; `number` names the cause in /findings."""

    number: int
    file: str
    code: str
    severity: FaultSeverity
    count: int
    line: int | None
    field: str | None
    text: Annotated[str, Field(description="The example in words")]


class ChangedFieldJson(TypedDict):
    """A column in which a dry run would change values: in how many records, and one of them."""

    kind: str
    field: str
    count: int
    old: str | None
    new: str | None


class FindingsJson(TypedDict):
    """Findings of one cause."""

    findings: list[ImportFindingJson]
    next_cursor: str | None


class MissingRecordJson(TypedDict):
    """A record that a full export lacks, and how it stands now."""

    id: str
    name: str
    company: NamedJson
    due_on: str | None
    standing: Standing


class MissingJson(TypedDict):
    """What a full export lacks, by company and number."""

    records: list[MissingRecordJson]
    next_cursor: str | None


class EndedRecordJson(TypedDict):
    """How a record stands now."""

    id: str
    standing: Standing


class EndedJson(TypedDict):
    """The records that were to be ended."""

    records: list[EndedRecordJson]


class ImportPageJson(ImportJson):
    """An import with its findings by cause, a part of them one by one and, of a dry run, what its
    changes mean, with a sample. What is on the first page only is empty on the others."""

    causes: list[CauseJson]
    effects: Annotated[
        dict[str, int], Field(description="Of a dry run, for the month: due_new, due_gone, ...")
    ]
    fields: list[ChangedFieldJson]
    findings: list[ImportFindingJson]
    sample: list[SampleJson]
    next_cursor: str | None
