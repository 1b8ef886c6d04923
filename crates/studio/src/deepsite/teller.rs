//! What is told of an answer while it comes, in the form that its caller reads: DeepSite's text, or the Studio's events.

use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc::Sender;

use super::hunks::Hunk;
use super::marks;
use super::request::{Form, Project};
use crate::generation::Event;
use crate::model_client::{Failure, TierNews};
use crate::project::Page;

/// What a caller reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// The text of the answer itself, with what stands in it marked as DeepSite marks it.
    Text(Form),
    /// The Studio's events.
    Events,
}

/// Tells a caller. Whoever has gone is told nothing more, and that is no failure.
pub(super) struct Teller {
    output: Output,
    caller: Sender<Bytes>,
    /// How much of the text was told.
    told: Told,
    events: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Thoughts,
    Text,
    /// The beginning of a file.
    File,
}

impl Teller {
    pub(super) fn new(output: Output, caller: Sender<Bytes>) -> Self {
        Self { output, caller, told: Told::Nothing, events: 0 }
    }

    /// The form in which blocks are told.
    pub(super) fn form(&self) -> Form {
        match self.output {
            Output::Text(form) => form,
            Output::Events => Form::V3,
        }
    }

    /// Whether something of the answer was told that cannot be taken back.
    pub(super) fn has_said(&self) -> bool {
        matches!(self.told, Told::Text | Told::File)
    }

    async fn send(&mut self, text: String) {
        let _ = self.caller.send(text.into()).await;
    }

    async fn event(&mut self, event: Event) {
        if self.output == Output::Events {
            let frame = event.frame(self.events);
            self.events += 1;
            let _ = self.caller.send(frame).await;
        }
    }

    pub(super) async fn tier(&mut self, news: TierNews) {
        self.event(news.into()).await;
    }

    /// What the model thinks before it answers.
    pub(super) async fn thought(&mut self, thought: &str) {
        if self.output == Output::Events || self.has_said() {
            return;
        }
        let start = if self.told == Told::Nothing { "<think>" } else { "" };
        self.told = Told::Thoughts;
        self.send(format!("{start}{thought}")).await;
    }

    /// Text of the answer, as it is.
    pub(super) async fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.output {
            Output::Events => self.event(Event::Token { text: text.to_owned() }).await,
            Output::Text(_) => {
                let thought = if self.told == Told::Thoughts { "</think>" } else { "" };
                self.send(format!("{thought}{text}")).await;
            }
        }
        if !self.has_said() {
            self.told = Told::Text;
        }
    }

    /// Says something that only DeepSite's form has.
    pub(super) async fn mark(&mut self, text: &str) {
        if matches!(self.output, Output::Text(_)) {
            self.say(text).await;
        }
    }

    /// Text of the model that is told for what it says, and in its letters only where events are read.
    pub(super) async fn token(&mut self, text: &str) {
        self.event(Event::Token { text: text.to_owned() }).await;
    }

    /// A change of a file; `is_open` is whether the last thing said was one of the same file.
    pub(super) async fn change(&mut self, path: &str, search: &str, replace: &str, is_open: bool) {
        self.mark(&marks::change(self.form(), path, search, replace, is_open)).await;
    }

    /// Changes of a file.
    pub(super) async fn changes(&mut self, path: &str, hunks: &[Hunk]) {
        for (number, hunk) in hunks.iter().enumerate() {
            self.change(path, &hunk.search, &hunk.replace, number > 0).await;
        }
    }

    /// What the project is called.
    pub(super) async fn name(&mut self, name: &str) {
        self.mark(&marks::name(self.form(), name)).await;
    }

    /// A file begins whose content is told as it comes.
    pub(super) async fn file_starts(&mut self, path: &str) {
        self.mark(&marks::file_start(self.form(), path)).await;
        self.told = Told::File;
    }

    /// Its content was told.
    pub(super) async fn file_ends(&mut self) {
        self.mark(marks::file_end(self.form())).await;
        self.told = Told::Text;
    }

    /// A file whose content was not told.
    pub(super) async fn file(&mut self, page: &Page) {
        self.mark(&marks::file(self.form(), &page.path, &page.html)).await;
    }

    /// A page as it stands, for who reads events.
    pub(super) async fn shows(&mut self, page: &Page, whole: bool) {
        self.event(Event::File { path: page.path.clone(), html: page.html.clone(), whole }).await;
    }

    /// Something that only events say.
    pub(super) async fn tell(&mut self, event: Event) {
        self.event(event).await;
    }

    /// It did not work, or not to its end.
    pub(super) async fn failed(&mut self, failure: &Failure) {
        let Output::Text(form) = self.output else {
            let (code, message) = (failure.code.clone(), failure.message.clone());
            return self.event(Event::Error { code, message }).await;
        };
        if self.told == Told::File {
            self.file_ends().await;
        }
        let before = if self.told == Told::Text && form == Form::V3 { "\n" } else { "" };
        self.say(&format!("{before}{}", failed(form, failure))).await;
    }

    /// What stands at the end of a change.
    pub(super) async fn metadata(&mut self, project: &Project, changed: &[&str], lines: &[[usize; 2]]) {
        self.mark(&metadata(project, changed, lines)).await;
    }
}

