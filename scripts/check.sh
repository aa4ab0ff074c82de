#!/usr/bin/env bash
# Every check and test, the quick ones first; stops at the first that fails and names it. Wants scripts/setup.sh test.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin

check() { # its name, then the command
    local name=$1
    shift
    printf '── %s\n' "$name"
    "$@" || { printf 'check failed: %s (%s)\n' "$name" "$*" >&2; exit 1; }
}

check "lint" $bin/ruff check .
check "format" $bin/ruff format --check --quiet .
check "types" $bin/mypy
check "floors" $bin/lint-imports --no-cache
check "templates" $bin/djlint --lint --quiet templates
check "catalogs" $bin/python scripts/catalogs.py check
if [ "${1:-}" = --no-tests ]; then exit 0; fi
printf '── tests\n'
# Stores of tests live in memory where there is room: what a killed process has written is in the kernel's hands there, too.
room=/tmp
if [ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -1)" -gt 4000000 ]; then export PYTEST_DEBUG_TEMPROOT=/dev/shm room=/dev/shm; fi
# What programs leave behind that are killed in a test goes with the tests.
TMPDIR=$(mktemp -d "$room/previsit-tests-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
chmod 711 "$TMPDIR"
$bin/python -m pytest -n auto --maxprocesses 4 --dist loadgroup --quiet
