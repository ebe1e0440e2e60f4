#!/usr/bin/env bash
# npm run bench [-- --json FILE]
# Packets a second in replay, as ratios to the bare replay loop of the same run.
set -euo pipefail
invoked_from=${INIT_CWD:-$PWD}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

bash tools/setup.sh demo >&2
cd "$invoked_from"
exec node --import "file://$root/node_modules/tsx/dist/loader.mjs" "$root/bench/main.ts" "$@"
