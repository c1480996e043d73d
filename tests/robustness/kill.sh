#!/usr/bin/env bash
# Killed at any moment, the program leaves a journal of whole records.
. "$(dirname "$0")/lib.sh"
times=$([ "$length" = long ] && echo 200 || echo 25)
volume "$work/v" 300
for ((n = 0; n < times; n++)); do
    out=$work/out.$n
    "$program" scan "$work/v" -q --all -f jsonl >"$out" 2>/dev/null &
    pid=$!
    sleep "0.$(printf '%03d' $((RANDOM % 350)))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    whole "$out" "kill $n"
done
done_with "$times kills"
