//! The file that a wish speaks of: "on the about page", "in style.css".

use std::sync::LazyLock;

use regex::Regex;

use super::phrase::{pattern, words as words_of};
use crate::project::{Page, title};

const PAGE: &str = "page subpage seite unterseite página pagina";
const ARTICLES: &str = "the our my your der die das den dem unserer unsere meiner la le l el il";
/// Behind a page with one of these stands its name: "la page contact", "die Seite Kontakt". "The page about" goes on.
const OF_NAMES: &str = "la l una der die";
const OF: &str = "d de di";
const PLACES: &str = "on in of at within to onto auf in von zu zur sur dans en de à su di a nella sulla della alla";
/// What is to be changed stands behind these.
const CHANGES: &str = "change update rewrite improve shorten translate redo restyle make ändere überarbeite kürze übersetze change réécris \
    améliore raccourcis cambia reescribe mejora acorta riscrivi migliora accorcia";
/// What leads to a page, or is like one, is not there.
const ELSEWHERE: &str = "link links linked button buttons navigation nav point points lead leads go goes verweis link knopf lien bouton enlace botón \
    pulsante like as same copy from wie gleich kopiere comme copie como copia come";
/// What people call the page that is opened first.
const HOME: &str = "home start main front landing first haupt accueil inicio principal principale iniziale";

static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern("\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»"));

/// Which of several files a wish plainly speaks of. `None` where that is none, or more than one.
pub(crate) fn file_named(wish: &str, files: &[Page]) -> Option<usize> {
    if files.len() < 2 {
        return None;
    }
    let wish = QUOTED.replace_all(wish, " ").to_lowercase();
    let said = Said::of(&wish);
    let is_named = |file: &Page| {
        says_path(&wish, file, &said) || file.is_html() && names(file).iter().any(|name| said.is_about_page(name))
    };
    let mut named = files.iter().enumerate().filter(|(_, file)| is_named(file)).map(|(at, _)| at);
    named.next().filter(|_| named.next().is_none())
}

/// Whether a file is called by its whole name.
fn says_path(wish: &str, file: &Page, said: &Said) -> bool {
    let path = file.path.to_lowercase();
    let joins = |letter: char| letter.is_alphanumeric() || "./-_".contains(letter);
    let is_it =
        |at: &usize| !wish[..*at].ends_with(joins) && !wish[at + path.len()..].starts_with(char::is_alphanumeric);
    let at = wish.match_indices(&path).map(|(at, _)| at).find(is_it);
    path.contains('.') && at.is_some_and(|at| Said::of(&wish[..at]).words.len() <= said.elsewhere)
}

/// What people may call a page: by its file, or by its title without what all pages' titles say.
fn names(page: &Page) -> Vec<Vec<String>> {
    let file = page.path.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let own = title(&page.html).unwrap_or_default().split([':', '|', '·', '–', '—']).next().unwrap_or_default();
    let home = HOME.split_whitespace().filter(|_| stem == "index").map(words_of);
    [stem, own].map(words_of).into_iter().chain(home).filter(|name| !name.is_empty()).collect()
}

/// The words of a wish; `Kontaktseite` is two.
struct Said {
    words: Vec<String>,
    /// From here on it may speak of what is not there.
    elsewhere: usize,
}

impl Said {
    fn of(wish: &str) -> Self {
        let parted = |word: String| match word.strip_suffix("seite").filter(|stem| !stem.is_empty() && *stem != "unter")
        {
            Some(stem) => vec![stem.to_owned(), "seite".to_owned()],
            None => vec![word],
        };
        let words: Vec<String> = words_of(wish).into_iter().flat_map(parted).collect();
        let elsewhere = words.iter().position(|word| is_in(word, ELSEWHERE)).unwrap_or(words.len());
        Self { words, elsewhere }
    }

