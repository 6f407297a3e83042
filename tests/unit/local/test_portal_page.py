"""The contact's page as it goes out: the modules of its start in one file, which the others import from."""

from __future__ import annotations

import pytest

from infra.aws.portal_page import KEY, Renamed, parts, plain, rewired, start
from infra.aws.site import STATIC_SITE, keys, page, precache, served

HTML = """<head>
  <link rel="stylesheet" href="/shared/site.css">
  <link rel="modulepreload" href="/shared/page.js">
  <link rel="modulepreload" href="/list.js">
  <script type="module" src="/portal.js"></script>
</head>
"""
FILES = {
    "shared/page.js": "export const h = 1;\n",
    "list.js": 'import { h } from "/shared/page.js";\nexport const list = h;\n',
    "portal.js": 'import {\n  h, x,\n} from "/shared/page.js";\nimport { list } from "/list.js";\n'
    'import { far } from "/far.js";\nlist(h, far);\n',
}


def test_the_start_is_its_parts_in_order_without_the_imports_among_them() -> None:
    assert parts(HTML) == ["shared/page.js", "list.js", "portal.js"]
    assert " ".join(start(HTML, FILES.__getitem__).split()) == (
        'export const h = 1; export const list = h; import { far } from "/far.js"; list(h, far);'
    )


def test_the_page_asks_for_the_one_file() -> None:
    assert "modulepreload" not in plain(HTML)
    assert plain(HTML).splitlines()[1:3] == [
        '  <link rel="stylesheet" href="/shared/site.css">',
        '  <script type="module" src="/portal.js"></script>',
    ]


def test_other_modules_import_from_the_one_file() -> None:
    module = 'import { h } from "/shared/page.js";\nimport { y } from "/far.js";\ny(h);\n'
    assert rewired(HTML, module) == module.replace("/shared/page.js", "/portal.js")


def test_a_part_keeps_the_names_of_the_others() -> None:
    renaming = FILES | {"list.js": 'import { h as other } from "/shared/page.js";\n'}
    with pytest.raises(Renamed, match="as other"):
        start(HTML, renaming.__getitem__)


def test_a_part_of_the_portal_s_own_goes_out_within_the_start_only() -> None:
    door = page(KEY, STATIC_SITE)
    assert door is not None
    *within, first = parts(door.read_text())
    assert {"shared/page.js", "entry.js"} <= set(within)
    assert first == "portal.js"
    own = [key for key in within if not key.startswith("shared/")]
    assert not set(own) & set(keys())
    assert [served(key, "") for key in own] == [None] * len(own)
    kept = precache().decode()
    assert "/portal.js" in kept
    assert not any(f'"/{key}"' in kept for key in within)
    assert served("shared/page.js", "")  # the console's
