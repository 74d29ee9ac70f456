# What one does with Postrider. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check lab e2e bench bench-outbound bench-sync bench-search package tools build-packages test-packages
MAKEFLAGS += --no-print-directory

# What the window or the benchmark is started with, e.g. make run ARGS="--home /tmp/try".
ARGS ?=

ui_sources := $(shell find ui -type f -not -path 'ui/node_modules/*' -not -path 'ui/dist/*' 2>/dev/null)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build-packages ui/dist/index.html ## Open the window; installs and builds what is missing
	cargo build --package postrider-desktop --package postrider-cli
	exec target/debug/postrider-desktop $(ARGS)

test: test-packages ## Install what the tests need, and run everything
	@scripts/test

check: build-packages ui/dist/index.html ## Format, lint, types, and the rules of the house
	@scripts/test check

lab: test-packages ## The tests against real servers
	@scripts/test lab

e2e: test-packages ## The tests in the real window
	@scripts/test e2e

bench: bench-outbound bench-sync bench-search ## Every benchmark

bench-outbound: test-packages ## Send the same letters with Postrider and with Postfix, and compare
	@tests/bench/run $(ARGS)

bench-sync: test-packages ## Fetch the same mailbox with Postrider and with mbsync, and compare
	cargo build --release --package postrider-cli
	cargo run --release --quiet --package postrider-bench --bin postrider-bench-sync -- $(ARGS)

bench-search: test-packages ## Search as one types in generated letters, beside notmuch
	cargo run --release --quiet --package postrider-bench --bin postrider-bench-search -- $(ARGS)

package: build-packages ui/dist/index.html ## Make the packages in target/release/bundle
	cargo build --release --package postrider-cli
	cd src-tauri && npx --yes @tauri-apps/cli@2.12.5 build $(if $(BUNDLES),--bundles $(BUNDLES))

# The window's pages. Cargo embeds them, so they come before every build of the workspace.
ui/dist/index.html: ui/node_modules/.package-lock.json $(ui_sources)
	cd ui && npm run build
	@touch $@

ui/node_modules/.package-lock.json: ui/package-lock.json | tools
	cd ui && npm ci --no-audit --no-fund
	@touch $@

tools:
	@scripts/tools

build-packages: tools
	@scripts/system-packages build

test-packages: tools
	@scripts/system-packages build test
