#!/usr/bin/env bash
# Makes everything ready: scripts/setup.sh run|test. Says what it does, repeats nothing that is done already,
# and exits 2 with one line when something is missing that it may not install.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin" # ldconfig stands there, and not every account has it

purpose=${1:?usage: scripts/setup.sh run|test}
missing=()
python=

say() { printf '── %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 2; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$(command -v "$candidate")
            return
        fi
    done
    stop "Python 3.11 or later is needed (on Debian 12 or later: sudo apt-get install python3 python3-venv)"
}

needs_library() { # a shared library, and the Debian package that brings it
    ldconfig -p | grep -F "$1" >/dev/null || missing+=("$2")
}

needs_program() { # the Debian package, and the names under which its program may stand
    local package=$1 name
    shift
    for name in "$@"; do
        if command -v "$name" >/dev/null; then return; fi
    done
    missing+=("$package")
}

list_missing() {
    # Debian splits ensurepip from Python; without it a virtual environment has no pip.
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        missing+=("$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info.minor)')")
    fi
    needs_library libpango-1.0.so.0 libpango-1.0-0
    needs_library libpangoft2-1.0.so.0 libpangoft2-1.0-0
    needs_library libharfbuzz.so.0 libharfbuzz0b
    needs_library libharfbuzz-subset.so.0 libharfbuzz-subset0
    if [ "$purpose" = test ]; then
        # Ubuntu's chromium package is only a door to a snap; there Playwright brings its own browser below.
        # Its firefox is another snap, and firefox-esr is Debian's own: there the tests leave Firefox out and say so.
        if ! grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
            needs_program chromium chromium
            needs_program firefox-esr firefox-esr
        fi
        needs_program webkit2gtk-driver WebKitWebDriver # the nearest to an iPhone's browser; it wants a screen to draw on
        needs_program xvfb Xvfb
        needs_program poppler-utils pdftotext
        needs_program default-jdk-headless javac # veraPDF, the judge of PDF/UA-1, wants Java and JAXB
        [ -f /usr/share/java/jaxb-runtime.jar ] || missing+=(libjaxb-java)
        compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || needs_program postgresql initdb
    fi
}

apt_install() { # Debian packages, as root; what it says goes to .setup.log
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
    say "Installing Debian packages: $*"
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } </dev/null >.setup.log 2>&1
}

may_install() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

install_missing() {
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    local advice="sudo apt-get install ${missing[*]}"
    command -v apt-get >/dev/null || stop "missing, by their Debian names: ${missing[*]}"
    may_install || stop "missing; please run: $advice"
    apt_install "${missing[@]}" ||
        { tail -n 20 .setup.log >&2; stop "apt-get failed (the whole of it: .setup.log); please run: $advice"; }
    rm -f .setup.log
}

install_python_packages() {
    local stamp=.venv/.$purpose.stamp state
    if ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        say "Making .venv with $("$python" --version)"
        "$python" -m venv --clear .venv
    fi
    state=$(cat requirements/*.lock pyproject.toml | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ]; then return; fi
    say "Installing $(grep -c '==' "requirements/$purpose.lock") Python packages (a minute or two the first time)"
    local pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet)
    "${pip[@]}" --require-hashes -r "requirements/$purpose.lock"
    # Everything the build needs is locked and installed above, so nothing is fetched here.
    "${pip[@]}" --no-deps --no-build-isolation --editable .
    echo "$state" >"$stamp"
    if [ "$purpose" = test ]; then echo "$state" >.venv/.run.stamp; fi # the test lock holds the run lock
}

install_browser() { # where Debian's Chromium is not to be had
    local chromium
    if chromium=$(command -v chromium) && [[ $(readlink -f "$chromium") != *snap* ]]; then return; fi
    if [ -f .venv/.browser.stamp ]; then return; fi
    say "Installing Playwright's Chromium"
    .venv/bin/playwright install chromium
    if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then .venv/bin/playwright install-deps chromium; fi
    touch .venv/.browser.stamp
}

case $purpose in run | test) ;; *) stop "usage: scripts/setup.sh run|test" ;; esac
find_python
list_missing
install_missing
install_python_packages
if [ "$purpose" = test ]; then install_browser; fi
.venv/bin/python scripts/catalogs.py compile
