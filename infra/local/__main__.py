"""`python -m infra.local`: the whole application on this machine."""

from __future__ import annotations

import os
import sys

from infra.local.application import run, say
from infra.local.run_settings import BadSetting, RunSettings


def main() -> int:
    try:
        chosen = RunSettings.read(os.environ)
    except BadSetting as reason:
        say(str(reason))
        return 1
    return run(chosen)


if __name__ == "__main__":
    sys.exit(main())
