#!/usr/bin/env bash
# Says where the time of a long `make` goes.
#
#   scripts/stage.sh NAME COMMAND…   runs the command and notes how long it took
#   scripts/stage.sh --print         prints what was noted, longest first, and forgets it
#
# Noted in $SOTAY_STAGES (a file), or target/stages.
set -euo pipefail
notes="${SOTAY_STAGES:-${CARGO_TARGET_DIR:-target}/stages}"
mkdir -p "$(dirname "$notes")"
if [ "${1:-}" = --print ]; then
  [ -s "$notes" ] || exit 0
  echo "Where the time went (seconds):"
  sort -rn "$notes" | awk -F '\t' '{ printf "%7.1f  %s\n", $1, $2; if ($2 !~ /^  /) sum += $1 } END { printf "%7.1f  in all\n", sum }'
  rm -f "$notes"
  exit
fi
name=$1
shift
start=$(date +%s.%N)
trap 'printf "%s\t%s\n" "$(awk -v a="$start" -v b="$(date +%s.%N)" "BEGIN { print b - a }")" "$name" >>"$notes"' EXIT
"$@"
