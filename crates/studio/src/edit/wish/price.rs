//! "Espresso now costs 2.80 €": the price of one thing that the page names.

use std::sync::LazyLock;

use kit::{Line, Spot};
use regex::{Captures, Regex};

use super::phrase::pattern;
use super::target::find;
use super::{Change, Page};

/// The signs of Unicode's `Sc`, codes of ISO 4217 and the words for them.
const CURRENCY: &str = r"(?:\p{Sc}|zł|kč|kr\.?|chf|sfr\.?|fr\.|eur|usd|gbp|jpy|cny|inr|try|tl|pln|czk|huf|ft|ron|lei|sek|nok|dkk|aud|cad|nzd|brl|mxn|zar|aed|sar|ils|krw|thb|vnd|rub|uah|руб\.?|грн\.?|元|円|원|euros?|dollars?|pounds?)";
/// With thousands and with either sign before the cents: `1,200`, `1.200,50`, `2,80`. What stands before three digits divides
/// thousands.
const AMOUNT: &str = r"(?:\d{1,3}(?:[.,'’\u{a0}\u{202f}]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)";

static COSTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let price = format!(r"(?P<y>(?:{CURRENCY}\s?)?{AMOUNT}(?:\s?{CURRENCY})?)");
    let sure = with_currency("y");
    let was = format!(
        r"(?:\s+(?:instead of|rather than|not|statt|nicht|au lieu de|en vez de|invece di)\s+(?P<was>(?:{CURRENCY}\s?)?{AMOUNT}(?:\s?{CURRENCY})?))?"
    );
    let now = r"(?:\s+(?:now|from now on|today|jetzt|nun|ab jetzt|ab sofort|maintenant|désormais|ahora|ora|adesso))?";
    [
        format!(
            r"^(?P<x>.+?){now}\s+(?:costs?|should cost|shall cost|should be|is|are|goes (?:up|down) to|kostet|kosten|soll(?:en)?|co[uû]te(?:nt)?|cuestan?|costa(?:no)?){now}\s+{price}(?:\s+kosten)?{now}{was}$"
        ),
        format!(
            r"^(?:(?:set|change|raise|lower|increase|reduce|put|setze|ändere|erhöhe|senke|mets|change|passe|cambia|pon|sube|baja)\s+)?(?:the |der |den |le |el )?(?:price|preis|prix|precio) (?:of|for|von|vom|für|de la|de l'|du|des|de|del)\s*(?P<x>.+?)\s+(?:(?:is|ist|est|es|becomes|should be){now}|to|at|auf|à|a)\s+{price}{now}$"
        ),
        format!(r"^(?:make|let)\s+(?P<x>.+?)\s+cost\s+{price}$"),
        format!(r"^(?:set|change|raise|lower|increase|reduce|setze|ändere|erhöhe|senke)\s+(?P<x>.+?)\s+(?:to|at|auf)\s+{price}$"),
        format!(r"^(?:make|let)\s+(?P<x>.+?)\s+{sure}$"),
        format!(r"^(?P<x>[^:]+):\s*{price}$"),
        // Without a verb, only what cannot be anything but a price is one.
        format!(r"^(?P<x>.+?)\s+(?:for\s+|at\s+|für\s+|à\s+|a\s+|now\s+|jetzt\s+)*(?:{sure}){now}$"),
        format!(r"^(?P<x>.+?)\s+(?:now\s+|jetzt\s+)?(?P<y>\d+[.,]\d{{2}}){now}$"),
    ]
    .iter()
    .map(|costs| pattern(costs))
    .collect()
});
static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"(?:(?P<before>{CURRENCY})\s?)?(?P<amount>{AMOUNT})(?:\s?(?P<after>{CURRENCY}))?"))
});

/// What a wish says that a thing costs.
pub(super) struct Costs<'a> {
    pub(super) thing: &'a str,
    pub(super) price: &'a str,
    /// What it has cost, where that is said.
    was: Option<&'a str>,
    /// Whether anything but the thing and its price is said.
    has_verb: bool,
}

/// Every way to read a wish as one that says what something costs.
pub(super) fn said(wish: &str) -> impl Iterator<Item = Costs<'_>> {
    COSTS.iter().filter_map(|costs| costs.captures(wish)).filter_map(move |costs| {
        let (thing, price) = (costs.name("x")?.as_str(), costs.name("y")?.as_str());
        let was = costs.name("was").map(|was| was.as_str().trim());
        Some(Costs { thing, price: price.trim(), was, has_verb: wish.len() - thing.len() - price.len() > 1 })
    })
}

