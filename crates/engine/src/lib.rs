//! The worker: llama.cpp behind OpenAI's form on a Unix socket, and its supervisor.
