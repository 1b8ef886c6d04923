//! Whether what a model wrote is what the wish wanted.

use kit::{Spot, Words};

use super::place::what_goes;

/// What is wrong with `after`, where it is not what `wish` wanted of `before`, as far as that can be told.
pub(crate) fn wrong_with(before: &Words, after: &Words, wish: &str, clicked: Option<Spot>) -> Option<String> {
    if after == before {
        return Some("nothing was changed".to_owned());
    }
    let (spot, text) = what_goes(wish, before, clicked).and_then(|spot| Some((spot, before.text(spot)?)))?;
    // A section whose heading alone is another is still there.
    let lines: Vec<&str> = text.lines().skip(usize::from(matches!(spot, Spot::Section(_)))).collect();
    let after = after.to_string();
    let is_there = after.contains(text.trim()) || after.lines().any(|line| lines.contains(&line));
    is_there.then(|| {
        let what = text.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']);
        format!("{what} is still there")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_no_answer_where_what_was_to_go_is_still_there() {
        let nord = "# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n## Hours\n- **Monday**: 7 to 18\n";
        let before = Words::parse(nord);
        let wrong = |after: &str, wish: &str| wrong_with(&before, &Words::parse(after), wish, None);
        assert_eq!(wrong(nord, "shorter").as_deref(), Some("nothing was changed"));
        assert_eq!(wrong(&nord.replace("Coffee", "Tea"), "be about tea"), None);
        let still = Some("Hours is still there");
        assert_eq!(wrong(&nord.replace("## Hours", "## Opening hours"), "delete the hours").as_deref(), still);
        assert_eq!(wrong(&nord.replace("## Hours\n- **Monday**: 7 to 18\n", ""), "delete the hours"), None);
    }
}
