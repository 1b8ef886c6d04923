//! Running `git` in the folder of a Space.
//!
//! The token reaches it through its environment alone: a credential helper, given there as well (`GIT_CONFIG_COUNT`,
//! git-config(1)), prints it when the Hub asks for it. So it is in no argument, no file and no address, and Git sends it to no
//! other host.

use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use secrecy::ExposeSecret;

use crate::hub::Hub;
use crate::name::SpaceName;
use crate::push::PushError;

const TOKEN: &str = "TIERFALL_HUB_TOKEN";
/// Answers Git's question for a login, and none of its requests to store or forget one.
const HELPER: &str =
    r#"!f() { test "$1" = get && printf 'username=tierfall\npassword=%s\n' "$TIERFALL_HUB_TOKEN"; }; f"#;
/// Up to so many bytes Git sends a push in one piece; the whole folder is far smaller.
const POST_BUFFER: &str = "67108864";

/// The most of Git's words that is shown, in characters.
const SHOWN: usize = 400;

pub(crate) struct Git<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) space: &'a SpaceName,
    pub(crate) hub: &'a Hub,
}

impl Git<'_> {
    /// What a command that must succeed prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String, PushError> {
        let output = self.output(self.command(arguments))?;
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(self.failed(arguments, &output)) }
    }

    /// As [`run`](Self::run), for a command that talks to the Hub.
    pub(crate) fn run_with_token(&self, arguments: &[&str]) -> Result<String, PushError> {
        let mut command = self.command(arguments);
        let helper = format!("credential.{}.helper", self.hub.endpoint);
        let settings = [("credential.helper", ""), (&helper, HELPER), ("http.postBuffer", POST_BUFFER)];
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (index, (key, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), key).env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        command.env(TOKEN, self.hub.token.expose_secret());
        let output = self.output(command)?;
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(self.failed(arguments, &output)) }
    }

    /// Whether a command that may fail succeeds, with what it prints.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<Option<String>, PushError> {
        let output = self.output(self.command(arguments))?;
        Ok(output.status.success().then(|| text(&output.stdout)))
    }

    pub(crate) fn edited(&self) -> PushError {
        let (folder, url) = (self.folder.to_owned(), self.hub.page(self.space));
        PushError::Edited { space: self.space.to_string(), folder, url }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        // Hooks, signatures and ignored files of the user's other work have no say here, nor has a repository around.
        for setting in ["core.hooksPath=/dev/null", "core.excludesFile=/dev/null", "core.autocrlf=false"] {
            command.args(["-c", setting]);
        }
        command.args(["-c", "commit.gpgSign=false"]).args(arguments);
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(key);
        }
        let (owner, email) = (&self.space.owner, format!("{}@users.noreply.huggingface.co", self.space.owner));
        command
            .env_remove("HF_TOKEN")
            .env("LC_ALL", "C")
            .env("GIT_DIR", self.folder.join(".git"))
            .env("GIT_WORK_TREE", self.folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .envs([("GIT_AUTHOR_NAME", owner), ("GIT_COMMITTER_NAME", owner)])
            .envs([("GIT_AUTHOR_EMAIL", &email), ("GIT_COMMITTER_EMAIL", &email)])
            .current_dir(self.folder)
            .stdin(Stdio::null());
        command
    }

    fn output(&self, mut command: Command) -> Result<Output, PushError> {
        command.output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => PushError::NoGit,
            _ => PushError::Git { what: "start".to_owned(), said: error.to_string() },
        })
    }

    /// Git has no code for what went wrong: it is in its words, which `LC_ALL=C` keeps the same everywhere.
    fn failed(&self, arguments: &[&str], output: &Output) -> PushError {
        let said = text(&output.stderr).replace(self.hub.token.expose_secret(), "(not shown)");
        let has = |words: &[&str]| words.iter().any(|words| said.contains(words));
        if has(&["Authentication failed", "error: 401", "could not read Username"]) {
            PushError::Token
        } else if has(&["error: 403"]) {
            PushError::Forbidden(self.space.owner.clone())
        } else if has(&["fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref"]) {
            self.edited()
        } else {
            let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let what = arguments.first().copied().unwrap_or_default().to_owned();
            PushError::Git { what, said: lines.join("; ").chars().take(SHOWN).collect() }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
