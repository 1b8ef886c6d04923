//! The gate `html`: an answer holds a whole page, from its doctype or `<html>` to its `</html>`.
//!
//! A fence or a remark before the page and behind it is no fault: models add them, and whoever shows the page, as the Studio
//! and `DeepSite` do, takes it out of the answer.

use std::fmt;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};
use wire::PartialChoice;

use super::Shortfall;

/// Why an answer is not a whole page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAPage {
    /// It has neither a doctype nor `<html>`.
    NoBeginning,
    /// It has no `</html>`.
    NoEnd,
    /// It ends inside a script, a style or the like, or in the middle of a tag.
    LeftOpen,
}

/// Elements whose content the tokenizer takes for text up to their own end tag: a tag in them is none.
const TEXT_ONLY: [&[u8]; 8] = [b"script", b"style", b"textarea", b"title", b"iframe", b"noembed", b"noscript", b"xmp"];

pub(super) fn shortfall(choice: &PartialChoice<'_>) -> Option<Shortfall> {
    check(choice.text).err().map(Shortfall::Html)
}

fn check(text: &str) -> Result<(), NotAPage> {
    let page = begun_at(text).ok_or(NotAPage::NoBeginning)?;
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let (mut begun, mut open) = (false, None);
    let Ok(tokens) = Tokenizer::new_with_emitter(page, emitter).collect::<Result<Vec<_>, _>>();
    for token in tokens {
        match token {
            Token::Doctype(doctype) => begun |= doctype.name.eq_ignore_ascii_case(b"html"),
            Token::StartTag(tag) if tag.name[..] == b"html"[..] => begun = true,
            Token::StartTag(tag) => open = TEXT_ONLY.into_iter().find(|name| tag.name[..] == **name).or(open),
            Token::EndTag(tag) if begun && tag.name[..] == b"html"[..] => return Ok(()),
            Token::EndTag(tag) if open.is_some_and(|name| tag.name[..] == *name) => open = None,
            _ => {}
        }
    }
    Err(match (begun, open) {
        (false, _) => NotAPage::NoBeginning,
        (true, Some(_)) => NotAPage::LeftOpen,
        (true, None) => NotAPage::NoEnd,
    })
}

/// The page and what follows it. A remark before it is no markup, whatever tags it names.
fn begun_at(text: &str) -> Option<&str> {
    let begins = |rest: &str, tag: &str| rest.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    let tags = text.match_indices('<').map(|(at, _)| &text[at..]);
    tags.into_iter().find(|rest| begins(rest, "<!doctype") || begins(rest, "<html"))
}

impl NotAPage {
    pub(super) const fn can_be_mended(self) -> bool {
        !matches!(self, Self::NoBeginning)
    }
}

impl fmt::Display for NotAPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoBeginning => "no doctype and no <html>",
            Self::NoEnd => "no </html>",
            Self::LeftOpen => "it ends inside a script, a style or a title",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_from_its_doctype_or_its_html_to_its_end() {
        for page in [
            "<!DOCTYPE html>\n<html><body>x</body></html>",
            "<html lang=en>x</HTML >\n",
            "<!doctype html><title>x</title></html>",
            "```html\n<!DOCTYPE html><html></html>\n```",
            "Here is your page:\n\n<!DOCTYPE html><html><p>1 < 2</p></html>\n\nI have made it blue.",
            "I use a <title> and a <script>:\n<!DOCTYPE html><html><title>x</title></html>",
            "<!DOCTYPE html><html><script>if (a</b/.exec(x)) { s = '</html>' }</script></html>",
        ] {
            assert_eq!(check(page), Ok(()), "{page}");
        }
    }

    #[test]
    fn half_a_page_is_none() {
        for (page, why) in [
            ("", NotAPage::NoBeginning),
            ("I cannot do that.", NotAPage::NoBeginning),
            ("<p>a fragment</p></html>", NotAPage::NoBeginning),
            ("<!doctype svg><svg></svg></html>", NotAPage::NoBeginning),
            ("<!DOCTYPE html><html><body><p>hel", NotAPage::NoEnd),
            ("<!DOCTYPE html><html><!-- </html> -->", NotAPage::NoEnd),
            ("<!DOCTYPE html><html><a title='</html>'>x</a>", NotAPage::NoEnd),
            ("<!DOCTYPE html><html></htm", NotAPage::NoEnd),
            ("<!DOCTYPE html><html><script>let a = '</html>'; ", NotAPage::LeftOpen),
            ("<!DOCTYPE html><html><style>p { color: red </html>", NotAPage::LeftOpen),
        ] {
            assert_eq!(check(page), Err(why), "{page}");
        }
    }

    #[test]
    fn only_a_page_that_has_begun_can_still_end() {
        assert!(NotAPage::NoEnd.can_be_mended() && NotAPage::LeftOpen.can_be_mended());
        assert!(!NotAPage::NoBeginning.can_be_mended());
    }
}
