#!/usr/bin/env bash
# rustc for the Windows build of .ci/windows.sh (RUSTC_WRAPPER). Libraries for Windows stay bitcode; the program takes what it uses of
# them, and only that is translated, once. Cargo's own `lto` does so, too, but it changes the profile of the build
# script's YARA-X, which would then be built a second time. docs/decisions/0034 has the figures.
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
    x86_64-pc-windows-gnu:bin) exec "$@" -C embed-bitcode=yes -C lto=thin -C opt-level=0 ;;
    x86_64-pc-windows-gnu:*lib) exec "$@" -C linker-plugin-lto ;;
    *) exec "$@" ;;
esac
