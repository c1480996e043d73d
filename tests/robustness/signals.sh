#!/usr/bin/env bash
# The first signal ends the run within a second, with everything found and the end of the journal, whatever hangs and however
# often a supervisor signals.
. "$(dirname "$0")/lib.sh"
shim=$(shim)
volume "$work/v" 40
page >"$work/v/inetpub/wwwroot/hung.aspx"
bound=${BOUND_MS:-1500} # a second, and what a machine at work takes to start a process

# stopped NAME FINDS -- COMMAND...
stopped() {
    local name=$1 finds=$2 out=$work/out begin took code
    shift 3
    "$@" >"$out" 2>"$work/err" &
    local pid=$!
    # Until it has found what there is to find, on a machine that may be busy, and hangs.
    local waited=0
    while [ "$(grep -c '"record":"finding"' "$out")" -lt "$finds" ] && [ $((waited++)) -lt 300 ]; do sleep 0.1; done
    sleep 1
    begin=$(now)
    kill -TERM $pid 2>/dev/null || fail "$name: had ended by itself: $(cat "$work/err")"
    if [ "$name" != once ]; then
        sleep 0.02
        kill -INT $pid 2>/dev/null
        kill -TERM $pid 2>/dev/null
    fi
    wait $pid
    code=$?
    took=$((($(now) - begin) / 1000000))
    [ $code = 130 ] || fail "$name: exit $code"
    [ $took -lt "$bound" ] || fail "$name: $took ms"
    whole "$out" "$name"
    has "$out" scan_end || fail "$name: no end"
    grep '"record":"scan_end"' "$out" | grep -q '"interrupted":true' || fail "$name: the end does not say so"
    [ "$(grep -c '"record":"finding"' "$out")" -ge "$finds" ] || fail "$name: findings were lost"
}
scan=("$program" scan "$work/v" -q -f jsonl --timeout 60)
if [ -n "$shim" ]; then
    export HANG_WHAT=read HANG_NAME=hung.aspx
    stopped once 1 -- env LD_PRELOAD="$shim" "${scan[@]}"
    stopped "a read" 1 -- env LD_PRELOAD="$shim" "${scan[@]}"
    HANG_WHAT=open stopped "an opening" 1 -- env LD_PRELOAD="$shim" "${scan[@]}"
    HANG_WHAT=list HANG_NAME=wwwroot/site stopped "a listing" 0 -- env LD_PRELOAD="$shim" "${scan[@]}"
    HANG_WHAT=list HANG_NAME=/v stopped "the first listing" 0 -- env LD_PRELOAD="$shim" "${scan[@]}"
    HANG_WHAT=read HANG_NAME=u_ex210303.log stopped "a log" 2 -- env LD_PRELOAD="$shim" "${scan[@]}"
    HANG_WHAT=read HANG_NAME=u_ex210303.log stopped "the verb logs" 0 -- env LD_PRELOAD="$shim" "$program" logs "$work/v" -q -f jsonl
else
    skip "no gcc, or no Linux: nothing can be made to hang"
fi
# At work, not hanging.
stopped "at work" 1 -- "${scan[@]}" -t 1 --cpu-limit 1
done_with "signals"
