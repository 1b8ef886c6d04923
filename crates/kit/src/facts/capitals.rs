//! Names that are written with a capital.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::forms::is_short_form;
use crate::language::Language;

/// Words that a request begins with, or that it says of its page: no names, whatever their letters.
const NO_NAMES: &str = "i i'm i'd we our us my me a an the this that it is and or for with of to in on at please make create build design write \
    give show add need want page pages website site webpage homepage landing one single onepage portfolio app faq faqs cta seo \
    html css pdf rsvp ok url qr www api ui ux menu tour members contact about info hours prices price opening services service \
    open closed new free email e-mail phone tel address web online no not also all every each by from new here there welcome today now \
    erstelle mache baue schreibe bitte eine ein einen der die das wir unser unsere mein meine seite webseite website uhr \
    une un le la les notre nos mon ma page site crée créez faites una el los las nuestra nuestro mi página sitio crea haz \
    il lo gli nostro nostra mio mia pagina sito um uma o os nosso nossa meu minha de het een onze mijn maak";

/// Small words within a name: `House of Tea`, `Anna & Paul`.
const INNER: &str = "& of de la le du des del da di do van von den der the and + y e et und d'";

/// A run of words that may be a name.
struct Run {
    span: Range<usize>,
    /// Words with a capital that nothing but a name explains: the first one of a sentence has it anyway.
    telling: usize,
}

/// Runs of words with a capital. They tell nothing where every word has one; in German, where every noun has one, a name
/// needs two.
pub(super) fn find(request: &str) -> Vec<Range<usize>> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\p{L}\d][\p{L}\d'’-]*\.?|&|\+").expect("the form of a word is a pattern"));
    let letters = || WORD.find_iter(request).filter(|word| word.as_str().starts_with(char::is_alphabetic));
    if letters().count() > 4 && letters().all(|word| is_capital(word.as_str())) {
        return Vec::new();
    }
    let is_german = Language::of(request) == Language::GERMAN;
    let joins = |text: &str| text == "&" || !is_german && is_inner(text);
    let mut runs = Vec::<Run>::new();
    let mut open: Option<Run> = None;
    let mut last_end = 0;
    for word in WORD.find_iter(request) {
        if !follows(&request[..last_end], &request[last_end..word.start()]) {
            runs.extend(open.take());
        }
        let is_name = is_capital(word.as_str()) && !is_no_name(word.as_str());
        match &mut open {
            Some(run) if is_name => *run = Run { span: run.span.start..word.end(), telling: run.telling + 1 },
            Some(_) if joins(word.as_str()) => {}
            Some(_) => runs.extend(open.take()),
            None if is_name => {
                let telling = usize::from(is_german || !starts_sentence(request, word.start()));
                open = Some(Run { span: word.range(), telling });
            }
            None => {}
        }
        last_end = word.end();
    }
    runs.extend(open);
    let least = if is_german { 2 } else { 1 };
    runs.into_iter().filter(|run| run.telling >= least).map(|run| tidy(request, run.span)).collect()
}

fn is_capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// Whether a word is one that may stand within a name.
pub(super) fn is_inner(word: &str) -> bool {
    INNER.split(' ').any(|inner| inner == word)
}

fn is_no_name(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_lowercase();
    let word = word.trim_end_matches("'s").trim_end_matches("’s");
    NO_NAMES.split_whitespace().any(|known| known == word)
}

/// Whether a word belongs to the one before it: a blank lies between, and no end of a sentence.
fn follows(before: &str, between: &str) -> bool {
    let is_blank = between.chars().all(|character| character == ' ');
    is_blank && (!before.ends_with('.') || is_short_form(before.trim_end_matches('.')))
}

/// Without what belongs to the sentence round it.
fn tidy(request: &str, span: Range<usize>) -> Range<usize> {
    let text = request[span.clone()].trim_end_matches(['.', '\'', '’', '-']);
    let text = text.strip_suffix("'s").or(text.strip_suffix("’s")).unwrap_or(text);
    span.start..span.start + text.len()
}

fn starts_sentence(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '"', '“', '(']);
    before.is_empty()
        || before.ends_with(['!', '?', '\n'])
        || before.ends_with('.') && !is_short_form(before.trim_end_matches('.'))
}
