//! The tools that a model may call, or has to.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::constraint::Calling;
use super::held;
use super::members::Members;
use crate::grammar::{self, JSON_BLANK};
use crate::worker::answer::{CLOSE, Calls, OPEN, Style};
use crate::worker::refusal::Refusal;

const NAME: &str = "tools";
const CHOICE: &str = "tool_choice";

/// The tools of a request, where the model is shown any.
#[derive(Debug)]
pub(super) struct Tools<'a> {
    /// As they stand, for the template.
    pub(super) raw: &'a RawValue,
    functions: Vec<Function>,
    /// The functions of which one has to be called.
    forced: Option<Vec<usize>>,
    several: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Function {
    name: String,
    parameters: Option<Value>,
    /// Whether arguments have to fit `parameters` in whichever call the model makes.
    strict: Option<bool>,
}

#[derive(Deserialize)]
struct Tool {
    function: Function,
}

/// `tool_choice` where it is no word.
#[derive(Deserialize)]
struct Named {
    function: NamedFunction,
}

#[derive(Deserialize)]
struct NamedFunction {
    name: String,
}

impl<'a> Tools<'a> {
    pub(super) fn read(members: &mut Members<'a>) -> Result<Option<Self>, Refusal> {
        const TAKES: &str = "a list of functions, each with its name";
        let raw = members.raw(NAME);
        let tools: Vec<Tool> = match raw.map(|tools| serde_json::from_str(tools.get())).transpose() {
            Ok(tools) => tools.unwrap_or_default(),
            Err(_) => return Err(Refusal::bad_value(NAME, TAKES)),
        };
        let functions: Vec<_> = tools.into_iter().map(|tool| tool.function).collect();
        let choice: Value = members.take(CHOICE, "a string or an object")?.unwrap_or_else(|| "auto".into());
        let several = members.take("parallel_tool_calls", "true or false")?.unwrap_or(true);
        let forced = match choice.as_str() {
            Some("none") => return Ok(None),
            Some("auto") => None,
            Some("required") => Some((0..functions.len()).collect()),
            Some(_) => return Err(Refusal::bad_value(CHOICE, "auto, none, required or a function")),
            None => Some(vec![named(&choice, &functions)?]),
        };
        match raw.filter(|_| !functions.is_empty()) {
            Some(raw) => Ok(Some(Self { raw, functions, forced, several })),
            None if forced.is_some() => Err(Refusal::bad_value(NAME, "given where one has to be called")),
            None => Ok(None),
        }
    }

    /// How the model writes its calls, as the prompt that tells it of the tools says.
    pub(super) fn style(prompt: &str) -> Style {
        if prompt.contains(OPEN) { Style::Marked } else { Style::Bare }
    }

    /// Where each call is held to its function, only what its grammar lets open is one.
    pub(super) fn calls(&self, style: Style, is_held: bool) -> Calls {
        let calls = Calls::new(style, self.functions.iter().map(|function| function.name.clone()).collect());
        if is_held { calls.held() } else { calls }
    }

    /// How a call has to be written, in Lark, and whether one has to be made.
    ///
    /// # Errors
    ///
    /// Where a function that is strict takes what no call can be held to.
    pub(super) fn calling(&self, style: Style) -> Result<Calling, Refusal> {
        let call = |&index: &usize| {
            let Function { name, parameters, .. } = &self.functions[index];
            let arguments = parameters.clone().unwrap_or_else(grammar::object);
            let key = if style == Style::Marked { "arguments" } else { "parameters" };
            json!({"type": "object", "additionalProperties": false, "required": ["name", key],
                "properties": {"name": {"const": name}, key: arguments}})
        };
        let all = || (0..self.functions.len()).collect();
        let calls: Vec<_> = self.forced.clone().unwrap_or_else(all).iter().map(call).collect();
        // Where a call is one of several things that may come, it may be laid out as the others may.
        let blank = if self.forced.is_some() { " " } else { JSON_BLANK };
        let schema = json!({"anyOf": calls, "x-guidance": {"whitespace_pattern": blank, "coerce_one_of": true}});
        let rule = match style {
            Style::Bare => "call".to_owned(),
            Style::Marked => {
                let marked = format!(r#""{OPEN}\n" call "\n{CLOSE}""#);
                if self.several { format!(r#"{marked} ( "\n" {marked} )*"#) } else { marked }
            }
        };
        let rules = format!("calls: {rule}\ncall: %json {schema}\n");
        if self.forced.is_some() {
            return Ok(Calling::Must(rules));
        }
        let any_strict = self.functions.iter().any(|function| function.strict == Some(true));
        let held = any_strict.then(|| held::grammar(style, &self.taken(), self.several)).transpose();
        Ok(Calling::May { rules, held: held.map_err(|error| Refusal::cannot(NAME, &error.to_string()))? })
    }

    /// What each function takes: an object of any form where it is not strict.
    fn taken(&self) -> Vec<(&str, Value)> {
        let takes = |function: &Function| {
            let parameters = function.parameters.clone().filter(|_| function.strict == Some(true));
            parameters.unwrap_or_else(grammar::object)
        };
        self.functions.iter().map(|function| (function.name.as_str(), takes(function))).collect()
    }
}

fn named(choice: &Value, functions: &[Function]) -> Result<usize, Refusal> {
    let named: Named = serde_json::from_value(choice.clone())
        .map_err(|_| Refusal::bad_value(CHOICE, "auto, none, required or a function"))?;
    let found = functions.iter().position(|function| function.name == named.function.name);
    found.ok_or_else(|| Refusal::bad_value(CHOICE, "one of the tools"))
}
