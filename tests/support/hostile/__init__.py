"""Files of somebody who wants the reader to fail: each small, each meant to cost much."""

from tests.support.hostile import ods, xlsx, zips

MAKERS = {**xlsx.MAKERS, **ods.MAKERS, **zips.MAKERS}
"""By name: what makes the file, and the code of its refusal ("" for what is read)."""

COSTLY = frozenset(
    {
        "ods 230,000 cells",
        "ods a million cells",
        "xlsx 500,000 cells",
        "xlsx 900,000 empty cells",
        "xlsx 900,000 empty rows",
        "xlsx a row of every column",
        "xlsx cells in far columns of many rows",
        "xlsx fonts and fills",
        "xlsx half a million defined names",
        "xlsx shared strings, two million",
    }
)
"""Those that take more than a second each and have another of their kind among the rest."""
