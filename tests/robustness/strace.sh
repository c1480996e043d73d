#!/usr/bin/env bash
# What the program asks of the system, for every verb: nothing of the target is opened for writing or changed, nothing is
# started, nothing is connected to.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || { skip "strace is not installed: what the program asks of the system was NOT PROVED"; exit 0; }
volume "$work/v" 20
mkdir -p "$work/v/Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth"
page >"$work/v/Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth/b.aspx"
before=$(cd "$work/v" && find . -printf '%p %m %s %T@ %C@\n' | sort | cksum)

# traced NAME OUTPUT ARGUMENTS...: OUTPUT is the only file that may be written, itself or beside its place until it is complete.
traced() {
    local name=$1 output=$2 trace=$work/trace
    shift 2
    strace -f -qq -y -s 4096 -o "$trace" -e trace=file,process,network,desc "$program" "$@" >"$work/out" 2>"$work/err"
    local code=$?
    [ $code -le 4 ] || fail "$name: exit $code: $(head -c 300 "$work/err")"
    [ -s "$trace" ] || { skip "strace cannot trace here"; exit 0; }
    local calls=$work/calls
    # One line a call, without its process.
    sed 's/^[0-9]* *//' "$trace" >"$calls"
    [ "$(grep -c '^execve(' "$calls")" = 1 ] || fail "$name: starts something: $(grep '^execve(' "$calls" | sed -n 2p)"
    if grep -E '^(socket|connect|bind|listen|sendto|sendmsg|fork|vfork)\(' "$calls" | grep -qv ENOSYS; then
        fail "$name: $(grep -E '^(socket|connect|bind|listen|sendto|sendmsg|fork|vfork)\(' "$calls" | head -1)"
    fi
    # A thread shares its memory; a process would not.
    if grep -E '^clone3?\(' "$calls" | grep -qv CLONE_THREAD; then fail "$name: starts a process"; fi
    local opened
    opened=$(grep -E '^(open|openat|creat)\(' "$calls" | grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|^creat' |
        grep -vE '"/dev/(null|tty)"|"/proc/self/' | grep -v 'O_TMPFILE')
    local beside="\"$work/\.shellsift-[0-9a-f]{16}\.tmp\""
    [ -z "$output" ] || opened=$(grep -vF "\"$output\"" <<<"$opened" | grep -vE "$beside")
    [ -z "$opened" ] || fail "$name: opens for writing: $(head -1 <<<"$opened")"
    local changed
    changed=$(grep -E '^(unlink|unlinkat|rename|renameat|renameat2|mkdir|mkdirat|rmdir|link|linkat|symlink|symlinkat|mknod|mknodat|chmod|fchmod|fchmodat|chown|fchown|fchownat|lchown|utime|utimes|utimensat|futimesat|truncate|setxattr|lsetxattr|fsetxattr|removexattr|lremovexattr|fremovexattr|mount|umount2)\(' "$calls")
    [ -z "$output" ] || changed=$(grep -vE "^rename(at2?)?\(.*($beside), .*\"$output\"" <<<"$changed")
    [ -z "$changed" ] || fail "$name: changes: $(head -1 <<<"$changed")"
}
traced scan "" scan "$work/v" -q -f jsonl
traced "scan into a file" "$work/o.jsonl" scan "$work/v" -q --chain -o "$work/o.jsonl"
traced "scan into a page" "$work/o.html" scan "$work/v" -q -o "$work/o.html"
traced report "$work/r.html" report "$work/o.jsonl" -o "$work/r.html"
traced diff "" diff "$work/o.jsonl" "$work/o.jsonl"
traced verify "" verify "$work/o.jsonl"
grep -q 'is whole' "$work/out" || fail "verify: $(cat "$work/out" "$work/err")"
traced collect "$work/c.zip" collect "$work/o.jsonl" -q -o "$work/c.zip"
traced logs "" logs "$work/v" -q
traced sites "" sites "$work/v"
traced health "" health "$work/v"
traced explain "" explain "$work/v/inetpub/wwwroot/a.aspx"
traced "baseline build" "$work/t.csv" baseline build "$work/v" --build x -o "$work/t.csv"
traced "baseline check" "" baseline check "$work/v"
traced "baseline info" "" baseline info
traced "rules list" "" rules list
traced man "" man
traced completions "" completions bash
after=$(cd "$work/v" && find . -printf '%p %m %s %T@ %C@\n' | sort | cksum)
[ "$before" = "$after" ] || fail "the target has changed"
done_with "system calls"
