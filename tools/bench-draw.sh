#!/usr/bin/env bash
# npm run bench:draw -- FILE [--out DIR]
# Figures of a measurement that `npm run bench -- --json FILE` wrote.
set -euo pipefail
invoked_from=${INIT_CWD:-$PWD}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

cd "$invoked_from"
exec node --import "file://$root/node_modules/tsx/dist/loader.mjs" "$root/bench/draw/main.ts" "$@"
