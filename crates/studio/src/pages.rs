//! From what a version holds to pages that can be opened: as they are given away, and as the Studio shows them.

use std::collections::HashMap;

use kit::facts::MadeUp;
use kit::{Marks, Spot};
use url::Url;

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
            Some(Page { path: page.path.clone(), html: shown(pages, page, true) })
        }
    }
}

/// The file at this path as a browser gets it: a page with what it loads in it. The page that is opened first stands at
/// [`INDEX`] too. `None` where there is none.
pub(crate) fn opened(content: &Content, path: &str) -> Option<String> {
    let pages = clean(content);
    let index = || first(&pages).filter(|page| path == INDEX && page.is_html());
    let page = pages.iter().find(|page| page.path == path).or_else(index)?;
    Some(shown(&pages, page, false))
}

/// A page with what it loads of its own in it, and with marks where it `is_marked`.
fn shown(pages: &[Page], page: &Page, is_marked: bool) -> String {
    if !page.is_html() {
        return page.html.clone();
    }
    let addresses = Addresses::of(pages);
    Elements::of(&page.html).with_files(is_marked, |address| addresses.file(page, address))
}

/// The files that pages load, by their addresses.
struct Addresses<'a>(HashMap<Url, &'a str>);

/// A folder that `..` leads out of.
const FOLDER: &str = "http://files.invalid/here/";

impl<'a> Addresses<'a> {
    fn of(pages: &'a [Page]) -> Self {
        let files = pages.iter().filter(|page| !page.is_html());
        Self(files.filter_map(|file| Some((address(file)?, file.html.as_str()))).collect())
    }

    /// What a relative address on a page leads to.
    fn file(&self, page: &Page, relative: &str) -> Option<&'a str> {
        let is_relative = !relative.trim_start().starts_with(['/', '\\']);
        let mut to = address(page).filter(|_| is_relative)?.join(relative).ok()?;
        to.set_query(None);
        to.set_fragment(None);
        self.0.get(&to).copied()
    }
}

fn address(page: &Page) -> Option<Url> {
    Url::parse(FOLDER).and_then(|folder| folder.join(&format!("./{}", page.path.trim_start_matches('/')))).ok()
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
    fn a_page_is_shown_with_its_own_files_and_kept_without_them() {
        let page = |path: &str, html: &str| Page { path: path.to_owned(), html: html.to_owned() };
        let link = |href: &str| format!("<link rel=stylesheet href=\"{href}\"><p>x</p>");
        let files = |path: &str, href: &str| {
            let files = [page("css/my style.css", "p {}"), page("other.html", "<p>"), page(path, &link(href))];
            Content::Html(files.into())
        };
        for (path, href) in [
            ("index.html", "css/my%20style.css?v=2"),
            ("index.html", "./css/my style.css"),
            ("sub/about.html", "../css/my style.css#x"),
            ("css/about.html", "my style.css"),
        ] {
            let content = files(path, href);
            let preview = preview_at(&content, &[], Some(path)).map(|page| page.html);
            assert_eq!(preview.as_deref(), Some("<style>p {}</style><p data-ref=\"e1\">x</p>"), "{path} {href}");
            assert_eq!(opened(&content, path).as_deref(), Some("<style>p {}</style><p>x</p>"));
            assert_eq!(clean(&content)[2].html, link(href));
        }
        for href in [
            "/css/my style.css",
            "../css/my style.css",
            "http://files.invalid/here/css/my%20style.css/",
            "other.html",
            "css",
            "",
        ] {
            assert_eq!(opened(&files("index.html", href), "index.html"), Some(link(href)), "{href}");
        }
        let content = files("a.html", "x");
        assert_eq!(opened(&content, "css/my style.css").as_deref(), Some("p {}"));
        assert_eq!(opened(&content, INDEX).as_deref(), Some("<p>"));
        assert_eq!(opened(&content, "gone.html"), None);
    }

    #[test]
    fn a_page_of_words_is_one_page() {
        let words = Content::Words(Words::parse("# Nord\n## Menu\n- **Tea**: 3 €\n"), Style::default());
        let at = |path| preview_at(&words, &[], path).map(|page| page.path);
        assert_eq!((at(None).as_deref(), at(Some(INDEX)).as_deref()), (Some(INDEX), Some(INDEX)));
        assert_eq!(at(Some("about.html")), None);
    }
}
