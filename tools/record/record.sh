#!/usr/bin/env bash
# tools/record/record.sh [FOLDER]
#
# Records the capture that `npm run demo` reads: real programs talk to each
# other between two network namespaces, and tcpdump listens on the client's end.
# Writes office.pcap and office.expected.json into FOLDER (samples/ids/captures
# unless given). Which sessions there are is in sessions.sh beside this file.
#
# Needs root, and Debian's nginx-light, mariadb-server, mariadb-client, curl,
# openssl, tcpdump, iproute2 and ethtool. Everything it starts ends with it;
# what a killed recording left behind is removed by the next.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(mkdir -p "${1:-$here/../../samples/ids/captures}" && cd "${1:-$here/../../samples/ids/captures}" && pwd)

readonly CLIENT_IP=10.0.0.1 SERVER_IP=10.0.0.2
readonly NS_CLIENT=mbx-$$-client NS_SERVER=mbx-$$-server
work=$(mktemp -d)
chmod 755 "$work" # nginx serves as a user of its own

in_client() { ip netns exec "$NS_CLIENT" "$@"; }
in_server() { ip netns exec "$NS_SERVER" "$@"; }

fail() {
	echo "record: $*" >&2
	exit 1
}

remove_namespace() {
	ip netns pids "$1" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
	ip netns delete "$1" 2>/dev/null || true
}

clean_up() {
	remove_namespace "$NS_CLIENT"
	remove_namespace "$NS_SERVER"
	rm -rf "$work"
}

# Namespaces carry the process id of their owner.
sweep() {
	local name owner
	while read -r name _; do
		owner=$(sed -n 's/^mbx-\([0-9]*\)-.*/\1/p' <<<"$name")
		[[ -z $owner || -d /proc/$owner ]] || remove_namespace "$name"
	done < <(ip netns list)
}

