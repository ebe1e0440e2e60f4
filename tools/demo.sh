#!/usr/bin/env bash
# The first thing that a new user starts: compiles samples/ids and runs it over
# a capture of real sessions, two of which are attacks. Alerts and the summary
# of flows are what it prints.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/setup.sh demo
exec node bin/mbx.mjs run samples/ids/ids.mbx --capture samples/ids/captures/office.pcap "$@"
