#!/usr/bin/env bash
# Measures the release program. With a corpus (JSON Lines) and questions, import and search too:
#   SOTAY_CORPUS=corpus.jsonl SOTAY_QUESTIONS=questions.jsonl make bench
set -euo pipefail
cd "$(dirname "$0")/.."
cargo run --release --quiet -p bench -- "$1" ${SOTAY_CORPUS:+"$SOTAY_CORPUS"} ${SOTAY_QUESTIONS:+"$SOTAY_QUESTIONS"}
