//! What a text of the page shall say: "the button should say Come in", "call the page Nord".

use std::sync::LazyLock;

use kit::{Spot, Words};
use regex::{Captures, Regex};

use super::given::{given, quoted};
use super::phrase::{pattern, unquoted};
use super::place::called;
use super::target::{exactly, find, whole};
use super::{Change, Page};

/// How a wish names the text that it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// It says so: a text follows, and nothing else can.
    Says,
    /// It is called so: a name, a heading, an entry.
    IsCalled,
    /// The name is so: of anything else it would be what is wrong with it.
    NameIs,
    /// It is so: of a button that may be its colour.
    Is,
    /// The text comes first, so only quotation marks tell where it ends.
    IsWritten,
}

static FORMS: LazyLock<Vec<(Verb, Regex)>> = LazyLock::new(|| {
    let shall = r"(?:should|shall|must|has to|have to|needs to|ought to)(?:\s+(?:now|just|only|simply|really))?";
    let soll = r"(?:soll|sollte|muss)(?:\s+(?:jetzt|nur|künftig|einfach))?";
    let doit = r"(?:doit|devrait)(?:\s+(?:maintenant|juste))?";
    let debe = r"(?:debe|debería|tiene que)(?:\s+(?:ahora|solo|sólo))?";
    let deve = r"(?:deve|dovrebbe)(?:\s+(?:ora|solo))?";
    let forms = [
        (Verb::Says, format!(r"^(?P<x>.+?)\s+{shall}\s+(?:say|read|display):?\s+(?P<y>.+)$")),
        (Verb::Says, r"^(?:make|let|have)\s+(?P<x>.+?)\s+(?:say|read):?\s+(?P<y>.+)$".to_owned()),
        (Verb::Says, r"^(?:on|in|as|for)\s+(?P<x>.+?)[,:]?\s+(?:write|put|say|use):?\s+(?P<y>.+)$".to_owned()),
        (Verb::Is, r"^(?:set|change|update)\s+(?P<x>.+?)\s+to(?P<says>\s+(?:say|read))?:?\s+(?P<y>.+)$".to_owned()),
        (Verb::Is, r"^(?P<x>[^:]+):\s+(?P<y>.+)$".to_owned()),
        (Verb::IsWritten, r"^(?:write|put|use)\s+(?P<y>.+?)\s+(?:on|in|as|for|onto|into)\s+(?P<x>.+)$".to_owned()),
        (Verb::IsCalled, format!(r"^(?P<x>.+?)\s+{shall}\s+be\s+(?:called|named|titled)\s+(?P<y>.+)$")),
        (Verb::IsCalled, r"^(?P<x>.+?)\s+(?:is|are)\s+(?:now\s+)?(?:called|named)\s+(?P<y>.+)$".to_owned()),
        (Verb::IsCalled, r"^(?P<x>.+?)\s+(?:heißt|s['’]appelle|se llama|si chiama)\s+(?:jetzt\s+|nun\s+|maintenant\s+|ahora\s+|ora\s+)?(?P<y>.+)$".to_owned()),
        (Verb::NameIs, r"^(?P<x>.+?)\s+(?:is|ist|est|es|è)\s+(?:now\s+|jetzt\s+)?(?P<y>.+)$".to_owned()),
        (Verb::IsCalled, r"^(?:call|nenne|nenn|appelle[rz]?|llama)\s+(?P<x>(?:(?:the|our|my|die|das|den|unsere?n?|la|le|el|il)\s+)?\S.*?)\s+(?P<y>(?-i:[\p{Lu}\d\x22“„«'‘]).*)$".to_owned()),
        (Verb::Is, format!(r"^(?P<x>.+?)\s+{shall}\s+be:?\s+(?P<y>.+)$")),
        (Verb::Says, format!(r"^(?:auf|in|über)\s+(?P<x>.+?)\s+{soll}\s+(?P<y>.+?)\s+stehen$")),
        (Verb::Says, format!(r"^(?P<x>.+?)\s+{soll}\s+(?P<y>.+?)\s+(?:sagen|lauten)$")),
        (Verb::IsCalled, format!(r"^(?P<x>.+?)\s+{soll}\s+(?P<y>.+?)\s+heißen$")),
        (Verb::Is, format!(r"^(?P<x>.+?)\s+{soll}\s+(?P<y>.+?)\s+sein$")),
        (Verb::Says, r"^(?:auf|in)\s+(?P<x>.+?)\s+(?:schreibe?):?\s+(?P<y>.+)$".to_owned()),
        (Verb::IsWritten, r"^(?:schreibe?|setze?)\s+(?P<y>.+?)\s+(?:auf|in|als|über)\s+(?P<x>.+)$".to_owned()),
        (Verb::Is, r"^(?:ändere?|setze?)\s+(?P<x>.+?)\s+(?:auf|zu|in):?\s+(?P<y>.+)$".to_owned()),
        (Verb::Says, format!(r"^(?P<x>.+?)\s+{doit}\s+(?:dire|afficher|indiquer)\s*:?\s+(?P<y>.+)$")),
        (Verb::IsCalled, format!(r"^(?P<x>.+?)\s+{doit}\s+s['’]appeler\s*:?\s+(?P<y>.+)$")),
        (Verb::Is, format!(r"^(?P<x>.+?)\s+{doit}\s+être\s*:?\s+(?P<y>.+)$")),
        (Verb::Says, r"^(?:sur|dans)\s+(?P<x>.+?)[,:]?\s+(?:écris|écrivez|mets|mettez)\s*:?\s+(?P<y>.+)$".to_owned()),
        (Verb::IsWritten, r"^(?:écris|écrivez|mets|mettez)\s+(?P<y>.+?)\s+(?:sur|dans|comme)\s+(?P<x>.+)$".to_owned()),
        (Verb::Says, format!(r"^(?P<x>.+?)\s+{debe}\s+(?:decir|poner)\s*:?\s+(?P<y>.+)$")),
        (Verb::IsCalled, format!(r"^(?P<x>.+?)\s+{debe}\s+llamarse\s*:?\s+(?P<y>.+)$")),
        (Verb::Is, format!(r"^(?P<x>.+?)\s+{debe}\s+ser\s*:?\s+(?P<y>.+)$")),
        (Verb::Says, r"^en\s+(?P<x>.+?)[,:]?\s+(?:pon|escribe)\s*:?\s+(?P<y>.+)$".to_owned()),
        (Verb::IsWritten, r"^(?:pon|escribe)\s+(?P<y>.+?)\s+(?:en|como)\s+(?P<x>.+)$".to_owned()),
        (Verb::Says, format!(r"^(?P<x>.+?)\s+{deve}\s+dire\s*:?\s+(?P<y>.+)$")),
        (Verb::IsCalled, format!(r"^(?P<x>.+?)\s+{deve}\s+chiamarsi\s*:?\s+(?P<y>.+)$")),
        (Verb::Is, format!(r"^(?P<x>.+?)\s+{deve}\s+essere\s*:?\s+(?P<y>.+)$")),
        (Verb::IsWritten, r"^(?:scrivi|metti)\s+(?P<y>.+?)\s+(?:sul|sulla|nel|nella|su|come)\s+(?P<x>.+)$".to_owned()),
    ];
    forms.into_iter().map(|(verb, form)| (verb, pattern(&form))).collect()
});

