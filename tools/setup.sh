#!/usr/bin/env bash
# Installs what is missing and nothing else: Debian packages, npm packages from
# the lockfile, and the link that makes `npx mbx` work in a clone.
#
#   tools/setup.sh          all that users and developers need (same as test)
#   tools/setup.sh demo     what `npm run demo` needs
#   tools/setup.sh test     what `npm test` needs too
#
# It asks nothing, prints what it installs (on stderr: stdout stays data), and
# says nothing when there is nothing to do. Outside the clone it touches only
# Debian packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly NODE_AT_LEAST=20
readonly DPDK_SERIES=22.11
readonly STAMP=node_modules/.mbx-setup
readonly APT_LOG=.cache/setup-apt.log

# What compiles and runs a chain, and the library that a sample's handler links.
readonly DEMO_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config libdpdk-dev
	libhyperscan-dev)
# What only the tests use: a second compiler with its sanitizers and fuzzer,
# the C test library, the formatter, and real hosts with the tools to connect
# and observe them.
readonly TEST_PACKAGES=(clang libclang-rt-14-dev libcmocka-dev clang-format
	iproute2 ethtool curl nginx-light openssl)

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
	local code=$1
	shift
	printf 'error[%s]: %s\n' "$code" "$1" >&2
	shift
	local line
	for line in "$@"; do printf 'help: %s\n' "$line" >&2; done
	exit 1
}

check_node() {
	local version major
	version=$(node --version 2>/dev/null) ||
		fail MBX7901 "Node.js is not installed" "install Node $NODE_AT_LEAST or later"
	major=${version#v}
	major=${major%%.*}
	((major >= NODE_AT_LEAST)) ||
		fail MBX7901 "Node $version is too old" "install Node $NODE_AT_LEAST or later"
}

check_clone_is_writable() {
	mkdir -p .cache 2>/dev/null && [[ -w .cache && -w . ]] ||
		fail MBX7902 "the folder of this clone cannot be written to, and builds go into it" \
			"clone into a folder of your own"
}

# Prints those of the packages given that are not installed.
missing_packages() {
	local installed name
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null) || true
	for name in "$@"; do
		[[ $'\n'$installed$'\n' == *$'\n'"installed $name"$'\n'* ]] || printf '%s\n' "$name"
	done
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	else
		sudo DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

# Only sudo itself may ask, for its password, and only a person at a terminal.
may_become_root() {
	((EUID == 0)) && return
	command -v sudo >/dev/null || return
	if [[ -t 2 ]]; then sudo -v; else sudo -n true 2>/dev/null; fi
}

# What dpkg says of each package goes to a file, and to the terminal only when
# it fails.
apt_get() {
	# The lock is waited for: unattended upgrades hold it for minutes after boot.
	as_root apt-get -q -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" >>"$APT_LOG" 2>&1 </dev/null
}

# Debian starts a server when it installs one. The tests start their own, so
# one that came with this installation is stopped again.
stop_installed_nginx() {
	if [[ -d /run/systemd/system ]]; then
		as_root systemctl disable --quiet --now nginx >&2 || true
	elif [[ -x /etc/init.d/nginx ]]; then
		as_root /etc/init.d/nginx stop >/dev/null 2>&1 || true
	fi
}

install_packages() {
	local missing=("$@")
	export DEBIAN_FRONTEND=noninteractive
	command -v apt-get >/dev/null ||
		fail MBX7903 "these programs are missing and apt-get is not there to install them: ${missing[*]}" \
			"Microboxes is built and tested on Debian 12"
	if ! may_become_root; then
		fail MBX7904 "installing Debian packages needs root" \
			"run as root:  apt-get install --no-install-recommends ${missing[*]}"
	fi
	say "installing Debian packages, which takes a minute or two: ${missing[*]}"
	: >"$APT_LOG"
	apt-cache show "${missing[@]}" >/dev/null 2>&1 || apt_get update || true
	# Lists that are there may still be too old for what the mirror has.
	apt_get install -y --no-install-recommends "${missing[@]}" ||
		{ apt_get update && apt_get install -y --no-install-recommends "${missing[@]}"; } || {
		tail -n 15 "$APT_LOG" >&2
		fail MBX7905 "Debian's packages could not be installed: ${missing[*]}" \
			"see the lines above and $APT_LOG; without network access, install them by hand and start again"
	}
	[[ " ${missing[*]} " != *" nginx-light "* ]] || stop_installed_nginx
}

dpdk_version() { dpkg-query -W -f '${Version}' libdpdk-dev 2>/dev/null || printf none; }

check_dpdk() {
	local version
	version=$(dpdk_version)
	[[ $version == "$DPDK_SERIES".* ]] ||
		fail MBX7906 "DPDK $version is installed, and this release is written for $DPDK_SERIES" \
			"use Debian 12, whose libdpdk-dev is $DPDK_SERIES"
}

lock_sum() { sha256sum package-lock.json | cut -d ' ' -f 1; }

# True where node_modules holds what the lockfile lists, whoever installed it.
modules_match_lock() {
	[[ -f node_modules/.package-lock.json ]] && node tools/modules-match-lock.mjs
}

install_modules() {
	local sum
	sum=$(lock_sum)
	[[ -f $STAMP && $(<"$STAMP") == "$sum" ]] && return
	if ! modules_match_lock; then
		say "installing npm packages from package-lock.json"
		npm ci --no-audit --no-fund --loglevel=error >&2 </dev/null ||
			fail MBX7907 "npm could not install the packages of package-lock.json" \
				"see the lines above; \`npm ci\` must work in this folder"
	fi
	printf '%s\n' "$sum" >"$STAMP"
}

link_command() {
	local link=node_modules/.bin/mbx
	[[ $(readlink "$link" 2>/dev/null) == ../../bin/mbx.mjs ]] && return
	mkdir -p node_modules/.bin
	ln -sfn ../../bin/mbx.mjs "$link"
}

main() {
	local packages=("${DEMO_PACKAGES[@]}") missing
	case ${1:-test} in
	demo) ;;
	test) packages+=("${TEST_PACKAGES[@]}") ;;
	*) fail MBX7900 "unknown set \`$1\`" "tools/setup.sh [demo|test]" ;;
	esac

	check_node
	check_clone_is_writable
	# Two starts at once take turns; the second finds all done.
	exec 9>.cache/setup.lock
	flock 9

	mapfile -t missing < <(missing_packages "${packages[@]}")
	if ((${#missing[@]} > 0)); then
		install_packages "${missing[@]}"
		say "DPDK $(dpdk_version), $(gcc --version | head -n 1), cmake $(dpkg-query -W -f '${Version}' cmake)"
	fi
	check_dpdk
	install_modules
	link_command
}

main "$@"
