#!/usr/bin/env bash
# npm run races
# Threads of the dataplane under the thread sanitizer: its tests, and two chains with
# each function on a core of its own. Prints what races; exit code 1 where something does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/setup.sh test
exec node --import ./node_modules/tsx/dist/loader.mjs test/races/main.ts
