#!/usr/bin/env bash
# npm run --silent streams -- CAPTURE [--checksum verify|trust] [--dump DIR]
# Standard output is the table of the sample and nothing else.
set -euo pipefail
invoked_from=${INIT_CWD:-$PWD}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

bash tools/setup.sh demo >&2
# npm starts scripts in the clone; names on the command line mean the caller's folder.
cd "$invoked_from"
exec node "$root/samples/streams/main.mjs" "$@"
