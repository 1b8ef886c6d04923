//! `tierfall_fuzz::sse::check` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tierfall_fuzz::sse::check(data));
