//! The gate `finished`: an answer that its length cut off is none, unless the caller wanted no more.

use wire::{Finish, PartialChoice};

use super::Shortfall;

pub(super) fn shortfall(choice: &PartialChoice<'_>, as_long_as_wanted: bool) -> Option<Shortfall> {
    (choice.finish == Some(Finish::Length) && !as_long_as_wanted).then_some(Shortfall::CutByLength)
}
