#!/usr/bin/env bash
# npm run host -- [--count N] [--seed S] [--named FILE] [--play SCENARIO] [--small N]
# The monitor against the kernel of this machine: scenarios from a seed, or given.
# Prints each mismatch as small as it goes, and in the last line how many there were.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/setup.sh test
cmake -S test/sanitized -B .cache/test/sanitized -G Ninja --log-level=WARNING >/dev/null
ninja -C .cache/test/sanitized >/dev/null
cmake -S test/host -B .cache/test/host -G Ninja --log-level=WARNING \
	-DMBX_SANITIZED="$PWD/.cache/test/sanitized" >/dev/null
ninja -C .cache/test/host host >/dev/null
export LSAN_OPTIONS="suppressions=$PWD/test/dataplane/support/leaks.txt:print_suppressions=0"
exec .cache/test/host/host "$@"
