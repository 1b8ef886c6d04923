//! What a user's hand changes in words. Whatever is set is one text of one line, and reads back as it was set.

use super::{Line, Section, Spot, Words};

/// Why words cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotChange {
    /// The spot names nothing: the words have changed since.
    #[error("nothing stands there any more: look at the page again")]
    NothingThere,
    /// A page needs a name.
    #[error("a page needs a name: write another one")]
    NeedsName,
    /// The text alone has no place of its own: a name, a heading, the button.
    #[error("this cannot be moved or doubled alone: choose the section or a line of it")]
    NotAlone,
    /// It is the first already, or the last.
    #[error("it cannot go any further that way")]
    NoFurther,
    /// Of a whole section, its form is needed.
    #[error("a section is a line `## heading` with its lines below")]
    NotASection,
}

impl Words {
    /// Puts another text there: of a section all its lines, of a line as words write it. An empty text removes what
    /// stands there.
    ///
    /// # Errors
    ///
    /// Where nothing stands at the spot, or the text cannot stand there.
    pub fn set(&mut self, spot: Spot, text: &str) -> Result<(), CannotChange> {
        if let Spot::Section(number) = spot {
            let section = self.sections.get_mut(number).ok_or(CannotChange::NothingThere)?;
            *section = Section::read(text).ok_or(CannotChange::NotASection)?;
            return Ok(());
        }
        let text = one_line(text);
        match spot {
            Spot::Name if text.is_empty() => return Err(CannotChange::NeedsName),
            Spot::Name => self.name = text,
            Spot::Sentence => self.sentence = text,
            Spot::Button => self.button = button(&text),
            Spot::Heading(number) => {
                self.sections.get_mut(number).ok_or(CannotChange::NothingThere)?.heading = heading(&text);
            }
            _ => self.set_line(spot, &text)?,
        }
        Ok(())
    }

    fn set_line(&mut self, spot: Spot, text: &str) -> Result<(), CannotChange> {
        let line = self.line_mut(spot).ok_or(CannotChange::NothingThere)?;
        match (spot, &mut *line) {
            (Spot::ItemName(..), Line::Item { name, .. }) => *name = item_name(text),
            (Spot::ItemDetail(..), Line::Item { detail, .. }) => *detail = item_detail(text),
            (Spot::Line(..), Line::Item { .. }) => *line = Line::parse(text).tidied(),
            (Spot::Line(..), Line::Paragraph(paragraph)) => text.clone_into(paragraph),
            _ => return Err(CannotChange::NothingThere),
        }
        if line.is_empty() { self.remove(spot) } else { Ok(()) }
    }

    /// Takes away what stands there: an item's name or detail alone, if the other is left.
    ///
    /// # Errors
    ///
    /// Where nothing stands at the spot, or a page cannot be without it.
    pub fn remove(&mut self, spot: Spot) -> Result<(), CannotChange> {
        match spot {
            Spot::Name => return Err(CannotChange::NeedsName),
            Spot::Sentence => self.sentence.clear(),
            Spot::Button => self.button.clear(),
            Spot::Section(number) if number < self.sections.len() => drop(self.sections.remove(number)),
            Spot::Section(_) => return Err(CannotChange::NothingThere),
            Spot::Heading(number) => {
                self.sections.get_mut(number).ok_or(CannotChange::NothingThere)?.heading.clear();
            }
            Spot::Line(section, line) | Spot::ItemName(section, line) | Spot::ItemDetail(section, line) => {
                let there = self.line_mut(spot).ok_or(CannotChange::NothingThere)?;
                match (spot, &mut *there) {
                    (Spot::ItemName(..), Line::Item { name, .. }) => name.clear(),
                    (Spot::ItemDetail(..), Line::Item { detail, .. }) => detail.clear(),
                    (Spot::Line(..), _) => *there = Line::Paragraph(String::new()),
                    _ => return Err(CannotChange::NothingThere),
                }
                if there.is_empty() {
                    self.sections[section].lines.remove(line);
                }
            }
        }
        Ok(())
    }

    /// Moves a section, or a line within its section, by so many places: up where that is negative.
    ///
    /// # Errors
    ///
    /// Where nothing stands at the spot, it has no place of its own, or there is no such place.
    pub fn shift(&mut self, spot: Spot, by: isize) -> Result<(), CannotChange> {
        match spot {
            Spot::Section(number) => shift(&mut self.sections, number, by),
            Spot::Line(section, line) => {
                let section = self.sections.get_mut(section).ok_or(CannotChange::NothingThere)?;
                shift(&mut section.lines, line, by)
            }
            _ => Err(CannotChange::NotAlone),
        }
    }

