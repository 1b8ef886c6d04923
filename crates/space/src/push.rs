//! The folder's way to the Hub: Git over HTTPS.
//!
//! The folder becomes a repository of its own (`.git` in it). Each push is one commit on top of what the Space holds, which must
//! be what was pushed last, or what the Hub itself puts into a new Space. Nothing is ever forced: what was edited on the Space's
//! page stays.

use std::path::{Path, PathBuf};

use crate::git::Git;
use crate::hub::{Hub, Sdk, Visibility};
use crate::name::SpaceName;

/// All that the Hub puts into a Space that nobody has written to.
const FIRST_FILES: [&str; 2] = [".gitattributes", "README.md"];

/// What [`push`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The Space was made for it.
    pub created: bool,
    /// There was something to push.
    pub changed: bool,
    /// How the Hub runs it.
    pub sdk: Sdk,
}

/// Why nothing was pushed. Each is one line that says what to do, without the token.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Not the folder of a Space.
    #[error("{} has no Dockerfile and no app.py: write the folder first, with: tierfall space init {} --role ROLE", .0.display(), .0.display())]
    NoFolder(PathBuf),
    /// There is no token.
    #[error(
        "HF_TOKEN is not set: make one with the right to write at https://huggingface.co/settings/tokens, and put it into .env.local"
    )]
    NoToken,
    /// There is no `git`.
    #[error(
        "git is not installed, and the Hub is spoken to through it: install it (Debian, Ubuntu: apt-get install git)"
    )]
    NoGit,
    /// The Hub does not know the token.
    #[error(
        "the Hub does not take HF_TOKEN (401): make one with the right to write at https://huggingface.co/settings/tokens"
    )]
    Token,
    /// The token may not do this.
    #[error(
        "HF_TOKEN may not write to {0} (403): make one with the right to write there, at https://huggingface.co/settings/tokens"
    )]
    Forbidden(String),
    /// The Hub makes such a Space for those who pay.
    #[error(
        "the Hub makes {space} for a paying account alone (402: {why}); nothing was uploaded. For $0 the same runs on a machine of your own, and a free account may have a Space of --role zerogpu: docs/spaces.md"
    )]
    Unpaid {
        /// Its name.
        space: String,
        /// The Hub's reason.
        why: String,
    },
    /// The Hub would not make the Space.
    #[error("the Hub would not make the Space {space} ({status}): {why}")]
    Refused {
        /// Its name.
        space: String,
        /// The Hub's status.
        status: u16,
        /// The Hub's reason.
        why: String,
    },
    /// No connection.
    #[error("{endpoint} cannot be reached: {why}")]
    Unreachable {
        /// The Hub's address.
        endpoint: String,
        /// Why.
        why: String,
    },
    /// A Space of this name holds something else.
    #[error("the Space {0} is there already and holds other files: choose another name, or delete it in its settings")]
    Taken(String),
    /// The Space was changed otherwise since the last push.
    #[error(
        "the Space {space} was edited since the last push: take that over with `git -C {} pull --no-rebase {url} main` (a private Space's password is HF_TOKEN), then push again",
        folder.display()
    )]
    Edited {
        /// Its name.
        space: String,
        /// The folder that was to be pushed.
        folder: PathBuf,
        /// The Space's repository.
        url: String,
    },
    /// Anything else that Git says.
    #[error("git {what}: {said}")]
    Git {
        /// Its command.
        what: String,
        /// Its words, in one line.
        said: String,
    },
}

impl PushError {
    /// Whether it lies in what was asked for, and not in the Hub or the machine.
    #[must_use]
    pub fn is_mistaken(&self) -> bool {
        matches!(self, Self::NoFolder(_) | Self::NoToken)
    }
}

/// Brings what is in `folder` to the Space, which is made where there is none, and is then as visible as said.
///
/// # Errors
/// The Hub cannot be reached or refuses, the Space holds what was not pushed from here, or Git is not there.
pub fn push(folder: &Path, space: &SpaceName, hub: &Hub, visibility: Visibility) -> Result<Pushed, PushError> {
    let sdk = Sdk::of(folder).ok_or_else(|| PushError::NoFolder(folder.to_owned()))?;
    // Git runs in it, and is told of it.
    let folder = &folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let git = Git { folder, space, hub };
    if !folder.join(".git").exists() {
        git.run(&["init", "--quiet", "--initial-branch=main"])?;
    }
    let created = hub.create(space, sdk, visibility)?;
    let tip = tip(&git)?;
    if let Some(tip) = &tip {
        go_on_from(&git, tip)?;
    }
    commit(&git)?;
    let head = git.run(&["rev-parse", "HEAD"])?;
    let changed = tip.as_ref() != Some(&head);
    if changed {
        git.run_with_token(&["push", "--quiet", &hub.page(space), "HEAD:refs/heads/main"])?;
    }
    git.run(&["update-ref", &last_pushed(space), &head])?;
    Ok(Pushed { created, changed, sdk })
}

/// Commits the folder as it is.
fn commit(git: &Git<'_>) -> Result<(), PushError> {
    git.run(&["add", "--all"])?;
    if git.run(&["status", "--porcelain"])?.is_empty() {
        return Ok(());
    }
    let message = concat!("Tierfall ", env!("CARGO_PKG_VERSION"));
    git.run(&["commit", "--quiet", "--message", message]).map(drop)
}

/// The commit that the Space is at.
fn tip(git: &Git<'_>) -> Result<Option<String>, PushError> {
    let url = git.hub.page(git.space);
    let listed = git.run_with_token(&["ls-remote", &url, "refs/heads/main"])?;
    let Some(tip) = listed.split_whitespace().next() else { return Ok(None) };
    git.run_with_token(&["fetch", "--quiet", "--no-tags", &url, "refs/heads/main"])?;
    Ok(Some(tip.to_owned()))
}

/// Lets the next commit stand on `tip`.
fn go_on_from(git: &Git<'_>, tip: &str) -> Result<(), PushError> {
    if git.ask(&["merge-base", "--is-ancestor", tip, "HEAD"])?.is_some() {
        return Ok(());
    }
    let last = git.ask(&["rev-parse", "--quiet", "--verify", &last_pushed(git.space)])?;
    if last.as_deref() != Some(tip) && !is_the_hubs_own(git, tip)? {
        if last.is_none() {
            return Err(PushError::Taken(git.space.to_string()));
        }
        // What is to be done about it begins with a folder whose own changes are committed.
        commit(git)?;
        return Err(git.edited());
    }
    git.run(&["update-ref", "HEAD", tip]).map(drop)
}

/// Whether `tip` is the commit that the Hub makes a Space with.
fn is_the_hubs_own(git: &Git<'_>, tip: &str) -> Result<bool, PushError> {
    let commits = git.run(&["rev-list", "--count", tip])?;
    let files = git.run(&["ls-tree", "-r", "--name-only", tip])?;
    Ok(commits == "1" && files.lines().all(|file| FIRST_FILES.contains(&file)))
}

/// Where the folder's repository remembers what the Space was given last.
fn last_pushed(space: &SpaceName) -> String {
    format!("refs/tierfall/{space}")
}
