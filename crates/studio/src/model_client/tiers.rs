//! The tiers that the Studio may ask, as the gateway has them now.

use gateway::{Entry, TierOfRoute};

use crate::project::TierMark;
use crate::{HTML_ROUTE, ROUTE};

/// All tiers by number and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tiers(Vec<(TierOfRoute, Pages)>);

/// What a tier may do for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pages {
    /// Nothing.
    None,
    /// Write its words.
    Words,
    /// Write it whole.
    Html,
}

impl Tiers {
    pub(crate) fn of(entry: &Entry) -> Self {
        let route = |name| entry.tiers_of(name).unwrap_or_default();
        let (words, html) = (route(ROUTE), route(HTML_ROUTE));
        let within = |tiers: &[TierOfRoute], number| tiers.iter().any(|tier| tier.number == number);
        let pages = |tier: TierOfRoute| {
            let pages = match tier.number {
                number if within(&html, number) => Pages::Html,
                number if within(&words, number) => Pages::Words,
                _ => Pages::None,
            };
            (tier, pages)
        };
        Self(route("auto").into_iter().map(pages).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&TierOfRoute, Pages)> {
        self.0.iter().map(|(tier, pages)| (tier, *pages))
    }

    /// The most that any of them may do.
    pub(crate) fn pages(&self) -> Pages {
        self.iter().map(|(_, pages)| pages).max().unwrap_or(Pages::None)
    }

    /// The route to the first tier behind this one that may do so much.
    pub(crate) fn after(&self, number: u32, least: Pages) -> Option<String> {
        let able = self.iter().filter(|(tier, pages)| *pages >= least && tier.number > number);
        able.map(|(tier, _)| tier.number).min().map(|next| format!("tier-{next}"))
    }

    /// Whether the tier of this number runs on the user's own machines.
    pub(crate) fn is_own(&self, number: u32) -> bool {
        self.iter().any(|(tier, _)| tier.number == number && tier.self_hosted)
    }

    pub(super) fn mark(&self, number: u32) -> TierMark {
        let name = self.iter().find(|(tier, _)| tier.number == number).map(|(tier, _)| tier.name.clone());
        TierMark { number, name: name.unwrap_or_else(|| format!("Tier {number}")) }
    }

    pub(super) fn named(&self, name: String) -> TierMark {
        let number = self.iter().find(|(tier, _)| tier.name == name).map_or(0, |(tier, _)| tier.number);
        TierMark { number, name }
    }
}

/// The tier of `: tierfall tier=2 seam=214`.
pub(super) fn named_in(comment: &[u8]) -> Option<u32> {
    let comment = std::str::from_utf8(comment).ok()?.trim_start_matches(':').trim();
    let tier = comment.strip_prefix("tierfall ")?.split(' ').find_map(|part| part.strip_prefix("tier="))?;
    tier.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn a_switch_of_tiers_is_read_from_its_comment() {
        assert_eq!(named_in(b": tierfall tier=2 seam=214\n\n"), Some(2));
        for other in [&b": tierfall waiting\n\n"[..], b": ping\n\n", b": tierfall tier=x\n\n", b"\xff"] {
            assert_eq!(named_in(other), None);
        }
    }
}
