# Written by `tierfall space init`, version {{version}}: a proxy in front of one OpenAI-compatible server.

FROM rust:{{rust}}-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends clang cmake g++ libclang-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY source .
# The image is built on one machine and runs on another: AVX2 is what both have.
ENV RUSTFLAGS="-C target-cpu=x86-64-v3"
RUN cargo build --release --locked --package tierfall --bin tierfall

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 user \
    && install --directory --owner=user --group=user /data
COPY --from=build /source/target/release/tierfall /usr/local/bin/tierfall
USER 1000
WORKDIR /home/user
# Where requests go, ending in /v1. A variable MODEL_URL of the Space takes its place, without a new build.
ENV MODEL_URL=
# Until it is said, no tier is on: without a type, tier 1 would be the engine.
ENV TIER1_TYPE=space \
    TIER2_ENABLED=false \
    TIER3_ENABLED=false \
    TIER4_ENABLED=false \
    TIERFALL_DATA_DIR=/data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["curl", "-fsS", "http://127.0.0.1:7860/health"]
CMD ["tierfall", "serve", "--listen", "0.0.0.0:7860"]
