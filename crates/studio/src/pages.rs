//! From what a version holds to pages that can be opened: as they are given away, and as the Studio shows them.

use kit::facts::MadeUp;
use kit::{Marks, Spot};

use crate::edit::element::Elements;
use crate::project::{Content, Page};

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
    match content {
        Content::Words(words, style) => {
            let made_up: Vec<Spot> = made_up.iter().map(|made_up| made_up.spot).collect();
            let html = kit::page(words, style, Marks::Studio { made_up: &made_up });
            Page { path: INDEX.to_owned(), html }
        }
        Content::Html(pages) => match pages.first() {
            Some(page) => Page { path: page.path.clone(), html: Elements::of(&page.html).marked() },
            None => Page { path: INDEX.to_owned(), html: String::new() },
        },
    }
}
