#!/usr/bin/env bash
# Packages, chains and signatures with those who read them: 7z, pyzipper, sha256sum, ssh-keygen, a chain computed in Python.
# package.sh PROGRAM SCRATCH [SERVER]: SERVER is the fixture that the test suite unpacks.
set -euo pipefail
program=$(realpath "$1"); mkdir -p "$2"; scratch=$(realpath "$2"); server=$(realpath "${3:-target/compromised_2019}")
cd "$scratch"; rm -rf package; mkdir package; cd package
fail() { echo "package.sh: $*" >&2; exit 1; }
run() { local expected=$1; shift; local code=0; "$@" >out.txt 2>&1 || code=$?; [ "$code" = "$expected" ] || { cat out.txt >&2; fail "$* ended with $code, not $expected"; }; }

before=$(find "$server" -type f -printf '%p %s %T@\n' | sort | sha256sum)
ssh-keygen -q -t ed25519 -N '' -C examiner -f key
echo "examiner $(cat key.pub)" >allowed_signers
run 1 "$program" scan "$server" -q -f jsonl -o results.jsonl --host MAIL01 --case 2021-7 --examiner 'A. Example' --chain --sign key

# The output: its signature, its chain, and what happens to a changed one.
ssh-keygen -Y verify -f allowed_signers -I examiner -n file -s results.jsonl.sig <results.jsonl
run 0 "$program" verify results.jsonl --key key.pub
"${PYTHON:-python3}" - <<'P'
import hashlib, json, re
before, count = b"0" * 64, 0
for line in open("results.jsonl", "rb"):
    start, value = re.fullmatch(rb'(.*),"chain":"([0-9a-f]{64})"\}\}\n', line).groups()
    assert hashlib.sha256(before + start + b"}}").hexdigest().encode() == value, count
    before, count = value, count + 1
    record = json.loads(line)
    assert record["event"]["sequence"] == count and record["shellsift"]["chain"] == value.decode()
assert record["shellsift"]["record"] == "scan_end"
P
sed 's/"critical"/"low"/' results.jsonl >changed.jsonl; run 1 "$program" verify changed.jsonl
cp results.jsonl.sig changed.jsonl.sig; run 1 "$program" verify changed.jsonl
head -n -1 results.jsonl >cut.jsonl; run 3 "$program" verify cut.jsonl
sed '3d' results.jsonl >removed.jsonl; run 1 "$program" verify removed.jsonl
! ssh-keygen -Y verify -f allowed_signers -I examiner -n file -s results.jsonl.sig <changed.jsonl >/dev/null 2>&1 || fail "ssh-keygen took a changed output"
# A key for other purposes, and a signature for another purpose: refused as ssh-keygen refuses them.
echo "examiner namespaces=\"git\" $(cat key.pub)" >for_git; run 2 "$program" verify results.jsonl --key for_git
echo "examiner namespaces=\"file\" $(cat key.pub)" >for_files; run 0 "$program" verify results.jsonl --key for_files
cp results.jsonl purpose.jsonl; ssh-keygen -q -Y sign -f key -n git purpose.jsonl 2>/dev/null; run 2 "$program" verify purpose.jsonl --key key.pub
ssh-keygen -q -t ed25519 -N '' -f other; run 1 "$program" verify results.jsonl --key other.pub
ssh-keygen -q -t ed25519 -N secret -f locked
run 2 "$program" scan "$server" -q -f jsonl -o x.jsonl --sign locked; grep -q passphrase out.txt || fail "the passphrase is not named"
cp results.jsonl by-hand.jsonl; ssh-keygen -q -Y sign -f key -n file by-hand.jsonl 2>/dev/null; run 0 "$program" verify by-hand.jsonl --key key.pub

