# What the scripts of this folder share. Each is started with the program: SCRIPT PROGRAM [short|long].
set -uo pipefail
program=$(realpath "$1")
length=${2:-short}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/shellsift-robustness.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
failed=0

fail() {
    echo "  FAILED: $*"
    failed=1
}

# done_with NAME: says how it went and ends the script.
done_with() {
    [ "$failed" = 0 ] && echo "  $1: held"
    exit "$failed"
}

# skip WORDS: says loudly that something was not tried.
skip() {
    echo "  NOT TRIED: $*"
}

# An inert page that is found wherever pages are looked at; put together here, so that no file of this repository holds it.
page() {
    printf '<%%@ Page Language="JScript" Inherits="Shellsift.Inert.NoSuchType" %%>\n<%% @@inert@@ %s%s["inert"],"%s") %%>\n' \
        ev 'al(Request' unsafe
}

# volume FOLDER FILES: the volume of a small server with one page that is found and FILES others.
volume() {
    mkdir -p "$1"/Windows/System32/winevt/Logs "$1"/inetpub/wwwroot/site "$1"/inetpub/logs/LogFiles/W3SVC1
    page >"$1"/inetpub/wwwroot/a.aspx
    local n
    for ((n = 0; n < $2; n++)); do
        printf '<%%@ Page Language="C#" %%>\n<p>%s</p>\n' "$n" >"$1/inetpub/wwwroot/site/p$n.aspx"
    done
    {
        echo '#Software: Microsoft Internet Information Services 10.0'
        echo '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken'
        echo '2021-03-03 06:00:00 10.0.0.1 POST /a.aspx - 443 - 198.51.100.7 x 200 0 0 1'
    } >"$1"/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log
}

# whole FILE: every line is a record, and the last one ends.
whole() {
    [ -s "$1" ] || return 0
    [ -z "$(tail -c 1 "$1")" ] || { fail "$2: the last record has no end"; return; }
    if grep -qvE '^\{"@timestamp":.*\}$' "$1"; then fail "$2: a line is no record"; fi
    if command -v python3 >/dev/null; then
        python3 -c 'import json,sys
for line in open(sys.argv[1], encoding="utf-8"): json.loads(line)' "$1" 2>/dev/null || fail "$2: a line is no JSON"
    fi
}

has() {
    grep -q "\"record\":\"$2\"" "$1"
}

now() {
    date +%s%N
}

# shim: what makes reads hang; empty where there is no compiler.
shim() {
    local out=$work/hang.so
    if [ ! -e "$out" ] && command -v gcc >/dev/null && [ "$(uname -s)" = Linux ]; then
        gcc -shared -fPIC -O1 -Wall -Werror -o "$out" "$here/hang.c" -ldl || return
    fi
    [ -e "$out" ] && echo "$out"
}
