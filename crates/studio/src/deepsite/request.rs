//! What is asked, read from a body of either form.

use kit::{Message, Role};
use serde_json::Value;

use crate::project::Page;

/// The longest prompt, in characters.
const LONGEST: usize = 20_000;

/// The form of DeepSite's contract that a caller speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `POST` for a new page, `PUT` for a change.
    V3,
    /// `POST` for both, with the talk so far and the files as they are.
    V4,
}

/// How a body was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Post,
    Put,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) form: Form,
    /// A route, or `tier-N`; anything else is the cascade.
    pub(super) model: String,
    pub(super) prompt: String,
    /// The files that are to be changed; none for a new page.
    pub(super) pages: Vec<Page>,
    /// What was said before.
    pub(super) talk: Vec<Message>,
    /// The source of the element that was clicked.
    pub(super) selected: Option<String>,
    /// Addresses of pictures and the like that may be used.
    pub(super) media: Vec<String>,
    /// An older page, as Markdown, that is to be made anew.
    pub(super) redesign: Option<String>,
    pub(super) wishes: Option<Wishes>,
    /// What a `PUT` gets back at its end.
    pub(super) project: Project,
}

/// How it is to look (`enhancedSettings`). Colours are names or `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wishes {
    pub(super) primary: Option<String>,
    pub(super) secondary: Option<String>,
    /// `light` or `dark`.
    pub(super) theme: Option<String>,
}

/// The project as its caller names it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Project {
    pub(super) repo: Option<Value>,
    pub(super) is_new: Option<Value>,
}

/// What is wrong with a body, in DeepSite's words where it has any.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("The body is not JSON (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    #[error("Missing required fields")]
    Missing,
    #[error("Prompt is required")]
    NoPrompt,
    #[error("Model is required")]
    NoModel,
    #[error("The prompt is {0} characters long, and at most {LONGEST} are read: shorten it")]
    TooLong(usize),
}

impl Request {
    /// Reads a body.
    ///
    /// # Errors
    /// It is no JSON, or something is missing; with the form that the refusal is to have.
    pub(super) fn read(sent: Sent, body: &[u8]) -> Result<Self, (Form, Wrong)> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| (Form::V3, Wrong::NotJson { line: error.line(), column: error.column() }))?;
        let v4 = ["previousMessages", "files", "redesignMd", "medias"].iter().any(|name| body.get(name).is_some());
        let form = if sent == Sent::Post && v4 { Form::V4 } else { Form::V3 };
        Self::of(sent, form, &body).map_err(|wrong| (form, wrong))
    }

    fn of(sent: Sent, form: Form, body: &Value) -> Result<Self, Wrong> {
        let (model, prompt) = (text(body, "model"), text(body, "prompt"));
        let redesign = match form {
            Form::V3 => text(body, "redesignMarkdown"),
            Form::V4 => body.get("redesignMd").map_or("", |redesign| text(redesign, "md")),
        };
        let pages = match form {
            Form::V3 => pages(body, "pages", "html"),
            Form::V4 => pages(body, "files", "content"),
        };
        let asks = !prompt.is_empty() || (form == Form::V3 && sent == Sent::Post && !redesign.is_empty());
        match form {
            Form::V4 if !asks => return Err(Wrong::NoPrompt),
            Form::V4 if model.is_empty() => return Err(Wrong::NoModel),
            Form::V3 if !asks || model.is_empty() => return Err(Wrong::Missing),
            Form::V3 if sent == Sent::Put && pages.is_empty() => return Err(Wrong::Missing),
            _ => {}
        }
        let length = prompt.chars().count();
        if length > LONGEST {
            return Err(Wrong::TooLong(length));
        }
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Self {
            form,
            model: model.to_owned(),
            prompt: prompt.to_owned(),
            pages: if sent == Sent::Put || form == Form::V4 { pages } else { Vec::new() },
            talk: talk(body),
            selected: some(text(body, "selectedElementHtml")),
            media: texts(body, if form == Form::V3 { "files" } else { "medias" }),
            redesign: some(redesign),
            wishes: Wishes::of(body.get("enhancedSettings")),
            project: Project { repo: body.get("repoId").cloned(), is_new: body.get("isNew").cloned() },
        })
    }
}

impl Wishes {
    fn of(settings: Option<&Value>) -> Option<Self> {
        let settings = settings.filter(|settings| settings.get("isActive") == Some(&Value::Bool(true)))?;
        let some = |name| Some(text(settings, name).to_owned()).filter(|text| !text.is_empty());
        Some(Self { primary: some("primaryColor"), secondary: some("secondaryColor"), theme: some("theme") })
    }
}

/// The member of this name where it is text, else nothing.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default()
}

fn list<'a>(body: &'a Value, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Texts, or what their objects name as an address.
fn texts(body: &Value, name: &str) -> Vec<String> {
    let of = |value: &Value| value.as_str().or_else(|| value.get("url")?.as_str()).map(str::to_owned);
    list(body, name).iter().filter_map(of).collect()
}

