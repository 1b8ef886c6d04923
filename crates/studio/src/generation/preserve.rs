//! After a model wrote a page's words again: what the wish has nothing to do with is put back. A small model cannot copy
//! without changing something.

use std::collections::HashSet;

use kit::Words;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The most letters of a word that count: `Opening`, `openings` and `opened` are told apart from `over`, not from one another.
const STEM: usize = 5;

/// Words of a wish that say nothing of where on the page it is meant.
const ANYWHERE: &str = "the and make more less with for page please change text section line should into from this that its our your \
    are now one add put also new include another write give use have has not all bit very website site costs cost der die das den und \
    mit für mach mache bitte soll sollte seite text mehr weniger füge hinzu ein eine einen neue neuen auch le la les des une pour avec \
    plus page ajoute el los las una para con más añade";

/// Words of a wish that wants something to come beside what is there.
const ADDS: &str =
    "add include insert append also another additional hinzu ergänze füge ajoute ajouter añade agrega aggiungi";

/// What the button is called.
const BUTTON: &str = "button link knopf schaltfläche bouton lien botón boton enlace pulsante bottone";

/// `written` with each line of `before` that `wish` does not concern as it was. A wish that concerns no line in
/// particular, such as `shorter`, concerns all of them.
pub(crate) fn put_back(before: &Words, written: &Words, wish: &str) -> Words {
    let wish = Wish::of(wish);
    let (old, new) = (Lines::of(before), Lines::of(written));
    let aims = wish.adds || old.texts.iter().enumerate().skip(1).any(|(number, _)| wish.concerns(&old, number));
    let mut kept: Vec<&str> = Vec::new();
    if aims {
        let similar = capture_diff_slices(Algorithm::Patience, &old.texts, &new.texts);
        similar.iter().for_each(|op| wish.decide(op, &old, &new, &mut kept));
    } else {
        kept.extend(new.texts.iter().map(String::as_str));
    }
    let mut words = Words::parse(&kept.join("\n"));
    // A model that writes more is apt to leave out what stands last.
    if words.button.is_empty() && !wish.is_of_button(&before.button) {
        words.button.clone_from(&before.button);
    }
    if !wish.text.contains(&words.name.to_lowercase()) {
        words.name.clone_from(&before.name);
    }
    words
}

struct Wish {
    text: String,
    stems: HashSet<String>,
    adds: bool,
}

impl Wish {
    fn of(wish: &str) -> Self {
        let text = wish.to_lowercase();
        let among = |list: &str, word: &str| list.split_whitespace().any(|listed| listed == word);
        let stems = parts(&text).filter(|word| !among(ANYWHERE, word)).map(stem).collect();
        let adds = parts(&text).any(|word| among(ADDS, word));
        Self { text, stems, adds }
    }

    /// Whether the wish speaks of the button, or says what stands on it.
    fn is_of_button(&self, button: &str) -> bool {
        let said = parts(&button.to_lowercase()).any(|word| self.stems.contains(&stem(word)));
        said || BUTTON.split_whitespace().any(|word| self.text.contains(word))
    }

    /// Whether the wish speaks of a line, or of the section that it stands in.
    fn concerns(&self, lines: &Lines, number: usize) -> bool {
        [Some(number), lines.headings[number]]
            .into_iter()
            .flatten()
            .any(|line| !self.stems.is_disjoint(&lines.stems[line]))
    }

    fn decide<'a>(&self, op: &DiffOp, old: &'a Lines, new: &'a Lines, kept: &mut Vec<&'a str>) {
        let (was, is) = (op.old_range(), op.new_range());
        let pairs = was.len().max(is.len());
        for step in 0..pairs {
            let (was, is) = (was.clone().nth(step), is.clone().nth(step));
            let concerned = |lines, line: Option<usize>| line.is_some_and(|line| self.concerns(lines, line));
            let takes_new = concerned(old, was) || concerned(new, is) || (was.is_none() && self.adds);
            let line = if takes_new { is.map(|line| &new.texts[line]) } else { was.map(|line| &old.texts[line]) };
            kept.extend(line.map(String::as_str));
        }
    }
}

