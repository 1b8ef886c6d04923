//! llama.cpp's log: silent, but for its first error, which says why a file was refused.
//!
//! llama.cpp writes to stderr by default. What it writes while it decodes could hold parts of prompts, so nothing of
//! it is passed on; the one line that is kept is read only after a failed load.

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Mutex, Once, PoisonError};

use llama_cpp_sys_2::{GGML_LOG_LEVEL_ERROR, ggml_log_level};

/// The longest line that is kept, in bytes.
const LONGEST: usize = 512;

static FIRST_ERROR: Mutex<Option<String>> = Mutex::new(None);

/// Takes over llama.cpp's log. Only the first call does anything.
pub(super) fn silence() {
    static ONCE: Once = Once::new();
    // SAFETY: `keep_first_error` lives as long as the program, and touches no data but a static behind a lock.
    ONCE.call_once(|| unsafe { llama_cpp_sys_2::llama_log_set(Some(keep_first_error), std::ptr::null_mut()) });
}

/// The first error since the last call; those that follow only say that what called it has failed too.
pub(super) fn take_first_error() -> Option<String> {
    FIRST_ERROR.lock().unwrap_or_else(PoisonError::into_inner).take()
}

extern "C" fn keep_first_error(level: ggml_log_level, text: *const c_char, _: *mut c_void) {
    if level != GGML_LOG_LEVEL_ERROR || text.is_null() {
        return;
    }
    // SAFETY: llama.cpp passes a string that ends with a zero and that it keeps until this returns.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let text = String::from_utf8_lossy(&text[..text.len().min(LONGEST)]);
    let line = text.trim().rsplit("error loading model: ").next().unwrap_or_default();
    if !line.is_empty() {
        FIRST_ERROR.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| line.to_owned());
    }
}
