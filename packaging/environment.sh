# Sourced by run.sh and test.sh: finds Python, installs what Debian lacks, and makes the virtual environment.
# Says in one line what is wrong when it cannot go on.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${BRIDGE_GUI_VENV:-$root/.venv}

# What PySide6's wheel expects from the system: the first list for any Qt program, the second for a real X11 window.
qt_packages=(libgl1 libegl1 libxkbcommon0 libfontconfig1 libfreetype6 libdbus-1-3 libglib2.0-0 libgssapi-krb5-2)
x11_packages=(libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-render0
              libxcb-shape0 libxcb-util1 libxcb-xkb1 libxkbcommon-x11-0 fonts-dejavu-core)

stop() { echo "${0##*/}: $*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else return 127
    fi
}

# Install those of the given Debian packages that are missing. On other systems: name them, and go on.
debian_packages() {
    command -v dpkg-query >/dev/null 2>&1 || { echo "Not a Debian system; if something is missing, look for: $*" >&2; return 0; }
    local missing=() name
    for name in "$@"; do
        # A package that took over another's name (libglib2.0-0t64) counts as installed by what it provides.
        dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed ||
            dpkg-query -W -f '${db:Status-Status} ${Provides}\n' 2>/dev/null | grep -q "^installed .*\b$name\b" ||
            missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return 0
    echo "Installing Debian packages: ${missing[*]}"
    as_root true || stop "these Debian packages are missing and neither root nor sudo is at hand: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq || stop "apt-get update failed; is there a network?"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        stop "apt-get could not install: ${missing[*]}"
}

find_python() {
    local name
    for name in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo "$name"; return; }
    done
    return 1
}

# environment LOCKFILE: a virtual environment that holds exactly what the lock file says, and this checkout.
environment() {
    local lock=$1 python stamp wanted
    python=$(find_python) || stop "Python 3.11, 3.12 or 3.13 is needed; none was found (name one with PYTHON=...)"
    stamp=$venv/.locked
    wanted=$(cat "$lock" "$root/pyproject.toml" | cksum)
    if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
        "$python" -m venv --clear "$venv" >/dev/null 2>&1 || {
            debian_packages python3-venv
            "$python" -m venv --clear "$venv" >/dev/null || stop "$python cannot make a virtual environment in $venv"
        }
    fi
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
    echo "Installing Python packages into ${venv#"$root"/} ..."
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" 2>"$venv/pip.log" ||
        { cat "$venv/pip.log" >&2; stop "the Python packages could not be installed; is there a network?"; }
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable "$root" 2>>"$venv/pip.log" ||
        { cat "$venv/pip.log" >&2; stop "the checkout could not be installed into $venv"; }
    echo "$wanted" >"$stamp"
}
