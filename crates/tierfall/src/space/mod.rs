//! `tierfall space`: the folder of a Hugging Face Space, and what to do with it next.

use std::io::{self, Write};
use std::process::ExitCode;

use space::{Hub, PushError, Role, Sdk, SpaceName, Visibility, Wish};

use crate::cli;
use crate::config::Configuration;

/// The Hub, where `HF_ENDPOINT` names no other.
const HUB: &str = "https://huggingface.co";

const WITH_SOURCE: &str = "Dockerfile, README.md and the source that it builds";

/// What comes after the push.
const STEPS: &str = "3. In the Space's settings the secret TIERFALL_API_KEYS: a token of the Hub that may read the Space, or, after a push with --public, a key of your choice
4. Where you ask from: CUSTOM_LLM_BASE_URL=https://OWNER-NAME.hf.space/v1 and CUSTOM_LLM_API_KEY=that key";
const PROXY_STEPS: &str = "3. In the Space's settings the secret TIERFALL_API_KEYS: a token of the Hub that may read the Space, or, after a push with --public, a key of your choice, and the variable MODEL_URL: the address to forward to
4. Where you ask from: CUSTOM_LLM_BASE_URL=https://OWNER-NAME.hf.space/v1 and CUSTOM_LLM_API_KEY=that key";
const LENT_STEPS: &str = "3. Where you ask from: TIER1_TYPE=zerogpu and TIER1_BASE_URL=https://OWNER-NAME.hf.space, with the HF_TOKEN whose GPU time it takes";

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
    let (holds, steps) = match role {
        Role::Zerogpu => ("app.py, requirements.txt and README.md", LENT_STEPS),
        Role::Proxy => (WITH_SOURCE, PROXY_STEPS),
        Role::Primary | Role::Fast => (WITH_SOURCE, STEPS),
    };
    write!(
        io::stdout(),
        "{folder}: a Space that {what}; {holds}, {files} files\n\
         Next:\n\
         1. HF_TOKEN, with the right to write, into .env.local: https://huggingface.co/settings/tokens\n\
         2. tierfall space push {folder} OWNER/NAME\n\
         {steps}\n",
    )?;
    Ok(ExitCode::SUCCESS)
}

/// `space push`: brings the folder to the Hub, and says where the Space will serve.
///
/// # Errors
/// The Space's name is none, there is no token, or what [`space::push`] names.
pub(crate) fn push(arguments: &cli::SpacePush, configuration: &Configuration) -> anyhow::Result<ExitCode> {
    let space: SpaceName = arguments.space.parse()?;
    let endpoint = configuration.hf_endpoint.clone().unwrap_or_else(|| HUB.to_owned());
    let token = configuration.hf_token.clone().ok_or(PushError::NoToken)?;
    let hub = Hub { endpoint, token };
    let visibility = if arguments.public { Visibility::Public } else { Visibility::Private };
    let pushed = space::push(&arguments.folder, &space, &hub, visibility)?;
    let page = hub.page(&space);
    let mut out = io::stdout().lock();
    if pushed.created {
        let seen_by = if arguments.public { "public" } else { "private" };
        writeln!(out, "{space}: made at {page}, {seen_by}")?;
    }
    if !pushed.changed {
        writeln!(out, "{space}: the Space holds what is in {} already", arguments.folder.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{space}: pushed; the Hub builds it now, which {page} shows")?;
    let address = space.address();
    match pushed.sdk {
        Sdk::Docker => writeln!(
            out,
            "It serves on CUSTOM_LLM_BASE_URL={address}/v1 once {page}/settings has the secret TIERFALL_API_KEYS: a key of your choice; for a private Space a token of the Hub that may read it",
        )?,
        Sdk::Gradio => writeln!(
            out,
            "It serves as TIER1_TYPE=zerogpu, TIER1_BASE_URL={address}; {page}/settings shows whether its hardware is ZeroGPU",
        )?,
    }
    Ok(ExitCode::SUCCESS)
}

fn role(role: cli::Role) -> Role {
    match role {
        cli::Role::Primary => Role::Primary,
        cli::Role::Fast => Role::Fast,
        cli::Role::Proxy => Role::Proxy,
        cli::Role::Zerogpu => Role::Zerogpu,
    }
}
