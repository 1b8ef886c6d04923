//! Where a change is to be made in a file: where its text stands letter by letter, else white space aside, else round a line
//! that stands once; and only where that is one place.

use std::ops::Range;

use super::anchor;

/// Where a change is made, and what stands there afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: Range<usize>,
    pub(crate) text: String,
    /// Whether what is replaced was found letter by letter.
    pub(crate) is_exact: bool,
}

impl Place {
    /// The one place in `file` where `replace` can take the place of `search`.
    pub(crate) fn of(search: &str, replace: &str, file: &str) -> Option<Self> {
        let wanted = search.trim_matches('\n');
        if wanted.trim().is_empty() {
            return None;
        }
        if file.contains(wanted) {
            let start = once(file, wanted)?;
            let text = replace.trim_matches('\n').to_owned();
            return Some(Self { at: start..start + wanted.len(), text, is_exact: true });
        }
        let letters: Vec<(usize, char)> = file.char_indices().filter(|(_, letter)| !letter.is_whitespace()).collect();
        let all: String = letters.iter().map(|(_, letter)| letter).collect();
        let wanted: String = wanted.chars().filter(|letter| !letter.is_whitespace()).collect();
        if !all.contains(&wanted) {
            let (at, text) = anchor::place_of(search, replace, file)?;
            return Some(Self { at, text, is_exact: false });
        }
        let start = once(&all, &wanted)?;
        let first = all[..start].chars().count();
        let last = first + wanted.chars().count() - 1;
        let (from, (to, letter)) = (letters[first].0, letters[last]);
        Some(Self { at: from..to + letter.len_utf8(), text: replace.trim().to_owned(), is_exact: false })
    }
}

/// Where `wanted` stands, if it stands there alone. Two that overlap are two.
fn once(text: &str, wanted: &str) -> Option<usize> {
    let start = text.find(wanted)?;
    let behind_first = start + wanted.chars().next()?.len_utf8();
    (!text[behind_first..].contains(wanted)).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "<ul>\n  <li>Espresso 2.50 €</li>\n  <li>Tea</li>\n  <li>Tea</li>\n</ul>\n";

    #[test]
    fn a_text_is_found_where_it_stands_once() {
        let at = |search| Place::of(search, "x", FILE).map(|place| (place.is_exact, &FILE[place.at]));
        assert_eq!(at("  <li>Espresso 2.50 €</li>\n"), Some((true, "  <li>Espresso 2.50 €</li>")));
        assert_eq!(at("<li> Espresso\n2.50 € </li>"), Some((false, "<li>Espresso 2.50 €</li>")));
        assert_eq!(at("<ul><li>Espresso 2.50 €</li>"), Some((false, "<ul>\n  <li>Espresso 2.50 €</li>")));
        for nowhere in ["<li>Tea</li>", "<li>Mokka</li>", "", " \n", "<li> Tea</li>"] {
            assert_eq!(at(nowhere), None, "{nowhere:?}");
        }
    }

    #[test]
    fn a_text_that_overlaps_itself_stands_there_twice() {
        let file = "</div>\n</div>\n</div>\n";
        assert_eq!(Place::of("</div>\n</div>", "x", file), None);
        assert_eq!(Place::of("</div></div>", "x", file), None);
    }

    #[test]
    fn what_is_to_stand_there_is_taken_letter_by_letter() {
        let text = |search: &str, replace: &str| Place::of(search, replace, FILE).map(|place| place.text);
        let dear = "  <li>$1 $& \\1 {0}</li>";
        assert_eq!(text("  <li>Espresso 2.50 €</li>\n", &format!("{dear}\n")).as_deref(), Some(dear));
        assert_eq!(text("<li>Espresso\n2.50 €</li>", &format!("{dear}\n")).as_deref(), Some(dear.trim()));
    }
}
