//! The gate `json`: an answer is one JSON value, and fits the schema that the request asks for.

use std::cell::OnceCell;
use std::fmt;

use jsonschema::{PatternOptions, Validator};
use serde::Deserialize;
use serde_json::Value;
use wire::{PartialChoice, Request};

use super::Shortfall;

/// Why an answer is not the JSON asked for. What it says and what the schema names are not in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTheJson {
    /// It ends in the middle of a value.
    Unfinished,
    /// It is no JSON from here on; both count from 1.
    Broken {
        /// The line.
        line: usize,
        /// The column in it.
        column: usize,
    },
    /// It is JSON, but no object, where one was asked for.
    NotAnObject,
    /// It does not fit the schema by this keyword of it, such as `required`.
    Misfit(&'static str),
}

/// What the request asks for, read once, when it is first needed.
#[derive(Default)]
pub(super) struct Wanted(OnceCell<Format>);

enum Format {
    AnyValue,
    AnyObject,
    Schema(Box<Validator>),
}

/// OpenAI's `response_format`. llama.cpp and others take a schema beside the type `json_object` too.
#[derive(Deserialize)]
struct ResponseFormat {
    r#type: String,
    #[serde(default)]
    json_schema: Option<JsonSchema>,
    #[serde(default)]
    schema: Option<Value>,
}

#[derive(Deserialize)]
struct JsonSchema {
    #[serde(default)]
    schema: Option<Value>,
}

impl Wanted {
    pub(super) fn shortfall(&self, request: &Request, choice: &PartialChoice<'_>) -> Option<Shortfall> {
        let format = self.0.get_or_init(|| Format::of(request.response_format()));
        check(choice.text, format).err().map(Shortfall::Json)
    }
}

impl Format {
    /// A schema that cannot be used (one that is none, or refers to another place) checks nothing: what its provider makes
    /// of it is the provider's.
    fn of(asked: Option<&[u8]>) -> Self {
        let Some(asked) = asked.and_then(|asked| serde_json::from_slice::<ResponseFormat>(asked).ok()) else {
            return Self::AnyValue;
        };
        let schema = asked.json_schema.and_then(|named| named.schema).or(asked.schema);
        let compiled = schema.and_then(|schema| {
            // Its patterns and the answer both come from outside: an engine that backtracks could take for ever.
            jsonschema::options().with_pattern_options(PatternOptions::regex()).build(&schema).ok()
        });
        match compiled {
            Some(validator) => Self::Schema(Box::new(validator)),
            None if asked.r#type == "json_object" => Self::AnyObject,
            None => Self::AnyValue,
        }
    }
}

fn check(text: &str, format: &Format) -> Result<(), NotTheJson> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_eof() { NotTheJson::Unfinished } else { NotTheJson::Broken { line, column } }
    })?;
    match format {
        Format::AnyObject if !value.is_object() => Err(NotTheJson::NotAnObject),
        Format::AnyValue | Format::AnyObject => Ok(()),
        Format::Schema(validator) => {
            validator.validate(&value).map_err(|misfit| NotTheJson::Misfit(keyword(misfit.kind().keyword())))
        }
    }
}

/// `name` where it is one of the vocabulary's keywords that a schema is mostly written in, else `schema`.
fn keyword(name: &str) -> &'static str {
    const KEYWORDS: [&str; 30] = [
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "contains",
        "dependentRequired",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "if",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "propertyNames",
        "required",
        "type",
        "unevaluatedProperties",
        "uniqueItems",
    ];
    KEYWORDS.into_iter().find(|known| *known == name).unwrap_or("schema")
}

impl fmt::Display for NotTheJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished => f.write_str("it ends in the middle of a value"),
            Self::Broken { line, column } => write!(f, "no JSON at line {line} column {column}"),
            Self::NotAnObject => f.write_str("it is no object"),
            Self::Misfit(keyword) => write!(f, "it does not fit the schema ({keyword})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{choice, request};
    use super::*;

    const SCHEMA: &str = r#"{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object",
        "properties":{"age":{"type":"integer"},"secret":{"pattern":"^(a+)+$"}},"required":["age"]}}}"#;

    fn why(format: &str, text: &str) -> Option<NotTheJson> {
        match Wanted::default().shortfall(&request(format), &choice(text)) {
            Some(Shortfall::Json(why)) => Some(why),
            None => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_a_format_any_value_will_do() {
        for text in ["1", " \"a\"\n", "[{}]", "null"] {
            assert_eq!(why("null", text), None, "{text}");
            assert_eq!(why(r#"{"type":"text"}"#, text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_says_where_and_what_breaks_off_is_unfinished() {
        assert_eq!(why("null", "Sure: {}"), Some(NotTheJson::Broken { line: 1, column: 1 }));
        assert_eq!(why("null", "```json\n{}\n```"), Some(NotTheJson::Broken { line: 1, column: 1 }));
        assert_eq!(why("null", "{} and more"), Some(NotTheJson::Broken { line: 1, column: 4 }));
        for text in ["", "{\"a\":", "[1, \"x"] {
            assert_eq!(why("null", text), Some(NotTheJson::Unfinished), "{text}");
        }
    }

    #[test]
    fn an_object_that_was_asked_for_is_one() {
        assert_eq!(why(r#"{"type":"json_object"}"#, "[]"), Some(NotTheJson::NotAnObject));
        assert_eq!(why(r#"{"type":"json_object"}"#, "{}"), None);
    }

    #[test]
    fn it_fits_the_schema_asked_for() {
        assert_eq!(why(SCHEMA, r#"{"age":3}"#), None);
        assert_eq!(why(SCHEMA, r#"{"age":"three"}"#), Some(NotTheJson::Misfit("type")));
        assert_eq!(why(SCHEMA, "{}"), Some(NotTheJson::Misfit("required")));
        assert_eq!(why(SCHEMA, "[]"), Some(NotTheJson::Misfit("type")));
        assert_eq!(
            why(r#"{"type":"json_object","schema":{"required":["a"]}}"#, "{}"),
            Some(NotTheJson::Misfit("required"))
        );
    }

    #[test]
    fn a_pattern_that_backtracks_takes_no_longer() {
        let evil = format!(r#"{{"age":1,"secret":"{}b"}}"#, "a".repeat(50_000));
        assert_eq!(why(SCHEMA, &evil), Some(NotTheJson::Misfit("pattern")));
    }

    #[test]
    fn a_schema_that_cannot_be_used_checks_nothing_and_fetches_nothing() {
        for schema in [r#"{"$ref":"http://127.0.0.1:1/schema"}"#, r#"{"$ref":"file:///etc/hostname"}"#, r#"{"type":7}"#]
        {
            let format = format!(r#"{{"type":"json_schema","json_schema":{{"schema":{schema}}}}}"#);
            assert_eq!(why(&format, "1"), None, "{schema}");
        }
    }

    #[test]
    fn no_word_of_the_answer_or_of_the_schema_is_told() {
        for text in [r#"{"age":"hunter2"}"#, r#"{"age":1,"secret":"hunter2"}"#, "hunter2"] {
            let told = why(SCHEMA, text).expect(text).to_string();
            assert!(!told.contains("hunter2") && !told.contains("age") && !told.contains("secret"), "{told}");
        }
    }
}
