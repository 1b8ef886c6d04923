//! The head of an answer.

use std::fmt::Write as _;

use crate::reply;

/// How the body's end is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
}

/// Status line and headers, with the empty line after them.
pub(crate) fn head(
    status: u16,
    content_type: Option<&str>,
    headers: &[(&'static str, String)],
    framing: Framing,
) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status} {}\r\n", reply::reason(status));
    let mut line = |name: &str, value: &dyn std::fmt::Display| {
        write!(out, "{name}: {value}\r\n").expect("writing to a String cannot fail");
    };
    if let Some(content_type) = content_type {
        line("content-type", &content_type);
    }
    for (name, value) in headers {
        line(name, value);
    }
    match framing {
        Framing::Length(length) => line("content-length", &length),
        Framing::Chunked => line("transfer-encoding", &"chunked"),
    }
    out.push_str("\r\n");
    out.into_bytes()
}
