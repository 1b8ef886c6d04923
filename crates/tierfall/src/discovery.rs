//! Servers of models that run on this machine already: Ollama, LM Studio, llama.cpp.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use upstream::{Address, Kind, Target, Upstream};

use crate::config::{Configuration, Place, TierConfig};

/// What listens on this machine answers at once, or is none of these.
const CONNECT: Duration = Duration::from_millis(300);
/// The longest that a list of models is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest that the start waits for the list of a tier of the user's own: what is not known by then is asked for as it is.
const START: Duration = Duration::from_secs(1);
/// Parts of the names of models that write no answers.
const NO_CHAT: [&str; 12] =
    ["embed", "bge-", "e5-", "minilm", "gte-", "rerank", "whisper", "tts", "clip", "guard", "moderation", "diffusion"];

/// A server that answers, and how it becomes a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    place: Place,
    /// How many models it has.
    models: usize,
    /// The first of them that writes answers.
    model: String,
    /// The lines for `.env.local`.
    pub(crate) lines: Vec<String>,
}

impl Found {
    /// Who was found where, in words.
    pub(crate) fn words(&self) -> String {
        let Self { place, models, model, .. } = self;
        let models = if *models == 1 { "1 model".to_owned() } else { format!("{models} models") };
        format!("{} answers on 127.0.0.1:{} ({models}, such as {model})", place.server.title(), place.port)
    }
}

/// Looks for servers that are no tier of `configuration` yet, in all places at once.
pub(crate) async fn look(configuration: &Configuration) -> Vec<Found> {
    let unknown = configuration.discover.iter().filter(|place| !is_known(place, configuration));
    let found = join_all(unknown.map(|place| async move { Some((*place, models_of(place.address()).await?)) })).await;
    let mut number = next_number(configuration);
    let mut all = Vec::new();
    for (place, models) in found.into_iter().flatten() {
        let Some(model) = models.iter().find(|name| is_chat(name)) else { continue };
        let lines = lines(place, number, model, configuration);
        all.push(Found { place, models: models.len(), model: model.clone(), lines });
        number = following(number, configuration);
    }
    all
}

/// Gives each tier whose server holds several models and of which none is named the first one that writes answers.
pub(crate) async fn name_models(configuration: &mut Configuration) {
    let unnamed = configuration.tiers.iter_mut().filter(|tier| tier.is_on() && is_unnamed(tier));
    let named = unnamed.map(|tier| async move {
        let address = tier.base_url.clone()?;
        let models = timeout(START, models_of(address)).await.ok()??;
        tier.model = models.into_iter().find(|name| is_chat(name))?;
        Some(())
    });
    join_all(named).await;
}

/// Ollama takes no other model's name for its own.
fn is_unnamed(tier: &TierConfig) -> bool {
    tier.kind == Kind::named("ollama") && tier.kind.facts().model.as_deref() == Some(&tier.model)
}

/// The models of a server on this machine; `None` where there is none, or it is another Tierfall.
async fn models_of(address: Address) -> Option<Vec<String>> {
    let target = Target { kind: Kind::space(), base_url: address, key: None, model: String::new(), connect: CONNECT };
    let upstream = Upstream::new(target).ok()?;
    let models = timeout(PATIENCE, upstream.models()).await.ok()?.ok()?;
    let is_tierfall = models.iter().any(|name| name == "auto") && models.iter().any(|name| name == "private");
    (!is_tierfall && !models.is_empty()).then_some(models)
}

fn is_known(place: &Place, configuration: &Configuration) -> bool {
    let is_there = |tier: &TierConfig| match &tier.base_url {
        Some(Address::Http(uri)) => {
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
            let is_here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
            is_here && uri.port_u16() == Some(place.port)
        }
        _ => false,
    };
    // A tier that is switched off was configured all the same.
    configuration.listen.port() == place.port || configuration.tiers.iter().any(is_there)
}

fn is_chat(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !NO_CHAT.iter().any(|part| name.contains(part))
}

/// The number of the tier that a server would become: one of the first two that has nothing yet, else one behind all.
fn next_number(configuration: &Configuration) -> u32 {
    if configuration.first_run {
        return 1;
    }
    let is_empty = |number: &u32| {
        let tier = configuration.tiers.iter().find(|tier| tier.number == *number);
        tier.is_none_or(|tier| tier.kind == Kind::space() && tier.base_url.is_none())
    };
    [1, 2].into_iter().find(is_empty).unwrap_or_else(|| behind_all(configuration))
}

