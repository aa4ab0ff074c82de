#!/usr/bin/env bash
# Resolves pyproject.toml for Python 3.11 and later into lock files with hashes and without any host.
# `scripts/lock.sh --upgrade` takes newer versions; without it what is locked stays where it can.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)

compile() { # the purpose, then uv's further options
    local purpose=$1
    shift
    "$uv" pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --output-file "requirements/$purpose.lock" "$@"
}

compile test --group test "$@"
# Held to the versions of the test lock, so that what runs is what was tested.
compile run --group build --constraint requirements/test.lock