    /// Puts the same section or line below it once more.
    ///
    /// # Errors
    ///
    /// Where nothing stands at the spot, or it has no place of its own.
    pub fn double(&mut self, spot: Spot) -> Result<(), CannotChange> {
        match spot {
            Spot::Section(number) => double(&mut self.sections, number),
            Spot::Line(section, line) => {
                let section = self.sections.get_mut(section).ok_or(CannotChange::NothingThere)?;
                double(&mut section.lines, line)
            }
            _ => Err(CannotChange::NotAlone),
        }
    }

    fn line_mut(&mut self, spot: Spot) -> Option<&mut Line> {
        let (Spot::Line(section, line) | Spot::ItemName(section, line) | Spot::ItemDetail(section, line)) = spot else {
            return None;
        };
        self.sections.get_mut(section)?.lines.get_mut(line)
    }
}

fn shift<T>(list: &mut [T], from: usize, by: isize) -> Result<(), CannotChange> {
    if from >= list.len() {
        return Err(CannotChange::NothingThere);
    }
    let to = from.checked_add_signed(by).filter(|to| *to < list.len() && by != 0).ok_or(CannotChange::NoFurther)?;
    if to > from {
        list[from..=to].rotate_left(1);
    } else {
        list[to..=from].rotate_right(1);
    }
    Ok(())
}

fn double<T: Clone>(list: &mut Vec<T>, number: usize) -> Result<(), CannotChange> {
    let same = list.get(number).ok_or(CannotChange::NothingThere)?.clone();
    list.insert(number + 1, same);
    Ok(())
}

impl Section {
    /// Reads a section alone. `None` where the text is none, or more than one.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut sections = Words::parse(text).sections;
        let mut section = sections.pop().filter(|_| text.starts_with("##") && sections.is_empty())?;
        section.heading = heading(&one_line(&section.heading));
        section.lines = section.lines.into_iter().map(Line::tidied).filter(|line| !line.is_empty()).collect();
        Some(section)
    }
}

impl Line {
    /// An entry of a list whose texts read back as they are.
    #[must_use]
    pub fn item(name: &str, detail: &str) -> Self {
        Self::Item { name: item_name(&one_line(name)), detail: item_detail(&one_line(detail)) }
    }

    /// Running text that reads back as it is.
    #[must_use]
    pub fn paragraph(text: &str) -> Self {
        Self::Paragraph(one_line(text))
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Paragraph(text) => text.is_empty(),
            Self::Item { name, detail } => name.is_empty() && detail.is_empty(),
        }
    }

    pub(super) fn tidied(self) -> Self {
        match self {
            Self::Paragraph(text) => Self::paragraph(&text),
            Self::Item { name, detail } => Self::item(&name, &detail),
        }
    }
}