/// The number of one more.
fn following(number: u32, configuration: &Configuration) -> u32 {
    if number <= 2 { behind_all(configuration) } else { number + 1 }
}

fn behind_all(configuration: &Configuration) -> u32 {
    // Those that a key alone has made stand behind whatever has a number.
    let numbered = configuration.tiers.iter().filter(|tier| tier.by_key.is_none()).map(|tier| tier.number);
    numbered.max().unwrap_or(4).max(4) + 1
}

fn lines(place: Place, number: u32, model: &str, configuration: &Configuration) -> Vec<String> {
    let mut lines = vec![format!("TIER{number}_TYPE={}", place.server.kind())];
    if place != place.server.usual() || place.server.kind() == "space" {
        lines.push(format!("TIER{number}_BASE_URL=http://{}:{}/v1", Ipv4Addr::LOCALHOST, place.port));
    }
    lines.push(format!("TIER{number}_MODEL={model}"));
    // Once a tier is named, the engine is no longer there by itself: its small model stays behind this one.
    let own = configuration.tiers.iter().find(|tier| configuration.first_run && tier.number == 2);
    if let Some(own) = own.filter(|_| number == 1) {
        lines.push(format!("TIER2_TYPE={}", own.kind));
        lines.push(format!("TIER2_MODEL={}", own.model));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::{Server, Sources};

    fn configured(keys: &[(&str, &str)]) -> Configuration {
        let environment = keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let environment: BTreeMap<_, _> = environment.chain([("HOME".to_owned(), "/home/me".to_owned())]).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let folder_path = folder.path().to_owned();
        let sources = Sources { folder: folder_path, env_file: None, config_file: None, listen: None, environment };
        sources.load().expect("good").configuration
    }

    fn offered(server: Server, keys: &[(&str, &str)]) -> Vec<String> {
        let configuration = configured(keys);
        lines(server.usual(), next_number(&configuration), "m", &configuration)
    }

    #[test]
    fn on_the_first_start_a_server_becomes_tier_1_before_the_engines_small_model() {
        let behind = ["TIER2_TYPE=local", "TIER2_MODEL=smollm2-135m-instruct"];
        assert_eq!(offered(Server::Ollama, &[])[..2], ["TIER1_TYPE=ollama", "TIER1_MODEL=m"]);
        assert_eq!(offered(Server::Ollama, &[])[2..], behind);
        let lm_studio = offered(Server::LmStudio, &[]);
        assert_eq!(lm_studio[..2], ["TIER1_TYPE=space", "TIER1_BASE_URL=http://127.0.0.1:1234/v1"]);
    }

    #[test]
    fn a_server_becomes_a_tier_that_nothing_has_yet() {
        let number = |keys: &[(&str, &str)]| offered(Server::Ollama, keys)[0].clone();
        let own = ("CUSTOM_LLM_BASE_URL", "http://box:8080/v1");
        assert_eq!(number(&[("GROQ_API_KEY", "k")]), "TIER1_TYPE=ollama");
        assert_eq!(number(&[own]), "TIER2_TYPE=ollama");
        let second = ("TIER2_TYPE", "local");
        assert_eq!(number(&[own, second, ("TIER2_MODEL", "smollm2-135m-instruct")]), "TIER5_TYPE=ollama");
        assert_eq!(number(&[own, ("TIER2_BASE_URL", "http://b/v1"), ("GEMINI_API_KEY", "k")]), "TIER5_TYPE=ollama");
    }

    #[test]
    fn what_is_a_tier_already_is_not_looked_for() {
        let known = |base: &str| is_known(&Server::LlamaCpp.usual(), &configured(&[("CUSTOM_LLM_BASE_URL", base)]));
        assert!(
            known("http://127.0.0.1:8080/v1") && known("http://localhost:8080/v1") && known("http://[::1]:8080/v1")
        );
        assert!(!known("http://127.0.0.1:8081/v1") && !known("http://box:8080/v1"));
    }

    #[test]
    fn a_model_that_embeds_writes_no_answers() {
        let chat = ["llama3.2:latest", "qwen2.5-coder:7b", "gpt-oss:20b"];
        let other = ["nomic-embed-text:latest", "bge-m3", "all-minilm", "whisper-large-v3", "llama-guard3:8b"];
        assert!(chat.iter().all(|name| is_chat(name)) && !other.iter().any(|name| is_chat(name)));
    }
}
