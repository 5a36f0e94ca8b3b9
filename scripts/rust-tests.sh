#!/usr/bin/env bash
# Every Rust test, on SQLite and on a PostgreSQL of its own; notes how long each crate's tests ran
# (scripts/stage.sh prints it). Needs nothing else to be running.
set -euo pipefail
cd "$(dirname "$0")/.."
notes="${SOTAY_STAGES:-${CARGO_TARGET_DIR:-target}/stages}"
out=$(mktemp)
trap 'rm -f "$out"' EXIT
scripts/stage.sh "building the tests" cargo test --workspace --no-run --quiet
scripts/stage.sh "running the tests" scripts/postgres.sh cargo test --workspace -- --quiet 2>&1 | tee "$out" |
  grep -vE '^$|^running 0 tests|^test result: ok\. 0 passed'
awk -F '[/ ()]+' -v OFS='\t' '
  /Running|Doc-tests/ { crate = $0; sub(/^.*deps\//, "", crate); sub(/-[0-9a-f]+\)$/, "", crate); sub(/^ *Doc-tests /, "docs of ", crate) }
  /finished in/ { time = $NF; sub(/s$/, "", time); if (time >= 1) print time, "    tests of " crate }
' "$out" >>"$notes"
