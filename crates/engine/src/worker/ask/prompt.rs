//! What the model is to carry on: a chat or a text.

use serde::Deserialize;
use serde_json::value::RawValue;
use wire::Form;

use super::members::Members;
use super::tools::Tools;
use crate::model::{Chat, Model, Prompt, Token};
use crate::worker::answer::Calls;
use crate::worker::refusal::Refusal;

/// What a prompt is made of.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Messages { messages: &'a RawValue, tools: Option<Tools<'a>>, extra: Option<&'a RawValue> },
    Text(String),
    Tokens(Vec<Token>),
}

/// A prompt as the model is told it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) tokens: Vec<Token>,
    /// What it ends with, where that is the answer's beginning.
    pub(super) opening: String,
    pub(super) calls: Option<Calls>,
    /// What makes the model call a tool, in Lark.
    pub(super) forced: Option<String>,
}

impl<'a> Source<'a> {
    pub(super) fn read(form: Form, members: &mut Members<'a>) -> Result<Self, Refusal> {
        match form {
            Form::Chat => Ok(Self::Messages {
                messages: members.raw("messages").ok_or_else(|| Refusal::bad_value("messages", "given"))?,
                tools: Tools::read(members)?,
                extra: members.raw("chat_template_kwargs"),
            }),
            Form::Text => text(members),
        }
    }

    pub(super) fn told(self, model: &Model) -> Result<Told, Refusal> {
        let plain = |tokens| Told { tokens, opening: String::new(), calls: None, forced: None };
        match self {
            Self::Messages { messages, tools, extra } => {
                let render = |tools| model.render_chat(&Chat { messages, tools, extra });
                let Prompt { text, tokens, opening } = render(tools.as_ref().map(|tools| tools.raw))?;
                let Some(tools) = tools else { return Ok(Told { opening, ..plain(tokens) }) };
                if text == render(None)?.text {
                    return Err(Refusal::unsupported_value("tools", "a model whose chat template has no tools"));
                }
                let style = Tools::style(&text);
                Ok(Told { tokens, opening, calls: Some(tools.calls(style)), forced: tools.grammar(style) })
            }
            Self::Text(text) => Ok(plain(model.tokenize(&text, true))),
            Self::Tokens(tokens) => Ok(plain(tokens)),
        }
    }
}

fn text<'a>(members: &mut Members<'a>) -> Result<Source<'a>, Refusal> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
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
        Given::Text(text) => Ok(Source::Text(text)),
        Given::Tokens(tokens) => Ok(Source::Tokens(tokens)),
        Given::Texts(texts) => <[String; 1]>::try_from(texts).map(|[text]| Source::Text(text)).map_err(|_| several()),
        Given::TokenLists(lists) => {
            <[Vec<Token>; 1]>::try_from(lists).map(|[tokens]| Source::Tokens(tokens)).map_err(|_| several())
        }
    }
}
