# `make run` and `make test` are the two that people type; `make help` lists the rest.

CARGO ?= cargo
TEST_DATA := $(CURDIR)/target/test-data

.PHONY: help run build test soak lint setup bench-gateway dist

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: build ## build, fetch the models that the configuration names, and serve on 127.0.0.1:7860
	@target/release/tierfall models pull
	@exec target/release/tierfall serve

build: setup ## build target/release/tierfall for this machine
	@$(CARGO) build --release --quiet

test: setup lint ## run every test, with a real model behind the engine
	@$(CARGO) test --workspace --no-run --quiet
	@TIERFALL_DATA_DIR=$(TEST_DATA) target/debug/tierfall models pull smollm2-135m-instruct
	@TIERFALL_TEST_MODEL="$$(TIERFALL_DATA_DIR=$(TEST_DATA) target/debug/tierfall models path smollm2-135m-instruct)" \
		$(CARGO) test --workspace --no-fail-fast

soak: setup ## run ten million simulated worlds; a failure names the TIERFALL_SEED that replays it
	@TIERFALL_WORLDS=10000000 $(CARGO) test --package cascade --test simulation -- --nocapture

lint: setup ## formatting and clippy, both without a warning
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings

bench-gateway: setup ## requests a second, added latency and CPU a request, beside nginx
	@bench/gateway

dist: setup ## build target/dist/tierfall for any x86-64 machine with AVX2 (2013 and later)
	@RUSTFLAGS="-C target-cpu=x86-64-v3" $(CARGO) build --release --target-dir target/dist-build
	@mkdir -p target/dist && cp target/dist-build/release/tierfall target/dist/

setup:
	@scripts/setup
