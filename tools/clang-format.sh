#!/usr/bin/env bash
# tools/clang-format.sh           formats every C file of ours in place
# tools/clang-format.sh --check   changes nothing, names what is not formatted
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1-} in
--check) mode=(--dry-run --Werror) ;;
'') mode=(-i) ;;
*)
	echo "usage: tools/clang-format.sh [--check]" >&2
	exit 2
	;;
esac

# Not ours to format: what is generated (golden files are compared byte for
# byte), built or installed, and templates, which are not C yet.
find . \( -name node_modules -o -name .git -o -name .cache -o -name .mbx \
	-o -path ./test/golden -o -path ./codegen-templates \) -prune \
	-o -name '*.[ch]' ! -name '*.gen.[ch]' -type f -print0 |
	xargs -0 --no-run-if-empty clang-format --style=file "${mode[@]}"
