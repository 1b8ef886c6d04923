//! What the model is to carry on: a chat, or texts.

use serde::Deserialize;
use serde_json::value::RawValue;
use wire::Form;

use super::constraint::Calling;
use super::members::Members;
use super::tools::Tools;
use crate::model::{Chat, Model, Prompt, Token};
use crate::worker::answer::{Calls, Echo};
use crate::worker::refusal::Refusal;

/// What prompts are made of.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Messages { messages: &'a RawValue, tools: Option<Tools<'a>>, extra: Option<&'a RawValue> },
    Texts { texts: Vec<Text>, suffix: Option<String> },
}

/// One prompt of the text form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    Words(String),
    Tokens(Vec<Token>),
}

/// Prompts as the model is told them.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) prompts: Vec<Vec<Token>>,
    /// What each of them says, where it has a text that can be said again.
    pub(super) echoes: Vec<Echo>,
    /// What the only one ends with, where that is the answer's beginning.
    pub(super) opening: String,
    pub(super) calls: Option<Calls>,
    /// How tools are called.
    pub(super) calling: Option<Calling>,
}

impl<'a> Source<'a> {
    pub(super) fn read(form: Form, members: &mut Members<'a>) -> Result<Self, Refusal> {
        match form {
            Form::Chat => Ok(Self::Messages {
                messages: members.raw("messages").ok_or_else(|| Refusal::bad_value("messages", "given"))?,
                tools: Tools::read(members)?,
                extra: members.raw("chat_template_kwargs"),
            }),
            Form::Text => {
                let suffix: Option<String> = members.take("suffix", "a string")?;
                Ok(Self::Texts { texts: texts(members)?, suffix: suffix.filter(|suffix| !suffix.is_empty()) })
            }
        }
    }

    /// How many prompts there are.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Messages { .. } => 1,
            Self::Texts { texts, .. } => texts.len(),
        }
    }

    pub(super) fn told(self, model: &Model) -> Result<Told, Refusal> {
        match self {
            Self::Messages { messages, tools, extra } => chat(model, messages, tools, extra),
            Self::Texts { texts, suffix } => {
                let (mut prompts, echoes): (Vec<_>, Vec<_>) =
                    texts.into_iter().map(|text| text.told(model)).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
                if let Some(suffix) = suffix {
                    prompts = prompts
                        .iter()
                        .map(|before| model.between(before, &suffix))
                        .collect::<Option<_>>()
                        .ok_or_else(|| Refusal::unsupported_value("suffix", "a model that fills no gaps"))?;
                }
                Ok(Told { prompts, echoes, opening: String::new(), calls: None, calling: None })
            }
        }
    }
}

fn chat<'a>(
    model: &Model,
    messages: &'a RawValue,
    tools: Option<Tools<'a>>,
    extra: Option<&'a RawValue>,
) -> Result<Told, Refusal> {
    let render = |tools| model.render_chat(&Chat { messages, tools, extra });
    let Prompt { text, tokens, opening } = render(tools.as_ref().map(|tools| tools.raw))?;
    let prompts = vec![tokens];
    let Some(tools) = tools else {
        return Ok(Told { prompts, echoes: Vec::new(), opening, calls: None, calling: None });
    };
    if text == render(None)?.text {
        return Err(Refusal::unsupported_value("tools", "a model whose chat template has no tools"));
    }
    let style = Tools::style(&text);
    let calling = tools.calling(style)?;
    let calls = tools.calls(style, matches!(calling, Calling::May { held: Some(_), .. }));
    Ok(Told { prompts, echoes: Vec::new(), opening, calls: Some(calls), calling: Some(calling) })
}

impl Text {
    fn told(self, model: &Model) -> Result<(Vec<Token>, Echo), Refusal> {
        match self {
            Self::Words(text) => {
                let tokens = model.tokenize(&text, true);
                let begin = model.info().bos.filter(|bos| tokens.first() == Some(bos));
                let unsaid = begin.is_some_and(|begin| !text.as_bytes().starts_with(&model.spelled(begin)));
                Ok((tokens, Echo { text, unsaid: usize::from(unsaid) }))
            }
            Self::Tokens(tokens) => {
                let known = |token: &Token| u32::try_from(*token).is_ok_and(|token| token < model.info().vocabulary);
                if let Some(token) = tokens.iter().find(|token| !known(token)) {
                    return Err(Refusal::invalid("prompt", &format!("{token} is no token of this model's")));
                }
                let bytes = tokens.iter().flat_map(|&token| model.spelled(token)).collect::<Vec<_>>();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                Ok((tokens, Echo { text, unsaid: 0 }))
            }
        }
    }
}

fn texts(members: &mut Members<'_>) -> Result<Vec<Text>, Refusal> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Text(String),
        Tokens(Vec<Token>),
        Texts(Vec<String>),
        TokenLists(Vec<Vec<Token>>),
    }
    const NAME: &str = "prompt";
    const TAKES: &str = "a string, a list of token numbers, or a list of either";
    let prompt = members.take(NAME, TAKES)?.ok_or_else(|| Refusal::bad_value(NAME, TAKES))?;
    Ok(match prompt {
        Given::Text(text) => vec![Text::Words(text)],
        Given::Tokens(tokens) => vec![Text::Tokens(tokens)],
        Given::Texts(texts) => texts.into_iter().map(Text::Words).collect(),
        Given::TokenLists(lists) => lists.into_iter().map(Text::Tokens).collect(),
    })
}
