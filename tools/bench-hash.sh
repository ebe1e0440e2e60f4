#!/usr/bin/env bash
# npm run bench:hash
# What 100,000 keys that were made to collide cost the flow table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/setup.sh demo >&2
cmake -S bench/hash -B .cache/bench/hash -G Ninja --log-level=WARNING >&2
ninja -C .cache/bench/hash >&2
exec .cache/bench/hash/hash_bench
