"""Where the tests' Chromium comes from, with commands that only note what they were asked."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from infra import browser

NOTES = """\
#!/bin/sh
echo "${{0##*/}} $*" >> {calls}
{then}
"""
CHROMIUM = "#!/bin/sh\nexit {code}\n"


class Machine:
    """A machine with nothing on it; commands are put on its PATH one by one."""

    def __init__(self, home: Path) -> None:
        self.path = home / "bin"
        self.path.mkdir()
        self.cache = home / "cache"
        self._calls = home / "calls"

    def has(self, name: str, then: str = "") -> None:
        """A command that notes its call, then does this."""
        self._executable(self.path / name, NOTES.format(calls=self._calls, then=then))

    def has_chromium(self, name: str = "chromium", code: int = 0) -> Path:
        return self._executable(self.path / name, CHROMIUM.format(code=code))

    def installs(self, code: int = 0, into: Path | None = None) -> str:
        """What a command does that brings a Chromium which starts, or one that does not."""
        place = into or self.path / "chromium"
        return (
            f"/bin/mkdir -p {place.parent}\n"
            f"printf '#!/bin/sh\\nexit {code}\\n' > {place}\n"
            f"/bin/chmod +x {place}"
        )

    def download(self, then: str) -> list[str]:
        """Playwright's download."""
        self.has("playwright", then)
        return [str(self.path / "playwright"), "install", "chromium"]

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []

    @staticmethod
    def _executable(file: Path, text: str) -> Path:
        file.write_text(text)
        file.chmod(0o755)
        return file


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(made.path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(made.cache))
    monkeypatch.delenv("CHROMIUM", raising=False)
    return made


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


APT = [
    "apt-get update -qq",
    "apt-get install -qq --no-install-recommends chromium",
    "apt-get install -qq --no-install-recommends chromium-headless-shell",
    "apt-get install -qq --no-install-recommends fonts-liberation",
]


def test_a_chromium_that_is_there_is_taken(machine: Machine, root: None) -> None:
    there = machine.has_chromium()
    assert browser.provide(machine.download("exit 1")) == there
    assert machine.calls == []


def test_the_one_that_is_named_goes_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_chromium("chromium")
    named = machine.has_chromium("my-own")
    monkeypatch.setenv("CHROMIUM", str(named))
    assert browser.find() == named


@pytest.mark.parametrize(
    "shell", ["chrome-linux/headless_shell", "chrome-headless-shell-linux64/chrome-headless-shell"]
)
def test_a_headless_shell_goes_before_the_whole_browser(machine: Machine, shell: str) -> None:
    built = machine.cache / "chromium-1200" / "chrome-linux64" / "chrome"
    light = machine.cache / "chromium_headless_shell-1200" / shell
    download = machine.download(machine.installs(into=built) + "\n" + machine.installs(into=light))
    assert browser.provide(download) == light
    assert browser.find(whole=True) == built
    whole = machine.has_chromium()
    packed = machine.has_chromium("chromium-headless-shell")
    assert browser.find() == packed
    assert browser.find(whole=True) == whole


def test_a_headless_shell_alone_does_not_do(machine: Machine, root: None) -> None:
    shell = machine.has_chromium("chromium-headless-shell")
    machine.has("apt-get", machine.installs())
    assert browser.provide(machine.download("exit 1")) == shell
    assert browser.find(whole=True) == machine.path / "chromium"
    assert machine.calls == ["playwright install chromium", *APT]


def test_a_stub_that_does_not_start_is_passed_over(machine: Machine) -> None:
    machine.has_chromium("chromium-browser", code=1)
    assert browser.find() is None
    there = machine.has_chromium("google-chrome")
    assert browser.find() == there


@pytest.mark.parametrize("folder", ["chrome-linux", "chrome-linux64"])
def test_playwrights_download_comes_first(machine: Machine, root: None, folder: str) -> None:
    machine.has("apt-get", machine.installs())
    place = machine.cache / "chromium-1200" / folder / "chrome"
    download = machine.download(machine.installs(into=place))
    assert browser.provide(download) == place
    assert machine.calls == ["playwright install chromium"]


def test_when_the_download_is_refused_root_installs_the_package(
    machine: Machine, root: None
) -> None:
    machine.has("apt-get", machine.installs())
    assert browser.provide(machine.download("exit 1")) == machine.path / "chromium"
    assert machine.calls == ["playwright install chromium", *APT]


def test_a_download_that_lacks_its_libraries_counts_as_none(machine: Machine, root: None) -> None:
    machine.has("apt-get", machine.installs())
    place = machine.cache / "chromium-1200" / "chrome-linux" / "chrome"
    download = machine.download(machine.installs(code=127, into=place))
    assert browser.provide(download) == machine.path / "chromium"


@pytest.mark.parametrize(
    ("manager", "call"), [("dnf", "dnf install -q -y chromium"), ("apk", "apk add -q chromium")]
)
def test_other_distributions_have_other_commands(
    machine: Machine, root: None, manager: str, call: str
) -> None:
    machine.has(manager, machine.installs())
    assert browser.provide(machine.download("exit 1")) == machine.path / "chromium"
    assert machine.calls[1:] == [call]


def test_nobody_but_root_asks_the_distribution_and_is_told_what_to_do(
    machine: Machine, nobody: None, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.has("apt-get", machine.installs())
    assert browser.main([], machine.download("exit 1")) == 1
    assert machine.calls == ["playwright install chromium"]
    told = capfd.readouterr().out
    assert "apt-get install chromium" in told
    assert "CHROMIUM=" in told


def test_when_everything_fails_it_is_said_what_to_do(
    machine: Machine, root: None, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.has("apt-get", "exit 100")
    assert browser.main([], machine.download("exit 1")) == 1
    assert machine.calls == ["playwright install chromium", *APT]
    assert browser.MISSING in capfd.readouterr().out


def test_a_part_of_the_tests_may_go_on_without_one(machine: Machine, nobody: None) -> None:
    assert browser.main(["--if-possible"], machine.download("exit 1")) == 0


def test_playwright_is_asked_by_the_python_that_has_it() -> None:
    assert browser.DOWNLOAD[:3] == (sys.executable, "-m", "playwright")
