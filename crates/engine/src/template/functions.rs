//! What `transformers` gives a chat template beyond Jinja itself.

use std::io;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::clock;

/// The words with which a template refused its messages.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Raised(pub(super) String);

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_function("raise_exception", raise_exception);
    environment.add_function("strftime_now", |format: &str| clock::strftime_now(format));
    environment.add_filter("tojson", tojson);
}

fn raise_exception(words: String) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, "raised by the template").with_source(Raised(words)))
}

/// Python's `json.dumps`, as models have seen it in training: a blank after each comma and colon, and no escapes for
/// HTML, which is what Jinja's own filter has.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands keyword arguments over by value")]
fn tojson(value: &Value, kwargs: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = kwargs.get("indent")?;
    let mut json = Vec::new();
    let written = match indent {
        Some(width) => {
            let indent = " ".repeat(width.min(16));
            value.serialize(&mut Serializer::with_formatter(&mut json, PrettyFormatter::with_indent(indent.as_bytes())))
        }
        None => value.serialize(&mut Serializer::with_formatter(&mut json, Spaced)),
    };
    let failed = |error: String| Error::new(ErrorKind::BadSerialization, error);
    written.map_err(|error| failed(error.to_string()))?;
    String::from_utf8(json).map_err(|error| failed(error.to_string()))
}

/// JSON on one line, as Python writes it.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

/// Turns `{% generation %}` and its end, which mark an answer for training and mean nothing here, into comments, which
/// trim the space round them alike.
pub(super) fn without_generation_tags(source: &str) -> String {
    let mut source = source.to_owned();
    for word in ["generation", "endgeneration"] {
        for (open, close) in [("", ""), ("-", ""), ("", "-"), ("-", "-")] {
            source = source.replace(&format!("{{%{open} {word} {close}%}}"), &format!("{{#{open} {close}#}}"));
        }
    }
    source
}
