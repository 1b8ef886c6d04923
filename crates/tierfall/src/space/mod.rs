//! `tierfall space`: the folder of a Hugging Face Space, and what to do with it next.

use std::io::{self, Write};
use std::process::ExitCode;

use space::{Role, Wish};

use crate::cli;

/// `space init`: writes the folder, and says what comes next.
///
/// # Errors
/// The folder is not empty, there is no such model, or a file cannot be written.
pub(crate) fn init(arguments: &cli::SpaceInit) -> anyhow::Result<ExitCode> {
    let cli::SpaceInit { folder, model, name, force, .. } = arguments;
    let role = role(arguments.role);
    let written = space::init(folder, &Wish { role, model: model.clone(), title: name.clone() }, *force)?;
    let what = match &written.model {
        Some(model) => format!("serves {model}"),
        None => "forwards to its variable MODEL_URL".to_owned(),
    };
    let (folder, files) = (folder.display(), written.files);
    write!(
        io::stdout(),
        "{folder}: a Space that {what}; Dockerfile, README.md and the source that it builds, {files} files\n\
         Next:\n\
         1. https://huggingface.co/new-space: a name, SDK Docker, the template Blank, CPU basic (free)\n\
         2. In its settings, under \"Variables and secrets\", the secret TIERFALL_API_KEYS: a key of your choice\n{}\
         {}. Put the folder's files there, by git push or the page's upload; it builds by itself\n\
         {}. Where you ask from: CUSTOM_LLM_BASE_URL=https://OWNER-NAME.hf.space/v1 and CUSTOM_LLM_API_KEY=that key\n",
        if role == Role::Proxy { "3. Also there, the variable MODEL_URL: the address to forward to\n" } else { "" },
        if role == Role::Proxy { 4 } else { 3 },
        if role == Role::Proxy { 5 } else { 4 },
    )?;
    Ok(ExitCode::SUCCESS)
}

fn role(role: cli::Role) -> Role {
    match role {
        cli::Role::Primary => Role::Primary,
        cli::Role::Fast => Role::Fast,
        cli::Role::Proxy => Role::Proxy,
    }
}