const THE: &str = r"(?:(?:the|its|our|my|der|den|dem|die|das|unser|unsere|le|la|el|il|lo|notre|nuestro|nuestra)\s+)?";
const OF: &str = r"\s+(?:of|on|in|for|over|above|auf|von|vom|der|des|dem|über|im|du|de|del|della|sul)\s+";

static BUTTON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^{THE}(?:(?:text|label|caption|wording|beschriftung|aufschrift|texte|texto|testo){OF}{THE})?(?:button(?:['’]s)?(?:\s*(?:text|label))?|knopf(?:s|text)?|schaltfläche|bouton|bot[oó]n|pulsante|bottone)$"
    ))
});
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^{THE}(?:tagline|subtitle|slogan|subheading|motto|untertitel|unterzeile|sous-titre|accroche|eslogan|subtítulo|sottotitolo)$"
    ))
});
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let page =
        "(?:page|site|website|shop|café|cafe|place|restaurant|bar|business|company|seite|website|página|sito|pagina)";
    pattern(&format!(
        r"^{THE}(?:(?:page|site|seiten)?\s?(?:name|title|titel|nom|titre|nombre|título|nome|titolo)|(?:name|title|titel|nom|titre|nombre|título|nome|titolo){OF}{THE}{page})$"
    ))
});
/// What the page is of: it may be called something, but it says more than that.
static PAGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:it|es|{THE}(?:page|site|website|place|shop|café|cafe|restaurant|bar|business|company|seite|página|sito|pagina))$"
    ))
});
static HEADING_OF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^{THE}(?:heading|headline|header|title|überschrift|titel|titre|título|titolo|encabezado)(?:{OF}|\s+)(?P<of>.+)$"
    ))
});
static OF_HEADING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?P<of>.+?)(?:['’]s)?\s+(?:section\s+)?(?:heading|headline|title)$"));
static HEADING: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"^{THE}(?:heading|headline|section heading|überschrift|encabezado)$")));
static THIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:this|it|that|this (?:text|line|button|heading)|das|dies|es|dieser (?:text|knopf)|ça|ceci|cela|esto|questo)$",
    )
});

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let mut read = FORMS.iter().filter_map(|(verb, form)| {
        let captures = form.captures(wish)?;
        let spot = spot(&captures["x"], *verb, page)?;
        let text = text(&captures, *verb, spot)?;
        let verb = if *verb == Verb::IsCalled { "is called" } else { "says" };
        Some(match spot {
            Spot::Name => (Change::Rename(text.to_owned()), format!("The page is called “{text}” now.")),
            spot => (Change::Set(spot, text.to_owned()), format!("{} {verb} “{text}” now.", called(page.words, spot))),
        })
    });
    let first = read.next()?;
    // Two readings that differ are one too many.
    read.all(|(change, _)| change == first.0).then_some(first)
}

