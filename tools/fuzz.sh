#!/usr/bin/env bash
# npm run fuzz -- [NAME...] [--seconds N]
# Lets libFuzzer run for long: each target, or those whose name contains a NAME, an
# hour or N seconds. What it finds lies in .cache/test/fuzz, as does its corpus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/setup.sh test
exec node --import ./node_modules/tsx/dist/loader.mjs test/fuzz.ts "$@"
