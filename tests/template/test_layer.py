"""The layer of packages: nothing is missed of what is left out, and libraries work without what is never loaded."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution, distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from infra.aws import stack
from infra.aws.packages import LEFT_OUT, lighten, without_sections
from infra.local.name_server import NameServer
from infra.pins import COMPILED, ROOT
from tests.support import packages_alone

LAMBDA_BRINGS = ("boto3", "botocore", "dateutil", "s3transfer", "six", "urllib3")
"""What Lambda's Python brings that functions of ours import."""


def pinned() -> dict[str, str]:
    """Versions by name."""
    text = (ROOT / COMPILED["layer"]).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the layer, as they are installed here."""
    folder = tmp_path_factory.mktemp("packages")
    for name in pinned():
        for file in distribution(name).files or ():
            # Programs and manual pages stand beside the packages here, and among them in a layer.
            place = folder.joinpath(*(part for part in file.parts if part != ".."))
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file.locate(), place)
    return folder


@pytest.fixture(scope="module")
def layer(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is shipped of them."""
    folder = tmp_path_factory.mktemp("layer") / "python"
    shutil.copytree(installed, folder)
    lighten(folder)
    return folder


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda brings, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("lambda")
    for name in LAMBDA_BRINGS:
        found = find_spec(name)
        assert found
        assert found.origin
        origin = Path(found.origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (folder / origin.name).symlink_to(origin)
    return folder


@pytest.fixture
def port() -> Iterator[int]:
    server = NameServer()
    server.put("portal.example", "MX", "10 mail.portal.example.")
    server.put("portal.example", "TXT", '"v=spf1 -all"')
    yield server.start()
    server.stop()


def run(layer: Path, brought: Path, port: int) -> None:
    """Runs everything of ours on these packages alone; fails where something is missed."""
    ours = [str(ROOT / "layers" / "shared"), str(ROOT / "functions")]
    program = [packages_alone.__file__, str(layer), str(brought), *ours, str(port)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", *program], capture_output=True, text=True, check=False, env={}
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])  # before it, logs
    assert answer["bodies"] > 40
    assert answer["routes"] > 130
    assert answer["once"] == {
        "link": "0123456789abcdef",
        "password": True,
        "drawn": True,
        "rows": [["Gerät", "Tag"], ["200001", "2026-11-28"]],
        "mailbox": "anna@xn--bro-hoa.example",
        "letters": [True, True],
        "cleaned": "<p>a</p>",
    }
    assert answer["names"] == [[], ["10 mail.portal.example"], ["v=spf1 -all"]]
    assert answer["delivered"] == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_everything_of_ours_runs_on_what_is_shipped(layer: Path, brought: Path, port: int) -> None:
    run(layer, brought, port)


@pytest.mark.parametrize("needed", ["dns/rdtypes/ANY/MX.py", "idna", "segno/writers.py"])
def test_it_would_miss_what_is_imported_only_when_it_is_needed(
    layer: Path, brought: Path, port: int, needed: str, tmp_path: Path
) -> None:
    shutil.copytree(
        layer,
        tmp_path,
        dirs_exist_ok=True,
        ignore=lambda folder, names: [
            name for name in names if Path(folder, name) == layer / needed
        ],
    )
    with pytest.raises(AssertionError):
        run(tmp_path, brought, port)


@pytest.mark.parametrize("pattern", LEFT_OUT)
def test_what_is_left_out_is_there_to_be_left_out(installed: Path, pattern: str) -> None:
    """A package that is renewed may name it otherwise."""
    assert any(installed.glob(pattern))


def test_every_package_is_shipped_with_its_licence_and_its_version(layer: Path) -> None:
    found = {one.name.lower(): one for one in distributions(path=[str(layer)])}
    shipped = {name: version for name, version in pinned().items() if name != "pycparser"}
    assert {name.replace("_", "-"): one.version for name, one in found.items()} == shipped
    for folder in layer.glob("*.dist-info"):
        assert any("LICEN" in path.name.upper() for path in folder.rglob("*")), folder.name


def test_libraries_become_smaller_and_what_is_loaded_of_them_stays(
    installed: Path, layer: Path
) -> None:
    before, after = (
        {path.name: path.read_bytes() for path in folder.rglob("*.so")}
        for folder in (installed, layer)
    )
    assert before.keys() == after.keys()
    # Those of a layer are always for Linux; those of another machine that runs the tests stay as they are.
    ours = {name for name, library in before.items() if library.startswith(b"\x7fELF")}
    assert {n: after[n] for n in before.keys() - ours} == {
        n: before[n] for n in before.keys() - ours
    }
    assert sum(len(after[n]) for n in ours) <= 0.9 * sum(len(before[n]) for n in ours)
    for name in ours:
        assert segments(after[name]) == segments(before[name])


def segments(library: bytes) -> list[bytes]:
    """The contents of a library's segments, without the header of the file that the first begins with."""
    start, size, count = (
        *struct.unpack_from("<Q", library, 0x20),
        *struct.unpack_from("<HH", library, 0x36),
    )
    found = []
    for at in range(start, start + size * count, size):
        offset, length = struct.unpack_from("<Q16xQ", library, at + 8)
        assert offset + length <= len(library)
        found.append(library[max(offset, 0x40) : offset + length])
    return found


@pytest.mark.parametrize(
    "other", [b"", b"!<arch>", b"\xcf\xfa\xed\xfe" + bytes(99), b"\x7fELF\x01\x01" + bytes(99)]
)
def test_what_is_no_such_library_stays_as_it_is(other: bytes) -> None:
    assert without_sections(other) == other


def test_a_file_that_shares_its_content_with_a_library_keeps_it(
    tmp_path: Path, installed: Path
) -> None:
    """An installer may link the same file into several environments."""
    library = max(installed.rglob("*.so"), key=lambda path: path.stat().st_size)
    folder = tmp_path / "layer"
    folder.mkdir()
    kept = tmp_path / "kept.so"
    shutil.copy2(library, kept)
    (folder / "linked.so").hardlink_to(kept)
    lighten(folder)
    assert kept.read_bytes() == library.read_bytes()


def test_a_build_ships_the_packages_light_and_as_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sam(*_: str, **__: str) -> None:
        for name in (
            "DependenciesLayer/python/a.py",
            "DependenciesLayer/python/bin/a",
            "SharedLayer/python/b.py",
        ):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    monkeypatch.setattr(stack, "sam", sam)
    stack.build(tmp_path, architecture="arm64")
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {
        "DependenciesLayer/python/a.pyc",
        "SharedLayer/python/b.py",
        f"SharedLayer/python/__pycache__/b.{sys.implementation.cache_tag}.pyc",
    }
