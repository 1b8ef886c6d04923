//! Which model is asked for in the place of one that is gone.
//!
//! In this order: what a dated map names, what the provider's list or its refusal names, and the nearest that the list has: of
//! the same family, then of about the same size, then free of charge. Only what the list holds is chosen, only models for
//! chats, and in the place of a model that costs nothing only another one that costs nothing.

mod name;

use wire::models::ListedModel;

use crate::kind::Providers;
use crate::target::Target;

use name::ModelName;

/// A model with no more room than this is for something else: a guard, a voice, a transcription.
const LEAST_CONTEXT: u64 = 4_096;
/// How often a successor's own successor is looked for.
const MOST_STEPS: usize = 8;

/// A model that is gone, and what is known of that.
#[derive(Clone, Copy, Debug)]
pub struct Succession<'a> {
    /// Whose model it is, and which the user wants.
    pub target: &'a Target,
    /// The dated map, and the words of other tasks.
    pub providers: &'a Providers,
    /// Every model that is known to be gone, that one among them.
    pub gone: &'a [String],
    /// The provider's refusal.
    pub refusal: &'a str,
}

impl Succession<'_> {
    /// The model of `list` to ask for; `None` where it has none that would do.
    #[must_use]
    pub fn of<'l>(&self, list: &'l [ListedModel]) -> Option<&'l str> {
        let wanted = &self.target.model;
        let candidates: Vec<&ListedModel> = list.iter().filter(|model| self.would_do(model)).collect();
        let named = |name: &str| candidates.iter().find(|model| same(&model.id, name)).copied();
        let replacement = || list.iter().find(|model| same(&model.id, wanted))?.replacement.as_deref();
        let chosen = self
            .documented(&named)
            .or_else(|| named(replacement()?))
            .or_else(|| candidates.iter().find(|model| names(self.refusal, &model.id)).copied())
            .or_else(|| self.nearest(&candidates));
        chosen.map(|model| model.id.as_str())
    }

    fn would_do(&self, model: &ListedModel) -> bool {
        !self.gone.iter().any(|gone| same(gone, &model.id))
            && !model.leaving
            && model.chat != Some(false)
            && model.context.is_none_or(|context| context > LEAST_CONTEXT)
            && !self.providers.is_for_another_task(&model.id)
            // A router of the provider's own has no price.
            && model.price.is_none_or(|price| price >= 0.0)
            && (self.is_free(model) || self.target.facts().can_bill(&self.target.model))
    }

    fn is_free(&self, model: &ListedModel) -> bool {
        !self.target.facts().can_bill(&model.id) && model.price.is_none_or(|price| price == 0.0)
    }

    /// What the map names, or names in the place of that.
    fn documented<'l>(&self, named: &impl Fn(&str) -> Option<&'l ListedModel>) -> Option<&'l ListedModel> {
        let mut name = self.target.model.as_str();
        for _ in 0..MOST_STEPS {
            name = self.providers.successor(&self.target.facts().kind, name)?;
            if let Some(model) = named(name) {
                return Some(model);
            }
        }
        None
    }

    fn nearest<'l>(&self, candidates: &[&'l ListedModel]) -> Option<&'l ListedModel> {
        let wanted = ModelName::read(&self.target.model);
        let distances = candidates.iter().map(|model| {
            let distance = wanted.distance(&ModelName::read(&model.id), self.is_free(model));
            (distance, model.price.unwrap_or_default(), *model)
        });
        // Of equals the first: servers list what was used last before the rest.
        let nearest = distances.min_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        nearest.map(|(.., model)| model)
    }
}

/// Whether two names are those of one model: Gemini's are the same with and without `models/`.
fn same(one: &str, other: &str) -> bool {
    let bare = |name: &'_ str| name.strip_prefix("models/").unwrap_or(name).to_ascii_lowercase();
    bare(one) == bare(other)
}

/// Whether `text` holds the name `id`, and not only the beginning of a longer one.
fn names(text: &str, id: &str) -> bool {
    let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_:@".contains(byte));
    let bytes = text.as_bytes();
    text.match_indices(id).any(|(at, _)| {
        let (before, after) = (at.checked_sub(1).and_then(|at| bytes.get(at)), &bytes[at + id.len()..]);
        // A full stop behind it ends a sentence, unless a version goes on.
        let goes_on = after.first() == Some(&b'.') && after.get(1).is_some_and(u8::is_ascii_alphanumeric);
        !part(before) && !part(after.first()) && !goes_on
    })
}

#[cfg(test)]
#[path = "successor/tests.rs"]
mod tests;
