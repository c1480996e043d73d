#!/usr/bin/env bash
# Files that change, vanish, become links or pipes while they are scanned: the run ends, says so, and follows nothing.
. "$(dirname "$0")/lib.sh"
rounds=$([ "$length" = long ] && echo 60 || echo 8)
volume "$work/v" 60
mkdir "$work/outside"
page >"$work/outside/secret.aspx"
site=$work/v/inetpub/wwwroot/site

# followed FILE: whether the page outside is among the findings, by the way of a link in the site, which has no such page itself.
followed() {
    grep '"record":"finding"' "$1" | grep -qF '"message":"critical C:\\inetpub\\wwwroot\\site\\'
}
page >"$site/p0.aspx"
"$program" scan "$work/v" -q -f jsonl >"$work/out"
followed "$work/out" || fail "a page of the site would not be seen"
printf '<%%@ Page Language="C#" %%>\n' >"$site/p0.aspx"
(
    while :; do
        n=$((RANDOM % 60)) file=$site/p$((RANDOM % 60)).aspx
        case $((RANDOM % 7)) in
        0) rm -f "$file" ;;
        1) mv "$file" "$site/moved$n.aspx" ;;
        2) : >"$file" ;;
        3) head -c 200000 /dev/zero >>"$site/grown.aspx" ;;
        4) rm -f "$file" && ln -s "$work/outside/secret.aspx" "$file" ;;
        5) rm -f "$file" && mkfifo "$file" ;;
        6) rm -rf "$site/d$n" && mkdir "$site/d$n" && rmdir "$site/d$n" && ln -s "$work/outside" "$site/d$n" ;;
        esac
        [ -e "$file" ] || printf '<%%@ Page Language="C#" %%>\n' >"$file"
        [ $((RANDOM % 40)) != 0 ] || { rm -rf "$site" && mkdir "$site"; }
    done
) 2>/dev/null &
changer=$!
for ((n = 0; n < rounds; n++)); do
    out=$work/out
    timeout 60 "$program" scan "$work/v" -q -f jsonl >"$out" 2>"$work/err"
    code=$?
    [ $code = 1 ] || fail "round $n: exit $code: $(cat "$work/err")"
    [ ! -s "$work/err" ] || fail "round $n: $(cat "$work/err")"
    whole "$out" "round $n"
    has "$out" scan_end || fail "round $n: no end"
    ! followed "$out" || fail "round $n: a link was followed"
done
kill $changer
wait $changer 2>/dev/null
done_with "$rounds races"
