#!/usr/bin/env bash
# Builds the Windows program on Linux and tests it under Wine: .ci/windows.sh [SHELLSIFT.EXE]
#
# Without an argument a debug build is made; pass a release build to test that instead.
#
# Not testable under Wine, only on real Windows: unchanged access times (Wine does not support SetFileTime with -1), creation and
# change times, background I/O, the length and the sectors of real devices, record numbers, reparse points (a link is a plain folder
# there), alternate streams, access rights, names with lone surrogates, and any timing.
set -euo pipefail
cd "$(dirname "$0")/.."

target=x86_64-pc-windows-gnu
mingw=x86_64-w64-mingw32
work=$PWD/target/wine
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=
drive_c=$WINEPREFIX/drive_c

# --- tools

find_wine() {
    command -v wine64 || ls /usr/lib/wine/wine64 2>/dev/null
}
if ! command -v $mingw-gcc >/dev/null || ! command -v jq >/dev/null || ! find_wine >/dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
        gcc-mingw-w64-x86-64 jq wine64 >/dev/null
fi
wine=$(find_wine)
rustup target list --installed | grep -qx $target || rustup --quiet target add $target

# --- programs

if [ $# -gt 0 ]; then
    exe=$1
else
    # The dev profile, so that the build script's YARA-X is the one that the tests have built. Link-time optimisation of its own making,
    # because the GNU linker keeps the import of every DLL that an unused function names.
    RUSTC_WRAPPER=$PWD/.ci/rustc-windows.sh CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="-C codegen-units=4" \
        cargo build --quiet --locked --target $target --bin shellsift
    exe=target/$target/debug/shellsift.exe
fi
cargo build --quiet --locked --bin shellsift --example unpack

# --- a temporary Windows whose only drive is C:

stop_wine() {
    "$wine" wineboot -k >/dev/null 2>&1 || true
}
[ ! -d "$WINEPREFIX" ] || stop_wine # left by an interrupted run
rm -rf "$work"
mkdir -p "$work"
"$wine" wineboot -i >/dev/null 2>&1
trap stop_wine EXIT
# Wine shows the whole machine as a fixed drive Z:, which a scan without a target would examine.
rm -f "$WINEPREFIX/dosdevices/z:"
if [ ! -e "$drive_c/windows/system32/bcryptprimitives.dll" ]; then
    $mingw-gcc -O2 -s -shared -o "$drive_c/windows/system32/bcryptprimitives.dll" tests/windows/bcryptprimitives.c -ladvapi32
fi
for tool in hold priority; do
    $mingw-gcc -O2 -s -municode -Wall -Werror -o "$drive_c/$tool.exe" tests/windows/$tool.c
done
cp "$exe" "$drive_c/shellsift.exe"

# --- helpers for checks

passed=0
failed=0
# check WHAT COMMAND...
check() {
    local what=$1
    shift
    if "$@"; then
        echo "ok $what"
        passed=$((passed + 1))
    else
        echo "FAILED $what"
        failed=$((failed + 1))
    fi
}
same() { diff "$1" "$2"; }
equal() { [ "$1" = "$2" ] || { echo "  \"$1\" is not \"$2\""; false; }; }
has() { grep -qxF -- "$2" "$1" || { echo "  not there: $2"; false; }; }

# in_windows OUTPUT COMMAND...; its exit code is in $code.
#
# Code 139 is a crash of Wine itself (signal 11), and the only case that is retried: in one run of a hundred, process exit races
# with an exiting thread, and Wine 8's SIGQUIT handler then uses that thread's freed data. A fault of the program itself is an
# exception under Wine, which ends with code 5.
in_windows() {
    local output=$1
    shift
    for _ in 1 2 3; do
        code=0
        (cd "$drive_c" && timeout 300 "$wine" "$@" >"$output") || code=$?
        [ $code = 139 ] || break
        echo "  Wine itself ended with signal 11; again" >&2
    done
}
windows_scan() { # JOURNAL ARGUMENT...
    local journal=$1
    shift
    in_windows "$journal" 'C:\shellsift.exe' scan --quiet --format jsonl "$@"
}
linux_scan() { # JOURNAL ARGUMENT...
    local journal=$1
    shift
    target/debug/shellsift scan --quiet --format jsonl "$@" >"$journal" || true
}
# Path, level and reasons of every finding, without those about creation times: Wine invents them, a copy on Linux has none.
findings() {
    jq -r 'select(.shellsift.record == "finding")
        | [.file.path, .shellsift.level, ([.shellsift.reasons[].id | select(test("^(time|timestamp)/creat") | not)] | sort | join(" "))] | join("\t")' "$1" | sort
}
found_paths() { findings "$1" | cut -f 1; }
problems() {
    jq -r 'select(.shellsift.record == "problem") | .shellsift.problem.kind + "\t" + (.file.path // "")' "$1" | sort
}
# What must not change in the evidence. Access times are excluded, see above.
state_of() {
    (cd "$1" && find . -printf '%p\t%y\t%s\t%T@\t%m\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

# --- the program file

# Needed by Rust's standard library, the C runtime of mingw and the registry calls. Nothing that reaches the network.
imports="advapi32 api-ms-win-core-synch-l1-2-0 bcryptprimitives kernel32 msvcrt ntdll ws2_32"
tr ' ' '\n' <<<"$imports" | sort >"$work/imports.expected"
$mingw-objdump -p "$exe" | sed -n 's/.*DLL Name: \(.*\)\.dll$/\L\1/Ip' | sort -u >"$work/imports"
check "imports exactly the DLLs it should" same "$work/imports.expected" "$work/imports"
in_windows "$work/version" 'C:\shellsift.exe' --version
check "starts and says its version" equal "$(tr -d '\r' <"$work/version")" "$(target/debug/shellsift --version)"

# --- a volume: as on Linux

evidence=$drive_c/evidence
target/debug/examples/unpack fixtures/servers/compromised_2019 "$evidence" >/dev/null
find "$evidence" -type l -delete # because Wine would follow them
auth="Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth"
standin=$work/standin
cp "$evidence/$auth/errorEE.aspx" "$standin"
# Names that Win32 treats as a device, truncates, or rejects as too long, unless the path begins with \\?\.
deep=$(printf 'a_folder_with_a_name_that_is_fairly_long/%.0s' {1..8})
wwwroot=$evidence/inetpub/wwwroot
mkdir -p "$wwwroot/$deep"
for name in con.aspx "trailing dot.aspx." "$deep/deep.aspx"; do
    cp "$standin" "$wwwroot/$name"
done

state_of "$evidence" >"$work/before"
linux_scan "$work/linux.jsonl" "$evidence"
windows_scan "$work/windows.jsonl" 'C:\evidence'
findings "$work/linux.jsonl" >"$work/linux.findings"
findings "$work/windows.jsonl" >"$work/windows.findings"
found_paths "$work/windows.jsonl" >"$work/windows.paths"
check "a volume gives the findings it gives on Linux ($(wc -l <"$work/linux.findings"))" \
    same "$work/linux.findings" "$work/windows.findings"
check "and exit code 1" equal "$code" 1
check "and the same problems" same <(problems "$work/linux.jsonl") <(problems "$work/windows.jsonl")
check "a reserved name is examined" has "$work/windows.paths" 'C:\inetpub\wwwroot\con.aspx'
check "a trailing dot is examined" has "$work/windows.paths" 'C:\inetpub\wwwroot\trailing dot.aspx.'
long="C:\\inetpub\\wwwroot\\${deep//\//\\}deep.aspx"
check "a path of ${#long} characters is examined" has "$work/windows.paths" "$long"

# --- a locked file: everything but its content is known

locked='C:\inetpub\wwwroot\iisupdate.asp'
coproc HOLD { cd "$drive_c" && "$wine" 'C:\hold.exe' 'C:\evidence\inetpub\wwwroot\iisupdate.asp'; }
hold=$HOLD_PID
read -r -t 60 -u "${HOLD[0]}" said || said=nothing
windows_scan "$work/locked.jsonl" 'C:\evidence'
eval "exec ${HOLD[1]}>&-"
wait "$hold" || said="no good end"
check "a file can be held" equal "${said%$'\r'}" held
check "a locked file is a problem" has <(problems "$work/locked.jsonl") "file_locked	$locked"
check "all others are found" same <(grep -vF "$locked" "$work/linux.findings") <(findings "$work/locked.jsonl")
check "and exit code 1" equal "$code" 1

# --- the live profile

in_windows "$work/priority" 'C:\priority.exe' 'C:\shellsift.exe scan -q --profile live C:\evidence -f jsonl -o C:\live.jsonl --force'
check "--profile live runs below normal priority" equal "$(tr -d '\r' <"$work/priority")" "below normal"
check "finds the same" same "$work/linux.findings" <(findings "$drive_c/live.jsonl")
check "and exit code 1" equal "$code" 1
in_windows "$work/priority" 'C:\priority.exe' 'C:\shellsift.exe scan -q --profile lab C:\evidence -f jsonl -o C:\lab.jsonl --force'
check "--profile lab runs at normal priority" equal "$(tr -d '\r' <"$work/priority")" normal

state_of "$evidence" >"$work/after"
check "nothing in the evidence has changed" same "$work/before" "$work/after"

# --- a disk image

base64 -d fixtures/images/volume.ntfs.gz.b64 | gunzip >"$work/volume.dd"
cp "$work/volume.dd" "$drive_c/volume.dd"
linux_scan "$work/image.linux.jsonl" "$work/volume.dd"
windows_scan "$work/image.windows.jsonl" 'C:\volume.dd'
findings "$work/image.linux.jsonl" >"$work/image.findings"
check "a disk image gives the findings it gives on Linux ($(wc -l <"$work/image.findings"))" \
    same "$work/image.findings" <(findings "$work/image.windows.jsonl")
check "deleted files are among them" has <(found_paths "$work/image.windows.jsonl") 'C:\inetpub\wwwroot\aspnet_client\gone.aspx'
check "and exit code 1" equal "$code" 1
rm "$drive_c/volume.dd"

# --- raw devices: for Wine a file to which c:: leads is the device of drive C:

raw_access() { jq -r 'select(.shellsift.record == "scan_start") | .shellsift.run.discovered[] | select(.kind == "raw access") | .description' "$1"; }
ln -s "$work/volume.dd" "$WINEPREFIX/dosdevices/c::"
windows_scan "$work/raw.jsonl" --raw
check "--raw gives the findings of the volume on the device" same "$work/image.findings" <(findings "$work/raw.jsonl")
check "and the head says so" equal "$(raw_access "$work/raw.jsonl")" 'yes: C: is read from \\.\C:'
check "and exit code 1" equal "$code" 1
windows_scan "$work/device.jsonl" '\\.\C:'
check "a device as a target gives the same" same "$work/image.findings" <(findings "$work/device.jsonl")
check "and the head says so" equal "$(raw_access "$work/device.jsonl")" 'yes: \\.\C:'
rm "$WINEPREFIX/dosdevices/c::"
windows_scan "$work/refused.jsonl" --raw
check "without the device --raw examines nothing" equal "$code" 2

# --- no target: this server, its installation from the registry

rm -rf "$evidence"
install='C:\Data\Apps\Mail\Server\Build' # deeper than the folder search goes
planted="$install\\FrontEnd\\HttpProxy\\owa\\auth\\errorEE.aspx"
folder=$drive_c/Data/Apps/Mail/Server/Build/FrontEnd/HttpProxy/owa/auth
mkdir -p "$folder"
cp "$standin" "$folder/errorEE.aspx"
windows_scan "$work/unregistered.jsonl"
check "without the registry it is not found" equal "$(found_paths "$work/unregistered.jsonl")" ""
in_windows /dev/null reg add 'HKLM\SOFTWARE\Microsoft\ExchangeServer\v15\Setup' /v MsiInstallPath /d "$install\\" /f
in_windows "$work/priority" 'C:\priority.exe' 'C:\shellsift.exe scan -q -f jsonl -o C:\server.jsonl --force'
check "without a target the registry leads to the installation" has <(found_paths "$drive_c/server.jsonl") "$planted"
check "and exit code 1" equal "$code" 1
check "drive C: is all that is examined" equal \
    "$(jq -r 'select(.shellsift.record == "scan_start") | .shellsift.run.sources[].server_path' "$drive_c/server.jsonl")" 'C:\'
check "a server is examined below normal priority" equal "$(tr -d '\r' <"$work/priority")" "below normal"

echo "windows: $passed passed, $failed failed"
[ $failed = 0 ]
