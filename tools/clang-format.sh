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

# Golden files are the compiler's output, compared byte for byte. Templates are
# not C yet.
git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h' \
	':!test/golden' ':!codegen-templates' |
	while IFS= read -r -d '' file; do
		if [[ -e $file ]]; then printf '%s\0' "$file"; fi
	done |
	xargs -0 --no-run-if-empty clang-format --style=file "${mode[@]}"
