//! From what a version holds to pages that can be opened: as they are given away, and as the Studio shows them.

use kit::facts::MadeUp;
use kit::{Marks, Spot};

use crate::edit::element::Elements;
use crate::project::{Content, Page, first};

/// The page that is opened first.
pub(crate) const INDEX: &str = "index.html";

/// The pages, with no trace of the Studio in them.
pub(crate) fn clean(content: &Content) -> Vec<Page> {
    match content {
        Content::Words(words, style) => {
            vec![Page { path: INDEX.to_owned(), html: kit::page(words, style, Marks::None) }]
        }
        Content::Html(pages) => pages.clone(),
    }
}

/// The first page with the marks that the preview needs.
pub(crate) fn preview(content: &Content, made_up: &[MadeUp]) -> Page {
    preview_at(content, made_up, None).unwrap_or_else(|| Page { path: INDEX.to_owned(), html: String::new() })
}

/// The page at this path, or the first one, with the marks that the preview needs. `None` where there is none.
pub(crate) fn preview_at(content: &Content, made_up: &[MadeUp], path: Option<&str>) -> Option<Page> {
    match content {
        Content::Words(..) if path.is_some_and(|path| path != INDEX) => None,
        Content::Words(words, style) => {
            let made_up: Vec<Spot> = made_up.iter().map(|made_up| made_up.spot).collect();
            let html = kit::page(words, style, Marks::Studio { made_up: &made_up });
            Some(Page { path: INDEX.to_owned(), html })
        }
        Content::Html(pages) => {
            let page = place(pages, path).and_then(|place| pages.get(place))?;
            Some(Page { path: page.path.clone(), html: Elements::of(&page.html).marked() })
        }
    }
}

/// Where among the pages the one at this path is: the one that is opened first, where no path is told.
pub(crate) fn place(pages: &[Page], path: Option<&str>) -> Option<usize> {
    let wanted = path.or_else(|| first(pages).map(|page| page.path.as_str()))?;
    pages.iter().position(|page| page.path == wanted)
}

/// Where among the pages the one is that a model or a caller calls so.
pub(crate) fn named(pages: &[Page], path: &str) -> Option<usize> {
    place(pages, Some(path)).or_else(|| pages.iter().position(|page| page.is_called(path)))
}

#[cfg(test)]
mod tests {
    use kit::{Style, Words};

    use super::*;

    fn two() -> Content {
        let page = |path: &str, html: &str| Page { path: path.to_owned(), html: html.to_owned() };
        Content::Html(vec![page(INDEX, "<p>one</p>"), page("about.html", "<h1>two</h1>")])
    }

    #[test]
    fn any_of_several_pages_is_shown_with_its_marks_and_without_a_path_the_first() {
        let at = |path| preview_at(&two(), &[], path).map(|page| page.html);
        assert_eq!(at(Some("about.html")).as_deref(), Some("<h1 data-ref=\"e0\">two</h1>"));
        assert_eq!(at(None).as_deref(), Some("<p data-ref=\"e0\">one</p>"));
        assert_eq!(at(Some("gone.html")), None);
    }

    #[test]
    fn a_page_of_words_is_one_page() {
        let words = Content::Words(Words::parse("# Nord\n## Menu\n- **Tea**: 3 €\n"), Style::default());
        let at = |path| preview_at(&words, &[], path).map(|page| page.path);
        assert_eq!((at(None).as_deref(), at(Some(INDEX)).as_deref()), (Some(INDEX), Some(INDEX)));
        assert_eq!(at(Some("about.html")), None);
    }
}
