//! The HTTP server that drives the cascade and streams the answer.
