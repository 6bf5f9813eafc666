#!/usr/bin/env bash
# Write the two files of locked versions with their hashes anew, from pyproject.toml. Needs `uv`.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet)
uv pip compile pyproject.toml --extra fast --group build "${options[@]}" -o packaging/requirements.lock
uv pip compile pyproject.toml --extra fast --group build --group dev "${options[@]}" -c packaging/requirements.lock -o packaging/requirements-dev.lock