/// A failure as DeepSite says it. A bill that is to be paid opens what it has for that.
fn failed(form: Form, failure: &Failure) -> String {
    let (message, is_bill) = (&failure.message, failure.status == Some(402));
    match form {
        Form::V3 if is_bill => json!({ "ok": false, "openProModal": true, "message": message }).to_string(),
        Form::V3 => json!({ "ok": false, "message": message }).to_string(),
        Form::V4 if is_bill => {
            let error = json!({ "messageError": message, "showProMessage": true, "isError": true });
            format!("\n\n__ERROR__:{error}")
        }
        Form::V4 => format!("\n\n__ERROR__:{}", json!({ "messageError": message, "isError": true })),
    }
}

fn metadata(project: &Project, changed: &[&str], lines: &[[usize; 2]]) -> String {
    let mut all = json!({});
    for (name, value) in [("repoId", &project.repo), ("isNew", &project.is_new)] {
        if let Some(value) = value {
            all[name] = value.clone();
        }
    }
    let owner = project.repo.as_ref().and_then(|repo| Some(repo.as_str()?.split_once('/')?.0));
    all["userName"] = owner.unwrap_or("local").into();
    all["pages"] = json!(changed);
    all["updatedLines"] = json!(lines);
    format!("\n___METADATA_START___\n{all}\n___METADATA_END___\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: Option<u16>) -> Failure {
        Failure { code: "x".to_owned(), message: "It \"broke\"".to_owned(), status }
    }

    #[test]
    fn a_failure_is_what_deepsites_front_end_reads_as_one() {
        assert_eq!(failed(Form::V3, &failure(None)), r#"{"ok":false,"message":"It \"broke\""}"#);
        assert_eq!(
            failed(Form::V3, &failure(Some(402))),
            r#"{"ok":false,"openProModal":true,"message":"It \"broke\""}"#
        );
        let v4 = "\n\n__ERROR__:{\"messageError\":\"It \\\"broke\\\"\",\"isError\":true}";
        assert_eq!(failed(Form::V4, &failure(None)), v4);
        assert!(failed(Form::V4, &failure(Some(402))).contains(r#""showProMessage":true"#));
    }

    #[test]
    fn a_change_ends_with_what_its_caller_said_of_the_project() {
        let project = Project { repo: Some("ada/nord".into()), is_new: Some(false.into()) };
        assert_eq!(
            metadata(&project, &["index.html"], &[[3, 4]]),
            "\n___METADATA_START___\n{\"repoId\":\"ada/nord\",\"isNew\":false,\"userName\":\"ada\",\
             \"pages\":[\"index.html\"],\"updatedLines\":[[3,4]]}\n___METADATA_END___\n"
        );
        assert!(
            metadata(&Project::default(), &[], &[]).contains(r#"{"userName":"local","pages":[],"updatedLines":[]}"#)
        );
    }
}
