//! The file that says what is simulated.

mod tier;
mod traffic;
mod values;

use std::io;
use std::time::Duration;

use cascade::Hedge;
use serde::Deserialize;
use toml::Spanned;

use crate::export;
use crate::learned::Learned;
use crate::profile::{Kind, Profile};
use crate::scenario::Scenario;
use crate::traffic::Traffic;

use tier::TierSection;
use traffic::TrafficSection;
use values::{Millis, Percent};

/// A file that cannot be simulated. `Display` is one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct BadFile {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what is taken there.
    pub why: String,
}

/// What a tier of a number and a type is; the error says which types there are.
pub type Kinds = dyn Fn(u32, Option<&str>) -> Result<Kind, String>;

/// Reads what is simulated, and looks up what is not said in it.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// What a tier of that number and type is where the file does not say: the configuration's own defaults. Without a type,
    /// the number's. The error says what is taken, where there is no such type or the number has none.
    pub kinds: &'a Kinds,
    /// Reads another file, which the first one names.
    pub load: &'a dyn Fn(&str) -> io::Result<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    traffic: Spanned<TrafficSection>,
    deadline_ms: Option<Millis>,
    #[serde(default)]
    hedge: bool,
    hedge_paid: Option<Spanned<bool>>,
    expect: Option<Spanned<Vec<Percent>>>,
    #[serde(default)]
    tier: Vec<Spanned<TierSection>>,
}

/// Where in a file something stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn bad(&self, at: usize, why: impl Into<String>) -> BadFile {
        let line = self.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        BadFile { file: self.file.to_owned(), line, why: why.into() }
    }
}

impl Reader<'_> {
    /// Reads `text`, which stands in the file `name`: TOML, or a ledger's export as JSON lines where the name ends in
    /// `.jsonl`.
    ///
    /// # Errors
    ///
    /// It is not of that form, or holds what is not known there.
    pub fn read(&self, name: &str, text: &str) -> Result<Scenario, BadFile> {
        let is_export = name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("jsonl"));
        if is_export {
            let export = export::read(name, text)?;
            let learned = Learned::of(&export);
            let place = Place { file: name, text };
            let tiers = self.learned_tiers(&learned, place, 0)?;
            let traffic = Traffic::Recorded(export.arrivals);
            return Ok(Scenario { traffic, tiers, deadline: None, hedge: None, expect: Vec::new() });
        }
        self.read_toml(Place { file: name, text })
    }

    fn read_toml(&self, place: Place<'_>) -> Result<Scenario, BadFile> {
        let file: File = toml::from_str(place.text).map_err(|error| refused(place, &error))?;
        let traffic_at = file.traffic.span().start;
        let (traffic, learned) = match file.traffic.into_inner() {
            TrafficSection::Drawn(drawn) => {
                let drawn = drawn.build().map_err(|why| place.bad(traffic_at, why))?;
                (Traffic::Drawn(Box::new(drawn)), Learned::default())
            }
            TrafficSection::Recorded(path) => {
                let text = (self.load)(&path)
                    .map_err(|error| place.bad(traffic_at, format!("traffic: {path} cannot be read: {error}")))?;
                let export = export::read(&path, &text)?;
                let learned = Learned::of(&export);
                (Traffic::Recorded(export.arrivals), learned)
            }
        };
        let tiers = if file.tier.is_empty() {
            self.learned_tiers(&learned, place, traffic_at)?
        } else {
            let mut tiers = Vec::new();
            for (section, number) in file.tier.into_iter().zip(1..) {
                let at = section.span().start;
                let section = section.into_inner();
                tiers.push(self.tier(section, number, &learned).map_err(|why| place.bad(at, why))?);
            }
            tiers
        };
        let hedge = hedge(file.hedge, file.hedge_paid, place)?;
        let expect = file.expect.map_or(Ok(Vec::new()), |expect| {
            let at = expect.span().start;
            let expect: Vec<_> = expect.into_inner().into_iter().map(|percent| percent.0).collect();
            let too_many = format!("expect: takes a percentage a tier, and there are {} tiers", tiers.len());
            if expect.len() <= tiers.len() { Ok(expect) } else { Err(place.bad(at, too_many)) }
        })?;
        Ok(Scenario { traffic, tiers, deadline: file.deadline_ms.map(Duration::from), hedge, expect })
    }

    /// The tiers of an export, where nothing else is said of them.
    fn learned_tiers(&self, learned: &Learned, place: Place<'_>, at: usize) -> Result<Vec<Profile>, BadFile> {
        let mut tiers = Vec::new();
        for number in learned.tiers() {
            let section = TierSection::default();
            tiers.push(self.tier(section, number, learned).map_err(|why| place.bad(at, why))?);
        }
        if tiers.is_empty() {
            return Err(place.bad(at, "no [[tier]]: takes one for each tier, in the order in which they are asked"));
        }
        Ok(tiers)
    }

    fn tier(&self, section: TierSection, place: u32, learned: &Learned) -> Result<Profile, String> {
        let number = section.number.unwrap_or(place);
        let kind = (self.kinds)(number, section.r#type.as_deref())
            .map_err(|takes| format!("tier {number}: type: takes {takes}"))?;
        section.build(kind, learned.tier(number)).map_err(|why| format!("tier {number}: {why}"))
    }
}

fn hedge(hedge: bool, paid: Option<Spanned<bool>>, place: Place<'_>) -> Result<Option<Hedge>, BadFile> {
    match paid {
        Some(paid) if *paid.get_ref() && !hedge => {
            Err(place.bad(paid.span().start, "hedge_paid: takes true where hedge = true too"))
        }
        paid => Ok(hedge.then_some(Hedge { paid: paid.is_some_and(Spanned::into_inner) })),
    }
}

/// A refusal of the parser's, with the key that its line is about.
fn refused(place: Place<'_>, error: &toml::de::Error) -> BadFile {
    let at = error.span().map_or(0, |span| span.start);
    let before = place.text.get(..at).unwrap_or_default();
    let line = place.text.lines().nth(before.matches('\n').count()).unwrap_or_default();
    let key = line.get(..before.len() - before.rfind('\n').map_or(0, |end| end + 1)).and_then(key_before).unwrap_or("");
    let why = error.message().trim().replace('\n', "; ");
    let why = if key.is_empty() || why.contains(key) { why } else { format!("{key}: {why}") };
    place.bad(at, why)
}

/// The last key of what stands before a value.
fn key_before(text: &str) -> Option<&str> {
    let (before, _) = text.rsplit_once('=')?;
    before.rsplit(['{', ',']).next().map(str::trim)
}
