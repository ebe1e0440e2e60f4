#!/usr/bin/env bash
# npm test [-- NAME...]
# Every test of every kind, or those whose file name contains a NAME. The last
# line counts them: "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/setup.sh test
# tsx is loaded from the clone, whatever is installed elsewhere.
exec node --import ./node_modules/tsx/dist/loader.mjs test/run.ts "$@"
