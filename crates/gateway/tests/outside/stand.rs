//! A gateway on loopback with a wall behind it: one tier a model name, and the name chooses the fault.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cascade::{Ending, FirstToken, Limits, Quota};
use gateway::{
    Account, DecisionRecord, Gate, Gateway, ModelChoice, Note, Observer, RouteSettings, Server, Settings, TierSettings,
};
use tokio::sync::watch;
use upstream::{Kind, Target};
use wall::{Seen, Wall};

/// After so long a test gives up. No test passes by it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than any test: a limit that is not what the test is about.
const NEVER: Duration = Duration::from_secs(600);

pub(crate) const SPACE: &str = "Tier 1: Your HF Space";
pub(crate) const FAST: &str = "Tier 2: Ultra-Fast Fallback";
pub(crate) const GROQ: &str = "Tier 3: Groq Cloud API";
pub(crate) const SERVERLESS: &str = "Tier 4: HF Serverless";

pub(crate) struct Stand {
    pub(crate) wall: Wall,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) server: Server,
    pub(crate) log: Arc<Log>,
}

impl Stand {
    /// Tiers 1, 2, … with these models.
    pub(crate) fn new(models: &[&str]) -> Self {
        Self::with(models, |_| {})
    }

    /// As [`Stand::new`], with what `change` makes of the settings.
    pub(crate) fn with(models: &[&str], change: impl FnOnce(&mut Settings)) -> Self {
        let wall = Wall::start("127.0.0.1:0").unwrap();
        let mut settings = settings(&wall, models);
        change(&mut settings);
        let log = Arc::new(Log::default());
        let observer: Arc<dyn Observer> = Arc::<Log>::clone(&log);
        let gateway = Arc::new(Gateway::new(settings, observer, 1).unwrap());
        let server = Server::start(&gateway, "127.0.0.1:0".parse().unwrap()).unwrap();
        Self { wall, gateway, server, log }
    }

    /// As [`Stand::new`], with a route `gated` through all tiers whose answers must pass `gates`.
    pub(crate) fn gated(models: &[&str], gates: &[Gate]) -> Self {
        Self::with(models, |settings| settings.routes.push(gated(models.len(), gates)))
    }

    /// What the wall saw, once nothing runs there any more.
    pub(crate) async fn settled(&self) -> Vec<Seen> {
        within(self.wall.settled()).await
    }

    /// As [`Stand::settled`], once so many calls have come.
    pub(crate) async fn settled_after(&self, calls: usize) -> Vec<Seen> {
        within(self.wall.seen(calls)).await;
        self.settled().await
    }

    /// The models that were asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.wall.log().into_iter().map(|seen| seen.model).collect()
    }
}

/// Settings with one tier a model, each with time enough and no retry.
pub(crate) fn settings(wall: &Wall, models: &[&str]) -> Settings {
    let tiers = (1..).zip(models).map(|(number, model)| tier(number, model, &wall.base_url())).collect();
    Settings { tiers, ..Settings::default() }
}

/// The route `gated`, through the first `tiers` tiers.
pub(crate) fn gated(tiers: usize, gates: &[Gate]) -> RouteSettings {
    RouteSettings {
        name: "gated".to_owned(),
        tiers: (1..).take(tiers).collect(),
        deadline: None,
        gates: gates.to_vec(),
        hold_tool_calls: true,
        hedge: None,
    }
}

pub(crate) fn tier(number: u32, model: &str, base_url: &str) -> TierSettings {
    let (name, kind) = match number {
        1 => (SPACE, Kind::space()),
        2 => (FAST, Kind::space()),
        3 => (GROQ, Kind::named("groq")),
        _ => (SERVERLESS, Kind::named("serverless")),
    };
    let target = Target {
        kind,
        base_url: base_url.parse().unwrap(),
        key: Some(format!("key-of-tier-{number}").into()),
        model: model.to_owned(),
        connect: NEVER,
    };
    let limits = Limits { connect: NEVER, first_token: FirstToken::Fixed(NEVER), idle: NEVER, total: NEVER };
    TierSettings {
        number,
        name: name.to_owned(),
        target,
        limits,
        retries: 0,
        quota: Quota::default(),
        plan: Quota::default(),
        keep_for: Vec::new(),
        concurrency: None,
        queue: cascade::QUEUE,
        models: ModelChoice::default(),
        account: Account::default(),
        presence: None,
    }
}

/// What `future` comes to; a test that waits for ever fails instead.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it never came")
}

/// The log in the words that people read, without its times.
pub(crate) struct Log {
    lines: Mutex<Vec<String>>,
    decisions: Mutex<Vec<String>>,
    changes: watch::Sender<()>,
}

