//! What is asked of the Hub beside Git: making the Space.
//!
//! `POST /api/repos/create`, as `huggingface_hub`'s `create_repo` does it: 409 says that there is one of this name.

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::name::SpaceName;
use crate::push::PushError;

const PATIENCE: Duration = Duration::from_secs(60);
/// The longest reason that is shown, in characters.
const SHOWN: usize = 200;

/// The Hub's name of ZeroGPU, whatever GPU that is by now (`SpaceHardware` of `huggingface_hub`).
const ZERO_GPU: &str = "zero-a10g";

/// Who sees a Space and may ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Its owner, by a token of the Hub.
    Private,
    /// Everybody.
    Public,
}

/// The Hub, as one user.
pub struct Hub {
    /// `HF_ENDPOINT`, without a slash at its end.
    pub endpoint: String,
    /// `HF_TOKEN`, with the right to write.
    pub token: SecretString,
}

/// How the Hub runs a Space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sdk {
    /// As the Dockerfile says.
    Docker,
    /// As Gradio's program, with a lent GPU.
    Gradio,
}

impl Sdk {
    /// How the Space in `folder` is run; `None` where there is none.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let has = |name: &str| folder.join(name).is_file();
        if has("Dockerfile") { Some(Self::Docker) } else { has("app.py").then_some(Self::Gradio) }
    }

    fn wish(self, space: &SpaceName, visibility: Visibility) -> Value {
        let SpaceName { owner, name } = space;
        let private = visibility == Visibility::Private;
        match self {
            Self::Docker => json!({
                "type": "space", "sdk": "docker", "organization": owner, "name": name, "private": private,
            }),
            Self::Gradio => json!({
                "type": "space", "sdk": "gradio", "hardware": ZERO_GPU, "organization": owner, "name": name, "private": private,
            }),
        }
    }
}

impl Hub {
    /// The page of a Space, and its Git repository.
    #[must_use]
    pub fn page(&self, space: &SpaceName) -> String {
        format!("{}/spaces/{space}", self.endpoint)
    }

    /// Whether the Space was made; otherwise there was one, which stays as visible as it was.
    pub(crate) fn create(&self, space: &SpaceName, sdk: Sdk, visibility: Visibility) -> Result<bool, PushError> {
        let config = Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0);
        let agent = config.http_status_as_error(false).user_agent(concat!("tierfall/", env!("CARGO_PKG_VERSION")));
        let mut answer = agent
            .build()
            .new_agent()
            .post(format!("{}/api/repos/create", self.endpoint))
            .header("authorization", format!("Bearer {}", self.token.expose_secret()))
            .send_json(sdk.wish(space, visibility))
            .map_err(|error| PushError::Unreachable { endpoint: self.endpoint.clone(), why: error.to_string() })?;
        match answer.status().as_u16() {
            200..=299 => Ok(true),
            409 => Ok(false),
            401 => Err(PushError::Token),
            403 => Err(PushError::Forbidden(space.owner.clone())),
            402 => Err(PushError::Unpaid { space: space.to_string(), why: reason(&mut answer) }),
            status => Err(PushError::Refused { space: space.to_string(), status, why: reason(&mut answer) }),
        }
    }
}

/// The Hub's own words, in one line.
fn reason(answer: &mut Response<Body>) -> String {
    let said: Option<Value> = answer.body_mut().read_json().ok();
    let reason = said.as_ref().and_then(|said| said["error"].as_str()).unwrap_or("no reason");
    reason.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect()
}