fn pages(body: &Value, name: &str, content: &str) -> Vec<Page> {
    let of = |page: &Value| {
        let path = text(page, "path");
        let html = page.get(content)?.as_str()?.to_owned();
        (!path.is_empty()).then(|| Page { path: path.to_owned(), html })
    };
    list(body, name).iter().filter_map(of).collect()
}

fn talk(body: &Value) -> Vec<Message> {
    let of = |message: &Value| {
        let role = match text(message, "role") {
            "assistant" => Role::Assistant,
            "user" => Role::User,
            _ => return None,
        };
        let content = text(message, "content");
        (!content.is_empty()).then(|| Message { role, content: content.to_owned().into() })
    };
    list(body, "previousMessages").iter().filter_map(of).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(sent: Sent, body: &Value) -> Result<Request, (Form, Wrong)> {
        Request::read(sent, body.to_string().as_bytes())
    }

    #[test]
    fn the_form_is_told_by_its_members() {
        let v3 = json!({ "prompt": "p", "model": "m", "provider": "auto", "redesignMarkdown": null });
        assert_eq!(read(Sent::Post, &v3).unwrap().form, Form::V3);
        for name in ["previousMessages", "files", "redesignMd", "medias"] {
            let v4 = json!({ "prompt": "p", "model": "m", name: null });
            assert_eq!(read(Sent::Post, &v4).unwrap().form, Form::V4, "{name}");
        }
        let put = json!({ "prompt": "p", "model": "m", "files": ["/cat.png"], "pages": [{ "path": "index.html", "html": "" }] });
        let put = read(Sent::Put, &put).unwrap();
        assert_eq!((put.form, put.pages.len(), put.media), (Form::V3, 1, vec!["/cat.png".to_owned()]));
    }

    #[test]
    fn what_is_missing_is_said_in_the_words_of_its_form() {
        let page = json!([{ "path": "index.html", "html": "<p>" }]);
        for (sent, body, form, wrong) in [
            (Sent::Post, json!({ "model": "m" }), Form::V3, Wrong::Missing),
            (Sent::Post, json!({ "prompt": "p" }), Form::V3, Wrong::Missing),
            (Sent::Post, json!({ "prompt": " ", "model": "m" }), Form::V3, Wrong::Missing),
            (Sent::Post, json!({ "prompt": 7, "model": "m" }), Form::V3, Wrong::Missing),
            (Sent::Post, json!([]), Form::V3, Wrong::Missing),
            (Sent::Put, json!({ "prompt": "p", "model": "m" }), Form::V3, Wrong::Missing),
            (Sent::Put, json!({ "prompt": "p", "model": "m", "pages": [] }), Form::V3, Wrong::Missing),
            (Sent::Put, json!({ "prompt": "p", "pages": page }), Form::V3, Wrong::Missing),
            (Sent::Put, json!({ "model": "m", "pages": page }), Form::V3, Wrong::Missing),
            (Sent::Post, json!({ "model": "m", "files": [] }), Form::V4, Wrong::NoPrompt),
            (Sent::Post, json!({ "prompt": "p", "files": [] }), Form::V4, Wrong::NoModel),
        ] {
            assert_eq!(read(sent, &body).unwrap_err(), (form, wrong), "{body}");
        }
        let long = json!({ "prompt": "ü".repeat(20_001), "model": "m" });
        assert_eq!(read(Sent::Post, &long).unwrap_err().1, Wrong::TooLong(20_001));
        assert!(matches!(Request::read(Sent::Post, b"{").unwrap_err().1, Wrong::NotJson { line: 1, .. }));
    }

    #[test]
    fn everything_that_is_sent_along_is_read() {
        let v3 = json!({ "prompt": "", "model": "m", "redesignMarkdown": "# Old",
            "enhancedSettings": { "isActive": true, "primaryColor": "blue", "theme": "dark" } });
        let request = read(Sent::Post, &v3).unwrap();
        assert_eq!(request.redesign.as_deref(), Some("# Old"));
        let wishes = request.wishes.unwrap();
        assert_eq!(
            (wishes.primary.as_deref(), wishes.secondary, wishes.theme.as_deref()),
            (Some("blue"), None, Some("dark"))
        );

        let v4 = json!({ "prompt": "p", "model": "m", "previousMessages": [{ "role": "user", "content": "a page" },
            { "role": "assistant", "content": "Done" }, { "role": "odd", "content": "x" }],
            "files": [{ "path": "index.html", "content": "<p>" }], "redesignMd": { "url": "u", "md": "# Old" },
            "medias": ["/cat.png"], "enhancedSettings": { "isActive": false, "primaryColor": "blue" } });
        let request = read(Sent::Post, &v4).unwrap();
        assert_eq!((request.talk.len(), request.pages.len(), request.media.len()), (2, 1, 1));
        assert_eq!((request.redesign.as_deref(), request.wishes), (Some("# Old"), None));
    }
}
