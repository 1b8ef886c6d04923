//! The date, for templates that tell the model what day it is.

use std::ffi::CString;

/// Python's `datetime.now().strftime(format)`: local time. Empty where the format cannot be used.
pub(super) fn strftime_now(format: &str) -> String {
    /// No date is longer.
    const MOST: usize = 256;
    let Ok(format) = CString::new(format) else { return String::new() };
    let mut text = [0_u8; MOST];
    // SAFETY: with a null pointer `time` only returns the time.
    let now = unsafe { libc::time(std::ptr::null_mut()) };
    // SAFETY: a `tm` is integers and a pointer that may be null, for all of which zero is a value.
    let mut parts: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to locals of the types that it reads and writes.
    if unsafe { libc::localtime_r(&raw const now, &raw mut parts) }.is_null() {
        return String::new();
    }
    // SAFETY: it writes at most `MOST` bytes to a buffer of as many, and reads a string that ends with a zero.
    let length = unsafe { libc::strftime(text.as_mut_ptr().cast(), MOST, format.as_ptr(), &raw const parts) };
    String::from_utf8_lossy(&text[..length]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_the_form_that_was_asked_for() {
        let date = strftime_now("%Y-%m-%d");
        assert_eq!(date.len(), 10);
        assert!(date.chars().all(|c| c.is_ascii_digit() || c == '-'), "{date}");
        assert_eq!(strftime_now("%d\0"), "");
    }
}
