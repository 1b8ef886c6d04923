//! The gate `not-empty`: an answer says something. White space is nothing, and neither is reasoning alone.

use wire::PartialChoice;

use super::Shortfall;

pub(super) fn shortfall(choice: &PartialChoice<'_>) -> Option<Shortfall> {
    let says = |text: &str| !text.trim().is_empty();
    (!says(choice.text) && !says(choice.refusal)).then_some(Shortfall::Empty)
}

#[cfg(test)]
mod tests {
    use super::super::tests::choice;
    use super::*;

    #[test]
    fn white_space_says_nothing_and_a_refusal_does() {
        assert_eq!(shortfall(&choice(" \n\u{a0}\t")), Some(Shortfall::Empty));
        assert_eq!(shortfall(&choice(" .")), None);
        assert_eq!(shortfall(&PartialChoice { refusal: "I will not.", ..choice("") }), None);
    }
}
