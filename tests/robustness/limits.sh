#!/usr/bin/env bash
# Limits of the process and of its disk: one clear error, a documented exit code, and what was found is kept.
. "$(dirname "$0")/lib.sh"
volume "$work/v" 30
chmod -R a+rX "$work"

# limited OPTION VALUE CODES: the codes that are documented.
limited() {
    local out=$work/out
    : >"$out"
    (ulimit "$1" "$2" && exec timeout 60 "$program" scan "$work/v" -q -f jsonl) >"$out" 2>"$work/err"
    local code=$?
    case " $3 " in *" $code "*) ;; *) fail "ulimit $1 $2: exit $code: $(cat "$work/err")" ;; esac
    whole "$out" "ulimit $1 $2"
    if [ $code = 2 ] && [ "$(wc -l <"$work/err")" != 1 ]; then fail "ulimit $1 $2: not one error: $(cat "$work/err")"; fi
}
for memory in 100000 200000 400000 700000; do limited -v $memory 2; done
for memory in 800000 1200000 2000000; do limited -v $memory 1; done
for files in 6 16 31; do limited -n $files 2; done
limited -n 64 1
for stack in 64 256; do limited -s $stack 1; done
for size in 1 2 4 8 16; do
    rm -f "$work/out.jsonl"
    (ulimit -f $size && exec "$program" scan "$work/v" -q -o "$work/out.jsonl") 2>"$work/err" >/dev/null
    code=$?
    [ $code = 2 ] || [ $code = 1 ] || fail "ulimit -f $size: exit $code"
    whole "$work/out.jsonl" "ulimit -f $size"
    [ $code != 2 ] || grep -q 'ulimit -f' "$work/err" || fail "ulimit -f $size: $(cat "$work/err")"
    rm -f "$work/led.jsonl"
    (ulimit -f $size && exec "$program" scan "$work/v" -q -f jsonl >"$work/led.jsonl") 2>/dev/null
    code=$?
    [ $code = 2 ] || [ $code = 1 ] || fail "ulimit -f $size, standard output: exit $code"
    whole "$work/led.jsonl" "ulimit -f $size, standard output"
done
# Threads: only users are limited.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    cp "$program" "$work/program" && chmod 755 "$work/program"
    for threads in 1 2 3 4 5 6 8 20; do
        setpriv --reuid 65533 --regid 65533 --clear-groups bash -c \
            "ulimit -u $threads && exec '$work/program' scan '$work/v' -q -f jsonl -t 16" >"$work/out" 2>"$work/err"
        code=$?
        case $code in 1 | 2) ;; *) fail "ulimit -u $threads: exit $code: $(cat "$work/err")" ;; esac
        [ $code != 2 ] || [ "$(wc -l <"$work/err")" = 1 ] || fail "ulimit -u $threads: not one error: $(cat "$work/err")"
        whole "$work/out" "ulimit -u $threads"
    done
else
    skip "limits on threads count for users alone, and this is no root"
fi
# A full disk.
"$program" scan "$work/v" -q -f jsonl >/dev/full 2>"$work/err"
[ $? = 2 ] && [ "$(wc -l <"$work/err")" = 1 ] || fail "a full disk: $(cat "$work/err")"
if [ "$(id -u)" = 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=8k tmpfs "$work/small" 2>/dev/null; then
    "$program" scan "$work/v" -q --all -o "$work/small/out.jsonl" 2>"$work/err"
    code=$?
    [ $code = 2 ] || fail "a full disk: exit $code"
    whole "$work/small/out.jsonl" "a full disk"
    grep -q 'cannot write' "$work/err" || fail "a full disk: $(cat "$work/err")"
    umount "$work/small"
else
    skip "no small disk can be mounted here"
fi
# Nobody listens.
"$program" scan "$work/v" -q -f jsonl >&- 2>"$work/err"
code=$?
case $code in 1 | 2) ;; *) fail "closed standard output: exit $code: $(cat "$work/err")" ;; esac
done_with "limits"
