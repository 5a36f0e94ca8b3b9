# Sổ tay. `make help` lists what can be made; `make run` and `make test` do all set-up themselves.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
TARGET := $(or $(CARGO_TARGET_DIR),target)
export SOTAY_STAGES := $(abspath $(TARGET))/stages
STAGE := $(CURDIR)/scripts/stage.sh

.PHONY: help run build release assets lint test test-rust test-browser bench setup tools clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: release ## fetch, build and start the handbook with a demo organisation on http://127.0.0.1:8080
	$(TARGET)/release/sotay demo --data ./sotay-data

build: assets ## build the program for development
	cargo build

release: assets ## build the program for use
	cargo build --release --bin sotay

assets: tools assets/dist/manifest.json ## build styles, fonts, icons and islands

assets/node_modules/.package-lock.json: assets/package.json assets/package-lock.json
	cd assets && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

assets/dist/manifest.json: assets/node_modules/.package-lock.json assets/build.mjs $(shell find assets/src -type f)
	cd assets && npm run --silent build

tools:
	@for tool in cargo node npm cc; do command -v $$tool >/dev/null || { \
	  case $$tool in \
	    cargo) echo "Rust is missing: install it from https://rustup.rs, then run make again." ;; \
	    cc) echo "A C compiler is missing: install it with  apt-get install build-essential" ;; \
	    *) echo "Node.js 20 with npm is missing: install it, then run make again." ;; \
	  esac >&2; exit 1; }; done

setup: ## install what the tests need (PostgreSQL, Chromium), when run by root on Debian
	@scripts/setup.sh

lint: assets ## formatting, lints, docs, assets
	cargo fmt --all --check
	$(STAGE) lints cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(STAGE) docs cargo doc --workspace --no-deps --quiet
	cd assets && npm run --silent check

test: setup assets test-rust test-browser ## everything: rules, stores and pages on both databases, browser journeys
	@scripts/stage.sh --print

test-rust:
	$(STAGE) "building the program" cargo build --bin sotay
	scripts/rust-tests.sh

test-browser: e2e/node_modules/.package-lock.json
	cargo build --bin sotay
	cd e2e && SOTAY_BIN="$(abspath $(TARGET))/debug/sotay" $(STAGE) "browser journeys" node --test --test-concurrency=2

e2e/node_modules/.package-lock.json: e2e/package.json e2e/package-lock.json
	cd e2e && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

bench: release ## speed and memory, as ratios within one run
	scripts/bench.sh "$(abspath $(TARGET))/release/sotay"

clean: ## remove what was built
	cargo clean
	rm -rf assets/dist assets/node_modules e2e/node_modules
