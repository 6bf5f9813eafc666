#!/usr/bin/env bash
# Install all that the tests need and run every check: format, lint, types, import contracts, tests.
# Arguments go to pytest: packaging/test.sh tests/imap -k fetch
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

program_packages=(isync swaks libnet-ssleay-perl libauthen-sasl-perl mutt curl gnupg msmtp git git-email libmailtools-perl
                  neomutt offlineimap3 getmail6 aerc dovecot-imapd openssl)
desktop_packages=(thunderbird xvfb openbox tint2 xdotool xclip imagemagick dbus dbus-x11 gnome-keyring)
node_packages=()
command -v node >/dev/null 2>&1 || node_packages+=(nodejs)
command -v npm >/dev/null 2>&1 || node_packages+=(npm)

debian_packages "${qt_packages[@]}" "${x11_packages[@]}" "${program_packages[@]}" "${desktop_packages[@]}" "${node_packages[@]}"
environment "$root/packaging/requirements-dev.lock"
cd "$root"
for folder in tests/*/node; do
    [ -f "$folder/package-lock.json" ] || continue
    [ -d "$folder/node_modules" ] || npm ci --prefix "$folder" --silent --no-audit --no-fund ||
        stop "npm could not install what $folder names"
done

export PATH="$venv/bin:$PATH" QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
if [ $# = 0 ]; then
    ruff format --check --quiet . || stop "some files are not formatted: run 'ruff format .'"
    ruff check --quiet . || stop "ruff found something"
    mypy || stop "mypy found something"
    lint-imports || stop "an import goes against the floors in pyproject.toml"
    set -- tests
fi
exec python -m pytest -q -n 2 --dist loadfile --max-worker-restart 0 "$@"
