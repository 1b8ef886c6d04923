//! What the answer has to be: `grammar` and `response_format`.

use serde::Deserialize;
use serde_json::Value;

use super::members::Members;
use crate::grammar::{Constraint, Grammar, GrammarError};
use crate::model::Model;
use crate::worker::refusal::Refusal;

const GRAMMAR: &str = "grammar";
const FORMAT: &str = "response_format";

/// What a request asks the answer to be.
#[derive(Debug, PartialEq)]
pub(super) enum Shape {
    /// A grammar in GBNF, as llama.cpp's server takes it.
    Gbnf(String),
    Schema(Value),
    Object,
    /// A call of a tool, in Lark.
    Call(String),
}

impl Shape {
    pub(super) fn read(members: &mut Members<'_>) -> Result<Option<Self>, Refusal> {
        let grammar =
            members.take(GRAMMAR, "a string, a grammar in GBNF")?.filter(|grammar: &String| !grammar.is_empty());
        let format = members.take(FORMAT, TAKES)?.map(Format::shape).transpose()?.flatten();
        match (grammar, format) {
            (Some(_), Some(_)) => Err(Refusal::bad_value(GRAMMAR, "left out where response_format is given")),
            (Some(grammar), None) => Ok(Some(Self::Gbnf(grammar))),
            (None, format) => Ok(format),
        }
    }

    /// Compiles it for an answer with this beginning.
    pub(super) fn compile(&self, model: &Model, opening: &str) -> Result<Grammar, Refusal> {
        let (name, constraint) = match self {
            Self::Gbnf(grammar) => (GRAMMAR, Constraint::Gbnf(grammar)),
            Self::Schema(schema) => (FORMAT, Constraint::Schema(schema)),
            Self::Object => (FORMAT, Constraint::Object),
            Self::Call(lark) => ("tools", Constraint::Lark(lark)),
        };
        model.grammar(constraint, opening).map_err(|error| refusal(name, &error))
    }
}

/// What the answer has to be where the model may call tools: a call, where one is `forced`.
pub(super) fn beside_calls(
    shape: Option<Shape>,
    has_tools: bool,
    forced: Option<String>,
) -> Result<Option<Shape>, Refusal> {
    match shape {
        Some(_) if has_tools => {
            let name = if matches!(shape, Some(Shape::Gbnf(_))) { GRAMMAR } else { FORMAT };
            Err(Refusal::unsupported_value(name, "one beside tools that may be called"))
        }
        shape => Ok(forced.map(Shape::Call).or(shape)),
    }
}

/// What a schema asks for and the engine cannot hold an answer to, another tier may.
fn refusal(name: &str, error: &GrammarError) -> Refusal {
    match error {
        GrammarError::Gbnf { .. } | GrammarError::Beginning => Refusal::invalid(name, &error.to_string()),
        GrammarError::Schema(_) | GrammarError::Vocabulary(_) => Refusal::cannot(name, &error.to_string()),
    }
}

const TAKES: &str = "an object whose type is text, json_object or json_schema";

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format {
    Text,
    /// llama.cpp and others take a schema beside it.
    JsonObject {
        schema: Option<Value>,
    },
    JsonSchema {
        json_schema: Named,
    },
}

#[derive(Deserialize)]
struct Named {
    schema: Option<Value>,
}

impl Format {
    fn shape(self) -> Result<Option<Shape>, Refusal> {
        let schema = match self {
            Self::Text => return Ok(None),
            Self::JsonObject { schema } => schema,
            Self::JsonSchema { json_schema } => json_schema.schema,
        };
        match schema {
            None => Ok(Some(Shape::Object)),
            Some(schema) if schema.is_object() => Ok(Some(Shape::Schema(schema))),
            Some(_) => Err(Refusal::invalid(FORMAT, "the schema must be an object")),
        }
    }
}