fn one_line(text: &str) -> String {
    let blank = |character: char| character.is_whitespace() || character.is_control();
    text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn heading(text: &str) -> String {
    text.trim_start_matches(['#', ' ']).to_owned()
}

fn button(text: &str) -> String {
    one_line(&text.replace(['[', ']'], ""))
}

/// A name stands between asterisks, and a colon follows it.
fn item_name(text: &str) -> String {
    one_line(&text.replace('*', "")).trim_matches([':', ' ']).to_owned()
}

fn item_detail(text: &str) -> String {
    text.trim_start_matches([':', ' ', '–', '—', '*']).trim_end_matches(['*', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NORD: &str =
        "# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n- **Tea**: 3 €\n## About\nWe roast.\n[Visit]\n";

    fn nord() -> Words {
        Words::parse(NORD)
    }

    #[test]
    fn a_text_is_set_where_it_stands() {
        for (spot, text, expected) in [
            ("name", "Nord & Süd", NORD.replace("# Nord", "# Nord & Süd")),
            ("sentence", "", NORD.replace("> Coffee.\n", "")),
            ("button", "Come [in]", NORD.replace("[Visit]", "[Come in]")),
            ("s0.heading", "# Drinks", NORD.replace("## Menu", "## Drinks")),
            ("s0.0.name", "**Lungo**:", NORD.replace("Espresso", "Lungo")),
            ("s0.0.detail", ": 2.80\n €", NORD.replace("2.50", "2.80")),
            ("s0.0", "- **Lungo**: 2 €", NORD.replace("**Espresso**: 2.50 €", "**Lungo**: 2 €")),
            ("s0.1.detail", "", NORD.replace("**Tea**: 3 €", "**Tea**")),
            ("s0.1", "", NORD.replace("- **Tea**: 3 €\n", "")),
            ("s1.0", "## We bake.", NORD.replace("We roast.", "\\## We bake.")),
            ("s1", "## Us\n- We bake", NORD.replace("## About\nWe roast.", "## Us\n- We bake")),
        ] {
            let mut words = nord();
            assert_eq!(words.set(spot.parse().expect("a spot"), text), Ok(()), "{spot}");
            assert_eq!(words.to_string(), expected, "{spot}");
        }
    }

    #[test]
    fn what_cannot_be_set_changes_nothing() {
        for (spot, text, error) in [
            ("name", " ", CannotChange::NeedsName),
            ("s2.heading", "x", CannotChange::NothingThere),
            ("s1.0.name", "x", CannotChange::NothingThere),
            ("s0.7", "x", CannotChange::NothingThere),
            ("s1", "x", CannotChange::NotASection),
            ("s1", "## a\n## b", CannotChange::NotASection),
            ("s5", "## a", CannotChange::NothingThere),
        ] {
            let mut words = nord();
            assert_eq!(words.set(spot.parse().expect("a spot"), text), Err(error), "{spot}");
            assert_eq!(words, nord());
        }
    }

    #[test]
    fn an_item_goes_when_its_last_text_does() {
        let mut words = nord();
        assert_eq!(words.remove(Spot::ItemDetail(0, 1)), Ok(()));
        assert_eq!(words.text(Spot::Line(0, 1)).as_deref(), Some("- **Tea**"));
        assert_eq!(words.remove(Spot::ItemName(0, 1)), Ok(()));
        assert_eq!(words.sections[0].lines.len(), 1);
        assert_eq!(words.remove(Spot::Name), Err(CannotChange::NeedsName));
        assert_eq!(words.remove(Spot::Section(0)), Ok(()));
        assert_eq!(words.to_string(), "# Nord\n> Coffee.\n## About\nWe roast.\n[Visit]\n");
    }

    #[test]
    fn sections_and_lines_move_within_their_bounds() {
        let mut words = nord();
        assert_eq!(words.shift(Spot::Section(1), -1), Ok(()));
        assert_eq!(words.sections[0].heading, "About");
        assert_eq!(words.shift(Spot::Section(0), -1), Err(CannotChange::NoFurther));
        assert_eq!(words.shift(Spot::Line(1, 0), 1), Ok(()));
        assert_eq!(words.text(Spot::ItemName(1, 0)).as_deref(), Some("Tea"));
        assert_eq!(words.shift(Spot::Line(1, 1), 1), Err(CannotChange::NoFurther));
        assert_eq!(words.shift(Spot::Line(1, 9), 1), Err(CannotChange::NothingThere));
        assert_eq!(words.shift(Spot::Heading(1), 1), Err(CannotChange::NotAlone));
    }

    #[test]
    fn a_doubled_line_stands_below_itself() {
        let mut words = nord();
        assert_eq!(words.double(Spot::Line(0, 0)), Ok(()));
        assert_eq!(words.sections[0].lines[0], words.sections[0].lines[1]);
        assert_eq!(words.double(Spot::Section(1)), Ok(()));
        assert_eq!(words.sections.len(), 3);
        assert_eq!(words.double(Spot::Section(9)), Err(CannotChange::NothingThere));
        assert_eq!(words.double(Spot::Name), Err(CannotChange::NotAlone));
    }

    fn spots() -> impl Strategy<Value = Spot> {
        let (section, line) = (0..2_usize, 0..2_usize);
        (section, line, 0..8).prop_map(|(section, line, which)| match which {
            0 => Spot::Name,
            1 => Spot::Sentence,
            2 => Spot::Button,
            3 => Spot::Section(section),
            4 => Spot::Heading(section),
            5 => Spot::Line(section, line),
            6 => Spot::ItemName(section, line),
            _ => Spot::ItemDetail(section, line),
        })
    }

    proptest! {
        #[test]
        fn whatever_is_set_reads_back_as_it_was_set(
            changes in prop::collection::vec((spots(), "[-#>\\[\\]*:\\\\–a \n.€]{0,12}|.{0,12}|(## )?[-*a:\n# ]{0,20}"), 0..6)
        ) {
            let mut words = nord();
            for (spot, text) in changes {
                let _ = words.set(spot, &text);
            }
            prop_assert_eq!(Words::parse(&words.to_string()), words);
        }
    }
}
