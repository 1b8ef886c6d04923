# `make run` and `make test` are the two that people type; `make help` lists the rest.

CARGO ?= cargo
STEP := scripts/step
TEST_SETUP := $(STEP) "Setting up a bare Debian 12" "three minutes" scripts/test-setup
TEST_DATA := $(CURDIR)/target/test-data
WEB := crates/studio/web
CLIENT := clients/typescript

# What scripts/setup brings comes before what the system has.
export PATH := $(CURDIR)/target/node/bin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# What is missing is installed before anything is built with it.
.NOTPARALLEL:
.PHONY: help run build web node kit test test-setup soak fuzz lint setup bench-gateway bench-streams bench-engine bench-beside bench-studio dist

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# Models are fetched while it serves.
run: build ## build, and serve on 127.0.0.1:7860
	@exec target/release/tierfall serve

build: setup web ## build target/release/tierfall for this machine
	@$(STEP) "Building llama.cpp and the gateway" "the first time a quarter of an hour on two cores" \
		$(CARGO) build --release

web: node $(WEB)/dist/index.html ## build the Studio's front end, which the binary holds

node:
	@scripts/setup web

$(WEB)/node_modules/.installed: $(WEB)/package.json $(WEB)/package-lock.json
	@$(STEP) "Fetching what the front end is built with" "half a minute" \
		npm ci --prefix $(WEB) --loglevel error --no-audit --no-fund
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.installed $(shell find $(WEB)/src $(WEB)/frame $(WEB)/public -type f) \
		$(wildcard $(WEB)/*.html $(WEB)/*.ts $(WEB)/*.js)
	@$(STEP) "Building the front end" "half a minute" npm run --prefix $(WEB) --silent build

test-setup: ## run the set-up in a bare Debian 12, where root may make one
	@scripts/setup tests
	@$(TEST_SETUP)

kit: ## render the kit's pages in all looks, in light and dark, at three widths, into target/kit
	@command -v chromium >/dev/null || scripts/setup tests
	@$(CARGO) run --quiet --package kit --example contact_sheet

test: lint web ## run every test, with a real model behind the engine and Chromium before the Studio
	@scripts/setup tests
	@scripts/gradio
	@$(STEP) "Building the tests" "the first time ten minutes on two cores" $(CARGO) test --workspace --no-run
	@cd $(WEB) && npm run --silent test
	@cd $(CLIENT) && npm ci --silent && TIERFALL_BIN=$(CURDIR)/target/debug/tierfall npm run --silent test
	@TIERFALL_DATA_DIR=$(TEST_DATA) target/debug/tierfall models pull smollm2-135m-instruct
	@TIERFALL_TEST_MODEL="$$(TIERFALL_DATA_DIR=$(TEST_DATA) target/debug/tierfall models path smollm2-135m-instruct)" \
		$(CARGO) test --workspace --no-fail-fast
	@$(TEST_SETUP)
	@$(CARGO) test --manifest-path fuzz/Cargo.toml --target-dir target/fuzz

soak: setup ## run ten million simulated worlds; a failure names the --seed that replays it
	@$(CARGO) test --package cascade --test simulation -- --worlds 10000000

# cargo-fuzz wants flags that a stable compiler knows and hides; `unsafe` is forbidden in what is fuzzed, so that no sanitizer
# has anything to find.
fuzz: ## look for inputs that break what reads bytes from outside, FUZZ_SECONDS a target (60); installs cargo-fuzz
	@command -v cargo-fuzz >/dev/null || $(CARGO) install --quiet --locked cargo-fuzz
	@for target in sse request seam; do \
		RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --sanitizer none --features libfuzzer --target-dir target/fuzz $$target -- \
			-max_total_time=$(or $(FUZZ_SECONDS),60) || exit 1; \
	done

lint: setup web ## formatting, clippy and svelte-check, all without a warning
	@cd $(WEB) && npm run --silent check
	@$(CARGO) fmt --all --check
	@$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	@$(STEP) "Looking through the code" "the first time ten minutes on two cores" \
		$(CARGO) clippy --workspace --all-targets -- -D warnings
	@$(CARGO) clippy --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --all-targets --quiet -- -D warnings

bench-gateway: setup ## requests a second, added latency and CPU a request, beside nginx
	@bench/gateway

bench-streams: setup ## what an open stream costs in memory, beside nginx
	@bench/open-streams

bench-engine: setup ## the engine beside llama.cpp's own server and llama-cpp-python's, which it builds once
	@bench/engine

bench-beside: setup ## how soon /health and a cloud tier answer while the engine reads a long prompt
	@bench/beside-a-prompt

bench-studio: setup web ## thirty requests and sixty wishes through the local model: seconds, facts, edits that were right
	@bench/studio

dist: setup web ## build target/dist/tierfall for any x86-64 machine with AVX2 (2013 and later)
	@RUSTFLAGS="-C target-cpu=x86-64-v3" $(CARGO) build --release --target-dir target/dist-build
	@mkdir -p target/dist && cp target/dist-build/release/tierfall target/dist/

setup:
	@scripts/setup
