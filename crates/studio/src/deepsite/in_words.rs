//! A change of a page that the kit has made, in its words.

use kit::{Marks, Spot, Style, Words};
use wire::Finish;

use super::change::{Changed, nothing_changed, tell_page};
use super::first::page_of;
use super::work::{Next, Way, Work};
use crate::edit::element::Elements;
use crate::facts;
use crate::generation::put_back;
use crate::model_client::{Asked, Failure};

const LONGEST_WORDS: u32 = 1_200;

/// Changes the words of a page that the kit has made here, where no tier may write HTML. `None` where that is not so.
pub(super) async fn make(work: &mut Work) -> Option<Result<Changed, Failure>> {
    let Some(Way::Words(route)) = work.ways(false).into_iter().next() else { return None };
    let made = &work.studio.made;
    let (index, (words, style)) =
        work.request.pages.iter().enumerate().find_map(|(index, page)| Some((index, made.words_of(&page.html)?)))?;
    let spot = work.request.selected.as_deref().and_then(|element| spot_of(&words, style, element));
    let wish = &work.request.prompt;
    let asked = Asked {
        route,
        messages: kit::wish_messages(&words, wish, spot),
        grammar: Some(kit::wish_grammar(&words, spot).into()),
        max_tokens: LONGEST_WORDS,
        temperature: 0.2,
    };
    let text = match whole(work, &asked).await {
        Ok(text) => text,
        Err(failure) => return Some(Err(failure)),
    };
    let wish = &work.request.prompt;
    let mut changed = match spot {
        None => put_back(&words, &Words::parse(&text), wish),
        Some(spot) => {
            let mut changed = words.clone();
            // A text that fits nowhere leaves the words as they are, which is told below.
            let _ = changed.set(kit::rewritten(spot), text.trim());
            changed
        }
    };
    facts::put_in_what_is_new(&mut changed, &words, wish);
    facts::conceal(&mut changed, &format!("{wish}\n{words}"));
    if changed == words || changed.sections.is_empty() {
        return Some(Err(nothing_changed()));
    }
    let mut pages = work.request.pages.clone();
    let before = std::mem::replace(&mut pages[index].html, page_of(&changed, style));
    work.studio.made.remember(&pages[index].html, &changed, style);
    let lines = tell_page(work, &before, &pages[index]).await;
    Some(Ok(Changed { pages, lines, summary: None }))
}

/// An answer that is of use only when it is whole.
async fn whole(work: &mut Work, asked: &Asked) -> Result<String, Failure> {
    let (mut text, mut answer) = (String::new(), work.ask(asked));
    loop {
        match work.next(&mut answer).await {
            Next::Text(more) => {
                work.teller.token(&more).await;
                text += &more;
            }
            Next::End(ended) => return if ended? == Finish::Stop { Ok(text) } else { Err(nothing_changed()) },
        }
    }
}

/// The place in the words that an element of their page shows: as the kit names it, or the only one of its text.
pub(super) fn spot_of(words: &Words, style: Style, element: &str) -> Option<Spot> {
    let page = kit::page(words, &style, Marks::None);
    let marked = kit::page(words, &style, Marks::Studio { made_up: &[] });
    // Both have the same elements in the same order.
    let named = Elements::of(&page).find(element).and_then(|at| {
        let tag = Elements::of(&marked).source_of(at)?.split('>').next()?;
        tag.split_once("data-ref=\"")?.1.split('"').next()?.parse().ok()
    });
    named.or_else(|| by_text(words, element))
}

fn by_text(words: &Words, element: &str) -> Option<Spot> {
    let shown: String = element.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect();
    let shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let mut found = words.texts().filter(|(_, text)| *text == shown.trim());
    found.next().filter(|_| found.next().is_none()).map(|(spot, _)| spot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_known_by_where_it_stands_or_by_the_text_that_it_shows() {
        let words = Words::parse("# Nord & Co\n## Menu\n- **Tea**: 3 €\n- **Cocoa**: 3 €\n");
        let spot = |element: &str| spot_of(&words, Style::default(), element).map(|spot| spot.to_string());
        assert_eq!(spot("<h1 class=\"x\">Nord <b>&amp; Co</b></h1>").as_deref(), Some("name"));
        assert_eq!(spot("<dt>\n  Tea\n</dt>").as_deref(), Some("s0.0.name"));
        // Two prices alike; nothing of that kind.
        assert_eq!(spot("<dd>3 €</dd>"), None);
        assert_eq!(spot("<dd>Coffee</dd>"), None);
        let page = kit::page(&words, &Style::default(), Marks::None);
        let element = |start: &str, end: &str| {
            let at = page.rfind(start).expect("it stands there");
            page[at..][..page[at..].find(end).expect("its end") + end.len()].to_owned()
        };
        assert_eq!(spot(&element("<section", "</section>")).as_deref(), Some("s0"));
        assert_eq!(spot(&element("<li class=\"priced\"", "</li>")).as_deref(), Some("s0.1"));
    }
}
