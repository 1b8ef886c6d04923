//! The model's own chat template: Jinja, as `transformers` runs it (`apply_chat_template`), with an end.
//!
//! The template comes out of the model file, which may be hostile: it has no way to anything but what it is given, and
//! every step and every byte that it makes costs fuel.

mod clock;
mod functions;
mod messages;
#[cfg(test)]
mod tests;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, ErrorKind};
use serde_json::value::RawValue;

use functions::Raised;
use messages::Messages;

const NAME: &str = "chat_template";
/// Steps that any template may take; an honest one takes some hundred a message. 64 bytes of text cost one more.
const FUEL: u64 = 2_000_000;

/// ChatML, which llama.cpp too falls back on for a model without a template.
const PLAIN: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n\
                     {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// A chat as the OpenAI form has it: each part is the request's own JSON.
#[derive(Debug, Clone, Copy)]
pub struct Chat<'a> {
    /// `messages`.
    pub messages: &'a RawValue,
    /// `tools`.
    pub tools: Option<&'a RawValue>,
    /// `chat_template_kwargs`: more variables for the template, an object.
    pub extra: Option<&'a RawValue>,
}

/// A chat as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Up to where the model's answer begins, or goes on.
    pub text: String,
    /// The answer's beginning, with which the text ends; mostly empty.
    pub opening: String,
}

/// Why a chat could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It took more steps than any honest template needs.
    #[error("the chat template did not come to an end")]
    OutOfFuel,
    /// The template itself refused the messages, in its own words.
    #[error("the chat template refuses these messages: {0}")]
    Raised(String),
    /// The messages, tools or variables are not what the form says.
    #[error("{0}")]
    Messages(String),
    /// The messages hold what a text model cannot take, such as a picture.
    #[error("{0}")]
    Unsupported(String),
    /// The template is broken.
    #[error("the chat template is broken: {0}")]
    Broken(String),
}

/// A parsed template, with the model's own begin and end tokens spelled out.
#[derive(Debug)]
pub struct Template {
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl Template {
    /// Parses a template; without one, a plain ChatML stands in.
    ///
    /// Fails with [`TemplateError::Broken`] where it is no Jinja.
    pub fn new(source: Option<&str>, bos: String, eos: String) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| failure(&error))?);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.set_fuel(Some(FUEL));
        functions::add(&mut environment);
        let source = functions::without_generation_tags(source.unwrap_or(PLAIN));
        environment.add_template_owned(NAME, source).map_err(|error| failure(&error))?;
        Ok(Self { environment, bos, eos })
    }

    /// Renders a chat up to where the model's answer begins. A last message from `assistant` that is mere text is the
    /// answer's beginning: it stands at the end, open.
    pub fn render(&self, chat: &Chat<'_>) -> Result<Rendered, TemplateError> {
        let Messages { messages, opening } = Messages::read(chat.messages)?;
        let tools = chat.tools.map(|tools| messages::parse(tools, "tools")).transpose()?;
        let tools = tools.filter(|tools| tools.len().is_some_and(|count| count > 0));
        let extra = match chat.extra {
            Some(extra) => messages::members(&messages::parse(extra, "chat_template_kwargs")?, "chat_template_kwargs")?,
            None => Vec::new(),
        };
        let ours = [
            ("messages", messages),
            ("tools", tools.unwrap_or(Value::from(()))),
            ("bos_token", Value::from(self.bos.as_str())),
            ("eos_token", Value::from(self.eos.as_str())),
            ("add_generation_prompt", Value::from(true)),
        ];
        let ours = ours.map(|(name, value)| (name.to_owned(), value));
        let variables = Value::from_pairs(extra.into_iter().chain(ours));
        let template = self.environment.get_template(NAME).map_err(|error| failure(&error))?;
        let mut text = template.render(variables).map_err(|error| failure(&error))?;
        text.push_str(&opening);
        Ok(Rendered { text, opening })
    }
}

fn failure(error: &minijinja::Error) -> TemplateError {
    if error.kind() == ErrorKind::OutOfFuel {
        return TemplateError::OutOfFuel;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(Raised(words)) = error.downcast_ref() {
            return TemplateError::Raised(words.clone());
        }
        cause = error.source();
    }
    TemplateError::Broken(error.to_string())
}