impl Default for Log {
    fn default() -> Self {
        Self { lines: Mutex::default(), decisions: Mutex::default(), changes: watch::Sender::new(()) }
    }
}

impl Log {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// The records of all requests that have ended.
    pub(crate) fn records(&self) -> Vec<String> {
        self.decisions.lock().unwrap().clone()
    }

    /// The record of the only request, once it has ended.
    pub(crate) async fn decision(&self) -> String {
        let mut changes = self.changes.subscribe();
        let ended = async {
            loop {
                if let [decision] = &self.decisions.lock().unwrap()[..] {
                    return decision.clone();
                }
                changes.changed().await.unwrap();
            }
        };
        within(ended).await
    }

    /// The lines, once `last` is among them.
    pub(crate) async fn until(&self, last: &str) -> Vec<String> {
        let mut changes = self.changes.subscribe();
        let until = async {
            while !self.lines().iter().any(|line| line == last) {
                changes.changed().await.unwrap();
            }
        };
        within(until).await;
        self.lines()
    }
}

impl Observer for Log {
    fn note(&self, note: &Note<'_>) {
        let line = match note {
            Note::Trying { tier, .. } => trying(tier),
            Note::Failed { tier, reason, .. } => failed(tier, reason),
            Note::Succeeded { tier, .. } => succeeded(tier),
            Note::Skipped { tier, reason, .. } => skipped(tier, reason),
            Note::Waiting { tier, ahead, .. } => waiting(tier, *ahead),
            Note::Overtaken { tier, .. } => overtaken(tier),
            Note::Replaced { tier, gone, model, first, .. } => format!("⇄ Replaced: {tier} ({gone}, {model}, {first})"),
            Note::Restored { tier, model, .. } => format!("⇄ Restored: {tier} ({model})"),
            Note::AllFailed { .. } => ALL_FAILED.to_owned(),
            Note::BrokenOff { tier, .. } => format!("✗ Broken off: {tier}"),
            Note::CallerLeft { .. } => CALLER_LEFT.to_owned(),
            #[allow(unreachable_patterns, reason = "a note that is none of these is of no concern here")]
            other => format!("{other:?}"),
        };
        self.lines.lock().unwrap().push(line);
        self.changes.send_replace(());
    }

    fn decided(&self, decided: &DecisionRecord<'_>) {
        self.decisions.lock().unwrap().push(record(decided));
        self.changes.send_replace(());
    }
}

/// `answered: 1=timeout 2=ok*60 (12→60 of 100), 3 quota`: how a request ended; its attempts, each with its tokens; its
/// length, that of its answer and the bound; the tiers that were not asked.
fn record(decided: &DecisionRecord<'_>) -> String {
    let mut record = match decided.ending() {
        Ending::Answered(_) => "answered:",
        Ending::Refused(_) => "refused:",
        Ending::BrokenOff(_) => "broken off:",
        Ending::GaveUp => "gave up:",
        Ending::TooLong(_) => "too long:",
        Ending::RateLimited { .. } => "rate limited:",
        Ending::CallerLeft => "caller left:",
    }
    .to_owned();
    for attempt in decided.attempts() {
        assert!(attempt.first_token.is_none_or(|first| first <= attempt.took));
        assert!(attempt.at + attempt.took <= decided.took());
        let seam = attempt.seam.map(|seam| format!("@{seam}")).unwrap_or_default();
        let lowered = attempt.lowered_to.map(|most| format!("<{most}")).unwrap_or_default();
        record += &format!(" {}={}*{}{seam}{lowered}", attempt.tier, attempt.outcome, attempt.tokens);
    }
    record += &format!(" ({}→{}", decided.prompt_tokens(), decided.answer_tokens());
    record += &decided.max_tokens().map(|most| format!(" of {most}")).unwrap_or_default();
    record += ")";
    decided.skipped().for_each(|skipped| record += &format!(", {} {}", skipped.tier, skipped.reason));
    record
}

pub(crate) const ALL_FAILED: &str = "Error: All LLM tiers failed";
pub(crate) const CALLER_LEFT: &str = "the caller left";

pub(crate) fn trying(tier: &str) -> String {
    format!("→ Trying: {tier}")
}

pub(crate) fn failed(tier: &str, reason: impl std::fmt::Display) -> String {
    format!("✗ Failed: {tier} ({reason})")
}

pub(crate) fn succeeded(tier: &str) -> String {
    format!("✓ Success: {tier}")
}

pub(crate) fn overtaken(tier: &str) -> String {
    format!("↷ Overtaken: {tier}")
}

pub(crate) fn waiting(tier: &str, ahead: u32) -> String {
    format!("· Waiting: {tier} ({ahead} ahead)")
}

pub(crate) fn skipped(tier: &str, reason: &str) -> String {
    format!("↷ Skipped: {tier} ({reason})")
}
