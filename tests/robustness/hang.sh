#!/usr/bin/env bash
# A read, an opening or a listing that never comes back: the file is named, everything else is found, the run ends by itself.
. "$(dirname "$0")/lib.sh"
shim=$(shim)
[ -n "$shim" ] || { skip "no gcc, or no Linux: nothing can be made to hang"; exit 0; }
volume "$work/v" 40
page >"$work/v/inetpub/wwwroot/hung.aspx"
mkdir "$work/v/inetpub/wwwroot/silent"
page >"$work/v/inetpub/wwwroot/silent/b.aspx"

# hung WHAT NAME AFTER FINDS SAYS THREADS
hung() {
    local out=$work/out begin code
    begin=$(now)
    HANG_WHAT=$1 HANG_NAME=$2 HANG_AFTER=$3 LD_PRELOAD=$shim timeout 40 \
        "$program" scan "$work/v" -q -f jsonl --timeout 1 -t "$6" >"$out" 2>"$work/err"
    code=$?
    [ $code = 1 ] || fail "$1 of $2: exit $code, $(cat "$work/err")"
    whole "$out" "$1 of $2"
    has "$out" scan_end || fail "$1 of $2: no end"
    [ "$(grep -c '"record":"finding"' "$out")" = "$4" ] || fail "$1 of $2: $(grep -c '"record":"finding"' "$out") findings, not $4"
    grep '"record":"problem"' "$out" | grep "$5" | grep -q 'no answer within 1 s' || fail "$1 of $2: $5 is not named"
    [ $((($(now) - begin) / 1000000000)) -lt 15 ] || fail "$1 of $2: took too long"
}
# Without what hangs there are the page, and the log line that asks for it.
for threads in 1 2 129; do
    hung open hung.aspx 0 2 hung.aspx $threads
    hung read hung.aspx 0 2 hung.aspx $threads
    hung list wwwroot/silent 0 2 silent $threads
    hung read u_ex210303.log 0 3 u_ex210303.log $threads
done
# What came before the silence is looked at.
{ page; head -c 100000 /dev/zero | tr '\0' ' '; } >"$work/v/inetpub/wwwroot/hung.aspx"
hung read hung.aspx 90000 3 hung.aspx 2
# Discovery hangs too.
hung list /winevt 0 3 winevt 2
hung list /System32 0 3 System32 2
done_with "hangs"