# The package.
code=0; "$program" collect results.jsonl -o case.zip --neighbours --sign key >collect.txt 2>&1 || code=$?
[ "$code" = 0 ] || [ "$code" = 3 ] || { cat collect.txt >&2; fail "collect ended with $code"; }
[ -z "$(ls -A | grep '\.tmp$')" ] || fail "something was left beside case.zip"
run 0 "$program" verify case.zip --key key.pub
ssh-keygen -Y verify -f allowed_signers -I examiner -n file -s case.zip.sig <case.zip
7z x -pinfected -ounpacked case.zip >7z.txt || { cat 7z.txt >&2; fail "7z"; }
(cd unpacked && sha256sum --quiet -c SHA256SUMS)
! 7z t -pwrong case.zip >/dev/null 2>&1 || fail "7z took a wrong password"
"${PYTHON:-python3}" - "$server" <<'P'
import datetime, hashlib, json, os, re, sys
import pyzipper
with pyzipper.AESZipFile("case.zip") as package:
    package.setpassword(b"infected")
    names = package.namelist()
    assert names[-2:] == ["SHA256SUMS", "MANIFEST.json"] and len(set(name.lower() for name in names)) == len(names)
    assert all(re.fullmatch(r"[ -~]+", name) and ".." not in name.split("/") and not re.search(r'[\\:*?"<>|]', name) for name in names)
    manifest = json.loads(package.read("MANIFEST.json"))
    assert manifest["format"] == "shellsift-package-1" and manifest["case"] == "2021-7" and manifest["examiner"] == "A. Example"
    assert {m["name"] for m in manifest["members"]} == set(names[:-2])
    kinds = {}
    for member in manifest["members"]:
        content = package.read(member["name"])
        assert len(content) == member["size"] and hashlib.sha256(content).hexdigest() == member["sha256"], member
        kinds.setdefault(member["kind"], []).append(member)
        assert member["comparison"] != "different", member
        # What the evidence has, byte by byte and to the second.
        path = os.path.join(sys.argv[1], *member["server_path"][3:].split("\\"))
        if member["server_path"].startswith("C:\\") and os.path.isfile(path):
            assert open(path, "rb").read() == content, path
            modified = datetime.datetime.fromisoformat(member["times"]["modified"][:19]).replace(tzinfo=datetime.timezone.utc)
            assert int(os.stat(path).st_mtime) == int(modified.timestamp()), path
            unpacked = os.path.join("unpacked", member["name"])
            assert abs(os.stat(unpacked).st_mtime - os.stat(path).st_mtime) < 2, (unpacked, "time")
    print({kind: len(members) for kind, members in kinds.items()}, len(manifest["not_collected"]), "not collected")
    found = {json.loads(line)["file"]["path"] for line in open("results.jsonl") if '"record":"finding"' in line and '"level":"critical"' in line}
    told = {m["server_path"] for m in manifest["members"]} | {m["server_path"] for m in manifest["not_collected"]}
    assert found and found <= told, found - told
    for kind in ["results", "finding", "configuration", "log", "neighbour"]:
        assert kinds.get(kind), kind
P

# A package that was changed, cut, or made with another password; a limit; an output in the evidence.
python3 -c "
data = bytearray(open('case.zip', 'rb').read()); data[len(data) // 3] ^= 1; open('flipped.zip', 'wb').write(data)"
code=0; "$program" verify flipped.zip >/dev/null 2>&1 || code=$?; [ "$code" != 0 ] || fail "a flipped bit was not seen"
head -c 5000 case.zip >cut.zip; run 3 "$program" verify cut.zip
run 2 "$program" verify case.zip --password other
run 2 "$program" collect results.jsonl -o case.zip
run 3 "$program" collect results.jsonl "$server" -o small.zip --max-total 1MiB --max-size 1KiB -q
run 2 "$program" collect results.jsonl -o "$server/case.zip"
[ ! -e "$server/case.zip" ] && [ -z "$(find "$server" -name '.shellsift-*')" ] || fail "written into the evidence"
before_results=$(sha256sum <results.jsonl)
run 2 "$program" collect results.jsonl -o results.jsonl --force; grep -q 'one of the inputs' out.txt || fail "its own input"
run 2 "$program" collect results.jsonl -o -; run 2 "$program" collect results.jsonl -o empty.zip --password ''
[ "$before_results" = "$(sha256sum <results.jsonl)" ] || fail "the results were overwritten"
# A full disk leaves nothing.
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
    code=0; "$program" collect results.jsonl -o small/case.zip >out.txt 2>&1 || code=$?
    left=$(ls -A small); umount small
    [ "$code" = 2 ] && [ -z "$left" ] && grep -q 'cannot write' out.txt || { cat out.txt >&2; fail "a full disk: exit $code, left: $left"; }
fi
# A file that changed since, and one that is gone.
cp -a "$server" copy; "$program" scan copy -q -f jsonl -o copy.jsonl --host MAIL01 || true
page=$(python3 -c "
import json
pages = (json.loads(line) for line in open('copy.jsonl') if '\"record\":\"finding\"' in line and '\"level\":\"critical\"' in line)
print(next(p['file']['path'] for p in pages if p['file']['path'].endswith('.aspx'))[3:].replace('\\\\', '/'))")
echo changed >>"copy/$page"; run 3 "$program" collect copy.jsonl -o differs.zip; grep -q DIFFERENT out.txt || fail "a changed file is not told"
rm "copy/$page"; run 3 "$program" collect copy.jsonl -o gone.zip; grep -q MISSING out.txt || fail "a missing file is not told"
[ "$before" = "$(find "$server" -type f -printf '%p %s %T@\n' | sort | sha256sum)" ] || fail "the evidence was changed"
echo "package.sh: fine"
