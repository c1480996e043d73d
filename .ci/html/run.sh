#!/usr/bin/env bash
# Pages of the report's own tests, and of results that are named, are opened and used in headless Chromium.
#   .ci/html/run.sh [PAGE.html...]
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v chromium >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null || true
fi
command -v chromium >/dev/null || { echo "chromium is not installed: the HTML report was not opened"; exit 1; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'websocket-client==1.*'
mkdir "$folder/pages"
HTML_PAGES="$folder/pages" cargo test --locked --quiet -p shellsift-report html:: >/dev/null
"$folder/venv/bin/python" .ci/html/check.py "$folder"/pages/*.html "$@"