impl Costs<'_> {
    /// A text with this price in the place of its own. What it is said to have cost has to be what it costs, and without a verb
    /// it has to cost something already.
    pub(super) fn in_place_of(&self, old: &str) -> Option<String> {
        let new = priced(old, self.price)?;
        let is_that = self.was.is_none_or(|was| priced(old, was).as_deref() == Some(old));
        (is_that && (self.has_verb || is_in(old))).then_some(new)
    }
}

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    said(wish).find_map(|costs| {
        let Spot::Line(section, line) = find(costs.thing, page.words, page.spot).map(super::target::whole)? else {
            return None;
        };
        let Line::Item { name, detail } = page.words.sections.get(section)?.lines.get(line)? else { return None };
        let detail = costs.in_place_of(detail)?;
        let said = format!("{name}: {detail}.");
        Some((Change::Set(Spot::ItemDetail(section, line), detail), said))
    })
}

/// The detail with another price in the place of its one price. In its own form, unless the wish names another currency.
pub(crate) fn priced(detail: &str, price: &str) -> Option<String> {
    let wanted = PRICE.captures(price)?;
    let currency = |captures: &Captures<'_>| {
        ["before", "after"].into_iter().find_map(|side| captures.name(side)).map(|currency| sign(currency.as_str()))
    };
    let is_number = |text: &str| text.trim().chars().all(|letter| letter.is_ascii_digit() || ".,".contains(letter));
    let mut prices = PRICE.captures_iter(detail).filter(|found| currency(found).is_some() || is_number(detail));
    let Some(old) = prices.next() else {
        return detail.trim().is_empty().then(|| price.to_owned());
    };
    if prices.next().is_some() {
        return None;
    }
    let (wanted_in, old_in) = (currency(&wanted), currency(&old));
    let span =
        if wanted_in.is_none() || wanted_in == old_in { old.name("amount")?.range() } else { old.get(0)?.range() };
    let text = if wanted_in.is_none() || wanted_in == old_in { &wanted["amount"] } else { price };
    Some(format!("{}{}{}", &detail[..span.start], text, &detail[span.end..]))
}

/// The form of a price that names its currency, as a group of that name.
pub(super) fn with_currency(group: &str) -> String {
    format!(r"(?P<{group}>{CURRENCY}\s?{AMOUNT}|{AMOUNT}\s?{CURRENCY})")
}

/// Whether a price with its currency stands in a text.
pub(super) fn is_in(text: &str) -> bool {
    PRICE.captures_iter(text).any(|found| found.name("before").is_some() || found.name("after").is_some())
}

/// How many prices with their currency stand in a text; a figure that is all of it is one too, if it has cents.
pub(super) fn count(text: &str) -> usize {
    let with_currency =
        PRICE.captures_iter(text).filter(|found| found.name("before").or(found.name("after")).is_some());
    let has_cents = |text: &str| text.rsplit_once(['.', ',']).is_some_and(|(_, cents)| cents.len() == 2);
    with_currency.count().max(usize::from(is_alone(text) && has_cents(text.trim())))
}

/// Whether a text is a price and says nothing else.
pub(super) fn is_alone(text: &str) -> bool {
    PRICE.find(text).is_some_and(|found| !text.replace(found.as_str(), "").contains(char::is_alphanumeric))
}

/// A price as another text writes its own, where that is a price in the same currency and nothing else.
pub(super) fn in_the_form_of(text: &str, price: &str) -> String {
    let is_price = PRICE.find(text.trim()).is_some_and(|found| found.as_str() == text.trim());
    let same = || {
        let as_there = priced(text.trim(), price)?;
        // Another currency takes the place of the whole.
        (sign_of(&as_there) == sign_of(text)).then_some(as_there)
    };
    if is_price { same().unwrap_or_else(|| price.to_owned()) } else { price.to_owned() }
}

fn sign_of(text: &str) -> Option<String> {
    let found = PRICE.captures(text)?;
    found.name("before").or_else(|| found.name("after")).map(|currency| sign(currency.as_str()))
}

fn sign(currency: &str) -> String {
    match currency.to_lowercase().as_str() {
        "eur" | "euro" | "euros" | "€" => "€".to_owned(),
        "usd" | "dollar" | "dollars" | "$" => "$".to_owned(),
        "gbp" | "pound" | "pounds" | "£" => "£".to_owned(),
        other => other.to_owned(),
    }
}
