#!/usr/bin/env bash
# Every Rust test, on SQLite and on a PostgreSQL of its own, several test programs at once.
# Needs nothing else to be running.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/stage.sh "building the tests" cargo test --workspace --no-run --quiet
scripts/stage.sh "running the tests" scripts/postgres.sh node scripts/side-by-side.mjs "$@"