# wait_for WHAT COMMAND...: until the command succeeds, at most 30 s.
wait_for() {
	local what=$1 deadline=$((SECONDS + 30))
	shift
	while ((SECONDS < deadline)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	cat "$work/$what.log" >&2 || true
	fail "$what did not come up"
}

check_tools() {
	local tool
	((EUID == 0)) || fail "network namespaces need root"
	for tool in ip ethtool tcpdump nginx curl openssl mariadbd mariadb mariadb-install-db; do
		command -v "$tool" >/dev/null || fail "$tool is not installed"
	done
}

# set_knob NAMESPACE NAME VALUE
set_knob() {
	# shellcheck disable=SC2016 # the inner shell expands these
	ip netns exec "$1" sh -c 'echo "$2" >/proc/sys/$1' sh "$2" "$3"
}

# set_up_end NAMESPACE DEVICE ADDRESS MAC: checksums are real and frames as they are on
# a wire, because nothing is left to a device that does not exist.
set_up_end() {
	ip -n "$1" link set dev "$2" address "$4"
	ip -n "$1" address add "$3/24" dev "$2"
	set_knob "$1" net/ipv6/conf/all/disable_ipv6 1
	set_knob "$1" net/ipv6/conf/default/disable_ipv6 1
	ip netns exec "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
	ip -n "$1" link set dev lo up
	ip -n "$1" link set dev "$2" up
}

set_up_network() {
	ip netns add "$NS_CLIENT"
	ip netns add "$NS_SERVER"
	ip link add name cl0 netns "$NS_CLIENT" type veth peer name sv0 netns "$NS_SERVER"
	set_up_end "$NS_CLIENT" cl0 "$CLIENT_IP" 02:00:00:00:00:01
	set_up_end "$NS_SERVER" sv0 "$SERVER_IP" 02:00:00:00:00:02
	# A network of some length, where the kernel can play one.
	ip netns exec "$NS_SERVER" tc qdisc add dev sv0 root netem delay 2ms 2>/dev/null || true
}

start_web_server() {
	local site=$work/site
	mkdir -p "$site"
	printf 'x' >"$site/one.txt"
	printf '<!doctype html><title>Shop</title><h1>Welcome to the shop</h1>\n' >"$site/index.html"
	seq 1 2000 | sed 's/.*/{"item": &, "name": "thing number &"},/' >"$site/items.json"
	head -c 120000 /dev/urandom >"$site/picture.jpg"
	head -c 40000 /dev/urandom >"$site/manual.pdf"
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=shop.example \
		-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
	cp "$here/nginx.conf" "$work/nginx.conf"
	in_server nginx -p "$work" -c nginx.conf -e stderr 2>"$work/nginx.log"
	wait_for nginx in_client curl -sf --max-time 1 "http://$SERVER_IP:80/one.txt"
}

start_database() {
	mariadb-install-db --no-defaults --datadir="$work/db" --skip-test-db \
		--auth-root-authentication-method=normal --user="$(id -un)" >"$work/install-db.log" 2>&1 ||
		fail "the database could not be made: $(tail -n 3 "$work/install-db.log")"
	in_server mariadbd --no-defaults --user="$(id -un)" --datadir="$work/db" \
		--socket="$work/db.sock" --pid-file="$work/db.pid" --bind-address="$SERVER_IP" \
		--port=3306 --skip-grant-tables --skip-networking=0 --skip-name-resolve \
		>"$work/mariadbd.log" 2>&1 &
	wait_for mariadbd mariadb --no-defaults --socket="$work/db.sock" -e 'SELECT 1'
	mariadb --no-defaults --socket="$work/db.sock" <"$here/shop.sql"
}

start_capture() {
	# The servers were asked whether they are up; that is no part of the capture.
	ip netns exec "$NS_CLIENT" tcpdump -i cl0 -Z root -s 0 -B 8192 --time-stamp-precision=micro \
		-w "$work/office.pcap" 2>"$work/tcpdump.log" &
	tcpdump=$!
	wait_for tcpdump grep -q 'listening on' "$work/tcpdump.log"
}

stop_capture() {
	sleep 0.5
	kill -TERM "$tcpdump"
	wait "$tcpdump" || true
	grep -q '^0 packets dropped by kernel' "$work/tcpdump.log" || fail "the kernel dropped packets: record again"
}

count_packets() { tcpdump -nr "$work/office.pcap" "$@" 2>/dev/null | wc -l; }

# sessions.tsv (port, server port, app, attack or -, what) as JSON.
write_expected() {
	local sport dport app attack what first=yes
	printf '{\n  "capture": "office.pcap",\n  "packets": %d,\n' "$(count_packets)"
	printf '  "flows": { "http": %d, "tls": %d, "sql": %d, "other": %d },\n' \
		"$(count_flows http)" "$(count_flows tls)" "$(count_flows sql)" "$(count_flows other)"
	printf '  "sessions": [\n'
	while IFS=$'\t' read -r sport dport app attack what; do
		[[ $first == yes ]] || printf ',\n'
		first=no
		printf '    { "src": "%s", "sport": %d, "dst": "%s", "dport": %d, "app": "%s", "attack": %s, "packets": %d, "what": "%s" }' \
			"$CLIENT_IP" "$sport" "$SERVER_IP" "$dport" "$app" \
			"$([[ $attack == attack ]] && echo true || echo false)" \
			"$(count_packets "tcp port $sport")" "$what"
	done < <(sort -n "$work/sessions.tsv")
	printf '\n  ]\n}\n'
}

count_flows() { cut -f 3 "$work/sessions.tsv" | grep -cx "$1" || true; }

main() {
	check_tools
	sweep
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	set_up_network
	start_web_server
	start_database
	ip -n "$NS_CLIENT" neigh flush all
	ip -n "$NS_SERVER" neigh flush all
	start_capture
	# shellcheck source=tools/record/sessions.sh
	source "$here/sessions.sh"
	stop_capture
	write_expected >"$work/office.expected.json"
	cp "$work/office.pcap" "$work/office.expected.json" "$out"
	printf 'record: %d packets, %d bytes\n' "$(count_packets)" "$(stat -c %s "$out/office.pcap")" >&2
}

main
