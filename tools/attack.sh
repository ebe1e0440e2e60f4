#!/usr/bin/env bash
# npm run attack -- [--short] NAME...
# Attacks a built program and says which claims of docs/reliability.md hold.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/setup.sh demo >&2
exec node --import ./node_modules/tsx/dist/loader.mjs test/attack/main.ts "$@"
