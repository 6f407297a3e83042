"""The XML parts of a workbook, read piece by piece by expat: no part is ever held whole.

No document type, so no entities (expat's own switch); few names; little depth; short tags. Whatever
expat or a reader of a part stumbles over says that the workbook is damaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, Protocol
from xml.parsers import expat

from meterportal.archives import Archive
from meterportal.domain.unreadable import WorkbookBroken
from meterportal.workbooks.books import Tags

_PIECE = 64 * 1024
_DEEPEST = 200
_NAMES = 5_000
"""Names of elements and attributes: expat keeps each of them for as long as it reads."""
_MARKS = (b"<", b"/>", b"/\0>")
"""Each has expat call a reader once: a tag begins or ends an element, or both (also in UTF-16)."""
_LONGEST_TAG = 1024 * 1024
_LONGEST_NAMESPACE = 200
_STUMBLED = (expat.ExpatError, ValueError, LookupError, TypeError, ArithmeticError)

Names = Mapping[str, str]
"""Names with their namespace, as expat says them -> ours. Every other name is given in full."""

Element = tuple[str, str, dict[str, str]]
"""The name of the element around it, its own, and its attributes."""


class PartReader(Protocol):
    """What reads a part; `given` are an element's attributes. `depth` is how many elements are
    open, `done` that the rest is of no interest."""

    @property
    def depth(self) -> int: ...
    @property
    def done(self) -> bool: ...
    def start(self, name: str, given: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


def read(archive: Archive, name: str, names: Names, part: PartReader, tags: Tags) -> Iterator[None]:
    """Feeds a part of the archive to its reader and stops behind every piece.

    Its bytes are read to the end even when nothing more is of interest: the checksum stands there.
    """
    content = archive.open(name)
    parser = _parser(names, part)
    fed = seen = 0
    while not part.done and (piece := content.read(_PIECE)):
        fed += len(piece)
        seen += sum(piece.count(mark) for mark in _MARKS)
        tags.count(name, seen)
        with refusing():
            parser.Parse(piece, False)
        if (
            part.depth > _DEEPEST
            or len(parser.intern) > _NAMES
            or fed - parser.CurrentByteIndex > _LONGEST_TAG
        ):
            raise WorkbookBroken
        yield
    if part.done:
        while content.read(_PIECE):
            pass
        return
    with refusing():
        parser.Parse(b"", True)
    yield


def elements(
    archive: Archive, name: str, names: Names, tags: Tags, *, root: str
) -> Iterator[Element]:
    """The elements of a part that have a name of ours, as they begin. Raises WorkbookBroken for a
    part of another kind: `root` is the name of the element around all."""
    part = _Elements(set(names.values()), root)
    for _ in read(archive, name, names, part, tags):
        yield from part.found
        part.found.clear()


def refuse_doctype(content: BinaryIO) -> None:
    """Looks for a document type in whatever stands before the first element. Raises WorkbookBroken;
    what is no XML has none."""
    part = _Elements(set(), "")
    parser = _parser({}, part)
    try:
        while not part.depth and (piece := content.read(_PIECE)):
            parser.Parse(piece, False)
    except (expat.ExpatError, ValueError, LookupError):
        return


@contextmanager
def refusing() -> Iterator[None]:
    try:
        yield
    except _STUMBLED as error:
        raise WorkbookBroken from error


class _Elements:
    done = False

    def __init__(self, wanted: set[str], root: str) -> None:
        self.found: list[Element] = []
        self._wanted, self._root, self._open = wanted, root, [""]

    @property
    def depth(self) -> int:
        return len(self._open) - 1

    def start(self, name: str, given: dict[str, str]) -> None:
        if self._root and len(self._open) == 1 and name != self._root:
            raise ValueError("another kind of part")
        if name in self._wanted:
            self.found.append((self._open[-1], name, given))
        self._open.append(name)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        pass


def _parser(names: Names, part: PartReader) -> expat.XMLParserType:
    # The third argument is expat's own list of names: what stands in it is what handlers are given.
    parser = expat.ParserCreate(None, " ", dict(names))
    parser.buffer_text = True
    parser.StartElementHandler = part.start
    parser.EndElementHandler = part.end
    parser.CharacterDataHandler = part.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartNamespaceDeclHandler = _short
    return parser


def _refuse(*_: object) -> None:
    raise WorkbookBroken


def _short(_: str | None, address: str | None) -> None:
    """A namespace is put before every name that it is meant for."""
    if address and len(address) > _LONGEST_NAMESPACE:
        raise WorkbookBroken
