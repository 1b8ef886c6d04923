//! What the model is to carry on: a chat or a text.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use wire::Form;

use super::members::Members;
use crate::model::{Chat, Model, Token};
use crate::worker::refusal::Refusal;

/// What a prompt is made of.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Messages { messages: &'a RawValue, tools: Option<&'a RawValue>, extra: Option<&'a RawValue> },
    Text(String),
    Tokens(Vec<Token>),
}

/// A prompt as the model is told it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) tokens: Vec<Token>,
    /// What it ends with, where that is the answer's beginning.
    pub(super) opening: String,
}

impl<'a> Source<'a> {
    pub(super) fn read(form: Form, members: &mut Members<'a>) -> Result<Self, Refusal> {
        match form {
            Form::Chat => Ok(Self::Messages {
                messages: members.raw("messages").ok_or_else(|| Refusal::bad_value("messages", "given"))?,
                tools: tools(members)?,
                extra: members.raw("chat_template_kwargs"),
            }),
            Form::Text => text(members),
        }
    }

    pub(super) fn told(self, model: &Model) -> Result<Told, Refusal> {
        let plain = |tokens| Told { tokens, opening: String::new() };
        match self {
            Self::Messages { messages, tools, extra } => {
                let prompt = model.render_chat(&Chat { messages, tools, extra })?;
                if tools.is_some() && prompt.text == model.render_chat(&Chat { messages, tools: None, extra })?.text {
                    return Err(Refusal::unsupported_value("tools", "a model whose chat template has no tools"));
                }
                Ok(Told { tokens: prompt.tokens, opening: prompt.opening })
            }
            Self::Text(text) => Ok(plain(model.tokenize(&text, true))),
            Self::Tokens(tokens) => Ok(plain(tokens)),
        }
    }
}

/// The tools, where the model may choose to call one. It cannot be made to: that needs constrained output.
fn tools<'a>(members: &mut Members<'a>) -> Result<Option<&'a RawValue>, Refusal> {
    const NAME: &str = "tools";
    let tools = members.raw(NAME);
    let list: Vec<&RawValue> = match tools.map(|tools| serde_json::from_str(tools.get())).transpose() {
        Ok(list) => list.unwrap_or_default(),
        Err(_) => return Err(Refusal::bad_value(NAME, "a list")),
    };
    let choice: Value = members.take("tool_choice", "a string or an object")?.unwrap_or_else(|| "auto".into());
    // Several calls in one answer are the model's choice, and so is none.
    members.ignore("parallel_tool_calls");
    match choice.as_str() {
        Some("auto") => Ok(tools.filter(|_| !list.is_empty())),
        Some("none") => Ok(None),
        _ => Err(Refusal::unsupported_value("tool_choice", "to make the model call a tool")),
    }
}

fn text<'a>(members: &mut Members<'a>) -> Result<Source<'a>, Refusal> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Prompt {
        Text(String),
        Tokens(Vec<Token>),
        Texts(Vec<String>),
        TokenLists(Vec<Vec<Token>>),
    }
    const NAME: &str = "prompt";
    const TAKES: &str = "a string or a list of token numbers";
    let prompt = members.take(NAME, TAKES)?.ok_or_else(|| Refusal::bad_value(NAME, TAKES))?;
    let several = || Refusal::unsupported_value(NAME, "more than one prompt");
    match prompt {
        Prompt::Text(text) => Ok(Source::Text(text)),
        Prompt::Tokens(tokens) => Ok(Source::Tokens(tokens)),
        Prompt::Texts(texts) => <[String; 1]>::try_from(texts).map(|[text]| Source::Text(text)).map_err(|_| several()),
        Prompt::TokenLists(lists) => {
            <[Vec<Token>; 1]>::try_from(lists).map(|[tokens]| Source::Tokens(tokens)).map_err(|_| several())
        }
    }
}
