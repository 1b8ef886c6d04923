//! `tierfall doctor`: tries every tier at once, and says of each failure what causes it and how to mend it.

mod confinement;
mod local;
pub(crate) mod memory;
mod remedy;
mod remote;
mod studio;
mod warm;

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use futures_util::future::join_all;

use crate::config::{Configuration, Loaded, State, TierConfig};
use crate::discovery::{self, Found};
use crate::open_files;

/// The longest that a tier is waited for, whatever its own limit is.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is the matter with a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Its cause, in the words of the log.
    pub cause: String,
    /// What to do about it.
    pub fix: String,
}

/// How a tier did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It answered a request after this time.
    Answers(Duration),
    /// It answered after this time, with another model than the configured one.
    Mended(Duration, Trouble),
    /// It is switched off, or lacks what it needs.
    Off(Trouble),
    /// It cannot answer.
    Fails(Trouble),
}

impl Verdict {
    fn is_answer(&self) -> bool {
        matches!(self, Self::Answers(_) | Self::Mended(..))
    }
}

/// What the doctor found.
#[derive(Debug)]
pub struct Report {
    /// Slips in the configuration, and what this machine lacks.
    pub warnings: Vec<String>,
    /// Each tier's name and verdict, in the order of the tiers.
    pub tiers: Vec<(String, Verdict)>,
    /// Servers of models that run on this machine and are no tier yet.
    found: Vec<Found>,
    /// The Studio: where it is served and with what; else what stands in its way.
    pub studio: Result<String, Vec<Trouble>>,
}

impl Report {
    /// Whether some tier can answer.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        self.tiers.iter().any(|(_, verdict)| verdict.is_answer())
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        write!(out, "{self}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for warning in &self.warnings {
            writeln!(f, "! {warning}")?;
        }
        for (name, verdict) in &self.tiers {
            match verdict {
                Verdict::Answers(took) => writeln!(f, "✓ {name} answers ({}ms)", took.as_millis())?,
                Verdict::Mended(took, Trouble { cause, fix }) => {
                    writeln!(f, "✓ {name} answers ({}ms): {cause}\n  fix: {fix}", took.as_millis())?;
                }
                Verdict::Off(trouble) => writeln!(f, "- {name} is off: {}\n  fix: {}", trouble.cause, trouble.fix)?,
                Verdict::Fails(trouble) => writeln!(f, "✗ {name}: {}\n  fix: {}", trouble.cause, trouble.fix)?,
            }
        }
        match &self.studio {
            Ok(served) => writeln!(f, "✓ Studio {served}")?,
            Err(troubles) => {
                troubles
                    .iter()
                    .try_for_each(|Trouble { cause, fix }| writeln!(f, "✗ Studio: {cause}\n  fix: {fix}"))?;
            }
        }
        for found in &self.found {
            writeln!(f, "+ {}\n  to use it, put into .env.local:", found.words())?;
            found.lines.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        let answering = |(_, verdict): &&(String, Verdict)| verdict.is_answer();
        writeln!(f, "{} of {} tiers can answer", self.tiers.iter().filter(answering).count(), self.tiers.len())
    }
}

/// Tries every tier of a configuration: those that are reached over the network all at once, and beside them the local ones one
/// after the other, as their workers share this machine's cores and memory.
pub async fn examine(loaded: &Loaded) -> Report {
    let configuration = &loaded.configuration;
    let slips = loaded.warnings.iter().map(ToString::to_string);
    let warnings = slips
        .chain(confinement::warnings(configuration))
        .chain(warm::warnings(configuration))
        .chain(open_files::warning())
        .collect();
    let (local, remote): (Vec<_>, Vec<_>) = configuration.tiers.iter().partition(|tier| tier.kind.is_engine());
    let local = async {
        let mut verdicts = Vec::new();
        for tier in local {
            verdicts.push((tier, verdict(tier, configuration).await));
        }
        verdicts
    };
    let remote = join_all(remote.into_iter().map(async |tier| (tier, verdict(tier, configuration).await)));
    let (mut verdicts, remote, studio, found) =
        tokio::join!(local, remote, studio::examine(configuration), discovery::look(configuration));
    verdicts.extend(remote);
    verdicts.sort_by_key(|(tier, _)| tier.number);
    let tiers = verdicts.into_iter().map(|(tier, verdict)| (tier.name.clone(), verdict)).collect();
    Report { warnings, tiers, found, studio }
}

async fn verdict(tier: &TierConfig, configuration: &Configuration) -> Verdict {
    if let State::Off { why } = &tier.state {
        return Verdict::Off(Trouble { cause: why.clone(), fix: remedy::to_switch_on(tier, why) });
    }
    let tried = match tier.kind.is_engine() {
        true => local::try_out(tier, configuration).await.map(Verdict::Answers),
        false => remote::try_out(tier, &configuration.providers, PATIENCE.min(tier.limits.total)).await,
    };
    tried.unwrap_or_else(Verdict::Fails)
}
