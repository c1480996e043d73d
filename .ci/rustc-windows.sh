#!/usr/bin/env bash
# rustc for the Windows build of .ci/windows.sh (RUSTC_WRAPPER). Libraries for Windows become bitcode that nothing has optimised; the
# program is optimised and translated as a whole and without what it does not use. Cargo's own `lto` does so, too, but it
# changes the profile of the build script's YARA-X, which would then be built a second time.
set -euo pipefail

target=
kind=
previous=
for argument in "$@"; do
    case $previous in
        --target) target=$argument ;;
        --crate-type) kind=$argument ;;
    esac
    previous=$argument
done
case $target:$kind in
    x86_64-pc-windows-gnu:bin) exec "$@" -C embed-bitcode=yes -C lto=thin ;;
    x86_64-pc-windows-gnu:*lib) exec "$@" -C linker-plugin-lto -C opt-level=0 ;;
    *) exec "$@" ;;
esac
