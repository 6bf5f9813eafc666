#!/usr/bin/env bash
# Open Bridge Manager on its demo service: everything works as with a real account, and nothing leaves this computer.
# Without a display it serves the demo account and prints how to connect. Options are handed on to bridge-gui.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname)" = Darwin ]; then
    [ "$(uname)" = Darwin ] || debian_packages "${qt_packages[@]}" "${x11_packages[@]}"
    environment "$root/packaging/requirements.lock"
    exec "$venv/bin/bridge-gui" --demo "$@"
fi

environment "$root/packaging/requirements.lock"
echo "There is no display: serving the demo account without a window. Stop it with Ctrl+C."
exec "$venv/bin/python" "$root/packaging/serve_demo.py" "$@"
