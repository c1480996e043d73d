#!/usr/bin/env bash
# Runs every script of this folder, all at once, since they wait more than they work: run.sh PROGRAM [short|long]. Short takes
# about a minute.
set -uo pipefail
set -- "$(realpath "$1")" "${@:2}" # from where it was called
cd "$(dirname "$0")" || exit 1
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
scripts=(kill hang signals limits races strace)
for script in "${scripts[@]}"; do
    { bash "./$script.sh" "$@" >"$results/$script" 2>&1; echo $? >"$results/$script.code"; } &
done
wait
failed=0
for script in "${scripts[@]}"; do
    echo "$script"
    cat "$results/$script"
    [ "$(cat "$results/$script.code")" = 0 ] || failed=1
done
exit $failed
