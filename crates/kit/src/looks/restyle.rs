//! The style of a page whose words are not at hand: what its HTML says of it, and another colour or other letters in it.

use super::roots;
use crate::{Fonts, Look, Style};

const BEFORE: &str = "<style>";
const FIRST: &str = "\n:root{--paper:#";

/// The style of a page that the kit has made, read from its HTML. Its colour is not said there as it was chosen, and is `None`
/// here. `None` where the kit has made no such page, or its look was changed since.
#[must_use]
pub fn style_of(html: &str) -> Option<Style> {
    let (_, body) = html.split_once("<body id=\"top\" class=\"")?;
    let id = body.split_once('"')?.0;
    let look = Look::ALL.into_iter().find(|look| look.id() == id)?;
    let sheet = &html[html.find(BEFORE)? + BEFORE.len()..];
    if !sheet.starts_with(FIRST) || !sheet.contains(look.css()) {
        return None;
    }
    let fonts = Fonts::ALL.into_iter().find(|fonts| roots_of(sheet).contains(fonts.families()));
    Some(Style { look, colour: None, fonts })
}

/// The page in another colour or other letters: nothing else of it changes. `None` where the kit has not made it, or where it is
/// to have another look, whose ornaments are drawn for the words.
#[must_use]
pub fn restyled(html: &str, style: &Style) -> Option<String> {
    style_of(html).filter(|worn| worn.look == style.look)?;
    let start = html.find(BEFORE)? + BEFORE.len();
    let end = start + roots_of(&html[start..]).len();
    Some([&html[..start], &roots(style), &html[end..]].concat())
}

/// The two lines that say the colours.
fn roots_of(sheet: &str) -> &str {
    let end = sheet.match_indices('\n').nth(2).map_or(sheet.len(), |(at, _)| at + 1);
    &sheet[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Colour, Marks, Words, page};

    const GREEN: Colour = Colour { red: 46, green: 125, blue: 50 };

    #[test]
    fn a_page_gets_another_colour_as_if_it_had_been_made_in_it() {
        let words = Words::parse("# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n");
        for look in Look::ALL {
            for fonts in [None, Some(Fonts::Serif), Some(Fonts::Mono)] {
                let before = Style { look, colour: None, fonts };
                let html = page(&words, &before, Marks::None);
                assert_eq!(style_of(&html), Some(before));
                let green = Style { colour: Some(GREEN), fonts: Some(Fonts::Sans), look };
                assert_eq!(restyled(&html, &green), Some(page(&words, &green, Marks::None)));
                let other = Look::ALL.into_iter().find(|other| *other != look).unwrap_or_default();
                assert_eq!(restyled(&html, &Style { look: other, ..green }), None);
            }
        }
    }

    #[test]
    fn what_the_kit_has_not_made_is_left_alone() {
        let html = page(&Words::parse("# Nord\n"), &Style::default(), Marks::None);
        for other in [
            "<html><body>x</body></html>".to_owned(),
            html.replace("class=\"harbour\"", "class=\"poster\""),
            html.replace("\n:root{--paper", "\n:root{--mine"),
        ] {
            assert_eq!(restyled(&other, &Style::default()), None);
        }
    }
}
