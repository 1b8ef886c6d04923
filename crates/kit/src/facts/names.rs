//! Names in a request: what is quoted, what follows "called", and what is written with a capital.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::FactKind;
use super::forms::{Form, Value, fold, is_short_form, overlaps};
use crate::tongue::{self, Tongue};

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

/// All names, where they overlap no other form.
pub(super) fn find(request: &str, forms: &[Form]) -> Vec<Form> {
    let mut names = Vec::<Form>::new();
    for span in quoted(request).into_iter().chain(called(request)).chain(capitals(request)) {
        let text = &request[span.clone()];
        let is_name = !fold(text).is_empty() && !overlaps(&span, &names) && !is_within(&span, forms);
        if is_name {
            names.push(Form { kind: FactKind::Name, values: vec![Value::Words(plain(text))], span });
        }
    }
    names
}

/// The first name that the request says its page to be of.
pub(super) fn title(request: &str) -> Option<Range<usize>> {
    called(request).into_iter().next()
}

fn is_within(span: &Range<usize>, forms: &[Form]) -> bool {
    forms.iter().any(|form| form.span.start <= span.start && span.end <= form.span.end)
}

/// A name as it is compared: `Dr. Maya Lind` is there where `Maya Lind` is.
fn plain(name: &str) -> String {
    let name = name.trim_end_matches("'s").trim_end_matches("’s");
    let folded = fold(name);
    let title = |word: &&str| matches!(*word, "dr" | "prof" | "mr" | "mrs" | "ms" | "herr" | "frau");
    let words: Vec<_> = folded.split(' ').skip_while(title).collect();
    if words.is_empty() { folded } else { words.join(" ") }
}

fn quoted(request: &str) -> Vec<Range<usize>> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#""([^"\n]{1,60})"|“([^”\n]{1,60})”|„([^“”\n]{1,60})[“”]|«\s?([^»\n]{1,60}?)\s?»|(?:^|\s)['‘](\p{L}[^'’\n]{0,59})['’](?:\W|$)"#)
            .expect("the form of a quotation is a pattern")
    });
    let inner = |found: regex::Captures<'_>| found.iter().skip(1).flatten().next().map(|inner| inner.range());
    FORM.captures_iter(request).filter_map(inner).collect()
}

fn called(request: &str) -> Vec<Range<usize>> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let stop = r"with|that|which|who|in|on|at|from|for|and|is|are|near|by|mit|und|in|im|aus|für|bei|die|der|das|avec|à|et|qui|pour|dans|con|en|y|que|para|e|che|per|met|voor";
        let word = r"[\p{L}\d][\p{L}\d'’.&-]*";
        let names = r"called|named|titled|entitled|namens|genannt|heißt|appelée?|nommée?|llamad[ao]|chiamat[ao]|chamad[ao]|genaamd";
        Regex::new(&format!(
            r"(?i)\b(?:{names})\s+(?P<name>{word}(?:\s+(?:&\s+)?{word}){{0,3}})|(?P<stop>\b(?:{stop})\b)"
        ))
        .expect("the form of what is called is a pattern")
    });
    static STOP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\s(?:with|that|which|who|in|on|at|from|for|and|is|are|near|by|mit|und|im|aus|für|bei|die|der|das|avec|à|et|qui|pour|dans|con|en|y|que|para|e|che|per|met|voor)\s|[.,]\s|[.,]$")
            .expect("what ends a name is a pattern")
    });
    let name = |found: regex::Captures<'_>| {
        let name = found.name("name")?;
        let written = name.as_str();
        let is_capital =
            |word: &str| word.starts_with(char::is_uppercase) || INNER.split(' ').any(|inner| inner == word);
        // A capital says how far the name goes; without one, it goes to the next small word.
        let end = if written.starts_with(char::is_uppercase) {
            let mut end = 0;
            for word in words(written) {
                if !is_capital(&written[word.clone()]) {
                    break;
                }
                end = if written[word.clone()].starts_with(char::is_uppercase) { word.end } else { end };
            }
            end
        } else {
            STOP.find(written).map_or(written.len(), |stop| stop.start())
        };
        let name_text = written[..end].trim_end_matches(['.', ',', '\'', '’']);
        Some(name.start()..name.start() + name_text.len())
    };
    FORM.captures_iter(request).filter_map(name).filter(|span| !span.is_empty()).collect()
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_whitespace().map(move |word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        start..start + word.len()
    })
}

/// Runs of words with a capital. They tell nothing where every word has one; in German, where every noun has one, a name
/// needs two.
fn capitals(request: &str) -> Vec<Range<usize>> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\p{L}\d][\p{L}\d'’-]*\.?|&|\+").expect("the form of a word is a pattern"));
    let tongue = tongue::of(request);
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    let all = || WORD.find_iter(request).filter(|word| word.as_str().starts_with(char::is_alphabetic));
    if all().all(|word| is_capital(word.as_str())) && all().count() > 4 {
        return Vec::new();
    }
    let least = if tongue == Tongue::German { 2 } else { 1 };
    let mut runs = Vec::<(Range<usize>, usize)>::new();
    let mut open: Option<(Range<usize>, usize)> = None;
    let mut last_end = 0;
    for word in WORD.find_iter(request) {
        let (text, between) = (word.as_str(), &request[last_end..word.start()]);
        let is_joined = between.chars().all(|character| character == ' ') && !request[..last_end].ends_with('.')
            || is_short_form(request[..last_end].trim_end_matches('.'));
        let is_first = starts_sentence(request, word.start());
        let bare = text.trim_end_matches('.');
        let is_name = is_capital(text) && !is_no_name(bare);
        if !is_joined {
            runs.extend(open.take());
        }
        match &mut open {
            Some((run, count)) if is_name => (*run, *count) = (run.start..word.end(), *count + 1),
            Some(_) if text == "&" || least == 1 && INNER.split(' ').any(|inner| inner == text) => {}
            Some(_) => runs.extend(open.take()),
            None if is_name && !(is_first && bare.chars().count() < 2) => {
                open = Some((word.range(), usize::from(!is_first || tongue == Tongue::German)));
            }
            None => {}
        }
        last_end = word.end();
    }
    runs.extend(open);
    let tidy = |(run, _): (Range<usize>, usize)| {
        let text = request[run.clone()].trim_end_matches(['.', '\'', '’', '-']);
        let text = text.strip_suffix("'s").or(text.strip_suffix("’s")).unwrap_or(text);
        run.start..run.start + text.len()
    };
    runs.into_iter().filter(|(_, count)| *count >= least).map(tidy).collect()
}

fn is_no_name(word: &str) -> bool {
    let word = word.to_lowercase();
    let word = word.trim_end_matches("'s").trim_end_matches("’s");
    NO_NAMES.split_whitespace().any(|known| known == word)
}

fn starts_sentence(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '"', '“', '(']);
    before.is_empty()
        || before.ends_with(['!', '?', '\n'])
        || before.ends_with('.') && !is_short_form(before.trim_end_matches('.'))
}
