#!/usr/bin/env bash
# Feeds the formats timesketch, bodyfile, xlsx and cef, and what is sent to a syslog receiver, to programs that read them.
#
#   timelines.sh PROGRAM RESULTS.jsonl
#
# Needs mactime (apt: sleuthkit) and, for the Python that $PYTHON names (python3), the packages openpyxl, pycef,
# timesketch-import-client and six, which that needs and does not name (pip). LibreOffice is used where it is there.
set -euo pipefail
program=$(realpath "$1")
results=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v mactime >/dev/null || { echo "mactime is not installed (apt: sleuthkit)"; exit 1; }
for format in timesketch:timesketch.jsonl bodyfile:body xlsx:xlsx cef:cef; do
    code=0
    "$program" report "$results" -f "${format%%:*}" -o "$work/out.${format#*:}" || code=$?
    # 1 says that something was found, 3 and 4 what of it counts: only 2 is an error.
    [ "$code" -ne 2 ] && [ "$code" -lt 100 ] || { echo "report -f ${format%%:*} ended with $code"; exit 1; }
done
TZ=UTC mactime -b "$work/out.body" -d -y -z UTC >"$work/mactime.csv"
if command -v soffice >/dev/null; then
    soffice --headless --convert-to csv --outdir "$work" "$work/out.xlsx" >/dev/null 2>&1
    [ -s "$work/out.csv" ] || { echo "LibreOffice does not read the workbook"; exit 1; }
fi
"${PYTHON:-python3}" "$here/timelines.py" "$program" "$results" "$work"