    /// Whether the change is to be on the page of this name.
    fn is_about_page(&self, name: &[String]) -> bool {
        let starts = (0..self.words.len()).filter(|start| self.words[*start..].starts_with(name));
        starts.filter_map(|start| self.page(start, start + name.len())).any(|(start, end)| self.is_place(start, end))
    }

    /// Where the page that is called so stands, with the word that says that it is one.
    fn page(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        if self.words.get(end).is_some_and(|word| is_in(word, PAGE)) {
            return Some((start, end + 1));
        }
        match &self.words[..start] {
            [.., article, page, of] if is_in(of, OF) && is_in(page, PAGE) && is_in(article, OF_NAMES) => {
                Some((start - 2, end))
            }
            [.., article, page] if is_in(page, PAGE) && is_in(article, OF_NAMES) => Some((start - 1, end)),
            _ => None,
        }
    }

    fn is_place(&self, start: usize, end: usize) -> bool {
        let mut before = &self.words[..start];
        while let Some((_, rest)) = before.split_last().filter(|(word, _)| is_in(word, ARTICLES)) {
            before = rest;
        }
        let is_there = match before.last() {
            None => true,
            Some(word) => is_in(word, PLACES) || before.len() == 1 && is_in(word, CHANGES),
        };
        let goes_on = self.words.get(end).is_some_and(|word| is_in(word, ELSEWHERE));
        is_there && before.len() <= self.elsewhere && !goes_on
    }
}

fn is_in(word: &str, list: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file that a wish names, of a café's.
    fn named(wish: &str) -> Option<&'static str> {
        let files = [
            ("index.html", "<title>Nord</title>"),
            ("about.html", "<title>About us – Nord</title>"),
            ("kontakt.html", "<title>Kontakt</title>"),
            ("shop/menu.html", ""),
            ("style.css", ""),
        ];
        let page = |(path, html): &(&str, &str)| Page { path: (*path).to_owned(), html: (*html).to_owned() };
        file_named(wish, &files.iter().map(page).collect::<Vec<_>>()).map(|at| files[at].0)
    }

    #[test]
    fn a_page_is_named_by_its_file_its_title_or_as_the_first_one() {
        for (wish, file) in [
            ("on the about page, make the heading shorter", "about.html"),
            ("Please shorten the text on our About Us page", "about.html"),
            ("add opening hours to the about page", "about.html"),
            ("The about page should be friendlier", "about.html"),
            ("about page: a picture of the harbour", "about.html"),
            ("translate the about-page into German", "about.html"),
            ("on the about page add a link to the menu page", "about.html"),
            ("in about.html the heading is too long", "about.html"),
            ("ändere die Überschrift auf der Kontaktseite", "kontakt.html"),
            ("auf der Seite Kontakt fehlt die Telefonnummer", "kontakt.html"),
            ("sur la page Kontakt, ajoute le téléphone", "kontakt.html"),
            ("the prices of the menu page are wrong", "shop/menu.html"),
            ("a larger heading on the home page", "index.html"),
            ("auf der Startseite eine größere Überschrift", "index.html"),
            ("un titre plus grand sur la page d'accueil", "index.html"),
            ("en la página de inicio, un título más grande", "index.html"),
            ("make the headings green in style.css", "style.css"),
        ] {
            assert_eq!(named(wish), Some(file), "{wish}");
        }
    }

    #[test]
    fn what_is_not_plain_names_none() {
        for wish in [
            "make the heading shorter",
            "say more about us",
            "a page about us",
            "add a section to the page about dogs",
            "add a link to the about page",
            "a button that leads to the about page",
            "link to about.html",
            "the about page link should be red",
            "make the heading like on the about page",
            "use the same colours as on the about page",
            "change “on the about page” to “here”",
            "the menu should be on the left",
            "on the about page and on the menu page the heading is too long",
            "the file mystyle.css is gone",
        ] {
            assert_eq!(named(wish), None, "{wish}");
        }
        let one = [Page { path: "index.html".to_owned(), html: String::new() }];
        assert_eq!(file_named("on the home page", &one), None);
    }
}
