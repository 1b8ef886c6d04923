//! One small adapter a provider kind over one shared HTTP client.
