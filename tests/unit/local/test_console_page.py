"""The console's page as it goes out: one file of styles, and every module of its start named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.aws.console_page import KEY, STYLES
from infra.aws.site import STATIC_SITE, keys, page, served

_WRITTEN = """<head>
  <link rel="stylesheet" href="/shared/site.css">
  <link rel="stylesheet" href="/staff/room/own.css">
  <link rel="modulepreload" href="/staff/room/view.js">
  <script type="module" src="/staff/start.js"></script>
</head>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in {
        "console/index.html": _WRITTEN,
        "console/start.js": 'import { a } from "/shared/page.js";\nimport {\n  b,\n} from "./room/words.js";\n',
        "console/room/view.js": '/** @import { T } from "../types/t" */\nimport { c } from "./words.js";\n',
        "console/room/words.js": 'import { a } from "../../shared/page.js";\nconst later = () => import("./lazy.js");\n',
        "console/room/lazy.js": "",
        "console/room/own.css": "b { color: blue; }\n",
        "shared/page.js": "",
        "shared/site.css": "a { color: red; }\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_what_a_module_imports_is_asked_for_with_the_page(site: Path) -> None:
    (site / "console/room/words.js").write_text('import { a } from "/shared/page.js";\n')
    assert _text(KEY, site) == (
        "<head>\n"
        '<script type="module" src="/staff/start.js"></script>\n'
        '<link rel="stylesheet" href="/staff/styles.css">\n'
        '<link rel="modulepreload" href="/staff/room/view.js">\n'
        '<link rel="modulepreload" href="/staff/room/words.js">\n'
        '<link rel="modulepreload" href="/shared/page.js">\n'
        "</head>\n"
    )


def test_styles_come_in_the_page_s_order(site: Path) -> None:
    assert _text(STYLES, site) == "a{color:red}b{color:blue}"


def test_an_import_that_leads_nowhere_is_told_by_name(site: Path) -> None:
    (site / "shared/page.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"shared/page\.js"):
        _text(KEY, site)


def test_the_page_names_each_module_of_its_start_and_no_other() -> None:
    """Asked by another way than the page's own: of what is served, which has no comments."""
    named = set(re.findall(r'modulepreload" href="/([^"]+)"', _text(KEY, STATIC_SITE)))
    assert {"staff/views.js", "staff/stock/grid.js", "staff/today/today.js"} <= named
    assert "staff/words/words.js" not in named
    for key in named | {"staff/console.js"}:
        file = page(key)
        assert file
        for path in re.findall(r'\bfrom\s*"([^"]+\.js)"', _text(key, STATIC_SITE)):
            found = (STATIC_SITE / path[1:]) if path.startswith("/") else (file.parent / path)
            assert {
                other for other in named | {"staff/console.js"} if page(other) == found.resolve()
            }, path


def test_the_console_s_styles_are_all_in_it() -> None:
    written = (STATIC_SITE / "console" / "index.html").read_text()
    linked = set(re.findall(r'stylesheet" href="/([^"]+)"', written))
    assert {key for key in keys() if key.startswith("staff/") and key.endswith(".css")} - {
        STYLES
    } <= linked


def _text(key: str, folder: Path) -> str:
    content = served(key, "", folder)
    assert content is not None
    return content.decode()
