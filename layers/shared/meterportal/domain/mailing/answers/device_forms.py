"""The forms in which devices mail their counters: one small reader per maker's form.

A form is recognised by marks that have to occur. Where it names a total, the parts have to add up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine, MeterKind

BW, COLOUR, SCAN, TOTAL = MeterKind.BW, MeterKind.COLOUR, MeterKind.SCAN, MeterKind.TOTAL


@frozen
class DeviceReading:
    """Counters by kind, or by the code of a counter (Canon's). `total` has to be the sum of black and
    colour where both are known; `doubts` as in proposals."""

    counters: Mapping[MeterKind, int] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    total: int | None = None
    doubts: tuple[str, ...] = ()


@frozen
class DeviceForm:
    """`marks` all have to occur in the text."""

    name: str
    marks: tuple[re.Pattern[str], ...]
    read: Callable[[str], DeviceReading]

    def fits(self, text: str) -> bool:
        return all(mark.search(text) for mark in self.marks)


@frozen
class _Row:
    """A line "label: value" with the labels above it, by their indents."""

    sections: tuple[str, ...]
    label: str
    value: str


_ROW = re.compile(r"^(?P<indent> *)(?P<label>[^:=\s][^:=\n]{0,59})[:=](?P<value>.*)$")


def _rows(text: str) -> Iterator[_Row]:
    above: list[tuple[int, str]] = []
    for line in text.split("\n"):
        found = _ROW.match(line)
        if not found:
            continue
        indent, label = len(found["indent"]), found["label"].strip()
        while above and above[-1][0] >= indent:
            above.pop()
        yield _Row(tuple(name for _, name in above), label, found["value"].strip())
        above.append((indent, label))


def _number(text: str) -> int | None:
    """A counter as devices write it: zeros in front, commas or points between groups of three."""
    text = text.strip()
    if re.fullmatch(r"\d{1,12}|\d{1,3}([.,' ]\d{3})+", text):
        return int(re.sub(r"\D", "", text))
    return None


def _labelled(text: str, labels: Mapping[MeterKind, str]) -> dict[MeterKind, int]:
    """The first value of each label, matched whole."""
    found: dict[MeterKind, int] = {}
    for row in _rows(text):
        for kind, label in labels.items():
            value = _number(row.value)
            if kind not in found and value is not None and re.fullmatch(label, row.label, re.I):
                found[kind] = value
    return found


def _with_total(found: dict[MeterKind, int], *doubts: str) -> DeviceReading:
    """A machine that only counts in total is monochrome; otherwise the total proves the parts."""
    total = found.pop(TOTAL, None)
    if total is not None and BW not in found and COLOUR not in found:
        return DeviceReading({**found, BW: total}, doubts=doubts)
    return DeviceReading(found, total=total, doubts=doubts)


def _kyocera(text: str) -> DeviceReading:
    parts: dict[str, list[int]] = {"bw": [], "colour": []}
    totals: dict[str, int] = {}
    for row in _rows(text):
        value = _number(row.value)
        if value is None or not row.sections:
            continue
        top, section = row.sections[0].casefold(), row.sections[-1].casefold()
        if top.startswith("usage by color mode") and len(row.sections) > 1:
            colour = re.search(r"colo", section)
            black = re.search(r"black|mono", section)
            if colour or black:
                parts["colour" if colour else "bw"].append(value)
        elif top.startswith("counters by function") and row.label.casefold() == "total":
            totals[section] = value
    printed, scanned = totals.get("printed pages"), totals.get("scanned pages")
    found = {SCAN: scanned} if scanned is not None else {}
    if parts["bw"] or parts["colour"]:
        found |= {BW: sum(parts["bw"]), COLOUR: sum(parts["colour"])}
        return DeviceReading(found, total=printed)
    return DeviceReading(found | ({BW: printed} if printed is not None else {}))


def _konica(text: str) -> DeviceReading:
    found: dict[MeterKind, int] = {}
    for label, value in re.findall(r"\[([^\[\]\n]{1,60})\][ ]?,([^\[\n]{0,80})", text):
        number = _number(value)
        if number is None or not re.search(
            r"total|gesamt|count|z(ä|ae)hler|contador|compteur", label, re.I
        ):
            continue
        if re.search(r"scan|fax", label, re.I):
            continue
        if re.search(r"colo|farb|couleur", label, re.I):
            kind = COLOUR
        elif re.search(r"black|schwarz|negro|noir|mono", label, re.I):
            kind = BW
        else:
            kind = TOTAL
        found.setdefault(kind, number)
    return _with_total(found)


def _sharp(text: str) -> DeviceReading:
    found = _labelled(
        text,
        {BW: r"black & white total print count", COLOUR: r"(full )?colou?r total print count"},
    )
    between = [
        row
        for row in _rows(text)
        if re.fullmatch(r"(two|single) colou?r total print count", row.label, re.IGNORECASE)
        and _number(row.value)
    ]
    # Whether pages in one or two colours are colour, the dealer has to say.
    return DeviceReading(found, doubts=("single_colour",) if between else ())


def _canon(text: str) -> DeviceReading:
    rows = re.findall(r"^[ \t]*(\d{3})[ ]?:[^\n]{0,100}?[ \t](\d[\d.,]{0,20})$", text, re.MULTILINE)
    return DeviceReading(
        codes={code: value for code, text_ in rows if (value := _number(text_)) is not None}
    )


def _toshiba(text: str) -> DeviceReading:
    columns: list[str] = []
    printed: list[list[int]] = []
    for line in text.split("\n"):
        if re.search(r"FULL COLOU?R[ \t]{2,60}.{0,60}BLACK", line, re.IGNORECASE):
            columns = [cell.casefold() for cell in re.split(r"\s{2,}", line.strip())]
            printed = []
            continue
        cells = re.split(r"\s{2,}", line.strip())
        if not columns or len(cells) != len(columns) + 1:
            continue
        values = [_number(cell) or 0 for cell in cells[1:]]
        if cells[0].casefold() != "total":
            printed.append(values)
            continue
        kinds = dict(zip(columns, values, strict=True))
        sums = [sum(column) for column in zip(*printed, strict=True)]
        doubts: tuple[str, ...] = ("sum_differs",) if printed and sums != values else ()
        if any(value for name, value in kinds.items() if name.startswith(("twin", "single"))):
            doubts += ("single_colour",)
        colour = next((value for name, value in kinds.items() if name.startswith("full")), None)
        if colour is None or "black" not in kinds:
            return DeviceReading()
        return DeviceReading({BW: kinds["black"], COLOUR: colour}, doubts=doubts)
    return DeviceReading()


def _xerox(text: str) -> DeviceReading:
    labels = {
        TOTAL: r"total impressions",
        BW: r"black( & white)? impressions",
        COLOUR: r"colou?r impressions",
    }
    return _with_total(_labelled(text, labels))


def _brother(text: str) -> DeviceReading:
    labels = {
        TOTAL: r"(total )?page count(er)?|total pages?( printed)?",
        BW: r"b&w|b/w|black( & white)?|mono(chrome)?",
        COLOUR: r"(full )?colou?r",
    }
    return _with_total(_labelled(text, labels))


def _ricoh(text: str) -> DeviceReading:
    """Whether the total holds colour is not documented: what follows from it is a doubt."""
    keys = dict(
        re.findall(r"^[ \t]*T_(Total|Color|Scan)PrtPGS[ ]?:[ ]?(\d{1,12})", text, re.MULTILINE)
    )
    total, colour = int(keys.get("Total", 0)), int(keys.get("Color", 0))
    found = {BW: total - colour, COLOUR: colour} if colour and total >= colour else {BW: total}
    return DeviceReading(found, doubts=("form_unknown",))


def _marks(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in patterns)


FORMS: tuple[DeviceForm, ...] = (
    DeviceForm(
        "kyocera", _marks(r"^counters by function", r"^[ \t]*printed pages", r"^serial"), _kyocera
    ),
    DeviceForm(
        "konica", _marks(r"\[[^\[\]\n]{1,60}\],\s*\d{2}/\d{2}/\d{2}", r"\],\s*0\d{6,}"), _konica
    ),
    DeviceForm("sharp", _marks(r"^device model", r"black & white total print count"), _sharp),
    DeviceForm("canon", _marks(r"^[ \t]*10\d[ ]?:[ ]?total", r"^serial number"), _canon),
    DeviceForm(
        "toshiba", _marks(r"full colou?r[ \t]{2,60}.{0,60}black", r"^total[ \t]{2,60}\d"), _toshiba
    ),
    DeviceForm("xerox", _marks(r"^total impressions", r"^serial number"), _xerox),
    DeviceForm("brother", _marks(r"device log|bradmin", r"page count", r"^serial"), _brother),
    DeviceForm("ricoh", _marks(r"^[ \t]*T_TotalPrtPGS[ ]?:"), _ricoh),
)
"""The most telling marks first."""

_ALERT = re.compile(
    r"alert message|device has detected|paper jam|toner (low|empty|near)|low toner|call for service"
    r"|papierstau|toner (leer|fast leer)|service call|cover open",
    re.IGNORECASE,
)


def form_of(text: str) -> DeviceForm | None:
    """The form that a device's mail has."""
    return next((form for form in FORMS if form.fits(text)), None)


def is_alert(subject: str, text: str) -> bool:
    """Whether a device only tells of a fault."""
    return bool(_ALERT.search(subject) or _ALERT.search(text))


def values_for(machine: Machine, reading: DeviceReading) -> tuple[dict[str, int], tuple[str, ...]]:
    """The values of a machine's billed meters, and the doubts about them."""
    doubts = list(reading.doubts)
    values: dict[str, int] = {}
    for meter in machine.billable_meters:
        same = [one for one in machine.billable_meters if one.kind is meter.kind]
        if reading.codes:
            codes = re.findall(r"(?<!\d)\d{3}(?!\d)", f"{meter.label} {meter.display_label}")
            known = [reading.codes[code] for code in codes if code in reading.codes]
            if len(known) == 1:
                values[meter.id] = known[0]
        elif len(same) > 1:
            doubts.append("which_meter")
        elif meter.kind is TOTAL and reading.total is not None:
            values[meter.id] = reading.total
        elif meter.kind in reading.counters:
            values[meter.id] = reading.counters[meter.kind]
    printed = [reading.counters.get(kind) for kind in (BW, COLOUR)]
    parts = sum(one or 0 for one in printed)
    if reading.total is not None and None not in printed and parts != reading.total:
        doubts.insert(0, "sum_differs")
    return values, tuple(dict.fromkeys(doubts))
