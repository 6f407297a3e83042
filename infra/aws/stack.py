"""The stack: built by SAM, compiled, deployed, asked for its outputs. The same for AWS and MiniStack.

Where it goes (account, region, endpoint) is said by AWS's usual environment variables.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.aws.packages import lighten

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "samconfig.toml"
RUNTIME = (3, 13)
SAM = ROOT / ".venv-sam" / "bin" / "sam"
_PACKAGES = "DependenciesLayer"
_LAYERS = (_PACKAGES, "SharedLayer")
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name of a processor -> the one in names of packages."""


class WrongPython(RuntimeError):
    """The functions run on another Python than this one, so it can neither build nor compile them."""


def build(directory: Path, *options: str, architecture: str) -> Path:
    """Builds all functions and layers into `directory`, with bytecode and without what no function needs; returns
    the built template.

    `architecture` is the parameter of this name: packages of the layer are made for it.
    """
    if sys.version_info[:2] != RUNTIME:
        raise WrongPython(
            f"the functions need Python {RUNTIME[0]}.{RUNTIME[1]}, this is {sys.version}"
        )
    sam("build", "--build-dir", str(directory), *options, MACHINE=_MACHINES[architecture])
    lighten(directory / _PACKAGES / "python")
    compile_all(directory)
    return directory / "template.yaml"


def compile_all(directory: Path) -> None:
    """Adds bytecode, which SAM leaves out: imports take half the time with it.

    Unchecked hashes, since a zip keeps no times; paths as Lambda will have them, for tracebacks. Packages of others
    go as bytecode alone: nobody edits them there, and their sources are a fifth of what a function unpacks.
    """
    for artifact in sorted(part for part in directory.iterdir() if part.is_dir()):
        home = "/opt" if artifact.name in _LAYERS else "/var/task"
        compiled = compileall.compile_dir(
            artifact,
            quiet=1,
            force=True,
            stripdir=str(artifact),
            prependdir=home,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            workers=0,
            legacy=artifact.name == _PACKAGES,
        )
        if not compiled:
            raise SyntaxError(f"{artifact.name} does not compile")
    for source in [*(directory / _PACKAGES).rglob("*.py")]:
        source.unlink()


def deploy(
    template: Path, *options: str, name: str, region: str, parameters: Mapping[str, str]
) -> None:
    """Creates or updates the stack; parameters that are not given keep their value.

    A stack without changes is no failure, one that cannot be created leaves nothing behind. What
    matters is said here, not left to the section of samconfig.toml. Raises CalledProcessError.
    """
    overrides = [f"{key}={quoted(value)}" for key, value in parameters.items()]
    sam(
        "deploy",
        *("--template-file", str(template), "--stack-name", name, "--region", region),
        *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"),
        *("--no-fail-on-empty-changeset", "--on-failure", "DELETE"),
        *options,
        *(["--parameter-overrides", *overrides] if overrides else []),
    )


def quoted(value: str) -> str:
    """A parameter's value as SAM takes it whole: in quotes, else it ends at its first space."""
    escaped = value.replace('"', '\\"')
    return f'"{escaped}"'


def sam(command: str, *options: str, **environment: str) -> None:
    """Runs SAM with this project's configuration; raises CalledProcessError.

    What it tells is shown as it comes to a person, otherwise only when it fails.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    told = None if sys.stdout.isatty() else subprocess.PIPE
    try:
        subprocess.run(  # noqa: S603 - our own program and arguments
            [SAM, command, "--config-file", str(CONFIG), *options],
            cwd=ROOT,
            env={**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", **environment},
            check=True,
            stdout=told,
            stderr=subprocess.STDOUT if told else None,
            text=True,
        )
    except subprocess.CalledProcessError as failed:
        sys.stderr.write(failed.stdout or "")
        raise


def outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """The stack's outputs by name."""
    described: Sequence[Mapping[str, Any]] = cloudformation.describe_stacks(StackName=stack)[
        "Stacks"
    ]
    return {output["OutputKey"]: output["OutputValue"] for output in described[0]["Outputs"]}