fn text<'a>(captures: &'a Captures<'_>, verb: Verb, spot: Spot) -> Option<&'a str> {
    let says = captures.name("says").is_some();
    let text = captures.name("y")?.as_str();
    match verb {
        Verb::IsWritten => quoted(text),
        Verb::Is if spot == Spot::Button && !says => quoted(text).or_else(|| given(text).filter(|_| is_label(text))),
        _ => given(text),
    }
}

/// Whether a button's text is told by several words: one alone may be what it is to be.
fn is_label(text: &str) -> bool {
    text.split_whitespace().count() > 1
}

/// The one text that is spoken of.
fn spot(what: &str, verb: Verb, page: Page<'_>) -> Option<Spot> {
    let words = page.words;
    if verb == Verb::NameIs {
        return NAME.is_match(what).then_some(Spot::Name);
    }
    let filled = |spot: Spot| words.text(spot).is_some_and(|text| !text.is_empty()).then_some(spot);
    if THIS.is_match(what) && page.spot.is_some() {
        let one_text = |spot: &Spot| !matches!(spot, Spot::Section(_)) && !is_whole_item(words, *spot);
        return page.spot.filter(one_text).and_then(filled);
    }
    if BUTTON.is_match(what) {
        return filled(Spot::Button);
    }
    if SENTENCE.is_match(what) {
        return filled(Spot::Sentence);
    }
    if NAME.is_match(what) || verb == Verb::IsCalled && PAGE.is_match(what) {
        return Some(Spot::Name);
    }
    if HEADING.is_match(what) {
        return match page.spot {
            Some(Spot::Heading(section) | Spot::Section(section)) => filled(Spot::Heading(section)),
            _ => None,
        };
    }
    let of = HEADING_OF.captures(what).or_else(|| OF_HEADING.captures(what));
    let section = |phrase: &str| match find(unquoted(phrase).0, words, None).map(whole)? {
        Spot::Section(section) => filled(Spot::Heading(section)),
        _ => None,
    };
    if let Some(heading) = of.and_then(|of| section(&of["of"])).or_else(|| section(what).filter(|_| is_heading(what))) {
        return Some(heading);
    }
    match exactly(what, words).filter(|_| verb == Verb::IsCalled)? {
        Spot::Section(section) => filled(Spot::Heading(section)),
        Spot::Line(section, line) => filled(Spot::ItemName(section, line)),
        _ => None,
    }
}

/// "The first heading" is one, "the first section" is more than its heading.
fn is_heading(what: &str) -> bool {
    what.to_lowercase().split_whitespace().any(|word| matches!(word, "heading" | "headline" | "überschrift"))
}

fn is_whole_item(words: &Words, spot: Spot) -> bool {
    matches!(spot, Spot::Line(section, line) if words.text(Spot::ItemName(section, line)).is_some())
}