/// Words as lines, each with its heading's number and its stems.
struct Lines {
    texts: Vec<String>,
    headings: Vec<Option<usize>>,
    stems: Vec<HashSet<String>>,
}

impl Lines {
    fn of(words: &Words) -> Self {
        let texts: Vec<String> = words.to_string().lines().map(str::to_owned).collect();
        let mut heading = None;
        let headings = texts.iter().enumerate().map(|(number, text)| {
            match text {
                text if text.starts_with("## ") => heading = Some(number),
                // The button stands in no section.
                text if text.starts_with('[') => heading = None,
                _ => {}
            }
            heading
        });
        let headings = headings.collect();
        let stems = texts.iter().map(|text| parts(&text.to_lowercase()).map(stem).collect()).collect();
        Self { texts, headings, stems }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| word.chars().count() >= 3 || word.parse::<u32>().is_ok())
}

fn stem(word: &str) -> String {
    word.chars().take(STEM).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# Nord\n> Coffee by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n- **Cardamom bun**: 3.20 €\n\
        ## Opening hours\n- **Monday to Friday**: 7 to 18\n- **Saturday**: 8 to 16\n## About\nWe roast ourselves.\n[See the menu]\n";

    fn after(wish: &str, written: &str) -> String {
        put_back(&Words::parse(BEFORE), &Words::parse(written), wish).to_string()
    }

    #[test]
    fn what_the_wish_names_changes_and_the_rest_is_as_it_was() {
        let written =
            BEFORE.replace("2.50", "2.80").replace("Coffee by", "Fine coffee near").replace("8 to 16", "9 to 15");
        assert_eq!(after("the espresso is 2.80 €", &written), BEFORE.replace("2.50", "2.80"));
    }

    #[test]
    fn a_section_goes_where_it_is_named_and_no_other_does() {
        let written = "# Nord\n> Coffee by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n[See the menu]\n";
        let gone = "## Opening hours\n- **Monday to Friday**: 7 to 18\n- **Saturday**: 8 to 16\n";
        assert_eq!(after("delete the opening hours", written), BEFORE.replace(gone, ""));
    }

    #[test]
    fn what_is_to_be_added_comes_and_nothing_is_lost_for_it() {
        let more = "## Parking\nBehind the house.\n[See the menu]\n";
        let written = BEFORE.replace("[See the menu]\n", more).replace("- **Cardamom bun**: 3.20 €\n", "");
        assert_eq!(after("add a section about parking", &written), BEFORE.replace("[See the menu]\n", more));
        let written = BEFORE.replace("## Opening", "- **Tea**: 2 €\n## Opening").replace("roast", "toast");
        assert_eq!(after("add tea", &written), BEFORE.replace("## Opening", "- **Tea**: 2 €\n## Opening"));
    }

    #[test]
    fn the_button_goes_only_where_it_is_spoken_of() {
        let more = "We roast ourselves.\nEvery Monday, in small batches.\n";
        let written = BEFORE.replace("We roast ourselves.\n[See the menu]\n", more);
        assert_eq!(after("write more about us", &written), format!("{written}[See the menu]\n"));
        let without = BEFORE.replace("[See the menu]\n", "");
        assert_eq!(after("the button is not needed", &without), without);
        assert_eq!(after("delete \"See the menu\"", &without), without);
    }

    #[test]
    fn a_wish_that_aims_nowhere_may_change_all_but_the_name() {
        let written = BEFORE.replace("# Nord", "# North").replace("Coffee by the harbour.", "Kaffee am Hafen.");
        let german = BEFORE.replace("Coffee by the harbour.", "Kaffee am Hafen.");
        assert_eq!(after("translate everything into German", &written), german);
        assert_eq!(after("call it North", &written), written);
    }
}
