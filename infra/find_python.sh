#!/bin/sh
# Prints the Python to build environments with: 3.13 wherever it lies, else python3 from 3.11 on.
# A name on the PATH proves nothing (a pyenv shim may be there and fail), so each is run once.

works() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] '"$2"')' >/dev/null 2>&1
}

for candidate in "$PYTHON" python3.13 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 \
    /opt/python*/bin/python3.13 /usr/local/bin/python3.13 /usr/bin/python3.13; do
    if [ -n "$candidate" ] && works "$candidate" '!= (3, 13)'; then
        command -v "$candidate"
        exit 0
    fi
done

for candidate in python3 /usr/bin/python3; do
    if works "$candidate" '< (3, 11)'; then
        {
            echo "*** Python 3.13 was not found; going on with $("$candidate" --version)."
            echo "*** Lambda runs 3.13. Without it 'make test-deploy' and 'make deploy' cannot work."
        } >&2
        command -v "$candidate"
        exit 0
    fi
done

echo "*** Python 3.13 (or at least 3.11, with its venv module) is needed; none was found." >&2
exit 1
