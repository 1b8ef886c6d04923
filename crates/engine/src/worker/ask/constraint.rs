//! What the answer has to be: `grammar` and `response_format`.

use serde::Deserialize;
use serde_json::Value;

use super::members::Members;
use crate::grammar::{self, Constraint, Grammar, GrammarError};
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
    /// A call of a tool, in Lark, or an answer that this member asks for.
    Call {
        lark: String,
        member: &'static str,
    },
    /// Words, and calls of tools where the model thinks fit, in Lark. An answer's beginning is none of it: it is not
    /// searched for calls either.
    Held(String),
}

/// How tools are called: the rules `calls`, as the model is taught to write them, and `call`, in Lark.
#[derive(Debug, PartialEq)]
pub(super) enum Calling {
    /// Where the model thinks fit; where each is held to its function, `held` is a grammar of the whole answer.
    May { rules: String, held: Option<String> },
    /// The answer has to be calls.
    Must(String),
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
            Self::Call { lark, member } => (*member, Constraint::Lark(lark)),
            Self::Held(lark) => ("tools", Constraint::Lark(lark)),
        };
        let opening = if matches!(self, Self::Held(_)) { "" } else { opening };
        model.grammar(constraint, opening).map_err(|error| refusal(name, &error))
    }
}

/// What the answer has to be beside calls of tools: a call is one whatever an answer in words has to be.
pub(super) fn beside_calls(shape: Option<Shape>, calling: Option<Calling>) -> Result<Option<Shape>, Refusal> {
    let Some(calling) = calling else { return Ok(shape) };
    let schema = match shape {
        Some(Shape::Gbnf(_)) => return Err(Refusal::unsupported_value(GRAMMAR, "one beside tools that may be called")),
        Some(Shape::Schema(schema)) => Some(schema),
        Some(Shape::Object) => Some(grammar::object()),
        call @ Some(Shape::Call { .. } | Shape::Held(_)) => return Ok(call),
        None => None,
    };
    match (calling, schema) {
        (Calling::Must(rules), _) => Ok(Some(Shape::Call { lark: format!("start: calls\n{rules}"), member: "tools" })),
        (Calling::May { held, .. }, None) => Ok(held.map(Shape::Held)),
        (Calling::May { rules, .. }, Some(schema)) => {
            let answer = grammar::with_options(schema).map_err(|error| refusal(FORMAT, &error))?;
            // Many models leave the marks away that their template asks for.
            let lark = format!("start: calls | call | answer\n{rules}answer: %json {answer}\n");
            Ok(Some(Shape::Call { lark, member: FORMAT }))
        }
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
